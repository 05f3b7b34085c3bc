"""The reporter for terminals: lines as the plain one, above a bar that shows what is running."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from jaunt_cli.render.lines import Line
from jaunt_cli.reporters.plain import PlainReporter
from jaunt_core.model.events import (
    AttemptStarted,
    Event,
    ModuleFinished,
    ModuleStarted,
    PlanReady,
    RunFinished,
)

if TYPE_CHECKING:
    from jaunt_cli.reporters.bar import Bar


class LiveReporter(PlainReporter):
    """Shows a bar while modules are in work; a run with nothing to do has none."""

    _bar: Bar | None = None
    _total = 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar and give the cursor back, whatever happened."""
        self._stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case PlanReady(plan=plan):
                self._total = len(plan.rebuild)
            case ModuleStarted(module=module):
                self._start()
                self._follow(module, "")
            case AttemptStarted(module=module, attempt=1):
                self._follow(module, "")
            case AttemptStarted(module=module, attempt=attempt):
                self._follow(module, f" (answer {attempt})")
            case ModuleFinished(report=report) if self._bar is not None:
                self._bar.finish(report.module)
            case RunFinished():
                self._stop()
            case _:
                pass
        super().__call__(event)

    def show(self, lines: Sequence[Line]) -> None:
        """Write lines for people, above the bar where there is one."""
        if self._bar is None:
            super().show(lines)
        else:
            self._bar.show_above(lines)

    def _follow(self, module: str, note: str) -> None:
        if self._bar is not None:
            self._bar.follow(module, note)

    def _start(self) -> None:
        if self._bar is None:
            from jaunt_cli.reporters.bar import Bar  # noqa: PLC0415 - rich, only for work

            self._bar = Bar(self._err, total=self._total, color=self._color)

    def _stop(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.close()
