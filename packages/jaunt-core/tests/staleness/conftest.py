"""The project of a small shop, stamped as fresh, and the plan of a run after an edit of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

import jaunt
from jaunt_core.config.loading import load_project
from jaunt_core.engine.inspector import inspect_project
from jaunt_core.landing.stamping import stamped_text
from jaunt_core.model.plan import Action, Inference, ModulePlan
from jaunt_core.model.reason import Reason, ReasonKind
from jaunt_core.model.spec import Digest, Kind, SpecRef
from jaunt_core.planning.plan import PlanInput, plan_modules
from jaunt_core.project.workspace import Workspace
from jaunt_core.snapshot.cache import fresh_plan
from jaunt_core.snapshot.generated_files import generated_path
from jaunt_core.snapshot.snapshot import Snapshot, read_snapshot
from jaunt_core.snapshot.worker_client import Worker

Edit = tuple[str, str, str] | Callable[[Path], None]
"""A file with a text in it and what replaces that, or a function that edits the project folder."""

_SHOP = Path(__file__).with_name("shop.txt")
_CODE = "done = True\n"


@dataclass(frozen=True)
class _Reading:
    """A project as one run of the worker read it, and the plan for it."""

    snapshot: Snapshot
    plans: Mapping[str, ModulePlan]
    code_digest: Digest

    def parts(self) -> dict[str, dict[str, str]]:
        """Every part of every contract, context and API included, by the reference of its spec."""
        return {
            spec.ref: {part.name: part.form for part in spec.parts}
            | {f"context {shown.ref}": shown.form for shown in spec.context}
            | {"api": spec.api_form}
            for module in self.snapshot.modules
            for spec in module.specs
        }


def _read_project(root: Path, *, infer_deps: bool = True, from_cache: bool = False) -> _Reading:
    """Read the project as a run would, and make its plan.

    With `from_cache` only modules that may differ from the last run are read; the others have no
    plan.
    """
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(jaunt.__file__).parent.parent)}
    workspace = Workspace(project=load_project(root=root), environ=environ)
    inference = Inference(build=infer_deps, test=infer_deps)
    with Worker(workspace) as worker:
        wanted = frozenset[str]() if from_cache else None
        snapshot = read_snapshot(workspace, worker, Kind, wanted=wanted)
        (digest,) = cast("list[Digest]", worker.ask({"op": "bodies", "texts": [_CODE]})["digests"])
    plans = {}
    for kind in Kind:
        plan = plan_modules(
            PlanInput(
                kind=kind,
                inference=inference,
                judge=snapshot.judge,
                files=snapshot.files,
                generated_modules=snapshot.generated_modules,
                selected=snapshot.names(kind),
                forced=frozenset(),
                is_stored=lambda _: False,
            )
        )
        plans.update({module.name: module for module in plan.modules})
    return _Reading(snapshot=snapshot, plans=plans, code_digest=digest)


def _check_memory(root: Path, scratch: _Reading) -> None:
    """Check that a run which relies on the last one plans as one that reads everything."""
    reading = _read_project(root, from_cache=True)
    assert reading.plans == {name: scratch.plans[name] for name in reading.plans}
    unread = scratch.plans.keys() - reading.plans.keys()
    assert {name: module.digest for name, module in reading.snapshot.fresh.items()} == {
        name: scratch.plans[name].module_digest for name in unread
    }
    assert {scratch.plans[name].action for name in unread} <= {Action.FRESH}


def _stamp(root: Path, reading: _Reading) -> None:
    """Write generated files that are fresh, as a run would that generated all modules."""
    inference = Inference()
    for plan in reading.plans.values():
        path = root / generated_path(plan.module, "__generated__")
        path.parent.mkdir(exist_ok=True)
        text = stamped_text(
            plan,
            reading.snapshot.judge(inference),
            inference,
            code=_CODE,
            body_digest=reading.code_digest,
            recipe="recipe",
        )
        path.write_text(text, encoding="utf-8")


def _write_shop(root: Path) -> None:
    """Write the project below a folder, without anything generated."""
    for piece in _SHOP.read_text(encoding="utf-8").split("### ")[1:]:
        name, _, text = piece.partition("\n")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _apply(root: Path, edits: Iterable[Edit]) -> None:
    """Apply edits; a text that does not stand in its file exactly once is a mistake of the test."""
    for edit in edits:
        if not isinstance(edit, tuple):
            edit(root)
            continue
        name, old, new = edit
        path = root / name
        text = path.read_bytes().decode("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_bytes(text.replace(old, new).encode("utf-8"))


def _text_of(reason: Reason) -> str:
    short = reason.spec.qualname if reason.spec else ""
    if reason.kind is ReasonKind.CHANGED:
        word, _, name = reason.part.partition(" ")
        return f"{short}:{word} {SpecRef(name).qualname}" if name else f"{short}:{word}"
    if reason.kind in (ReasonKind.ADDED, ReasonKind.REMOVED):
        return {ReasonKind.ADDED: "+", ReasonKind.REMOVED: "-"}[reason.kind] + short
    if reason.kind is ReasonKind.DEPENDENCY:
        return "" if reason.is_inherited else f"{short}<-{reason.path[-1].qualname}"
    return reason.kind.value


@pytest.fixture(scope="session")
def stamped_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with generated files that are fresh."""
    root = tmp_path_factory.mktemp("stamped") / "shop"
    _write_shop(root)
    _stamp(root, _read_project(root))
    # Later runs rely on what this one writes to `.jaunt/`.
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(jaunt.__file__).parent.parent)}
    assert inspect_project(load_project(root=root), environ=environ, load=None).ok
    return root


@pytest.fixture
def plans_after(stamped_shop: Path, tmp_path: Path) -> Callable[..., Mapping[str, ModulePlan]]:
    """The plans of a run after edits to a copy of the shop, by the module's name.

    The run reads everything, and is compared with one that relies on the run before; with
    `scratch` switched off there is only the latter.
    """

    def plans(
        *edits: Edit, infer_deps: bool = True, scratch: bool = True
    ) -> Mapping[str, ModulePlan]:
        place = tmp_path / "copy"
        shutil.copytree(stamped_shop, place)
        _apply(place, edits)
        if not scratch:
            incremental = _read_project(place, from_cache=True)
            fresh = incremental.snapshot.fresh
            return {
                **{name: fresh_plan(module) for name, module in fresh.items()},
                **incremental.plans,
            }
        reading = _read_project(place, infer_deps=infer_deps)
        if infer_deps:  # another setting reads everything
            _check_memory(place, reading)
        return reading.plans

    return plans


@pytest.fixture
def read_under(
    stamped_shop: Path, tmp_path: Path
) -> Callable[[Path], tuple[Mapping[str, ModulePlan], Mapping[str, Mapping[str, str]]]]:
    """The plans for the stamped shop as another interpreter reads it, and the contract parts."""

    def read(python: Path) -> tuple[Mapping[str, ModulePlan], Mapping[str, Mapping[str, str]]]:
        place = tmp_path / f"copy {len(list(tmp_path.iterdir()))}"
        shutil.copytree(stamped_shop, place)
        with (place / "jaunt.toml").open("a", encoding="utf-8") as config:
            config.write(f'\n[paths]\npython = "{python}"\n')
        reading = _read_project(place)
        return reading.plans, reading.parts()

    return read


@pytest.fixture
def reason_text() -> Callable[[Reason], str]:
    """A reason in short: `rate:docstring`, `rate:context VAT`, `+rate`, `a<-b`, `missing`.

    Empty where something that the module depends on has changed in itself.
    """
    return _text_of
