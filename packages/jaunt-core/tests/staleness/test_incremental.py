"""Random projects, edited and built step by step: every plan follows from what really changed.

What really changed is recorded as plain texts: what a spec says with all that it depends on, and
what a model would be shown for a module. No digest, header or reason of the engine enters it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jaunt_core.contracts.digest import digests_of
from jaunt_core.contracts.graph import build_graph
from jaunt_core.contracts.header import parse_header, split_header
from jaunt_core.landing.stamping import stamped_text
from jaunt_core.model.plan import Action, BuildPlan, FileState, GeneratedFile, Inference, ModulePlan
from jaunt_core.model.reason import Reason
from jaunt_core.model.spec import (
    ContextItem,
    ContractPart,
    Digest,
    FunctionFacts,
    Kind,
    SpecModule,
    SpecRef,
    SpecSource,
)
from jaunt_core.planning.plan import PlanInput, plan_modules
from jaunt_core.planning.staleness import Judge, JudgedGraph

MODULES = 4
NAMES = ("a", "b")
SAYINGS = ("a", "b")
TYPES = ("Order", "Line")
INFERENCE = Inference()
BODY = Digest("sha256:" + "b" * 64)

Slot = tuple[int, str]
slots = st.tuples(st.integers(0, MODULES - 1), st.sampled_from(NAMES))
kinds_of_links = st.sampled_from(("explicit", "inferred", "prose"))
links = st.tuples(slots, slots, kinds_of_links)


def ref_of(slot: Slot) -> SpecRef:
    return SpecRef(f"m{slot[0]}:{slot[1]}")


@dataclass(frozen=True)
class Spec:
    """What a person wrote, as far as it matters here."""

    docstring: str = "a"
    body: str = "a"
    explicit: frozenset[SpecRef] = frozenset()
    inferred: frozenset[SpecRef] = frozenset()
    prose: frozenset[SpecRef] = frozenset()
    types: frozenset[str] = frozenset()


@dataclass
class Project:
    """The specs by reference, and what the handwritten types say."""

    specs: dict[SpecRef, Spec] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TYPES, "a"))

    def modules(self) -> tuple[SpecModule, ...]:
        """The project as the worker would read it."""
        names = sorted({ref.module for ref in self.specs})
        return tuple(self._module(name) for name in names)

    def _module(self, name: str) -> SpecModule:
        refs = sorted(ref for ref in self.specs if ref.module == name)
        return SpecModule(
            name=name,
            path=PurePosixPath(f"{name}.py"),
            kind=Kind.BUILD,
            is_package=False,
            specs=tuple(self._source(ref) for ref in refs),
            bindings=(),
            first_class_line=None,
        )

    def _source(self, ref: SpecRef) -> SpecSource:
        spec = self.specs[ref]
        definition = FunctionFacts(
            name=ref.qualname,
            line=1,
            shape="function",
            parameters=(),
            returns=None,
            decorators=(),
            docstring=spec.docstring,
            stub=True,
            declaration=f"def {ref.qualname}()",
        )
        forms = {
            "docstring": spec.docstring,
            "body": spec.body,
            "deps": " ".join(sorted(spec.explicit)),
        }
        return SpecSource(
            ref=ref,
            kind=Kind.BUILD,
            module=ref.module,
            path=PurePosixPath(f"{ref.module}.py"),
            line=1,
            text="",
            definition=definition,
            prompt="",
            infer_deps=None,
            parts=tuple(ContractPart(name=name, form=form) for name, form in forms.items() if form),
            context=tuple(self._context_item(name) for name in sorted(spec.types)),
            explicit=tuple(sorted(spec.explicit)),
            inferred=tuple(sorted(spec.inferred)),
            mentioned=tuple(sorted(spec.prose)),
            unknown=(),
            api_text=spec.docstring,
            api_form=spec.docstring,
        )

    def _context_item(self, name: str) -> ContextItem:
        path = PurePosixPath("types.py")
        form = self.types[name]
        return ContextItem(ref=SpecRef(f"types:{name}"), path=path, line=1, text=form, form=form)

    def links(self, ref: SpecRef) -> frozenset[SpecRef]:
        """What a spec depends on."""
        spec = self.specs[ref]
        declared = spec.explicit | spec.inferred
        return frozenset(target for target in declared if target in self.specs) - {ref}

    def named(self, ref: SpecRef) -> frozenset[SpecRef]:
        """The specs that it names without depending on them."""
        prose = frozenset(target for target in self.specs[ref].prose if target in self.specs)
        return prose - self.links(ref) - {ref}

    def own_contract(self, ref: SpecRef) -> object:
        """What one spec says itself."""
        spec = self.specs[ref]
        return (
            ref,
            spec.docstring,
            spec.body,
            tuple(sorted(spec.explicit)),
            tuple((name, self.types[name]) for name in sorted(spec.types)),
            tuple((target, self.specs[target].docstring) for target in sorted(self.named(ref))),
        )

    def truth(self, module: str) -> object:
        """What a module says, with all that it depends on."""
        pending = [ref for ref in self.specs if ref.module == module]
        seen = set(pending)
        while pending:
            fresh = self.links(pending.pop()) - seen
            seen |= fresh
            pending.extend(fresh)
        return (
            sorted(ref for ref in self.specs if ref.module == module),
            [(self.own_contract(ref), sorted(self.links(ref))) for ref in sorted(seen)],
        )

    def shown(self, module: str) -> object:
        """What a model would be shown for a module."""
        own = sorted(ref for ref in self.specs if ref.module == module)
        apis = {target for ref in own for target in self.links(ref) | self.named(ref)}
        types = {name for ref in own for name in self.specs[ref].types}
        return (
            [(ref, self.specs[ref].docstring, self.specs[ref].body) for ref in own],
            [(ref, self.specs[ref].docstring) for ref in sorted(apis) if ref.module != module],
            [(name, self.types[name]) for name in sorted(types)],
        )

    def shown_for(self, module: str) -> dict[SpecRef, object]:
        """What a model would be shown for the sake of each spec of a module."""
        return {
            ref: (
                self.specs[ref].docstring,
                self.specs[ref].body,
                [(name, self.types[name]) for name in sorted(self.specs[ref].types)],
                [
                    (target, self.specs[target].docstring)
                    for target in sorted(self.links(ref) | self.named(ref))
                ],
            )
            for ref in self.specs
            if ref.module == module
        }

    def dependents(self, names: set[str]) -> set[str]:
        """These modules, and all that depend on one of them."""
        reached = set(names)
        while True:
            further = {
                ref.module
                for ref in self.specs
                if any(
                    target.module in reached and target.module != ref.module
                    for target in self.links(ref)
                )
            } - reached
            if not further:
                return reached
            reached |= further


class Builds(RuleBasedStateMachine):
    """A project, its generated files, and what the project said when each was written."""

    def __init__(self) -> None:
        super().__init__()
        self.project = Project()
        self.files: dict[str, GeneratedFile] = {}
        self.written: dict[str, tuple[object, object, dict[SpecRef, object]]] = {}

    @initialize(refs=st.sets(slots, min_size=6), links=st.lists(links, min_size=10))
    def begin(self, refs: set[Slot], links: list[tuple[Slot, Slot, str]]) -> None:
        for slot in refs:
            self.project.specs[ref_of(slot)] = Spec()
        for one, other, how in links:
            if one in refs and other in refs:
                self.link(max(one, other), min(one, other), how)
        self.build_all()

    @rule(slot=slots)
    def add_or_remove_a_spec(self, slot: Slot) -> None:
        ref = ref_of(slot)
        if ref in self.project.specs:
            del self.project.specs[ref]
        else:
            self.project.specs[ref] = Spec()

    @precondition(lambda self: self.project.specs)
    @rule(data=st.data(), part=st.sampled_from(("docstring", "body")))
    def edit_a_part(self, data: st.DataObject, part: str) -> None:
        ref = data.draw(st.sampled_from(sorted(self.project.specs)))
        text = data.draw(st.sampled_from(SAYINGS))
        self.project.specs[ref] = replace(self.project.specs[ref], **{part: text})

    @rule(one=slots, other=slots, how=kinds_of_links)
    def toggle_a_link(self, one: Slot, other: Slot, how: str) -> None:
        self.link(one, other, how)

    def link(self, one: Slot, other: Slot, how: str) -> None:
        """Toggle a link, unless it might close a cycle that the engine refuses."""
        ref = ref_of(one)
        # Only what is inferred may form a cycle, and only inside a module.
        is_downward = other[0] <= one[0] if how == "inferred" else other < one
        if ref in self.project.specs and (is_downward or how == "prose"):
            spec = self.project.specs[ref]
            links: frozenset[SpecRef] = getattr(spec, how)
            self.project.specs[ref] = replace(spec, **{how: links ^ {ref_of(other)}})

    @precondition(lambda self: self.project.specs)
    @rule(data=st.data(), name=st.sampled_from(TYPES))
    def toggle_a_type(self, data: st.DataObject, name: str) -> None:
        ref = data.draw(st.sampled_from(sorted(self.project.specs)))
        spec = self.project.specs[ref]
        self.project.specs[ref] = replace(spec, types=spec.types ^ {name})

    @rule(name=st.sampled_from(TYPES), text=st.sampled_from(SAYINGS))
    def edit_a_type(self, name: str, text: str) -> None:
        self.project.types[name] = text

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def lose_a_file(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        del self.files[name], self.written[name]

    @rule(data=st.data())
    def build_some(self, data: st.DataObject) -> None:
        """Build while some modules fail, so that neither they nor their dependents land."""
        plan = self.plan()
        if plan.rebuild:
            names = [planned.name for planned in plan.rebuild]
            failed = data.draw(st.sets(st.sampled_from(names)))
            self.land(plan, without=self.project.dependents(failed))

    @precondition(lambda self: self.plan().rebuild)
    @rule(data=st.data())
    def build_one(self, data: st.DataObject) -> None:
        """Build one module, with what it depends on."""
        plan = self.plan()
        waits = {planned.name: planned.depends_on for planned in plan.rebuild}
        wanted = {data.draw(st.sampled_from(sorted(waits)))}
        while more := {target for name in wanted for target in waits[name]} - wanted:
            wanted |= more
        self.land(plan, without=set(waits) - wanted)

    @rule()
    def build_all(self) -> None:
        """Build everything: nothing is left to do, and each file is as if built from scratch."""
        plan = self.plan()
        self.land(plan, without=set())
        assert self.plan().rebuild == ()
        scratch = self.plan(files={})
        for planned in scratch.modules:
            assert self.files[planned.name].text == self.text_of(planned)

    @invariant()
    def the_plan_is_true(self) -> None:
        plan = self.plan()
        names = {module.name for module in self.project.modules()}
        stale = {
            name
            for name in names
            if name not in self.files or self.written[name][0] != self.project.truth(name)
        }
        assert {planned.name for planned in plan.rebuild} == self.project.dependents(stale)
        for planned in plan.rebuild:
            is_known = planned.name in self.files
            same = is_known and self.written[planned.name][1] == self.project.shown(planned.name)
            before = self.written[planned.name][2] if is_known else {}
            now = self.project.shown_for(planned.name)
            wanted = {ref.qualname for ref in now if before.get(ref) != now[ref]}
            assert planned.action is (Action.KEEP if same or not wanted else Action.GENERATE)
            if len(wanted) == len(now):
                assert planned.patch is None
            else:
                assert planned.patch is not None
                assert set(planned.patch.wanted) == wanted
                assert set(planned.patch.fixed) == {ref.qualname for ref in now} - wanted
                assert set(planned.patch.removed) == {ref.qualname for ref in before.keys() - now}
            assert planned.reasons
            assert set(planned.depends_on) <= {other.name for other in plan.rebuild} - {
                planned.name
            }

    @invariant()
    def every_chain_ends_at_a_cause(self) -> None:
        plan = self.plan()
        reasons = {planned.name: planned.reasons for planned in plan.modules}
        for name, its_reasons in reasons.items():
            for reason in its_reasons:
                if not reason.is_inherited:
                    continue
                assert reason.path[0].module == name
                root = reason.path[-1]
                causes = [reason for reason in reasons[root.module] if not reason.is_inherited]
                # Where the cause was built in an earlier run, it is not recorded any more.
                assert causes if reason.causes else not self.is_own(causes, root)

    def is_own(self, causes: list[Reason], ref: SpecRef) -> bool:
        return any(cause.spec == ref for cause in causes)

    def plan(self, files: dict[str, GeneratedFile] | None = None) -> BuildPlan:
        modules = self.project.modules()
        names = [module.name for module in modules]
        known = self.files if files is None else files
        return plan_modules(
            PlanInput(
                kind=Kind.BUILD,
                inference=INFERENCE,
                judge=self.judge(),
                files={name: known.get(name, self.missing(name)) for name in names},
                generated_modules={name: f"__generated__.{name}" for name in names},
                selected=frozenset(names),
                forced=frozenset(),
                is_stored=lambda _: False,
            )
        )

    def judge(self) -> Judge:
        modules = self.project.modules()

        @cache
        def judge(inference: Inference) -> JudgedGraph:
            graph = build_graph(modules, inference)
            return JudgedGraph(graph=graph, digests=digests_of(graph))

        return judge

    def missing(self, name: str) -> GeneratedFile:
        path = PurePosixPath("__generated__", f"{name}.py")
        return GeneratedFile(path=path, state=FileState.MISSING)

    def text_of(self, planned: ModulePlan) -> str:
        judged = self.judge()(INFERENCE)
        return stamped_text(
            planned, judged, INFERENCE, code="done = True", body_digest=BODY, recipe="r"
        )

    def land(self, plan: BuildPlan, without: set[str]) -> None:
        for planned in plan.rebuild:
            if planned.name in without:
                continue
            text = self.text_of(planned)
            self.files[planned.name] = GeneratedFile(
                path=planned.file.path,
                state=FileState.WHOLE,
                text=text,
                header=parse_header(text),
                body=split_header(text)[1],
            )
            truth, shown = self.project.truth(planned.name), self.project.shown(planned.name)
            self.written[planned.name] = (truth, shown, self.project.shown_for(planned.name))


class ManyBuilds(Builds):
    """The same, tried for longer."""


Builds.TestCase.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
ManyBuilds.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestBuilds = Builds.TestCase
TestManyBuilds = pytest.mark.slow(ManyBuilds.TestCase)
