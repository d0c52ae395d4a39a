"""Alarms at the terminal: who is called, and how, and what is shown of them."""
