"""What the operator writes: cluster files, settings, themes. What they may say, where they lie, how they are read."""
