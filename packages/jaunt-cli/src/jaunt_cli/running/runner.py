"""One run of the engine on behalf of a command: events shown, errors told, exit code picked."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from jaunt_cli.exit_codes import ExitCode, code_of_error
from jaunt_cli.render.lines import line_of
from jaunt_cli.render.runs import error_lines
from jaunt_cli.reporters import History, PlainReporter, make_reporter
from jaunt_cli.running.interruption import stoppable
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.document import INTERRUPTED, Problem, problem_of
from jaunt_core.errors import JauntError
from jaunt_core.model.events import Sink

if TYPE_CHECKING:
    from jaunt_cli.debugging import DebugRun

ReportT = TypeVar("ReportT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Generic[ReportT]):
    """How a run ended; without a report, `problem` says why and `history` how far it got."""

    code: ExitCode
    history: History
    report: ReportT | None = None
    problem: Problem | None = None


def debug_run(
    command: str, argv: Sequence[str], arguments: Namespace, terminal: Terminal
) -> DebugRun | None:
    """What writes a run down, where `--debug` asks for that."""
    if not arguments.debug:
        return None
    from jaunt_cli.debugging import DebugRun  # noqa: PLC0415 - hardly ever wanted

    return DebugRun(command, argv, arguments, terminal.environ)


def run_engine(
    work: Callable[[Sink], ReportT],
    code_of: Callable[[ReportT], ExitCode],
    *,
    terminal: Terminal,
    json: bool,
    debug: DebugRun | None = None,
) -> Ended[ReportT]:
    """Do the work and show what happens; whatever is no `JauntError` is a bug and travels up.

    Args:
        work: Calls the engine with a sink for its events.
        code_of: Picks the exit code of a report.
        terminal: The streams of this run.
        json: Whether stdout belongs to one JSON object.
        debug: Writes down what happens, where the user asked for that.
    """
    reporter = make_reporter(terminal, json=json)
    try:
        return _run(work, code_of, reporter, terminal, debug)
    finally:
        if debug is not None and debug.place:
            reporter.show([line_of(f"debug log: {debug.place}")])


def _run(
    work: Callable[[Sink], ReportT],
    code_of: Callable[[ReportT], ExitCode],
    reporter: PlainReporter,
    terminal: Terminal,
    debug: DebugRun | None,
) -> Ended[ReportT]:
    try:
        with stoppable(), reporter:
            report = work(reporter) if debug is None else debug.watch(work, reporter)
    except JauntError as error:
        code, problem = code_of_error(error), _without_secrets(problem_of(error), terminal)
    except KeyboardInterrupt:
        code, problem = ExitCode.INTERRUPTED, INTERRUPTED
    else:
        return Ended(code=code_of(report), history=reporter.history, report=report)
    reporter.show(error_lines(problem.message, problem.hint))
    return Ended(code=code, history=reporter.history, problem=problem)


def _without_secrets(problem: Problem, terminal: Terminal) -> Problem:
    """A key that was written into the wrong place is not repeated."""
    from jaunt_cli.masking import masker_for  # noqa: PLC0415 - only errors pay for it

    mask = masker_for(terminal.environ, root=terminal.root, config=terminal.config)
    hint = None if problem.hint is None else mask(problem.hint)
    return replace(problem, message=mask(problem.message), hint=hint)
