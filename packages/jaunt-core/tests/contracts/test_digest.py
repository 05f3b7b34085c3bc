"""Digests: every word of a contract counts, the order of facts does not, and cycles share one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaunt_core.contracts.digest import GraphDigests, digest_of, digests_of, short_digest_of
from jaunt_core.contracts.graph import build_graph
from jaunt_core.model.plan import Inference
from jaunt_core.model.spec import (
    ContextItem,
    ContractPart,
    FunctionFacts,
    Kind,
    SpecModule,
    SpecRef,
    SpecSource,
)
from jaunt_core.planning.request import request_digest


def spec(name: str, *inferred: str, kind: Kind = Kind.BUILD) -> SpecSource:
    ref = SpecRef(name)
    definition = FunctionFacts(
        name=ref.qualname,
        line=1,
        shape="function",
        parameters=(),
        returns=None,
        decorators=(),
        docstring="",
        stub=True,
        declaration=f"def {ref.qualname}()",
    )
    return SpecSource(
        ref=ref,
        kind=kind,
        module=ref.module,
        path=PurePosixPath(f"{ref.module}.py"),
        line=1,
        text="",
        definition=definition,
        prompt="",
        infer_deps=None,
        parts=(ContractPart(name="signature", form="()"),),
        context=(),
        explicit=(),
        inferred=tuple(map(SpecRef, inferred)),
        mentioned=(),
        unknown=(),
        api_text="",
        api_form="()",
    )


def modules_of(*specs: SpecSource) -> list[SpecModule]:
    names = dict.fromkeys(source.module for source in specs)
    return [
        SpecModule(
            name=name,
            path=PurePosixPath(f"{name}.py"),
            kind=specs[0].kind,
            is_package=False,
            specs=tuple(source for source in specs if source.module == name),
            bindings=(),
            first_class_line=None,
        )
        for name in names
    ]


def digests(*specs: SpecSource, inference: Inference | None = None) -> GraphDigests:
    return digests_of(build_graph(modules_of(*specs), inference or Inference()))


def context_item(name: str, form: str = "1", **others: object) -> ContextItem:
    definition = ContextItem(
        ref=SpecRef(name), path=PurePosixPath("m.py"), line=1, text="text", form=form
    )
    return replace(definition, **others)


def sha(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def contract(ref: str) -> str:
    return (
        '{"context":{},"contract":1,"kind":"build","mentioned":{},"parts":{"signature":"()"},'
        f'"ref":"{ref}"}}'
    )


def test_the_numbers_are_these() -> None:
    """They stand in committed files, so they must not change under the same contract number."""
    first, second = spec("a:one", "b:two"), spec("b:two")
    (module, _) = modules_of(first, second)

    computed = digests(first, second)

    below = sha(f'{{"dependencies":[],"local":["{sha(contract("b:two"))}"]}}')
    above = sha(f'{{"dependencies":["{below}"],"local":["{sha(contract("a:one"))}"]}}')
    assert computed.local == {"a:one": sha(contract("a:one")), "b:two": sha(contract("b:two"))}
    assert computed.graph == {"a:one": above, "b:two": below}
    assert computed.of_module(module) == sha(f'["{above}"]')
    assert computed.parts[first.ref] == {"signature": sha('"()"')[7:23]}
    assert digest_of({"b": [1, "ä"], "a": None}) == sha('{"a":null,"b":[1,"ä"]}')
    assert short_digest_of("()") == sha('"()"')[7:23]


def test_dependencies_are_sorted_by_their_digests() -> None:
    leaves = [spec(f"z:{name}") for name in "abcdefgh"]

    computed = digests(spec("a:one", *(leaf.ref for leaf in leaves)), *leaves)

    below = ",".join(
        f'"{digest}"' for digest in sorted(computed.graph[leaf.ref] for leaf in leaves)
    )
    assert computed.graph[SpecRef("a:one")] == sha(
        f'{{"dependencies":[{below}],"local":["{sha(contract("a:one"))}"]}}'
    )


one = spec("a:one")
CHANGES = {
    "another part": replace(one, parts=(*one.parts, ContractPart(name="body", form="x"))),
    "another form": replace(one, parts=(ContractPart(name="signature", form="(a)"),)),
    "another name of a part": replace(one, parts=(ContractPart(name="prompt", form="()"),)),
    "context": replace(one, context=(context_item("m:A"),)),
    "another kind": replace(one, kind=Kind.TEST),
}
NO_CHANGES = {
    "another line": replace(one, line=7),
    "another path": replace(one, path=PurePosixPath("elsewhere/a.py")),
    "another text": replace(one, text="def one(): ..."),
    "another text of the API": replace(one, api_text="def one(): ..."),
    "something unknown that is named": replace(one, inferred=(SpecRef("nobody:knows"),)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_counts(name: str) -> None:
    assert digests(CHANGES[name]).local[one.ref] != digests(one).local[one.ref]


@pytest.mark.parametrize("name", NO_CHANGES)
def test_what_does_not_count(name: str) -> None:
    assert digests(NO_CHANGES[name]) == digests(one)


def test_where_context_stands_does_not_count() -> None:
    here = replace(one, context=(context_item("m:A"), context_item("m:B")))
    there = replace(one, context=(context_item("m:B", line=9, text="other"), context_item("m:A")))

    assert digests(here) == digests(there)


def test_a_part_cannot_pass_for_another() -> None:
    """Texts are never just put behind one another."""
    split = replace(
        one, parts=(ContractPart(name="a", form='x","b":"y'), ContractPart(name="c", form=""))
    )
    whole = replace(one, parts=(ContractPart(name="a", form="x"), ContractPart(name="b", form="y")))

    assert digests(split).local != digests(whole).local


def test_a_cycle_in_a_module_shares_one_digest() -> None:
    def graph_digests(**forms: str) -> dict[str, str]:
        specs = [
            spec("a:one", "a:two"),
            spec("a:two", "a:three"),
            spec("a:three", "a:one", "z:base"),
            spec("b:user", "a:two"),
            spec("z:base"),
        ]
        changed = [
            replace(
                source, parts=(ContractPart(name="signature", form=forms.get(source.name, "()")),)
            )
            for source in specs
        ]
        return dict(digests(*changed).graph)

    before = graph_digests()
    assert before["a:one"] == before["a:two"] == before["a:three"]
    assert len(set(before.values())) == 3
    for name in ("one", "two", "three", "base"):
        after = graph_digests(**{name: "(changed)"})
        assert after["a:one"] == after["a:two"] == after["a:three"] != before["a:one"]
        assert after["b:user"] != before["b:user"]
        assert (after["z:base"] != before["z:base"]) is (name == "base")
    after = graph_digests(user="(changed)")
    assert {ref for ref in after if after[ref] != before[ref]} == {"b:user"}


def test_a_change_goes_all_the_way_up() -> None:
    chain = [spec("a:x", "b:x"), spec("b:x", "c:x"), spec("c:x", "d:x"), spec("d:x")]
    before = digests(*chain)

    changed = replace(chain[-1], parts=(ContractPart(name="body", form="new"),))
    after = digests(*chain[:-1], changed)

    assert all(after.graph[it.ref] != before.graph[it.ref] for it in chain)
    assert all(after.local[it.ref] == before.local[it.ref] for it in chain[:-1])


def test_links_are_in_the_digest_of_a_graph_but_not_in_a_request() -> None:
    specs = [spec("a:one", "b:two"), spec("b:two")]
    on, off = Inference(), Inference(build=False)

    with_edge = build_graph(modules_of(*specs), on)
    without = build_graph(modules_of(*specs), off)

    assert digests_of(with_edge).graph != digests_of(without).graph
    assert [request_digest(with_edge, module) for module in with_edge.modules] == [
        request_digest(without, module) for module in without.modules
    ]


def test_code_knows_nothing_of_its_tests() -> None:
    code = replace(spec("a:one"), mentioned=(SpecRef("t:test"),), inferred=(SpecRef("t:test"),))
    test = spec("t:test", "a:one", kind=Kind.TEST)
    both = build_graph([*modules_of(code), *modules_of(test)], Inference())
    alone = build_graph(modules_of(code), Inference())

    assert digests_of(both).graph[code.ref] == digests_of(alone).graph[code.ref]
    assert request_digest(both, both.modules[0]) == request_digest(alone, alone.modules[0])


names = st.sampled_from(["a:x", "a:y", "b:x", "b:y", "c:x"])


@given(links=st.dictionaries(names, st.sets(names), min_size=5), order=st.permutations(range(5)))
def test_the_order_of_facts_does_not_count(links: dict[str, set[str]], order: list[int]) -> None:
    downward = {
        name: sorted(target for target in targets if target[0] <= name[0])
        for name, targets in links.items()
    }
    specs = [spec(name, *targets) for name, targets in sorted(downward.items())]
    shuffled = [
        replace(specs[index], inferred=tuple(reversed(specs[index].inferred))) for index in order
    ]

    first, second = digests(*specs), digests(*shuffled)

    assert (first.local, first.graph, first.parts) == (second.local, second.graph, second.parts)
    for one_module, other in zip(
        sorted(modules_of(*specs), key=lambda module: module.name),
        sorted(modules_of(*shuffled), key=lambda module: module.name),
        strict=True,
    ):
        assert first.of_module(one_module) == second.of_module(other)
