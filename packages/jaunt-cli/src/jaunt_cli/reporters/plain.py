"""The reporter for pipes, files and terminals that cannot redraw: lines for each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from jaunt_cli.render.events import lines_of
from jaunt_cli.render.lines import Line, line_of, render_lines
from jaunt_cli.render.modules import skip_reason
from jaunt_cli.reporters.history import History
from jaunt_cli.streams import Stream
from jaunt_core.model.events import Event, ModuleFinished, PytestPrinted, RequestDelayed
from jaunt_core.model.report import Outcome

_MAX_DELAYS = 10
"""How many delays by the same fault are shown one by one."""


class PlainReporter:
    """Writes lines for events as they come; call it with each event.

    Args:
        err: Where people look.
        pytest_out: Where pytest's output goes, as it comes.
        color: Whether lines to `err` are coloured.
    """

    def __init__(self, *, err: Stream, pytest_out: Stream, color: bool) -> None:
        self.history = History()
        self._err = err
        self._pytest_out = pytest_out
        self._color = color
        self._skips: set[str] = set()
        self._delays: Counter[str] = Counter()

    def __enter__(self) -> Self:
        """The reporter itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was; lines need nothing for it."""

    def __call__(self, event: Event) -> None:
        """Show an event."""
        self.history.add(event)
        if isinstance(event, PytestPrinted):
            self._pytest_out.write(event.text)
        elif not self._is_repetition(event):
            self.show(lines_of(event, self.history.events))

    def _is_repetition(self, event: Event) -> bool:
        """Whether the event repeats what was shown: one more skipped module, or one more delay.

        The summary at the end of the run counts both.
        """
        if isinstance(event, RequestDelayed):
            self._delays[event.fault] += 1
            if self._delays[event.fault] == _MAX_DELAYS + 1:
                self.show([line_of(f"{event.fault}: further tries are not told")])
            return self._delays[event.fault] > _MAX_DELAYS
        if not isinstance(event, ModuleFinished) or event.report.outcome is not Outcome.SKIPPED:
            return False
        reason = skip_reason(event.report.failure)
        is_repetition = reason in self._skips
        self._skips.add(reason)
        return is_repetition

    def show(self, lines: Sequence[Line]) -> None:
        """Write lines for people."""
        if lines:
            self._err.write(render_lines(lines, color=self._color))
