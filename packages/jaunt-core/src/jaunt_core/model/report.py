"""Reports of a run: one entry for each module, totals, and the result of pytest."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from jaunt_core.model.generation import NO_TOKENS, Finding, TokenUsage
from jaunt_core.model.judgement import Unjudged
from jaunt_core.model.reason import Reason
from jaunt_core.model.spec import Kind, SpecRef


class Outcome(StrEnum):
    """How a module ended."""

    GENERATED = "generated"
    REUSED = "reused"
    KEPT = "kept"
    FRESH = "fresh"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_success(self) -> bool:
        """Whether the code of the module stands as its specs ask for it."""
        return self not in (Outcome.FAILED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedModule:
    """Why a module failed, or because of which other module it was skipped.

    `findings` are those of the last answer, `rejected` the file that keeps it. `traceback` tells,
    for a log, where a check of ours broke.
    """

    message: str
    hint: str = ""
    findings: tuple[Finding, ...] = ()
    rejected: PurePosixPath | None = None
    blocked_by: str = ""
    traceback: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What was spent: requests to the backend, and what the answers came to.

    `retries` are those of the `calls` that were sent again after a transient fault. `cost` is
    None where a price, or the tokens of an answer, are unknown.
    """

    calls: int = 0
    retries: int = 0
    usage: TokenUsage = NO_TOKENS
    cost: float | None = 0.0

    def __add__(self, other: Bill) -> Bill:
        """Both bills as one."""
        known = self.cost is not None and other.cost is not None
        return Bill(
            calls=self.calls + other.calls,
            retries=self.retries + other.retries,
            usage=self.usage + other.usage,
            cost=(self.cost or 0.0) + (other.cost or 0.0) if known else None,
        )


NOTHING = Bill()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleReport:
    """One module at the end of a run, and what it cost.

    `replaced` tells whether other code stands now in the place of generated code, `written` the
    names that were written anew where the rest of the module stayed as it was, `unjudged` the
    checks that did not judge what landed.
    """

    module: str
    path: PurePosixPath
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    failure: FailedModule | None = None
    bill: Bill = NOTHING
    seconds: float = 0.0
    replaced: bool = False
    written: tuple[str, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """All modules of one kind, ordered by name, and the time that the run took in seconds."""

    kind: Kind
    modules: tuple[ModuleReport, ...]
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    def count(self, outcome: Outcome) -> int:
        """How many modules ended so."""
        return sum(report.outcome is outcome for report in self.modules)

    @property
    def ok(self) -> bool:
        """Whether no module failed or was skipped."""
        return all(report.outcome.is_success for report in self.modules)

    @property
    def unjudged(self) -> tuple[Unjudged, ...]:
        """The checks that did not judge what landed, by module."""
        return tuple(reason for report in self.modules for reason in report.unjudged)

    @property
    def bill(self) -> Bill:
        """What all modules cost together."""
        return sum((report.bill for report in self.modules), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestFailure:
    """One failed test: its pytest node id, what was wrong, and where (`file:line`)."""

    __test__ = False

    node_id: str
    message: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestResult:
    """The result of pytest on the generated tests.

    `exit_code` is pytest's own; 5, no test collected, is a failure like any other.
    """

    exit_code: int
    passed: int
    failed: int
    failures: tuple[TestFailure, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether at least one test ran and none failed."""
        return self.exit_code == 0 and self.passed > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A mutant that no test noticed: the line that it changes, and its unified diff.

    It may mean the same as the code itself; that cannot be told by a machine.
    """

    line: int
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationScore:
    """How many mutants of the code of a spec were killed by its tests.

    `mutants` counts all that there are, `tried` those that tests were run against. Where
    `unclear` is not empty, it says why none could be.
    """

    spec: SpecRef
    path: PurePosixPath
    mutants: int = 0
    tried: int = 0
    survivors: tuple[Survivor, ...] = ()
    unclear: str = ""

    @property
    def killed(self) -> int:
        """How many of those that were tried a test noticed."""
        return self.tried - len(self.survivors)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationReport:
    """How strong the generated tests are, for each spec that has some, ordered by name."""

    specs: tuple[MutationScore, ...]

    @property
    def tried(self) -> int:
        """The mutants that were tried."""
        return sum(score.tried for score in self.specs)

    @property
    def killed(self) -> int:
        """Those of them that a test noticed."""
        return sum(score.killed for score in self.specs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """What `jaunt test` did; parts that were not asked for, or not reached, are None."""

    __test__ = False

    build: BuildReport | None
    tests: BuildReport
    pytest: PytestResult | None
    mutation: MutationReport | None = None
