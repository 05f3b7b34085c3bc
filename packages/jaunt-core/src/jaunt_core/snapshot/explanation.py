"""Explanations of one spec: its digests, its neighbours, and what changed in its text."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.model.inspection import SpecExplanation
from jaunt_core.model.plan import GeneratedFile, ModulePlan
from jaunt_core.model.reason import Place
from jaunt_core.model.spec import SpecRef
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.storage.contracts import HEADINGS, contract_text, load_contracts


def explain_spec(
    root: Path, judged: JudgedGraph, file: GeneratedFile, ref: SpecRef
) -> SpecExplanation:
    """The explanation of one spec.

    Args:
        root: The project's folder.
        judged: All specs, as they are now.
        file: The generated file of the spec's module.
        ref: The spec.
    """
    graph = judged.graph
    spec = graph.specs[ref]
    records = {record.ref: record for record in file.header.specs} if file.header else {}
    old = records[ref].local if ref in records else ""
    known = load_contracts(root, spec.kind, spec.module).get(ref)
    diff = None
    # Where the file is gone, what was accepted last is all that there is to compare with.
    if known is not None and old in ("", known[0]):
        diff = _diff(known[1], contract_text(graph, ref), ref)
    return SpecExplanation(
        ref=ref,
        place=Place(path=spec.path, line=spec.line),
        local=judged.digests.local[ref],
        old=old,
        dependencies=graph.edges[ref],
        dependents=tuple(sorted(name for name in graph.specs if ref in graph.edges[name])),
        context=spec.context,
        diff=diff,
    )


def causes_elsewhere(plan: ModulePlan, graph: SpecGraph) -> tuple[SpecRef, ...]:
    """The specs of other modules whose own change a module is stale for, each once."""
    own = {spec.ref for spec in plan.module.specs}
    refs: dict[SpecRef, None] = {}
    for reason in plan.reasons:
        for cause in reason.causes:
            ref = cause.spec or reason.path[-1]
            if ref in graph.specs and ref not in own and (cause.spec or reason.old):
                refs[ref] = None
    return tuple(refs)


def _diff(old: str, new: str, ref: SpecRef) -> str:
    before = old.splitlines()
    lines = difflib.unified_diff(
        before, new.splitlines(), f"{ref} (accepted)", f"{ref} (now)", lineterm=""
    )
    return "\n".join(_with_heading(line, before) for line in lines)


def _with_heading(line: str, before: list[str]) -> str:
    """The head of a hunk with the definition that the hunk lies in, where that is above it."""
    start = re.match(r"@@ -(\d+)", line)
    above = before[: int(start[1]) - 1] if start else []
    heading = next((row for row in reversed(above) if row.startswith(HEADINGS)), "")
    return f"{line} {heading}" if heading else line
