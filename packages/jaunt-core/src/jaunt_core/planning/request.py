"""The base request of a module: its specs, the context they name, the APIs they depend on."""

from __future__ import annotations

from jaunt_core.contracts.digest import digest_of, parts_shown
from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.model.generation import DependencyApi, ExpectedName, ModuleSpecContext, SpecText
from jaunt_core.model.spec import (
    ContextItem,
    Digest,
    FunctionFacts,
    ImportLine,
    Kind,
    SpecModule,
    SpecRef,
    SpecSource,
)


def base_context(graph: SpecGraph, module: SpecModule, generated_module: str) -> ModuleSpecContext:
    """The part of a request that does not depend on earlier answers."""
    return ModuleSpecContext(
        kind=module.kind,
        spec_module=module.name,
        generated_module=generated_module,
        expected=tuple(
            ExpectedName(name=spec.name, declaration=_declaration(spec)) for spec in module.specs
        ),
        specs=tuple(
            SpecText(ref=spec.ref, text=spec.text, prompt=spec.prompt) for spec in module.specs
        ),
        dependency_apis=tuple(
            DependencyApi(
                ref=ref,
                text=graph.specs[ref].api_text,
                form=graph.specs[ref].api_form,
                names=graph.specs[ref].api_names,
            )
            for ref in _outside_refs(graph, module)
        ),
        dependency_sources=(),
        context=_context_of(module),
        wanted=tuple(spec.name for spec in module.specs),
        spec_imports=_imports_of(module),
        bound_above=_bound_above(module),
        decorated=_decorated(module),
    )


def request_digest(graph: SpecGraph, module: SpecModule) -> Digest:
    """The digest of the base request, over its content and not its layout.

    Formatting of specs, wording of templates, models and versions do not enter, nor does the kind
    of link by which a spec names a definition.
    """
    context = base_context(graph, module, "")
    return digest_of(
        {
            "kind": module.kind.value,
            "module": module.name,
            "specs": {spec.ref: parts_shown(spec) for spec in module.specs},
            "context": {entry.ref: entry.form for entry in context.context},
            "apis": {api.ref: api.form for api in context.dependency_apis},
        }
    )


def _declaration(spec: SpecSource) -> str:
    decorators = [f"@{decorator.text}" for decorator in spec.definition.decorators]
    return "\n".join([*decorators, spec.definition.declaration])


def _outside_refs(graph: SpecGraph, module: SpecModule) -> list[SpecRef]:
    named = {
        ref for spec in module.specs for ref in (*graph.edges[spec.ref], *graph.mentioned(spec.ref))
    }
    return sorted(ref for ref in named if graph.specs[ref].module != module.name)


def _imports_of(module: SpecModule) -> tuple[ImportLine, ...]:
    """Each import once; for type checkers only where no spec needs it otherwise."""
    lines: dict[str, ImportLine] = {}
    for line in (line for spec in module.specs for line in spec.imports):
        if not line.for_types or line.text not in lines:
            lines[line.text] = line
    return tuple(sorted(lines.values(), key=lambda line: (line.text[:5] == "from ", line.text)))


def _bound_above(module: SpecModule) -> tuple[str, ...] | None:
    """What its specs name of the module itself, as far as it stands above the first class."""
    first = module.first_class_line
    if first is None:
        return None
    named = {entry.ref for entry in _context_of(module) if entry.ref.module == module.name}
    above = {binding.name for binding in module.bindings if binding.line < first}
    return tuple(ref.qualname for ref in sorted(named) if ref.qualname in above)


def _decorated(module: SpecModule) -> tuple[str, ...]:
    """The functions that code of the same answer would call without their decorators."""
    if len(module.specs) == 1 or module.kind is not Kind.BUILD:
        return ()
    return tuple(
        spec.name
        for spec in module.specs
        if isinstance(spec.definition, FunctionFacts)
        and any(part.name == "decorators" for part in spec.parts)
    )


def _context_of(module: SpecModule) -> tuple[ContextItem, ...]:
    entries = {entry.ref: entry for spec in module.specs for entry in spec.context}
    return tuple(entries[ref] for ref in sorted(entries))
