"""Work that an answer does while it is imported, and other code that has no place in it."""

from __future__ import annotations

from collections.abc import Iterator

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import Kind


def import_effect_findings(candidate: CandidateFacts, *, kind: Kind) -> Iterator[Finding]:
    """Work at import time, undefined names, main blocks, and tests in an implementation."""
    for work in candidate.work:
        through = f" through {work.through}" if work.through else ""
        message = f"importing this module calls {work.call}{through}"
        expected = "work inside functions only; importing a module defines names"
        yield FindingCode.IMPORT_WORK.finding(message, expected, line=work.line)
    if candidate.main_block and kind is Kind.BUILD:
        message = 'an `if __name__ == "__main__":` in generated code never runs'
        yield FindingCode.MAIN_BLOCK.finding(message, "definitions only", line=candidate.main_block)
    for binding in candidate.undefined:
        message = f"{binding.name} is used and defined nowhere"
        expected = "an import or a definition of it"
        yield FindingCode.UNDEFINED_NAME.finding(message, expected, line=binding.line)
    for binding in candidate.test_code:
        message = f"{binding.name} belongs into a test; this is an implementation"
        yield FindingCode.TEST_CODE.finding(message, "the implementation alone", line=binding.line)
