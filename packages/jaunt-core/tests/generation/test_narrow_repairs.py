"""A repair asks for the definitions that the findings stand in; the rest of the answer stands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence

import pytest

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.generation.repair_scope import names_to_mend
from jaunt_core.model.generation import Finding, GenerationRequest
from jaunt_core.model.report import BuildReport, Outcome
from jaunt_core.snapshot.worker_calls import OwnedLines
from jaunt_core.testing import ScriptedBackend, loader_of
from jaunt_core.worker.splice.owners import owners_in

MakeProject = Callable[..., Project]

NAMES = [f"add_{number}" for number in range(1, 14)]
SPECS = "import jaunt\n" + "".join(
    f"""

@jaunt.magic
def {name}(value: int) -> int:
    \"\"\"The value and {name.removeprefix("add_")}.

    >>> {name}(100)
    {100 + int(name.removeprefix("add_"))}
    \"\"\"
"""
    for name in NAMES
)
HELPER = "def _sum(first: int, second: int) -> int:\n    return first + second  # of two\n"


def function(name: str, *, amount: int = 0, returns: str = "int") -> str:
    amount = amount or int(name.removeprefix("add_"))
    return f"def {name}(value: int) -> {returns}:\n    return _sum(value,  {amount})\n"


def module(functions: Iterable[str], helper: str = HELPER) -> str:
    return "\n\n".join([helper, *functions])


RIGHT = {name: function(name) for name in NAMES}
WHOLE = module(RIGHT.values())


def run_all(
    project: Project, answers: Mapping[str, Sequence[str]]
) -> tuple[BuildReport, dict[str, list[GenerationRequest]]]:
    """Build modules with their own answers; also what was asked for each of them."""
    backend = ScriptedBackend(answers)
    report = build(
        project,
        BuildOptions(),
        sink=lambda _: None,
        environ={"PATH": os.environ["PATH"]},
        load=loader_of(backend),
    )
    requests: dict[str, list[GenerationRequest]] = {}
    for request in backend.requests:
        requests.setdefault(request.context.spec_module, []).append(request)
    return report, requests


def run(project: Project, *answers: str) -> tuple[BuildReport, list[GenerationRequest]]:
    report, requests = run_all(project, {"app": answers})
    return report, requests.get("app", [])


def landed(project: Project, name: str = "app") -> str:
    return (project.root / f"__generated__/{name}.py").read_text("utf-8").partition("\n\n")[2]


BAD = {
    "a wrong value, by its example": RIGHT | {"add_7": function("add_7", amount=8)},
    "a wrong signature": RIGHT | {"add_7": function("add_7", returns="float")},
    "a missing name": {name: text for name, text in RIGHT.items() if name != "add_7"},
    "an unknown name in a helper of its own": RIGHT
    | {"add_7": "def _seven(value: int) -> int:\n    return value + SEVEN\n\n\n"
       "def add_7(value: int) -> int:\n    return _seven(value)\n"},
}  # fmt: skip


def test_one_bad_function_of_thirteen_is_asked_for_alone(make_project: MakeProject) -> None:
    cases = {f"app_{index}": module(texts.values()) for index, texts in enumerate(BAD.values())}
    project = make_project({f"{name}.py": SPECS for name in cases})

    report, requests = run_all(project, {name: [cases[name], RIGHT["add_7"]] for name in cases})

    assert report.ok
    for name in cases:
        asked, repair = requests[name]
        assert (asked.context.wanted, asked.context.standing) == (tuple(NAMES), ())
        assert repair.context.wanted == ("add_7",)
        assert len(repair.context.standing) == 12
        assert repair.messages[:2] == asked.messages
        last = repair.messages[-1].text
        assert "Asked for again: `add_7`. The rest stays as it is." in last
        assert all(text in landed(project, name) for text in (HELPER, *RIGHT.values()))
    shutil.rmtree(project.root / "__generated__")
    report, requests = run_all(project, {})
    assert {item.outcome for item in report.modules} == {Outcome.REUSED}
    assert all(landed(project, name).count("def add_") == 13 for name in cases)


OF_NO_SINGLE_ONE = {
    "an import": "import os.pathh\n\n\n" + WHOLE,
    "a helper of all": module(RIGHT.values(), HELPER.replace("second  #", "third  #")),
    "work at import": WHOLE + "\nprint(add_7(1))\n",
    "no Python": WHOLE + "\ndef broken(:\n",
    "prose": "Here is the module:\n" + WHOLE,
    "nothing": "",
}


def test_what_belongs_to_no_single_definition_asks_for_all(make_project: MakeProject) -> None:
    cases = {f"app_{index}": text for index, text in enumerate(OF_NO_SINGLE_ONE.values())}
    project = make_project({f"{name}.py": SPECS for name in cases})

    report, requests = run_all(project, {name: [cases[name], WHOLE] for name in cases})

    assert report.ok
    for name in cases:
        repair = requests[name][1]
        assert (repair.context.wanted, repair.context.standing) == (tuple(NAMES), ())
        assert "Answer again with all of it" in repair.messages[-1].text
        assert landed(project, name) == WHOLE


def test_what_was_right_and_comes_along_anew_is_not_used(make_project: MakeProject) -> None:
    first = module(BAD["a wrong value, by its example"].values())
    other = RIGHT["add_8"].replace(",  ", ", ")
    answers = {"whole": WHOLE.replace(RIGHT["add_8"], other), "two": f"{RIGHT['add_7']}\n\n{other}"}
    project = make_project({f"{name}.py": SPECS for name in answers})

    report, _ = run_all(project, {name: [first, answers[name]] for name in answers})

    assert report.ok
    assert all(landed(project, name) == WHOLE for name in answers)


CALLER = '''
    import jaunt

    @jaunt.magic
    def half(value: int) -> int:
        """Half of a value, rounded down."""

    @jaunt.magic
    def quarter(value: int) -> int:
        """A quarter of a value.

        >>> quarter(8)
        2
        """

    @jaunt.magic
    def label(value: int) -> str:
        """The quarter of a value, as a text."""
    '''
QUARTER = "def quarter(value: int) -> int:\n    return half(half(value))\n"
LABEL = "def label(value: int) -> str:\n    return str(quarter(value))\n"


@pytest.mark.parametrize(
    "answer",
    [
        "def half(value: int) -> int:\n    return value // 2\n\n\n" + QUARTER,
        "def half(value: int) -> int:\n    return value // 2\n\n\n" + QUARTER + "\n\n" + LABEL,
    ],
)
def test_a_cause_that_stands_elsewhere_may_be_mended_with_it(
    make_project: MakeProject, answer: str
) -> None:
    wrong = "def half(value: int) -> int:\n    return value // 3\n\n\n" + QUARTER + "\n\n" + LABEL
    project = make_project({"app.py": CALLER})

    report, requests = run(project, wrong, answer)

    assert report.ok
    assert requests[1].context.wanted == ("quarter",)
    assert landed(project) == wrong.replace("// 3", "// 2")


def test_a_shared_helper_may_be_mended_as_long_as_nothing_has_landed(
    make_project: MakeProject,
) -> None:
    specs = CALLER.replace("The quarter of a value, as a text.", "Half of a value, as a text.")
    code = (
        "def _cut(value: int) -> int:\n    return value // {by}\n\n\n"
        "def half(value: int) -> int:\n    return _cut(value)\n\n\n"
        "def quarter(value: int) -> int:\n    return _cut(_cut(value))\n"
    )
    label = "\n\ndef label(value: int) -> str:\n    return str(_cut(value))\n"
    project = make_project({"app.py": specs})

    report, requests = run(project, code.format(by=3) + label, code.format(by=2))

    assert report.ok
    assert requests[1].context.wanted == ("quarter",)
    assert landed(project) == code.format(by=2) + label


def test_the_helper_that_was_the_cause_is_enough(make_project: MakeProject) -> None:
    helper = "def _seven(value: int) -> int:\n    return value + {}\n"
    seven = "\n\ndef add_7(value: int) -> int:\n    return _seven(value)\n"
    texts = RIGHT | {"add_7": helper.format(8) + seven}
    project = make_project({"app.py": SPECS})

    report, requests = run(project, module(texts.values()), helper.format(7))

    assert report.ok
    assert requests[1].context.wanted == ("add_7",)
    assert landed(project) == module((RIGHT | {"add_7": helper.format(7) + seven}).values())


def test_a_repair_of_a_part_may_be_for_less_of_it(make_project: MakeProject) -> None:
    project = make_project({"app.py": SPECS})
    run(project, WHOLE)
    path = project.root / "app.py"
    text = path.read_text("utf-8")
    for number in (3, 5, 6):
        text = text.replace(f"and {number}.\n", f"plus {number}.\n")
    path.write_text(text, "utf-8")
    part = "\n\n".join(
        [function("add_3"), function("add_5", amount=50), function("add_6").replace(",  ", ", ")]
    )

    report, requests = run(project, part, function("add_5"))

    assert report.ok
    asked, repair = requests
    assert asked.context.wanted == ("add_3", "add_5", "add_6")
    assert repair.context.wanted == ("add_5",)
    assert repair.context.standing == ("add_3", "add_6")
    sent = [message.text for message in repair.messages]
    assert sum(text.count(RIGHT["add_1"]) for text in sent) == 1, "no source is shown twice"
    assert landed(project) == WHOLE.replace(RIGHT["add_6"], RIGHT["add_6"].replace(",  ", ", "))


SOURCE = """\
import os
import sys

