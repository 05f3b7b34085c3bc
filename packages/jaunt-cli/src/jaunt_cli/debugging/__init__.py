"""`--debug`: write a log of one run, for people who look into a problem or report one."""

from __future__ import annotations

from jaunt_cli.debugging.debug_run import DebugRun

__all__ = ["DebugRun"]
