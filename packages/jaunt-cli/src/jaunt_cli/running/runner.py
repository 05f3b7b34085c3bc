"""Run a command: call the engine, show its events, report and errors, pick the exit code."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from jaunt_cli.exit_codes import ExitCode, code_of_error
from jaunt_cli.render.lines import Line, line_of, render_lines
from jaunt_cli.render.runs import error_lines
from jaunt_cli.reporters import History, PlainReporter, make_reporter
from jaunt_cli.running.interruption import stoppable
from jaunt_cli.streams import Terminal
from jaunt_cli.wire.document import (
    INTERRUPTED,
    Body,
    Problem,
    document_of_result,
    problem_of,
    render_document,
)
from jaunt_core.errors import JauntError
from jaunt_core.model.events import Sink, WarningRaised
from jaunt_core.model.spec import Kind

if TYPE_CHECKING:
    from jaunt_cli.debugging import DebugRun

ReportT = TypeVar("ReportT")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult(Generic[ReportT]):
    """How a run ended; without a report, `problem` says why and `history` how far it got."""

    code: ExitCode
    history: History
    report: ReportT | None = None
    problem: Problem | None = None


def always_success(_report: object) -> ExitCode:
    """The exit code of commands that cannot fail once they have a report."""
    return ExitCode.SUCCESS


def make_debug_run(
    command: str, argv: Sequence[str], arguments: Namespace, terminal: Terminal
) -> DebugRun | None:
    """The log of this run, where `--debug` asks for one."""
    if not arguments.debug:
        return None
    from jaunt_cli.debugging import DebugRun  # noqa: PLC0415 - hardly ever wanted

    return DebugRun(command, argv, arguments, terminal.environ)


def run_and_show(
    command: str,
    arguments: Namespace,
    terminal: Terminal,
    work: Callable[[Sink], ReportT],
    *,
    lines: Callable[[ReportT], Sequence[Line]],
    body: Callable[[ReportT | None], Body],
    code_of: Callable[[ReportT], ExitCode] = always_success,
) -> int:
    """Run a command whose report goes to stdout, show that, and return the exit code.

    Args:
        command: Its name.
        arguments: What the user asked for.
        terminal: The streams of this run.
        work: Calls the engine with a sink for its events.
        lines: The report for people.
        body: The report for programs, beside what all documents have; nulls where there is none.
        code_of: Picks the exit code of a report.
    """
    result = run_engine(work, code_of, terminal=terminal, json=arguments.json)
    return show_result(command, result, arguments, terminal, lines=lines, body=body)


def show_result(
    command: str,
    result: RunResult[ReportT],
    arguments: Namespace,
    terminal: Terminal,
    *,
    lines: Callable[[ReportT], Sequence[Line]],
    body: Callable[[ReportT | None], Body],
) -> int:
    """Show the report of a run on stdout, and return its exit code. See `run_and_show`."""
    if arguments.json:
        document = document_of_result(
            command,
            ok=result.code is ExitCode.SUCCESS,
            problem=result.problem,
            body=body(result.report),
            warnings=result.history.warnings,
        )
        terminal.out.write(render_document(document))
    elif result.report is not None:
        color = terminal.colors_on(terminal.out)
        terminal.out.write(render_lines(lines(result.report), color=color))
    return result.code


def run_engine(
    work: Callable[[Sink], ReportT],
    code_of: Callable[[ReportT], ExitCode],
    *,
    terminal: Terminal,
    json: bool,
    debug: DebugRun | None = None,
) -> RunResult[ReportT]:
    """Do the work and show what happens; whatever is no `JauntError` is a bug and travels up.

    Args:
        work: Calls the engine with a sink for its events.
        code_of: Picks the exit code of a report.
        terminal: The streams of this run.
        json: Whether stdout belongs to one JSON object.
        debug: Logs what happens, where the user asks for that.
    """
    reporter = make_reporter(terminal, json=json)
    try:
        return _run(work, code_of, reporter, terminal, debug)
    finally:
        if debug is not None and debug.place:
            reporter.show([line_of(f"debug log: {debug.place}")])


def emit_warnings(messages: Iterable[str], sink: Sink) -> None:
    """Emit warnings that stand in a report, as events."""
    for message in messages:
        sink(WarningRaised(kind=Kind.BUILD, message=message))


def _run(
    work: Callable[[Sink], ReportT],
    code_of: Callable[[ReportT], ExitCode],
    reporter: PlainReporter,
    terminal: Terminal,
    debug: DebugRun | None,
) -> RunResult[ReportT]:
    try:
        # In this order signals are handled until the reporter has restored the terminal.
        with stoppable(), reporter:
            report = work(reporter) if debug is None else debug.watch(work, reporter)
    except JauntError as error:
        code, problem = code_of_error(error), _without_secrets(problem_of(error), terminal)
    except KeyboardInterrupt:
        code, problem = ExitCode.INTERRUPTED, INTERRUPTED
    else:
        return RunResult(code=code_of(report), history=reporter.history, report=report)
    # Only now: what is shown while there is a bar stands above it.
    reporter.show(error_lines(problem.message, problem.hint))
    return RunResult(code=code, history=reporter.history, problem=problem)


def _without_secrets(problem: Problem, terminal: Terminal) -> Problem:
    """The problem with each secret masked: a user may have written the key into a wrong place."""
    from jaunt_cli.masking import masker_for  # noqa: PLC0415 - only errors pay for it

    mask = masker_for(terminal.environ, root=terminal.root, config=terminal.config)
    hint = None if problem.hint is None else mask(problem.hint)
    return replace(problem, message=mask(problem.message), hint=hint)
