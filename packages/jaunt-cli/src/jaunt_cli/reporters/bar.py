"""The progress bar at the bottom of a terminal, drawn by rich."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.text import Text

from jaunt_cli.render.lines import Line, Span
from jaunt_cli.streams import Stream

_MAX_NAMES = 3


class Bar:
    """Shows how many modules are done, and which are in work.

    Args:
        err: The terminal.
        total: How many modules there are to do.
        color: Whether it is coloured.
    """

    def __init__(self, err: Stream, *, total: int, color: bool) -> None:
        console = Console(
            file=cast("IO[str]", err),
            force_terminal=True,
            no_color=not color,
            markup=False,
            highlight=False,
            emoji=False,
        )
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Elapsed(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            # Nobody prints while there is a bar, and stdout may belong to a JSON object.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._running: dict[str, str] = {}
        self._task = self._progress.add_task("", total=total)
        self._progress.start()

    def follow(self, module: str, note: str) -> None:
        """Show a module as being in work."""
        self._running[module] = note
        self._progress.update(self._task, description=self._description())

    def finish(self, module: str) -> None:
        """Count a module as done."""
        self._running.pop(module, None)
        self._progress.update(self._task, advance=1, description=self._description())

    def show_above(self, lines: Sequence[Line]) -> None:
        """Write lines above the bar; long ones are left for the terminal to wrap."""
        for line in lines:
            text = Text.assemble(*((span.shown, span.style.value) for span in line))
            self._progress.console.print(text, soft_wrap=True)

    def close(self) -> None:
        """Remove the bar and show the cursor."""
        self._progress.stop()

    def _description(self) -> str:
        names = [f"{module}{note}" for module, note in self._running.items()]
        more = f" +{len(names) - _MAX_NAMES}" if len(names) > _MAX_NAMES else ""
        return Span(", ".join(names[:_MAX_NAMES]) + more).shown
