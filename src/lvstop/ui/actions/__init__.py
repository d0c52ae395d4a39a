"""Changing weights from the terminal: from a key to an outcome, and never past a question."""
