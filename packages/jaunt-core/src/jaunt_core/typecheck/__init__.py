"""The project's own type checker and formatter on answers."""
