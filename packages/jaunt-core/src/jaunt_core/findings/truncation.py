"""Cut findings to a number and length that a person reads and a repair has room for.

An answer that is wrong through and through has a finding for every line, and one name in it may
be as long as the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.generation import Finding

_MOST = 100
_LONGEST = 4_000


def truncated_findings(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The first findings with long texts cut; the last one counts those that are left out."""
    shown = [_truncated(finding) for finding in findings[:_MOST]]
    more = len(findings) - _MOST
    if more > 0:
        expected = "those above put right, then see what is left"
        shown.append(FindingCode.MORE_FINDINGS.finding(f"and {more} more findings", expected))
    return tuple(shown)


def _truncated(finding: Finding) -> Finding:
    return replace(finding, message=_cut(finding.message), expected=_cut(finding.expected))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
