"""`--debug`: a log of one run, for people who want to know, or to report, what went wrong."""

from __future__ import annotations

from jaunt_cli.debugging.debug_run import DebugRun

__all__ = ["DebugRun"]
