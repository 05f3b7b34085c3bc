"""What the corpus shows, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.corpus.reading import Group
from scripts.corpus.running import Costs, Judged

_INTRODUCTION = """\
# What lands, and what is stopped

<!-- Written by `uv run python -m scripts.corpus --write`. -->

`scripts/corpus` holds {specs} specs with a right answer to each, {wrong} wrong answers of
named kinds, and {right} right answers that look unusual. One command sends them all through
the real pipeline (files, worker, checks; only the model is played) and writes this page:

    uv run python -m scripts.corpus --write

An answer is stopped where it does not land; it is repaired where the second answer, which is
right, lands in its place. A changed neighbour counts as stopped where its code stays the same,
byte for byte, though the answer for another spec of its module has changed it.
"""
_KINDS = """\
## Wrong answers

| kind | answers | stopped | repaired |
|---|---|---|---|
"""
_NOBODY = """\

Kinds with `(no example)` are wrong by the prose of the docstring alone, and those with
`(excused)` fail an example in a way that may be due to the sandbox, which has neither files nor
network. No check claims to see them; they are counted in the total. Those with `(dynamic)` are
tests that pass whatever the code does, which shows when they are run.
"""
_SUMMARY = """\

## In short

| | |
|---|---|
| wrong answers stopped before landing | {stopped} of {wrong} ({share}) |
| without those that no check can see | {visible_stopped} of {visible} ({visible_share}) |
| right answers rejected | {rejected} of {right} |
| repaired by the second answer, of those stopped | {repaired} of {stopped} |
| calls spent | {calls} for {answers} answers |
"""
_COSTS = """\

## CPU time of the checks

Seconds for each module, as the difference that a part makes to a run on the right answers for all
{modules} modules of code; ours and that of all processes that are started.

| part | seconds |
|---|---|
"""
UNSEEN = ("(no example)", "(excused)")


def render_page(groups: Sequence[Group], judged: Sequence[Judged], costs: Costs) -> str:
    """The whole page."""
    wrong = [item for item in judged if not item.variant.is_right]
    right = [item for item in judged if item.variant.is_right]
    stopped = [item for item in wrong if item.stopped]
    visible = [item for item in wrong if not item.variant.kind.endswith(UNSEEN)]
    seen = [item for item in visible if item.stopped]
    summary = _SUMMARY.format(
        stopped=len(stopped),
        wrong=len(wrong),
        share=share(len(stopped), len(wrong)),
        visible_stopped=len(seen),
        visible=len(visible),
        visible_share=share(len(seen), len(visible)),
        rejected=sum(item.stopped for item in right),
        right=len(right),
        repaired=sum(item.repaired for item in stopped),
        calls=sum(item.calls for item in judged),
        answers=len(judged),
    )
    rows = [f"| {name} | {each:.3f} |\n" for name, each in costs.parts.items()]
    specs = sum(group.specs for group in groups)
    return "".join(
        [
            _INTRODUCTION.format(specs=specs, wrong=len(wrong), right=len(right)),
            summary,
            "\n",
            _KINDS,
            *(_row(kind, wrong) for kind in sorted({item.variant.kind for item in wrong})),
            _NOBODY,
            _COSTS.format(modules=costs.modules),
            *rows,
        ]
    )


def _row(kind: str, wrong: Sequence[Judged]) -> str:
    mine = [item for item in wrong if item.variant.kind == kind]
    stopped = [item for item in mine if item.stopped]
    repaired = sum(item.repaired for item in stopped)
    return f"| {kind} | {len(mine)} | {share(len(stopped), len(mine))} | {repaired} |\n"


def share(part: int, whole: int) -> str:
    """A share in percent; 100 only for all."""
    if part == whole:
        return "100 %"
    return f"{min(99.9, 100 * part / whole):.1f} %"


__all__ = ["UNSEEN", "render_page", "share"]
