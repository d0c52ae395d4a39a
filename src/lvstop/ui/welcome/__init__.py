"""The first thing that somebody sees who has no cluster file yet."""
