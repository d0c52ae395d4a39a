"""Reading a director: the programs that run there, the parsers of what they answer, and the snapshot that results."""
