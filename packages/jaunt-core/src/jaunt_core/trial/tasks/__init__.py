"""What a trial can be asked to do, one module a task."""
