"""The `jaunt` command: parse what was asked, call the engine, show what it tells."""

from jaunt_cli.version import __version__

__all__ = ["__version__"]
