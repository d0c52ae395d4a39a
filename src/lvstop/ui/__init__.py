"""The terminal: screens, keys and the driver under them."""
