"""What the VRRP screen shows, as lines of styled text."""
