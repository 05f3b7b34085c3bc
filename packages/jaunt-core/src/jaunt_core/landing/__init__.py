"""The one writer of generated files, and what undoes it."""
