"""Whether an answer keeps still while it is imported, and holds no tests."""

from __future__ import annotations

from collections.abc import Iterator

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.candidate import CandidateFacts
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import Kind


def import_effect_findings(candidate: CandidateFacts, *, kind: Kind) -> Iterator[Finding]:
    """The work that importing an answer would do, and what else a module of `kind` never holds."""
    for work in candidate.work:
        through = f" through {work.through}" if work.through else ""
        yield Finding(
            code=FindingCode.IMPORT_WORK,
            line=work.line,
            message=f"importing this module calls {work.call}{through}",
            expected="work inside functions only; importing a module defines names",
        )
    if candidate.main_block and kind is Kind.BUILD:
        yield Finding(
            code=FindingCode.MAIN_BLOCK,
            line=candidate.main_block,
            message='an `if __name__ == "__main__":` in generated code never runs',
            expected="definitions only",
        )
    for item in candidate.undefined:
        yield Finding(
            code=FindingCode.UNDEFINED_NAME,
            line=item.line,
            message=f"{item.name} is used and defined nowhere",
            expected="an import or a definition of it",
        )
    for item in candidate.test_code:
        yield Finding(
            code=FindingCode.TEST_CODE,
            line=item.line,
            message=f"{item.name} belongs into a test; this is an implementation",
            expected="the implementation alone",
        )


__all__ = ["import_effect_findings"]
