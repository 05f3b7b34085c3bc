"""Plan what happens to each module, and which modules go first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jaunt_core.contracts.digest import CONTRACT, shown_digest
from jaunt_core.model.generation import Patch
from jaunt_core.model.plan import Action, BuildPlan, FileState, GeneratedFile, Inference, ModulePlan
from jaunt_core.model.reason import Reason, ReasonKind
from jaunt_core.model.spec import Digest, Kind, SpecModule
from jaunt_core.planning.propagation import propagate_reasons
from jaunt_core.planning.request import request_digest
from jaunt_core.planning.schedule import acyclic_waits
from jaunt_core.planning.staleness import Judge, JudgedGraph, RootCauses, own_reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """All values that a plan depends on.

    Attributes:
        kind: Which specs are planned.
        inference: The setting that new files are stamped with.
        judge: The graph under a setting.
        files: The generated file of every module of either kind, by module name.
        generated_modules: The name of the generated module, by module name.
        selected: The modules that may be touched.
        forced: Those of the selected modules that are generated anew whatever their state.
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


def plan_modules(plan_input: PlanInput) -> BuildPlan:
    """The plan for the selected modules of one kind."""
    judged = plan_input.judge(plan_input.inference)
    modules = [module for module in judged.graph.modules if module.kind is plan_input.kind]
    edges = judged.graph.module_edges()
    causes = RootCauses(plan_input.files)
    own = {module.name: _reasons_of(module, plan_input, causes) for module in modules}
    propagated = propagate_reasons(own, judged.graph)
    reasons = {name: propagated[name] for name in propagated if name in plan_input.selected}
    waits = acyclic_waits(
        {name: tuple(target for target in edges[name] if target in reasons) for name in reasons}
    )
    return BuildPlan(
        kind=plan_input.kind,
        modules=tuple(
            _module_plan(module, plan_input, judged, reasons.get(module.name, ()), waits)
            for module in modules
            if module.name in plan_input.selected
        ),
    )


def _reasons_of(
    module: SpecModule, plan_input: PlanInput, causes: RootCauses
) -> tuple[Reason, ...]:
    file = plan_input.files[module.name]
    reasons = own_reasons(module, plan_input.judge, causes)
    if module.name in plan_input.forced and file.state is not FileState.FOREIGN:
        return (*reasons, Reason(kind=ReasonKind.FORCED))
    return reasons


def _module_plan(
    module: SpecModule,
    plan_input: PlanInput,
    judged: JudgedGraph,
    reasons: tuple[Reason, ...],
    waits: Mapping[str, tuple[str, ...]],
) -> ModulePlan:
    file = plan_input.files[module.name]
    request = request_digest(judged.graph, module)
    forced = any(reason.kind is ReasonKind.FORCED for reason in reasons)
    patch = None if forced or not reasons else _patch(module, file, judged)
    return ModulePlan(
        module=module,
        generated_module=plan_input.generated_modules[module.name],
        file=file,
        action=_action(file, reasons, request, patch, plan_input),
        reasons=reasons,
        depends_on=waits.get(module.name, ()),
        request=request,
        module_digest=judged.digests.of_module(module),
        patch=patch,
    )


def _patch(module: SpecModule, file: GeneratedFile, judged: JudgedGraph) -> Patch | None:
    """The specs that a model has to write anew; None where it writes the whole module."""
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
    plan_input: PlanInput,
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
    return Action.REUSE if plan_input.is_stored(request) else Action.GENERATE
