"""`jaunt diff`: generated code beside the version before it; nothing is asked or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jaunt_core.config.loading import Project, nearest_hint
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.comparison import Comparison, ModuleChange
from jaunt_core.project.sources import find_roots
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
    roots = find_roots(project)
    with Worker(project, roots, environ) as worker:
        read = [read_versions(project.root, item, worker) for item in find_previous(project.root)]
        versions = {item.module: item for item in read if item is not None}
        _check_known(modules, versions)
        wanted = [versions[name] for name in dict.fromkeys(modules or versions)]
        changes = [text_change(item) for item in wanted]
        hint = ""
        if run_code and any(item.symbols for item in changes):
            sandbox = Sandbox(project, roots, worker.python, environ)
            changes, hint = _with_behaviour(project, changes, wanted, sandbox)
        return Comparison(modules=tuple(changes), hint=hint)


def _with_behaviour(
    project: Project, changes: list[ModuleChange], versions: list[Versions], sandbox: Sandbox
) -> tuple[list[ModuleChange], str]:
    generated_dir = project.config.paths.generated_dir
    found = []
    try:
        for change, item in zip(changes, versions, strict=True):
            compared = change
            if change.symbols:
                compared = behaviour_change(
                    change, item, sandbox, root=project.root, generated_dir=generated_dir
                )
            found.append(compared)
    except NoHypothesisError:
        note = "the project's interpreter has no hypothesis"
        return [replace(item, note=note) if item.symbols else item for item in changes], (
            _ADD_HYPOTHESIS
        )
    return found, ""


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
