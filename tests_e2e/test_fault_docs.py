"""The page on faults and the tests of faults are about the same faults."""

from __future__ import annotations

from jaunt_core.llm.retry_policy import RetryPolicy

from . import test_program_faults, transport_faults
from .conftest import ROOT


def test_every_fault_of_the_docs_has_a_test_and_the_reverse() -> None:
    text = (ROOT / "docs/reference/faults.md").read_text("utf-8")
    retry_policy, words = RetryPolicy(), " ".join(text.split())
    assert f"up to {retry_policy.tries} times in all" in words
    assert f"up to {retry_policy.limited_tries} times" in words
    rows = [row.split("|") for row in text.splitlines() if row.startswith("| ")]
    told = [row[1].strip() for row in rows if row[1].strip() != "fault"]
    tested = [
        *(case.name for case in transport_faults.CASES),
        *transport_faults.UNREACHED,
        *(case.name for case in test_program_faults.CASES),
        test_program_faults.NOT_THERE,
    ]
    assert sorted(told) == sorted(tested)
    assert all(row[-2].strip() == "nothing" for row in rows if row[1].strip() != "fault")
