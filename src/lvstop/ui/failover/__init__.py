"""Failing over from the terminal: what is said of it, and the way from a key to an outcome."""
