"""Child processes: how they start and end, and the folders that they work in."""
