"""The least rights that lvstop needs on a director: programs of root's own, called by name, and nothing else."""
