"""What lvstop itself costs."""
