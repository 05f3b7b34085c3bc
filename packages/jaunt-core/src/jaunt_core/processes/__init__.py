"""Child processes: which interpreter runs them, how they start and end."""
