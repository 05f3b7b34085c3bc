"""From facts to a plan: what happens to each module, and what it waits for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jaunt_core.contracts.digest import CONTRACT, shown_digest
from jaunt_core.model.generation import Patch
from jaunt_core.model.plan import (
    Action,
    BuildPlan,
    FileState,
    GeneratedFile,
    Inference,
    ModulePlan,
)
from jaunt_core.model.reason import Reason, ReasonKind
from jaunt_core.model.spec import Digest, Kind, SpecModule
from jaunt_core.planning.propagation import propagate_reasons
from jaunt_core.planning.request import request_digest
from jaunt_core.planning.schedule import acyclic_waits
from jaunt_core.planning.staleness import Judge, JudgedGraph, RootCauses, own_reasons, records_in


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """All that a plan is made from.

    Attributes:
        kind: Which specs are planned.
        inference: The setting that new files are stamped with.
        judge: The graph under a setting.
        files: The generated file of every module of either kind, by module name.
        generated_modules: The name of the generated module, by module name.
        selected: The modules that may be touched.
        forced: Those of them that are asked again whatever their state.
        is_stored: Whether an accepted answer to a base request is at hand.
    """

    kind: Kind
    inference: Inference
    judge: Judge
    files: Mapping[str, GeneratedFile]
    generated_modules: Mapping[str, str]
    selected: frozenset[str]
    forced: frozenset[str]
    is_stored: Callable[[Digest], bool]


def plan_modules(given: PlanInput) -> BuildPlan:
    """The plan for the selected modules of one kind."""
    judged = given.judge(given.inference)
    modules = [module for module in judged.graph.modules if module.kind is given.kind]
    edges = judged.graph.module_edges()
    causes = RootCauses(records_in(given.files))
    own = {module.name: _own(module, given, causes) for module in modules}
    spread = propagate_reasons(own, judged.graph)
    reasons = {name: found for name, found in spread.items() if name in given.selected}
    waits = acyclic_waits(
        {name: tuple(target for target in edges[name] if target in reasons) for name in reasons}
    )
    return BuildPlan(
        kind=given.kind,
        modules=tuple(
            _module_plan(module, given, judged, reasons.get(module.name, ()), waits)
            for module in modules
            if module.name in given.selected
        ),
    )


def _own(module: SpecModule, given: PlanInput, causes: RootCauses) -> tuple[Reason, ...]:
    file = given.files[module.name]
    found = own_reasons(module, given.judge, causes)
    if module.name in given.forced and file.state is not FileState.FOREIGN:
        return (*found, Reason(kind=ReasonKind.FORCED))
    return found


def _module_plan(
    module: SpecModule,
    given: PlanInput,
    judged: JudgedGraph,
    reasons: tuple[Reason, ...],
    waits: Mapping[str, tuple[str, ...]],
) -> ModulePlan:
    file = given.files[module.name]
    request = request_digest(judged.graph, module)
    forced = any(reason.kind is ReasonKind.FORCED for reason in reasons)
    patch = None if forced or not reasons else _patch(module, file, judged)
    return ModulePlan(
        module=module,
        generated_module=given.generated_modules[module.name],
        file=file,
        action=_action(file, reasons, request, patch, given),
        reasons=reasons,
        depends_on=waits.get(module.name, ()),
        request=request,
        module_digest=judged.digests.of_module(module),
        patch=patch,
    )


def _patch(module: SpecModule, file: GeneratedFile, judged: JudgedGraph) -> Patch | None:
    """Which specs a model would be shown something new for; None where that is so for all."""
    header = file.header
    if file.state is not FileState.WHOLE or header is None or header.contract != CONTRACT:
        return None
    shown = {record.ref: record.shown for record in header.specs}
    current = {spec.ref: spec.name for spec in module.specs}
    wanted = [ref for ref in current if shown.get(ref) != shown_digest(judged.graph, ref)]
    if len(wanted) == len(current):
        return None
    added = [re.escape(current[ref]) for ref in wanted if ref not in shown]
    if added and re.search(rf"\b(?:{'|'.join(added)})\b", file.body):
        return None  # the code that is to stay may mean something else by that name
    return Patch(
        base=file.body,
        wanted=tuple(current[ref] for ref in wanted),
        fixed=tuple(name for ref, name in current.items() if ref not in wanted),
        removed=tuple(ref.qualname for ref in shown if ref not in current),
    )


def _action(
    file: GeneratedFile,
    reasons: tuple[Reason, ...],
    request: Digest,
    patch: Patch | None,
    given: PlanInput,
) -> Action:
    kinds = {reason.kind for reason in reasons}
    if not kinds:
        return Action.FRESH
    forced = ReasonKind.FORCED in kinds
    if file.state is FileState.FOREIGN or (file.state is FileState.EDITED and not forced):
        return Action.REFUSE
    if forced:
        return Action.GENERATE
    if file.state is FileState.WHOLE and file.header and file.header.request == request:
        return Action.KEEP
    if patch is not None and not patch.wanted:  # specs were removed, no other has changed
        return Action.KEEP
    return Action.REUSE if given.is_stored(request) else Action.GENERATE


__all__ = ["PlanInput", "plan_modules"]
