"""What the screens of one virtual server and of one real server say: sentences, rows and curves, made from facts."""
