"""Every kind of reason in words, in one line and as a note below its spec."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

import pytest

from jaunt_cli.words.reasons import (
    chain_of,
    first_reason_text,
    reason_notes,
    reason_text,
    reason_with_digests,
    reasons_text,
)
from jaunt_core.model.reason import Place, Reason, ReasonKind
from jaunt_core.model.spec import SpecRef

PLACE = Place(path=PurePosixPath("m.py"), line=3)
CHANGED, DEPENDENCY = ReasonKind.CHANGED, ReasonKind.DEPENDENCY
OLD, NEW = "sha256:1111111122222222", "sha256:3333333344444444"
DIGESTS = "(11111111 -> 33333333)"


def part(name: str, old: str, new: str, spec: str = "m:f") -> Reason:
    return Reason(kind=CHANGED, spec=SpecRef(spec), part=name, old=old, new=new, place=PLACE)


def dependency(*path: str, **more: Any) -> Reason:
    return Reason(
        kind=DEPENDENCY, spec=SpecRef(path[0]), path=tuple(map(SpecRef, path)), place=PLACE, **more
    )


DOCSTRING = part("docstring", OLD, NEW, "n:g")
MISSING = Reason(kind=ReasonKind.MISSING)


@pytest.mark.parametrize(
    ("name", "old", "new", "text", "note"),
    [
        ("docstring", "", NEW, "docstring of m:f added", "docstring added"),
        ("docstring", OLD, "", "docstring of m:f removed", "docstring removed"),
        ("run.body", OLD, NEW, "run.body of m:f changed", f"run.body changed {DIGESTS}"),
        ("context m:X", "", NEW, "m:f now names m:X", "m:X is now named"),
        ("context m:X", OLD, "", "m:f no longer names m:X", "m:X is no longer named"),
        (
            *("context m:X", OLD, NEW),
            "context m:X of m:f changed in m.py:3",
            f"context m:X changed in m.py:3 {DIGESTS}",
        ),
        ("mentioned m:X", "", NEW, "m:f now mentions m:X", "m:X is now mentioned"),
        ("mentioned m:X", OLD, "", "m:f no longer mentions m:X", "m:X is no longer mentioned"),
        (
            *("mentioned m:X", OLD, NEW),
            "m:X, which m:f mentions, changed in m.py:3",
            f"mentioned m:X changed in m.py:3 {DIGESTS}",
        ),
    ],
)
def test_a_changed_part(name: str, old: str, new: str, text: str, note: str) -> None:
    reason = part(name, old, new)
    assert reason_text(reason) == text
    assert list(reason_notes(reason)) == [note]
    digests = f" {DIGESTS}" if old and new else ""
    assert reason_with_digests(reason) == f"{text}{digests}"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ReasonKind.MISSING, "file missing"),
        (ReasonKind.DAMAGED, "file damaged"),
        (ReasonKind.EDITED, "file edited"),
        (ReasonKind.FOREIGN, "file foreign"),
        (ReasonKind.FORCED, "forced"),
        (ReasonKind.TEST, "test failed"),
        (ReasonKind.CONTRACT, "contract format"),
        (ReasonKind.DEPENDENCY, "dependency changed"),
    ],
)
def test_what_is_about_a_whole_module(kind: ReasonKind, text: str) -> None:
    assert reason_text(Reason(kind=kind)) == text
    detailed = Reason(kind=kind, detail="so and so")
    assert reason_text(detailed) == f"{text}: so and so"
    assert list(reason_notes(detailed)) == [f"{text}: so and so"]


def test_a_spec_that_is_new_or_gone() -> None:
    added = Reason(kind=ReasonKind.ADDED, spec=SpecRef("m:f"))
    removed = Reason(kind=ReasonKind.REMOVED, spec=SpecRef("m:f"))
    assert [reason_text(added), *reason_notes(added)] == ["spec m:f added", "spec added"]
    assert [reason_text(removed), *reason_notes(removed)] == ["spec m:f removed", "spec removed"]


@pytest.mark.parametrize(
    ("reason", "text", "notes"),
    [
        (
            dependency("m:f", "n:g", old=OLD, new=NEW, causes=(DOCSTRING,)),
            "dependency changed: m:f -> n:g (docstring of n:g changed)",
            [f"docstring changed {DIGESTS}"],
        ),
        (
            dependency("m:f", "n:g", causes=(MISSING,)),
            "dependency not fresh: m:f -> n:g (n: file missing)",
            ["n is not fresh: file missing"],
        ),
        (
            dependency("m:f", "n:g", old=OLD, new=NEW, causes=(MISSING,)),
            "dependency changed: m:f -> n:g (what changed in n:g is not recorded: file missing)",
            ["what changed is not recorded: file missing"],
        ),
        (
            dependency("m:f", "n:g", old=OLD, new=NEW),
            "dependency changed: m:f -> n:g (the change was built before)",
            [f"changed, and n was built since {DIGESTS}"],
        ),
        (
            dependency("m:f", "n:g", new=NEW),
            "dependency added: m:f -> n:g",
            ["is a dependency now"],
        ),
        (
            dependency("m:f", "n:g", old=OLD),
            "dependency removed: m:f -> n:g",
            ["is no dependency any more"],
        ),
        (
            dependency("m:f", "n:g", old=OLD, new=NEW, causes=(dependency("n:g", "o:h", new=NEW),)),
            "dependency changed: m:f -> n:g (dependency added: n:g -> o:h)",
            ["o:h is a dependency now"],
        ),
    ],
)
def test_a_dependency(reason: Reason, text: str, notes: list[str]) -> None:
    assert reason_text(reason) == text
    assert list(reason_notes(reason)) == notes


def test_parts_of_one_spec_that_changed_together_are_named_together() -> None:
    reasons = (part("body", OLD, NEW), DOCSTRING, part("signature", OLD, NEW), part("a", "", NEW))
    assert reasons_text(reasons) == (
        "body, signature of m:f changed; docstring of n:g changed; a of m:f added"
    )


def test_the_first_of_many() -> None:
    assert first_reason_text(()) == ""
    assert first_reason_text((MISSING,)) == "file missing"
    assert first_reason_text((DOCSTRING, MISSING, MISSING)) == "docstring of n:g changed, +2 more"


def test_both_ends_of_a_long_chain() -> None:
    reason = dependency(*(f"m:f{number}" for number in range(12)), omitted=2988, new=NEW)
    assert chain_of(reason)[7:10] == ("m:f7", "(2,988 more)", "m:f8")
    assert "m:f7 -> (2,988 more) -> m:f8 -> " in reason_text(reason)
