"""The event list: its words, how it is painted, and the widgets around it."""
