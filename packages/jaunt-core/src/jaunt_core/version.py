"""The version of this package; all packages of jaunt have the same."""

__version__ = "0.1.0"
