"""The engine of jaunt: read specs, plan, generate, check, land, report."""

from jaunt_core.version import __version__

__all__ = ["__version__"]
