"""`jaunt diff`: generated code beside the version before it; nothing is asked or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jaunt_core.config.loading import Project, nearest_hint
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.comparison import Comparison, ModuleChange
from jaunt_core.project.workspace import Workspace
from jaunt_core.sandbox.behaviour_diff import (
    NoHypothesisError,
    Versions,
    behaviour_change,
    read_versions,
    text_change,
)
from jaunt_core.sandbox.sandbox import Sandbox
from jaunt_core.snapshot.worker_client import Worker
from jaunt_core.storage.previous import find_previous

_ADD_HYPOTHESIS = (
    "to compare what the code does, add hypothesis to the project: uv add --dev hypothesis"
)


def compare_versions(
    project: Project,
    *,
    environ: Mapping[str, str],
    modules: tuple[str, ...] = (),
    run_code: bool = True,
) -> Comparison:
    """How generated modules differ from the versions before them.

    Args:
        project: Where, and under which configuration.
        environ: The environment that the worker runs in; the sandbox gets next to nothing of it.
        modules: The spec modules that are meant; all that have a version before where empty.
        run_code: Whether both versions are run, in the sandbox, on the same input.

    Raises:
        JauntConfigError: No version before is kept for one of `modules`.
    """
    workspace = Workspace(project=project, environ=environ)
    with Worker(workspace) as worker:
        previous = find_previous(project.root)
        pairs = [read_versions(project.root, version, worker) for version in previous]
        versions = {pair.module: pair for pair in pairs if pair is not None}
        _check_known(modules, versions)
        wanted = [versions[name] for name in dict.fromkeys(modules or versions)]
        changes = [text_change(pair) for pair in wanted]
        hint = ""
        if run_code and any(change.symbols for change in changes):
            changes, hint = _with_behaviour(project, changes, wanted, Sandbox(workspace))
        return Comparison(modules=tuple(changes), hint=hint)


def _with_behaviour(
    project: Project, changes: list[ModuleChange], versions: list[Versions], sandbox: Sandbox
) -> tuple[list[ModuleChange], str]:
    generated_dir = project.config.paths.generated_dir
    compared = []
    try:
        for change, pair in zip(changes, versions, strict=True):
            if change.symbols:
                change = behaviour_change(  # noqa: PLW2901 - the same, with what its code does
                    change, pair, sandbox, root=project.root, generated_dir=generated_dir
                )
            compared.append(change)
    except NoHypothesisError:
        note = "the project's interpreter has no hypothesis"
        noted = [replace(change, note=note) if change.symbols else change for change in changes]
        return noted, _ADD_HYPOTHESIS
    return compared, ""


def _check_known(modules: tuple[str, ...], versions: Mapping[str, Versions]) -> None:
    for name in modules:
        if name not in versions:
            known = sorted(versions)
            raise JauntConfigError(
                f"no version before is kept for {name!r}",
                hint=nearest_hint(name, known)
                if known
                else "one is kept when a build replaces generated code by other code",
            )
