"""Inspect a project for `status`, `check` and `plan`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from jaunt_cli.running.null_backend import tolerant_loader
from jaunt_cli.running.runner import emit_warnings
from jaunt_core.config.loading import load_project
from jaunt_core.engine.inspector import inspect_project
from jaunt_core.model.events import Sink
from jaunt_core.model.inspection import Inspection


def inspect(
    arguments: Namespace, environ: Mapping[str, str], sink: Sink, *, with_cost: bool
) -> Inspection:
    """What a run would do; `with_cost` tells also what is stored and what would be asked."""
    inspection = inspect_project(
        load_project(root=arguments.root, config=arguments.config),
        environ=environ,
        targets=tuple(getattr(arguments, "targets", ())),
        infer_deps=getattr(arguments, "infer_deps", None),
        load=tolerant_loader(sink) if with_cost else None,
    )
    emit_warnings(inspection.warnings, sink)
    return inspection
