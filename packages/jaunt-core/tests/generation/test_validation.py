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
from jaunt_core.generation.run_context import Workshop
from jaunt_core.generation.session import open_session
from jaunt_core.generation.validation import Checking
from jaunt_core.landing.writer import Landing
from jaunt_core.llm.confirmation import Confirmation
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.llm.spending import Spending
from jaunt_core.model.generation import ImportPolicy
from jaunt_core.model.plan import Inference, ModulePlan
from jaunt_core.model.spec import Kind
from jaunt_core.planning.attempt_schedule import attempt_schedule
from jaunt_core.project.templates import load_templates
from jaunt_core.snapshot.spec_files import SpecFiles
from jaunt_core.snapshot.worker_client import Json, Worker
from jaunt_core.storage.answers import AnswerStore
from jaunt_core.testing import ScriptedBackend

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

    def __init__(self, root: Path, shop: Workshop, worker: CountedWorker) -> None:
        self.worker = worker
        self.checking = Checking(shop)
        self.plans: dict[str, ModulePlan] = {}
        self._root = root

    def land(self, name: str, code: str) -> None:
        target = self._root / self.plans[name].file.path
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"{FIRST_LINE}\n\n{code}")
        self.checking.landed(self.plans[name])


@contextmanager
def desk_for(project: Project) -> Generator[Desk]:
    environ = {"PATH": os.environ["PATH"]}
    inference = Inference()

    def load(_: object) -> ScriptedBackend:
        return ScriptedBackend({})

    with (
        open_session(
            project,
            kinds=[Kind.BUILD],
            sink=lambda _: None,
            environ=environ,
            load=load,
            retry_policy=RetryPolicy(),
            wanted=None,
        ) as session,
        CountedWorker(project, session.roots, environ) as worker,
    ):
        shop = Workshop(
            project=project,
            kind=Kind.BUILD,
            judged=session.snapshot.judge(inference),
            inference=inference,
            schedule=attempt_schedule(attempts=1, further_models=0),
            worker=worker,
            store=AnswerStore(project.root, lambda _: None),
            specs=SpecFiles(project.root, session.snapshot.discovered),
            landing=Landing(project.root, session.roots, Kind.BUILD, "__generated__", landed={}),
            retry_policy=RetryPolicy(),
            spending=Spending(),
            confirmation=Confirmation(None, None),
            templates=lambda: load_templates(project, Kind.BUILD),
            imports=ImportPolicy,
            backends=session.source,
            sink=lambda _: None,
        )
        plan = session.plan(
            Kind.BUILD,
            selected=frozenset(name.removesuffix(".py") for name in FILES),
            forced=frozenset(),
            inference=inference,
            stored_in=None,
        )
        desk = Desk(project.root, shop, worker)
        desk.plans.update({item.name: item for item in plan.modules})
        yield desk


async def test_what_landed_meanwhile_may_make_an_answer_wrong(make_project: MakeProject) -> None:
    with desk_for(make_project(FILES)) as desk:
        plans, checking = desk.plans, desk.checking
        assert await checking.findings(plans["one"], ONE) == ()
        assert await checking.findings(plans["two"], TWO) == ()

        assert (await checking.facts_to_land(plans["one"], ONE)).body_digest
        desk.land("one", ONE)

        with pytest.raises(LandingError, match="does not fit what landed meanwhile"):
            await checking.facts_to_land(plans["two"], TWO)


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
        assert await desk.checking.findings(desk.plans[name], code) == ()
        desk.land(landed, answers[landed])

        facts = await desk.checking.facts_to_land(desk.plans[name], code)

        assert facts.body_digest
        assert desk.worker.inspected == times


async def test_other_code_than_was_found_right_is_inspected(make_project: MakeProject) -> None:
    with desk_for(make_project(FILES)) as desk:
        assert await desk.checking.findings(desk.plans["three"], THREE) == ()

        with pytest.raises(LandingError, match="missing-name"):
            await desk.checking.facts_to_land(desk.plans["three"], "x = 1\n")
