"""The screen on the wall of a control room: read from across the room, by people who touch no key."""
