"""Ways to ask a director: over SSH, or from a recording. Nothing here knows what the answers mean."""