def _a():
    return _b()

def _b():
    return os.sep

@wrapped(
    "x"
)
def f():
    return _a()


# about g
class G:
    def m(self):
        return f() + _c()

def _c():
    return sys.path

def h():
    return _c()

_c()
TABLE = {"g": G}
"""


def owned(names: list[str]) -> list[OwnedLines]:
    entries = owners_in(SOURCE, names) or []
    return [OwnedLines(**entry) for entry in entries]  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize(
    ("line", "symbol", "mended"),
    [
        (1, "", set()),  # an import
        (5, "", {"f"}),
        (8, "", {"f"}),  # a helper of a helper
        (10, "", {"f"}),  # a decorator
        (14, "f", {"f"}),
        (14, "h", {"f", "h"}),  # an example of `h` raises in `f`
        (17, "", {"G"}),
        (20, "", {"G"}),
        (23, "h", set()),  # a helper of two
        (28, "h", set()),  # a statement
        (29, "", set()),  # used by none
        (0, "h", {"h"}),
        (0, "", set()),
        (0, "other", set()),
    ],
)
def test_whose_a_line_is(line: int, symbol: str, mended: set[str]) -> None:
    finding = Finding(code="x", message="", line=line, symbol=symbol)
    names = ["f", "G", "h"]

    assert names_to_mend(owned(names), [finding], names) == mended
    both = [finding, Finding(code="x", message="", line=26)]
    assert names_to_mend(owned(names), both, names) == (mended | {"h"} if mended else set())
    assert owners_in("def (", names) is None
