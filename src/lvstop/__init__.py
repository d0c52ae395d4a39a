"""lvstop: the terminal console for LVS clusters run by keepalived."""

__version__ = "0.1.0"
