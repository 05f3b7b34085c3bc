"""`jaunt lint`: what a model would have to guess about the specs; no model is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaunt_core.config.loading import Project
from jaunt_core.errors import JauntConfigError
from jaunt_core.lint.lint import lint_findings
from jaunt_core.model.lint import LintFinding, LintReport, SpecLint
from jaunt_core.model.spec import Binding, Kind, SpecModule, SpecRef, SpecSource
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.decoding import decode
from jaunt_core.snapshot.snapshot import Snapshot, read_snapshot
from jaunt_core.snapshot.worker_client import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """The worker's answer for one module."""

    specs: tuple[SpecLint, ...]
    unseen: tuple[Binding, ...] = ()


def lint_project(
    project: Project, *, environ: Mapping[str, str], targets: tuple[str, ...] = ()
) -> LintReport:
    """The findings about specs, without those codes that `[lint]` switches off.

    Args:
        project: Where, and under which configuration.
        environ: The environment that specs are read in, the key left out.
        targets: `MODULE` or `MODULE:QUALNAME`; all modules where it is empty.

    Raises:
        JauntConfigError, JauntDiscoveryError: The specs cannot be read, or a target names none.
    """
    workspace = Workspace(project=project, environ=environ)
    with Worker(workspace) as worker:
        snapshot = read_snapshot(workspace, worker, list(Kind), wanted=None)
        wanted = _wanted(snapshot, targets)
        specs = {spec.ref: spec for module in snapshot.modules for spec in module.specs}
        modules = [m for m in snapshot.modules if {spec.ref for spec in m.specs} & wanted]
        findings = [
            finding
            for module in modules
            for finding in _of_module(project, worker, module, specs)
            if finding.spec in wanted and project.config.lint.reports(finding.code)
        ]
    findings.sort(key=lambda f: (f.path, f.line, f.code, f.message))
    return LintReport(findings=tuple(findings), modules=len(modules), specs=len(wanted))


def _of_module(
    project: Project, worker: Worker, module: SpecModule, specs: Mapping[SpecRef, SpecSource]
) -> list[LintFinding]:
    facts = decode(_Facts, worker.ask({"op": "lint", "module": module.name}))
    section = project.config.test if module.kind is Kind.TEST else project.config.build
    return lint_findings(module, facts.specs, specs, unseen=facts.unseen, infers=section.infer_deps)


def _wanted(snapshot: Snapshot, targets: tuple[str, ...]) -> frozenset[SpecRef]:
    """The specs that are meant."""
    listed = snapshot.specs_by_module()
    if not targets:
        return frozenset(SpecRef(f"{name}:{spec}") for name in listed for spec in listed[name])
    refs: set[SpecRef] = set()
    for target in targets:
        name, _, qualname = target.partition(":")
        specs = [spec for spec in listed.get(name, ()) if qualname in ("", spec)]
        if not specs:
            raise JauntConfigError(
                f"{target} names no spec", hint=f"modules with specs: {', '.join(listed) or 'none'}"
            )
        refs.update(SpecRef(f"{name}:{spec}") for spec in specs)
    return frozenset(refs)
