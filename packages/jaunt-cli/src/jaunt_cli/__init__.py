"""The `jaunt` command: parse the arguments, call the engine, show its report."""

from jaunt_cli.version import __version__

__all__ = ["__version__"]
