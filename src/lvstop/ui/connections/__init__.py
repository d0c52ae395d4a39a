"""The kernel's connection entries, counted when somebody asks."""
