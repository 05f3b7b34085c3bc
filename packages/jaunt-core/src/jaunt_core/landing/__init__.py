"""The one writer of generated files, and what puts files back after a killed run."""
