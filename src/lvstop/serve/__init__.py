"""The wall in a browser: a web server that starts `lvstop noc` for each watcher. Nothing here can reach a director."""
