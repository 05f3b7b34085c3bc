"""What a project says now: its specs, its generated files, and what changed since the last run."""
