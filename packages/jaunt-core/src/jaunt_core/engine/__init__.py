"""What each command does, from the loaded project to the report."""
