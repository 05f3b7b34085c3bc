"""When an answer that was found to be right is looked at again before it lands."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.contracts.header import FIRST_LINE
from jaunt_core.errors import LandingError
from jaunt_core.generation.options import BuildOptions
from jaunt_core.generation.session import open_session
from jaunt_core.generation.validation import Checks, Validator
from jaunt_core.model.generation import ImportPolicy
from jaunt_core.model.plan import ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.snapshot.worker_client import Json, Worker
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

CLASS_SPEC = '''
    import jaunt

    @jaunt.magic
    class {name}:
        """Keeps amounts."""

        def add(self, amount: int) -> int:
            """Note an amount."""
            raise NotImplementedError
    '''
FUNCTION_SPEC = '''
    import jaunt

    @jaunt.magic
    def {name}() -> int:
        """Return 1."""
        raise NotImplementedError
    '''
CLASS = "class {name}:\n    def add(self, amount: int) -> int:\n        return amount\n"
FUNCTION = "def {name}() -> int:\n    return 1\n"
FILES = {
    "one.py": CLASS_SPEC.format(name="Ledger"),
    "two.py": CLASS_SPEC.format(name="Till"),
    "three.py": FUNCTION_SPEC.format(name="three"),
    "four.py": FUNCTION_SPEC.format(name="four"),
}
ONE = "from two import Till\n\n\n" + CLASS.format(name="Ledger")
TWO = "from one import Ledger\n\n\n" + CLASS.format(name="Till")
THREE = "from one import Ledger\n\n\n" + FUNCTION.format(name="three")


class CountedWorker(Worker):
    """A worker that remembers how many answers it inspected."""

    inspected = 0

    def ask(self, question: Json, *, take: Callable[[Json], None] | None = None) -> Json:
        self.inspected += question["op"] == "inspect"
        return super().ask(question, take=take)


class Desk:
    """The plans of one project, what checks their answers, and where they land."""

    def __init__(self, root: Path, validator: Validator, worker: CountedWorker) -> None:
        self.worker = worker
        self.validator = validator
        self.plans: dict[str, ModulePlan] = {}
        self._root = root

    def land(self, name: str, code: str) -> None:
        target = self._root / self.plans[name].file.path
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"{FIRST_LINE}\n\n{code}")
        self.validator.note_landed(self.plans[name])


@contextmanager
def desk_for(project: Project) -> Generator[Desk]:
    environ = {"PATH": os.environ["PATH"]}
    load = loader_of(ScriptedBackend({}))
    with (
        open_session(project, BuildOptions(), environ=environ, load=load) as session,
        CountedWorker(session.workspace) as worker,
    ):
        judged = session.snapshot.judge(session.inference)
        validator = Validator(project, worker, judged, imports=ImportPolicy, checks=Checks())
        plan = session.plan(
            Kind.BUILD, selected=frozenset(name.removesuffix(".py") for name in FILES), answers=None
        )
        desk = Desk(project.root, validator, worker)
        desk.plans.update({item.name: item for item in plan.modules})
        yield desk


async def test_what_landed_meanwhile_may_make_an_answer_wrong(make_project: MakeProject) -> None:
    with desk_for(make_project(FILES)) as desk:
        plans, validator = desk.plans, desk.validator
        assert await validator.findings(plans["one"], ONE) == ()
        assert await validator.findings(plans["two"], TWO) == ()

        assert (await validator.facts_to_land(plans["one"], ONE)).body_digest
        desk.land("one", ONE)

        with pytest.raises(LandingError, match="does not fit what landed meanwhile"):
            await validator.facts_to_land(plans["two"], TWO)


@pytest.mark.parametrize(
    ("name", "code", "landed", "times"),
    [
        ("two", CLASS.format(name="Till"), "one", 2),
        ("two", CLASS.format(name="Till"), "four", 1),
        ("three", THREE, "one", 1),
        ("three", THREE, "four", 1),
    ],
)
async def test_an_answer_is_inspected_again_where_that_may_tell_something(
    make_project: MakeProject, name: str, code: str, landed: str, times: int
) -> None:
    answers = {"one": CLASS.format(name="Ledger"), "four": FUNCTION.format(name="four")}
    with desk_for(make_project(FILES)) as desk:
        assert await desk.validator.findings(desk.plans[name], code) == ()
        desk.land(landed, answers[landed])

        facts = await desk.validator.facts_to_land(desk.plans[name], code)

        assert facts.body_digest
        assert desk.worker.inspected == times


async def test_other_code_than_was_found_right_is_inspected(make_project: MakeProject) -> None:
    with desk_for(make_project(FILES)) as desk:
        assert await desk.validator.findings(desk.plans["three"], THREE) == ()

        with pytest.raises(LandingError, match="missing-name"):
            await desk.validator.facts_to_land(desk.plans["three"], "x = 1\n")
