"""The graph of specs: edges, cycles with their paths, and the order that follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jaunt_core.contracts.digest import digests_of
from jaunt_core.contracts.graph import build_graph, connected_components
from jaunt_core.errors import JauntDependencyCycleError
from jaunt_core.model.plan import Inference
from jaunt_core.model.spec import FunctionFacts, Kind, SpecModule, SpecRef, SpecSource
from jaunt_core.planning.schedule import acyclic_waits, remaining_lengths

from ..conftest import MakeProject, discover

ON = Inference(build=True, test=True)
OFF = Inference(build=False, test=False)
Edges = Mapping[str, tuple[str, ...]]


def spec(
    text: str,
    *,
    explicit: str = "",
    inferred: str = "",
    kind: Kind = Kind.BUILD,
    infer_deps: bool | None = None,
) -> SpecSource:
    """A spec `module:name`, its dependencies separated by blanks."""
    ref = SpecRef(text)
    facts = FunctionFacts(
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
        path=PurePosixPath(ref.module.replace(".", "/") + ".py"),
        line=10 + len(ref.qualname),
        text="",
        definition=facts,
        prompt="",
        infer_deps=infer_deps,
        parts=(),
        context=(),
        explicit=tuple(map(SpecRef, explicit.split())),
        inferred=tuple(map(SpecRef, inferred.split())),
        mentioned=(),
        unknown=(),
        api_text="",
        api_form="",
    )


def modules_of(*specs: SpecSource) -> list[SpecModule]:
    return [
        SpecModule(
            name=name,
            path=PurePosixPath(name + ".py"),
            kind=next(item.kind for item in specs if item.module == name),
            is_package=False,
            specs=tuple(item for item in specs if item.module == name),
            bindings=(),
            first_class_line=None,
        )
        for name in dict.fromkeys(item.module for item in specs)
    ]


def path_in(error: pytest.ExceptionInfo[JauntDependencyCycleError]) -> str:
    return error.value.args[0].removeprefix("specs depend on each other: ")


def test_the_order_does_not_depend_on_the_order_of_the_specs() -> None:
    specs = [
        spec("b:two", explicit="a:one", inferred="c:three"),
        spec("a:one", inferred="c:three d:gone"),
        spec("c:three"),
        spec("a:zero", explicit="b:two a:zero"),
    ]
    graph = build_graph(modules_of(*specs), ON)
    assert [module.name for module in graph.modules] == ["a", "b", "c"]
    assert graph.edges == {
        "a:one": ("c:three",),
        "a:zero": ("b:two",),
        "b:two": ("a:one", "c:three"),
        "c:three": (),
    }
    assert graph.components == (("c:three",), ("a:one",), ("b:two",), ("a:zero",))
    assert graph.module_edges() == {"a": ("b", "c"), "b": ("a", "c"), "c": ()}
    again = build_graph(modules_of(*reversed(specs)), ON)
    assert again.components == graph.components
    assert digests_of(again).graph == digests_of(graph).graph


def test_code_never_waits_for_tests() -> None:
    code = spec("a:one", explicit="tests.t:check", inferred="tests.t:check")
    test = spec("tests.t:check", explicit="a:one", kind=Kind.TEST)
    graph = build_graph(modules_of(code, test), ON)
    assert graph.edges == {"a:one": (), "tests.t:check": ("a:one",)}


@pytest.mark.parametrize(
    ("specs", "path"),
    [
        (
            [
                spec("a:one", explicit="a:three"),
                spec("a:two", explicit="a:one"),
                spec("a:three", explicit="a:two"),
                spec("a:before", explicit="a:one"),
            ],
            "a:one (a.py:13) -> a:three (a.py:15) -> a:two (a.py:13) -> a:one (a.py:13)",
        ),
        (
            [
                spec("b:two", explicit="a:one"),
                spec("a:one", explicit="b:two", inferred="a:other"),
                spec("a:other", inferred="a:one"),
            ],
            "a:one (a.py:13) -> b:two (b.py:13) -> a:one (a.py:13)",
        ),
    ],
    ids=["in one module", "across modules"],
)
def test_an_explicit_cycle_raises_with_or_without_inference(
    specs: list[SpecSource], path: str
) -> None:
    for inference in (ON, OFF):
        with pytest.raises(JauntDependencyCycleError) as caught:
            build_graph(modules_of(*specs), inference)
        assert path_in(caught) == path
        assert caught.value.hint == "remove one of these from `deps=`"


@pytest.mark.parametrize(
    ("specs", "path"),
    [
        (
            [spec("a:one", inferred="b:two"), spec("b:two", explicit="a:one")],
            "a:one (a.py:13) -> b:two (b.py:13) -> a:one (a.py:13)",
        ),
        (
            # The shortest circle through the first spec stays inside its module; the one that
            # matters does not.
            [
                spec("a:one", inferred="a:two"),
                spec("a:two", inferred="a:one b:three"),
                spec("b:three", inferred="c:four"),
                spec("c:four", inferred="a:two"),
            ],
            "a:two (a.py:13) -> b:three (b.py:15) -> c:four (c.py:14) -> a:two (a.py:13)",
        ),
    ],
    ids=["two modules", "behind a circle in one module"],
)
def test_an_inferred_cycle_across_modules_raises_with_inference(
    specs: list[SpecSource], path: str
) -> None:
    with pytest.raises(JauntDependencyCycleError) as caught:
        build_graph(modules_of(*specs), ON)
    assert path_in(caught) == path
    assert "`infer_deps=False` on one of them" in str(caught.value.hint)
    assert len(build_graph(modules_of(*specs), OFF).components) == len(specs)


def test_an_inferred_cycle_in_a_module_shares_one_digest() -> None:
    specs = [
        spec("a:even", inferred="a:odd"),
        spec("a:odd", explicit="a:even", inferred="b:base"),
        spec("b:base"),
        spec("c:user", inferred="a:odd"),
    ]
    graph = build_graph(modules_of(*specs), ON)
    assert graph.components == (("b:base",), ("a:even", "a:odd"), ("c:user",))
    digests = digests_of(graph).graph
    even, odd = SpecRef("a:even"), SpecRef("a:odd")
    assert digests[even] == digests[odd]
    assert len(set(digests.values())) == 3
    apart = digests_of(build_graph(modules_of(*specs), OFF)).graph
    assert apart[even] != apart[odd]


def test_cycles_in_real_source(make_project: MakeProject) -> None:
    files = {
        "shop/numbers.py": """
            import jaunt

            @jaunt.magic
            def even(n: int) -> bool:
                return not n or odd(n - 1)

            @jaunt.magic(prompt="no loops")
            def odd(n: int) -> bool:
                return n and even(n - 1)
        """,
        "shop/tax.py": """
            import jaunt
            from shop.numbers import even

            @jaunt.magic(deps=["shop.net:net"])
            def rate() -> float: ...
        """,
        "shop/net.py": """
            import jaunt

            @jaunt.magic
            def net() -> float:
                import shop.tax
                return shop.tax.rate()
        """,
    }
    project = make_project(files)
    modules = discover(project)
    with pytest.raises(JauntDependencyCycleError) as caught:
        build_graph(modules, ON)
    assert path_in(caught) == (
        "shop.net:net (shop/net.py:3) -> shop.tax:rate (shop/tax.py:4) "
        "-> shop.net:net (shop/net.py:3)"
    )
    graph = build_graph([module for module in modules if module.name == "shop.numbers"], ON)
    assert graph.components == (("shop.numbers:even", "shop.numbers:odd"),)
    # An explicit edge one way and an inferred one back is no explicit cycle.
    rate = SpecRef("shop.tax:rate")
    assert build_graph(modules, OFF).edges[rate] == ("shop.net:net",)


names = st.sampled_from("abcdefg")
graphs = st.dictionaries(names, st.lists(names, unique=True).map(tuple), max_size=7)


def reachable(edges: Edges, start: str) -> set[str]:
    """The nodes at the end of at least one step."""
    reached: set[str] = set()
    pending = [start]
    while pending:
        for target in edges[pending.pop()]:
            if target in edges and target not in reached:
                reached.add(target)
                pending.append(target)
    return reached


@given(graphs)
def test_components_are_those_of_mutual_reach(edges: Edges) -> None:
    reach = {name: reachable(edges, name) for name in edges}
    expected = {
        tuple(sorted({name, *(other for other in reach[name] if name in reach[other])}))
        for name in edges
    }
    components = list(connected_components(edges))
    assert len(components) == len(set(components))
    assert set(components) == expected
    seen: set[str] = set()
    for component in components:
        outside = {target for name in component for target in edges[name] if target in edges}
        assert outside - {*component} <= seen
        seen |= {*component}


@given(graphs, st.randoms(use_true_random=False))
def test_components_do_not_depend_on_insertion_order(edges: Edges, random: Random) -> None:
    shuffled = list(edges)
    random.shuffle(shuffled)
    assert list(connected_components({name: edges[name] for name in shuffled})) == list(
        connected_components(edges)
    )


@given(graphs)
def test_waits_lose_exactly_the_cycles(edges: Edges) -> None:
    waits = acyclic_waits(edges)
    assert list(waits) == list(edges)
    assert all(name not in reachable(waits, name) for name in waits)
    reach = {name: reachable(edges, name) for name in edges}
    for name, targets in edges.items():
        remaining = [
            target
            for target in targets
            if target in edges and (name not in reach[target] or target < name)
        ]
        assert waits[name] == tuple(remaining)


def longest_way(waits: Edges, name: str) -> int:
    """By trying all ways from a module to one that nothing waits for."""
    dependents = [other for other, targets in waits.items() if name in targets]
    return 1 + max((longest_way(waits, other) for other in dependents), default=0)


@given(graphs.map(acyclic_waits))
def test_remaining_lengths_are_those_of_the_longest_way(waits: Edges) -> None:
    assert remaining_lengths(waits) == {name: longest_way(waits, name) for name in waits}


def test_a_long_chain_needs_no_recursion() -> None:
    chain = {f"{number:05}": (f"{number + 1:05}",) for number in range(20_000)}
    assert len(list(connected_components(chain))) == 20_000
    lengths = remaining_lengths(acyclic_waits(chain))
    assert lengths["00000"] == 1
    assert lengths["19999"] == 20_000


def test_the_path_is_the_whole_circle() -> None:
    circle = [spec(f"m{n}:f", inferred=f"m{(n + 1) % 6}:f") for n in range(6)]
    with pytest.raises(JauntDependencyCycleError) as caught:
        build_graph(modules_of(*circle), ON)
    assert re.findall(r"m\d", path_in(caught))[::2] == ["m0", "m1", "m2", "m3", "m4", "m5", "m0"]
