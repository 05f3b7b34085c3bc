"""What must not land: each kind of wrong answer is stopped, through the whole pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.report import Outcome

# What these need is not here: time, code beside the tests, a version before, a pyproject.toml, a
# type checker, an answer too long to be read here.
_ELSEWHERE = {
    FindingCode.ANSWER_TOO_LONG,
    FindingCode.EXAMPLE_TIMEOUT,
    FindingCode.IMPORT_UNDECLARED,
    FindingCode.MORE_FINDINGS,
    FindingCode.SHARED_NAME,
    FindingCode.TEST_FAILED,
    FindingCode.TEST_NOT_COLLECTED,
    FindingCode.TEST_PROVES_NOTHING,
    FindingCode.TYPE_ERROR,
}


@pytest.fixture(scope="module")
def rejections(judge: Any) -> Mapping[str, Any]:
    """What became of every case in rejected.txt."""
    return judge("rejected.txt")


def test_wrong_answer_is_stopped(rejected: Any, rejections: Mapping[str, Any]) -> None:
    judged = rejections[rejected.name]
    failure = judged.report.failure
    root = judged.project.root

    assert judged.report.outcome is Outcome.FAILED
    codes = ", ".join(f"{finding.code} {finding.line}" for finding in failure.findings)
    assert codes == rejected.expected, [str(finding) for finding in failure.findings]
    assert not (root / rejected.generated_path).exists()
    assert not list((root / rejected.generated_path).parent.glob(".*"))
    path = failure.message.rpartition("it is kept in ")[2]
    assert failure.rejected.as_posix() == path
    text = (root / path).read_text("utf-8")
    assert text.endswith(rejected.answer.text.replace("\ud800", "?"))
    assert all(f"# {finding}" in text.splitlines() for finding in failure.findings)
    assert all(finding.message and finding.expected for finding in failure.findings)


def test_every_code_has_a_case(rejections: Mapping[str, Any]) -> None:
    covered = {
        finding.code for judged in rejections.values() for finding in judged.report.failure.findings
    }

    assert covered == set(FindingCode) - _ELSEWHERE


def test_nothing_else_was_written(rejections: Mapping[str, Any]) -> None:
    root = next(iter(rejections.values())).project.root

    assert sorted(root.rglob("__generated__/*")) == [root / "__generated__" / "shop.py"]


def test_the_kept_answer_says_where_its_code_begins(rejections: Mapping[str, Any]) -> None:
    judged = rejections["fenced"]
    lines = (judged.project.root / judged.report.failure.rejected).read_text("utf-8").splitlines()

    assert lines[0] == "# This answer was rejected. Line 1 of its code is line 7 of this file."
    assert lines[6] == "from decimal import Decimal"
    assert [line.partition(":")[0] for line in lines[1:3]] == [
        "# [missing-name] total is not defined at the top level (expected",
        "# line 3",
    ]
    assert lines[6 + 3 - 1] == "import nosuchmodule"
