"""What a costly check says of an answer: what is wrong with it, or why it could not tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jaunt_core.model.generation import Finding


class CheckName(StrEnum):
    """The checks that have to run something."""

    EXAMPLES = "examples"
    TRIALS = "trials"
    TYPES = "types"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A check that did not run on the answer for a module, and why."""

    module: str
    check: CheckName
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The findings of a check, and the reasons why it judged nothing, or not all.

    `warnings` tell what is wrong and keeps nothing from landing.
    """

    findings: tuple[Finding, ...] = ()
    warnings: tuple[str, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
