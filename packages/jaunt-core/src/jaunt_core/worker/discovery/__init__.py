"""Find and import the modules that hold specs."""
