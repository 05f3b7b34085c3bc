"""The text of a generated file: its header, and the code below it."""

from __future__ import annotations

import json

from jaunt_core.contracts.digest import CONTRACT, digest_of
from jaunt_core.contracts.header import render_header
from jaunt_core.model.plan import Header, Inference, ModulePlan
from jaunt_core.model.spec import Digest, Kind
from jaunt_core.planning.staleness import JudgedGraph
from jaunt_core.version import __version__


def recipe_text(*, provider: str, model: str, templates: str) -> str:
    """The header's record of how an answer came about; it never makes a file stale."""
    return json.dumps(
        {"provider": provider, "model": model, "templates": templates}, ensure_ascii=False
    )


def stamped_text(
    plan: ModulePlan,
    judged: JudgedGraph,
    inference: Inference,
    *,
    code: str,
    body_digest: Digest | None,
    recipe: str,
) -> str:
    """The whole text of a generated module: header and code."""
    header = Header(
        tool_version=__version__,
        kind=plan.module.kind,
        source_module=plan.name,
        module_digest=plan.module_digest,
        spec_refs=tuple(spec.ref for spec in plan.module.specs),
        contract=CONTRACT,
        inference=inference,
        request=plan.request,
        body_digest=body_digest,
        recipe=recipe,
        specs=tuple(judged.digests.record_of(judged.graph, spec.ref) for spec in plan.module.specs),
    )
    return render_header(header) + code.strip("\n") + "\n"


def init_text(kind: Kind, package: str) -> str:
    """The `__init__.py` of a generated folder whose package has no specs: only a header."""
    header = Header(
        tool_version=__version__,
        kind=kind,
        source_module=package,
        module_digest=digest_of([]),
        contract=CONTRACT,
    )
    return render_header(header)
