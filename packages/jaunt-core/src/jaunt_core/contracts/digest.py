"""Digests of contracts: SHA-256 over canonical forms, and over nothing else.

No clock, path, tool version or model name enters, so the numbers are the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from jaunt_core.contracts.graph import SpecGraph
from jaunt_core.model.plan import SpecRecord
from jaunt_core.model.spec import Digest, SpecModule, SpecRef, SpecSource

CONTRACT = 1
"""The number of the contract format that these functions compute."""

_SHORT = 16
_WORDS = re.compile(r"[^\W\d_]+ [^\W\d_]+")


def digest_of(value: object) -> Digest:
    """The digest of a JSON value: keys sorted, no white space, UTF-8."""
    # Every digest in every header depends on these settings: they never change.
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Digest("sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def short_digest_of(value: object) -> str:
    """The first 16 digits of a digest: enough to tell that one part of a contract changed."""
    return digest_of(value).removeprefix("sha256:")[:_SHORT]


_NOT_SHOWN = frozenset({"deps"})
"""Parts of a contract that a model does not read itself: it is shown what they refer to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphDigests:
    """The digests of every spec of one graph."""

    local: Mapping[SpecRef, Digest]
    graph: Mapping[SpecRef, Digest]
    parts: Mapping[SpecRef, Mapping[str, str]]

    def of_module(self, module: SpecModule) -> Digest:
        """The module digest: over its specs' sorted graph digests."""
        return digest_of(sorted(self.graph[spec.ref] for spec in module.specs))

    def record_of(self, graph: SpecGraph, ref: SpecRef) -> SpecRecord:
        """What the header of a generated file remembers of one spec."""
        return SpecRecord(
            ref=ref,
            local=self.local[ref],
            graph=self.graph[ref],
            parts=self.parts[ref],
            dependencies={
                target: short_digest_of(self.graph[target]) for target in graph.edges[ref]
            },
            shown=shown_digest(graph, ref),
        )


def parts_shown(spec: SpecSource) -> dict[str, str]:
    """The parts of a contract that a model reads, by name."""
    return {part.name: part.form for part in spec.parts if part.name not in _NOT_SHOWN}


def shown_digest(graph: SpecGraph, ref: SpecRef) -> str:
    """A short digest of what a model is shown for the sake of one spec."""
    spec = graph.specs[ref]
    return short_digest_of(
        {
            "said": parts_shown(spec),
            "context": {entry.ref: entry.form for entry in spec.context},
            "apis": {name: graph.specs[name].api_form for name in _named_by(graph, ref)},
        }
    )


def _named_by(graph: SpecGraph, ref: SpecRef) -> list[SpecRef]:
    """The other specs that a spec depends on or mentions."""
    return sorted({*graph.edges[ref], *graph.mentioned(ref)} - {ref})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSpec:
    """Short digests of what a model is shown for one spec: of all, and of all but its examples."""

    whole: str
    beside_examples: str


def shown_spec(graph: SpecGraph, ref: SpecRef) -> ShownSpec:
    """What a model is shown for the sake of one spec, to tell later what of that has changed.

    The examples of the specs beside it do not count either.
    """
    spec, named = graph.specs[ref], [graph.specs[name] for name in _named_by(graph, ref)]
    bare = short_digest_of(
        {
            "said": _parts_beside_examples(spec),
            "context": {entry.ref: entry.form for entry in spec.context},
            "apis": {
                other.ref: _parts_beside_examples(other)
                if other.module == spec.module
                else other.api_form
                for other in named
            },
        }
    )
    return ShownSpec(whole=shown_digest(graph, ref), beside_examples=bare)


def _parts_beside_examples(spec: SpecSource) -> dict[str, str]:
    return {
        name: _without_examples(form) if "docstring" in name else form
        for name, form in parts_shown(spec).items()
    }


def _without_examples(docstring: str) -> str:
    """A docstring without its `>>>` examples and the values below them.

    An example ends at an empty line, but words that stand in it are kept: they may say something.
    """
    words, in_example = list[str](), False
    for line in map(str.strip, docstring.splitlines()):
        in_example = bool(line) and (in_example or line.startswith(">>>"))
        is_code = line.startswith((">>>", "..."))
        if line and (not in_example or (not is_code and _WORDS.search(line))):
            words.append(line)
    return "\n".join(words)


def parts_of(graph: SpecGraph, ref: SpecRef) -> dict[str, str]:
    """A short digest for each part of a contract, context and mentioned specs included."""
    spec = graph.specs[ref]
    parts = {part.name: short_digest_of(part.form) for part in spec.parts}
    parts.update({f"context {entry.ref}": short_digest_of(entry.form) for entry in spec.context})
    parts.update(
        {
            f"mentioned {name}": short_digest_of(graph.specs[name].api_form)
            for name in graph.mentioned(ref)
        }
    )
    return parts


def local_digest(graph: SpecGraph, ref: SpecRef) -> Digest:
    """The digest of one spec's contract."""
    spec = graph.specs[ref]
    return digest_of(
        {
            "contract": CONTRACT,
            "ref": ref,
            "kind": spec.kind.value,
            "parts": {part.name: part.form for part in spec.parts},
            "context": {entry.ref: entry.form for entry in spec.context},
            "mentioned": {name: graph.specs[name].api_form for name in graph.mentioned(ref)},
        }
    )


def digests_of(graph: SpecGraph) -> GraphDigests:
    """The digests of all specs, dependencies before dependents.

    An inferred cycle inside one module shares one graph digest.
    """
    local = {ref: local_digest(graph, ref) for ref in graph.specs}
    graph_digests: dict[SpecRef, Digest] = {}
    for component in graph.components:
        members = frozenset(component)
        outside = {target for ref in component for target in graph.edges[ref]} - members
        value = {
            "local": sorted(local[ref] for ref in component),
            "dependencies": sorted(graph_digests[target] for target in outside),
        }
        # One digest for all: a change of one is a change of all that it forms a cycle with.
        shared = digest_of(value)
        graph_digests.update(dict.fromkeys(component, shared))
    return GraphDigests(
        local=local, graph=graph_digests, parts={ref: parts_of(graph, ref) for ref in graph.specs}
    )
