"""The engine for commands that look; loaded when there is something to look at."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import PurePosixPath

from jaunt_cli.running.null_backend import TolerantLoader
from jaunt_core.config.loading import load_project
from jaunt_core.engine import inspector
from jaunt_core.engine.inspector import clean_project, explain_module, inspect_project
from jaunt_core.engine.linter import lint_project
from jaunt_core.model.comparison import Comparison
from jaunt_core.model.events import Sink, WarningRaised
from jaunt_core.model.generation import GenerationRequest
from jaunt_core.model.inspection import Explanation, Inspection
from jaunt_core.model.lint import LintReport
from jaunt_core.model.spec import Kind


def inspect(
    arguments: Namespace, environ: Mapping[str, str], sink: Sink, *, cost: bool
) -> Inspection:
    """What a run would do; with `cost`, also what is stored and what would be asked."""
    inspection = inspect_project(
        load_project(root=arguments.root, config=arguments.config),
        environ=environ,
        targets=tuple(getattr(arguments, "targets", ())),
        infer_deps=getattr(arguments, "infer_deps", None),
        load=_tolerant_loader(sink) if cost else None,
    )
    for message in inspection.warnings:
        _warn(sink, message)
    return inspection


def explain(arguments: Namespace, environ: Mapping[str, str], sink: Sink) -> Explanation:
    """The whole story of the module, or of the spec, that is meant."""
    project = load_project(root=arguments.root, config=arguments.config)
    loader = _tolerant_loader(sink)
    explanation = explain_module(project, arguments.spec, environ=environ, load=loader)
    for message in explanation.warnings:
        _warn(sink, message)
    return explanation


def compare(arguments: Namespace, environ: Mapping[str, str]) -> Comparison:
    """How the modules that are meant differ from the versions before them."""
    from jaunt_core.engine.differ import compare_versions  # noqa: PLC0415 - the others run nothing

    return compare_versions(
        load_project(root=arguments.root, config=arguments.config),
        environ=environ,
        modules=tuple(arguments.modules),
        run_code=not arguments.no_run,
    )


def show_request(arguments: Namespace, environ: Mapping[str, str], sink: Sink) -> GenerationRequest:
    """What would be sent for the module that is meant."""
    project = load_project(root=arguments.root, config=arguments.config)
    return inspector.show_request(
        project,
        arguments.show_prompt,
        environ=environ,
        infer_deps=arguments.infer_deps,
        load=_tolerant_loader(sink),
    )


def clean(
    arguments: Namespace, environ: Mapping[str, str], sink: Sink
) -> tuple[PurePosixPath, ...]:
    """The generated files that were removed, or would be."""
    return clean_project(
        load_project(root=arguments.root, config=arguments.config),
        environ=environ,
        orphans_only=arguments.orphans,
        dry_run=arguments.dry_run,
        wait=arguments.wait,
        sink=sink,
    )


def lint(arguments: Namespace, environ: Mapping[str, str]) -> LintReport:
    """What is to be said about the specs that are meant."""
    project = load_project(root=arguments.root, config=arguments.config)
    return lint_project(project, environ=environ, targets=tuple(arguments.targets))


def _tolerant_loader(sink: Sink) -> TolerantLoader:
    return TolerantLoader(lambda message: _warn(sink, message))


def _warn(sink: Sink, message: str) -> None:
    sink(WarningRaised(kind=Kind.BUILD, message=message))
