"""Answers that are long, or wrong in many places: no megabytes are printed or sent back."""

from __future__ import annotations

from collections.abc import Callable

from jaunt_core.config.loading import Project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.model.events import AttemptRejected, Event
from jaunt_core.model.generation import Finding, GenerationRequest
from jaunt_core.model.report import ModuleReport
from jaunt_core.testing import ScriptedBackend, loader_of

MakeProject = Callable[..., Project]

SPEC = '''
    import jaunt
    from sizes import LIMIT

    @jaunt.magic
    def one() -> int:
        """Return 1, which is below `LIMIT`."""
    '''
RIGHT = "def one() -> int:\n    return 1\n"


def run(
    make_project: MakeProject, answers: list[str], **prompts: int
) -> tuple[ModuleReport, list[GenerationRequest], tuple[Finding, ...]]:
    """The module's report, the requests, and the findings of the first answer."""
    lines = [f"{name} = {value}" for name, value in prompts.items()]
    config = "\n".join(["[prompts]", *lines, ""])
    project = make_project({"sizes.py": "LIMIT = 10\n", "number.py": SPEC}, config)
    events: list[Event] = []
    backend = ScriptedBackend({"number": answers})
    report = build(project, BuildOptions(), sink=events.append, environ={}, load=loader_of(backend))
    rejected = next(event for event in events if isinstance(event, AttemptRejected))
    return report.modules[0], backend.requests, rejected.findings


def test_ten_megabytes_are_stored_and_not_looked_into(make_project: MakeProject) -> None:
    dense = "x = 1\n" * 1_700_000

    module, (_, repair), (finding,) = run(make_project, [dense, RIGHT])

    assert module.failure is None
    assert finding.code == "answer-too-long"
    assert "10200000 characters" in finding.message
    # The repair has room for the findings, and for all but the answer.
    assert sum(len(message.text) for message in repair.messages) < 20_000
    assert "answer-too-long" in repair.messages[-1].text
    assert "LIMIT = 10" in "".join(message.text for message in repair.messages)


def test_an_answer_as_long_as_allowed_is_judged_by_what_it_is(make_project: MakeProject) -> None:
    fits = RIGHT + "#" * (1_000_000 - len(RIGHT))

    module, requests, _ = run(make_project, ["def two() -> int:\n    return 2\n", fits])

    assert module.failure is None
    assert len(requests) == 2


def test_an_answer_that_is_long_and_wrong_is_repaired(make_project: MakeProject) -> None:
    """Without the answer, where the request would not fit with it."""
    long = "".join(f"value_{number} = {number}\n" for number in range(2_000))

    module, (_, repair), _ = run(make_project, [long, RIGHT], max_tokens=5_000)

    assert module.failure is None
    assert "missing-name" in repair.messages[-1].text
    assert "LIMIT = 10" in "".join(message.text for message in repair.messages)
    assert "value_1999" not in "".join(message.text for message in repair.messages)


def test_findings_are_listed_up_to_a_hundred(make_project: MakeProject) -> None:
    wrong = RIGHT + "".join(f"value_{number} = missing_{number}\n" for number in range(5_000))

    module, _, findings = run(make_project, [wrong, RIGHT])

    assert module.failure is None
    assert len(findings) == 101
    assert findings[-1].code == "more-findings"
    assert "4900 more" in findings[-1].message


def test_a_name_as_long_as_the_answer_is_cut(make_project: MakeProject) -> None:
    module, (_, repair), findings = run(make_project, ["x" * 900_000, RIGHT])

    assert module.failure is None
    assert max(len(str(finding)) for finding in findings) < 10_000
    assert len(repair.messages[-1].text) < 30_000
