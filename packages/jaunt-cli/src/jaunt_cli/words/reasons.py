"""Reasons in words: why a module is in the rebuild set, in one line or below its spec in a tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jaunt_core.model.reason import LONG_PATH_HEAD, Reason, ReasonKind

_DIGEST_LENGTH = 8
_TEXTS = {
    ReasonKind.MISSING: "file missing",
    ReasonKind.DAMAGED: "file damaged",
    ReasonKind.EDITED: "file edited",
    ReasonKind.FOREIGN: "file foreign",
    ReasonKind.FORCED: "forced",
    ReasonKind.TEST: "test failed",
    ReasonKind.CONTRACT: "contract format",
    ReasonKind.DEPENDENCY: "dependency changed",
}


def reason_text(reason: Reason) -> str:
    """The whole reason in one line."""
    match reason.kind:
        case ReasonKind.CHANGED:
            return _part_text(reason)
        case ReasonKind.ADDED:
            return f"spec {reason.spec} added"
        case ReasonKind.REMOVED:
            return f"spec {reason.spec} removed"
        case ReasonKind.DEPENDENCY if reason.path:
            return _dependency_text(reason)
    text = _TEXTS[reason.kind]
    return f"{text}: {reason.detail}" if reason.detail else text


def reasons_text(reasons: Iterable[Reason]) -> str:
    """Several reasons in one line; parts of one spec that changed together are named together."""
    groups: dict[tuple[object, ...], list[Reason]] = {}
    for reason in reasons:
        is_own_part = reason.kind is ReasonKind.CHANGED and reason.definition is None
        key = (reason.spec, _change_of(reason)) if is_own_part else (reason,)
        groups.setdefault(key, []).append(reason)
    return "; ".join(map(_group_text, groups.values()))


def first_reason_text(reasons: Sequence[Reason]) -> str:
    """The first reason, and how many more there are; empty where there is none."""
    if not reasons:
        return ""
    more = f", +{len(reasons) - 1} more" if len(reasons) > 1 else ""
    return f"{reason_text(reasons[0])}{more}"


def reason_with_digests(reason: Reason) -> str:
    """The reason in one line, with the digests before and after where both are known."""
    return f"{reason_text(reason)}{_digests_text(reason)}"


def reason_notes(reason: Reason) -> Iterator[str]:
    """What happened to the last spec of the reason's chain, for a line below that spec's name."""
    match reason.kind:
        case ReasonKind.CHANGED:
            yield _part_note(reason)
        case ReasonKind.ADDED:
            yield "spec added"
        case ReasonKind.REMOVED:
            yield "spec removed"
        case ReasonKind.DEPENDENCY if reason.path and reason.is_inherited:
            yield from _cause_notes(reason)
        case ReasonKind.DEPENDENCY if reason.path:
            yield "is a dependency now" if reason.new else "is no dependency any more"
        case _:
            yield reason_with_digests(reason)


def chain_of(reason: Reason) -> tuple[str, ...]:
    """The path to the root cause; what is left out of a long one is counted."""
    if not reason.omitted:
        return reason.path
    gap = f"({reason.omitted:,} more)"
    return (*reason.path[:LONG_PATH_HEAD], gap, *reason.path[LONG_PATH_HEAD:])


def short_digest(digest: str) -> str:
    """As much of a digest as people compare."""
    return digest.removeprefix("sha256:")[:_DIGEST_LENGTH]


def _change_of(reason: Reason) -> str:
    """`added`, `removed` or `changed`, by the digests."""
    if reason.new and not reason.old:
        return "added"
    return "removed" if reason.old and not reason.new else "changed"


def _is_context(reason: Reason) -> bool:
    """Whether the spec names the definition, rather than mentions it in its prose."""
    return reason.part.startswith("context ")


def _group_text(group: list[Reason]) -> str:
    first, *others = group
    if not others:
        return reason_text(first)
    parts = ", ".join(reason.part for reason in group)
    return f"{parts} of {first.spec} {_change_of(first)}"


def _part_text(reason: Reason) -> str:
    change = _change_of(reason)
    if reason.definition is None:
        return f"{reason.part} of {reason.spec} {change}"
    place = f" in {reason.place}" if reason.place else ""
    if change == "changed" and _is_context(reason):
        return f"{reason.part} of {reason.spec} changed{place}"
    if change == "changed":
        return f"{reason.definition}, which {reason.spec} mentions, changed{place}"
    when = "now" if reason.new else "no longer"
    verb = "names" if _is_context(reason) else "mentions"
    return f"{reason.spec} {when} {verb} {reason.definition}"


def _dependency_text(reason: Reason) -> str:
    change = _change_of(reason) if reason.old or reason.new else "not fresh"
    cause = _cause_text(reason)
    tail = f" ({cause})" if cause else ""
    return f"dependency {change}: {' -> '.join(chain_of(reason))}{tail}"


def _cause_text(reason: Reason) -> str:
    """What happened at the end of the chain; empty for a dependency that is new or gone."""
    if not reason.is_inherited:
        return ""
    if not reason.causes:
        return "the change was built before"
    text, end = reasons_text(reason.causes), reason.path[-1]
    if any(cause.spec == end for cause in reason.causes):
        return text
    if reason.old:
        return f"what changed in {end} is not recorded: {text}"
    return f"{end.module}: {text}"


def _cause_notes(reason: Reason) -> Iterator[str]:
    end = reason.path[-1]
    if not reason.causes:
        yield f"changed, and {end.module} was built since{_digests_text(reason)}"
    for cause in reason.causes:
        if cause.spec is None and reason.old:
            yield f"what changed is not recorded: {reason_text(cause)}"
        elif cause.spec != end:
            yield f"{end.module} is not fresh: {reason_text(cause)}"
        elif cause.kind is ReasonKind.DEPENDENCY:
            yield f"{cause.path[-1]} {next(reason_notes(cause))}"
        else:
            yield from reason_notes(cause)


def _part_note(reason: Reason) -> str:
    change = _change_of(reason)
    if change == "changed":
        place = f" in {reason.place}" if reason.place and reason.definition else ""
        return f"{reason.part} changed{place}{_digests_text(reason)}"
    if reason.definition is None:
        return f"{reason.part} {change}"
    verb = "named" if _is_context(reason) else "mentioned"
    return f"{reason.definition} is {'now' if reason.new else 'no longer'} {verb}"


def _digests_text(reason: Reason) -> str:
    """` (1a2b3c4d -> 5e6f7a8b)`: the digests before and after; empty where one is not known."""
    if not reason.old or not reason.new:
        return ""
    return f" ({short_digest(reason.old)} -> {short_digest(reason.new)})"
