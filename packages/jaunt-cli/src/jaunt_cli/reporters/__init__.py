"""Reporters: they listen to the events of a run and show them to people."""

from __future__ import annotations

from jaunt_cli.reporters.history import History
from jaunt_cli.reporters.live import LiveReporter
from jaunt_cli.reporters.plain import PlainReporter
from jaunt_cli.streams import Terminal


def make_reporter(terminal: Terminal, *, json: bool) -> PlainReporter:
    """A reporter that redraws on a terminal, or else one that writes lines.

    Args:
        terminal: The streams of this run.
        json: Whether stdout belongs to one JSON object, so that pytest's output goes elsewhere.
    """
    kind = LiveReporter if terminal.live else PlainReporter
    return kind(
        err=terminal.err,
        pytest_out=terminal.err if json else terminal.out,
        color=terminal.colors_on(terminal.err),
    )


__all__ = ["History", "LiveReporter", "PlainReporter", "make_reporter"]
