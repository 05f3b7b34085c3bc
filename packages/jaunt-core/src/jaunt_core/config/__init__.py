"""`jaunt.toml`: its models, and finding and loading it."""
