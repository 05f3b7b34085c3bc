"""Run the project's own type checker and formatter on answers."""
