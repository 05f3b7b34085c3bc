"""Commands on a project in which nothing has changed, without the engine behind them.

Most runs end this way, so nothing is imported before it is needed. Wherever something is not sure,
nothing is printed, and all is left to the command itself.
"""

from __future__ import annotations

import time

from jaunt_cli.render.fresh import all_fresh, nothing_to_do
from jaunt_cli.render.lines import render_lines
from jaunt_core.engine.noop import CODE, CODE_AND_TESTS, find_unchanged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Collection, Mapping, Sequence

    from jaunt_cli.streams import Terminal
    from jaunt_core.engine.noop import Unchanged
    from jaunt_core.model.events import Sink
    from jaunt_core.model.inspection import Inspection
    from jaunt_core.model.report import BuildReport


def report_noop(command: str, arguments: Sequence[str], terminal: Terminal) -> bool:
    """Print that all is fresh, where that is known; False where the command has to look.

    Args:
        command: `build`, `check` or `status`.
        arguments: What stands behind it; only `--root` is understood here.
        terminal: The streams of this run.
    """
    match arguments:
        case []:
            root = "."
        case ["--root", str(root)]:
            pass
        case _:
            return False
    unchanged = find_unchanged(
        CODE if command == "build" else CODE_AND_TESTS,
        root=root,
        environ=terminal.environ,
        without_orphans=command != "build",
    )
    if unchanged is None or unchanged.warnings or not unchanged.count:
        return False
    if command == "build":
        line, stream = nothing_to_do(command, unchanged.count), terminal.err
    else:
        line, stream = all_fresh(unchanged.count, passed=command == "check"), terminal.out
    stream.write(render_lines([line], color=terminal.colors_on(stream)))
    return True


def noop_build(arguments: Namespace, environ: Mapping[str, str], sink: Sink) -> BuildReport | None:
    """The report of a build that has nothing to do, told to `sink`; None where that is unknown."""
    from jaunt_core.model.events import (  # noqa: PLC0415 - the model is slow to import
        PlanReady,
        RunFinished,
        WarningRaised,
        fold_events,
    )
    from jaunt_core.model.spec import Kind  # noqa: PLC0415

    started = time.monotonic()
    unchanged = None if arguments.force else _find(arguments, environ, CODE)
    if unchanged is None:
        return None
    events = (
        *(WarningRaised(kind=Kind.BUILD, message=text) for text in unchanged.warnings),
        PlanReady(plan=unchanged.plan(Kind.BUILD)),
        RunFinished(kind=Kind.BUILD, seconds=time.monotonic() - started),
    )
    for event in events:
        sink(event)
    return fold_events(events, Kind.BUILD)


def noop_inspection(
    arguments: Namespace, environ: Mapping[str, str], sink: Sink
) -> Inspection | None:
    """The state of a project in which all is fresh; None where that is unknown."""
    from jaunt_core.model.events import WarningRaised  # noqa: PLC0415
    from jaunt_core.model.inspection import Inspection  # noqa: PLC0415
    from jaunt_core.model.spec import Kind  # noqa: PLC0415

    unchanged = _find(arguments, environ, CODE_AND_TESTS, without_orphans=True)
    if unchanged is None:
        return None
    for text in unchanged.warnings:
        sink(WarningRaised(kind=Kind.BUILD, message=text))
    return Inspection(
        build=unchanged.plan(Kind.BUILD),
        tests=unchanged.plan(Kind.TEST),
        orphans=(),
        input_tokens={},
        warnings=unchanged.warnings,
    )


def _find(
    arguments: Namespace,
    environ: Mapping[str, str],
    kinds: Collection[str],
    *,
    without_orphans: bool = False,
) -> Unchanged | None:
    """What is known to be fresh, for arguments that are about all modules and usual settings."""
    if getattr(arguments, "targets", ()) or getattr(arguments, "infer_deps", None) is not None:
        return None
    return find_unchanged(
        kinds,
        root=arguments.root,
        config=arguments.config,
        environ=environ,
        without_orphans=without_orphans,
    )
