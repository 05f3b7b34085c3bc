"""The engine of jaunt: read specs, plan, generate, check, land, report."""

__version__ = "0.1.0"

__all__ = ["__version__"]
