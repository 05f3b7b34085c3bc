"""Commands on a project in which nothing has changed, without the engine behind them."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Mapping

from jaunt_core.engine.noop import Unchanged, find_unchanged
from jaunt_core.model.events import PlanReady, RunFinished, Sink, WarningRaised, fold_events
from jaunt_core.model.inspection import Inspection
from jaunt_core.model.report import BuildReport
from jaunt_core.model.spec import Kind


def unchanged_build(
    arguments: Namespace, environ: Mapping[str, str], sink: Sink
) -> BuildReport | None:
    """The report of a build that has nothing to do, told to `sink`; None where that is unknown."""
    started = time.monotonic()
    found = _find(arguments, environ)
    if found is None or arguments.force or Kind.BUILD not in found.plans:
        return None
    events = (
        *(WarningRaised(kind=Kind.BUILD, message=it) for it in found.warnings[Kind.BUILD]),
        PlanReady(plan=found.plans[Kind.BUILD]),
        RunFinished(kind=Kind.BUILD, seconds=time.monotonic() - started),
    )
    for event in events:
        sink(event)
    return fold_events(events, Kind.BUILD)


def unchanged_inspection(
    arguments: Namespace, environ: Mapping[str, str], sink: Sink
) -> Inspection | None:
    """How a project stands in which all is fresh; None where that is unknown."""
    found = _find(arguments, environ)
    if found is None or found.orphans is not False or set(found.plans) != set(Kind):
        return None
    warnings = (*found.warnings[Kind.BUILD], *found.warnings[Kind.TEST])
    for message in warnings:
        sink(WarningRaised(kind=Kind.BUILD, message=message))
    return Inspection(
        build=found.plans[Kind.BUILD],
        tests=found.plans[Kind.TEST],
        orphans=(),
        input_tokens={},
        warnings=warnings,
    )


def _find(arguments: Namespace, environ: Mapping[str, str]) -> Unchanged | None:
    """What is known to be fresh; the record is about all modules and the project's settings."""
    if getattr(arguments, "targets", ()) or getattr(arguments, "infer_deps", None) is not None:
        return None
    return find_unchanged(root=arguments.root, config=arguments.config, environ=environ)


__all__ = ["unchanged_build", "unchanged_inspection"]
