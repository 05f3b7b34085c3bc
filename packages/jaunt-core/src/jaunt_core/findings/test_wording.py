"""What the words of a test spec say: whether a result is owed, or only that nothing is raised."""

from __future__ import annotations

import re

_VERB = r"(?:rais\w*|throw\w*|fail\w*|error|complain\w*|crash\w*|object|blow up|explode|warn)"
_NEVER_RAISES = re.compile(
    rf"""
    \b(?:{_VERB})\ (?:nothing|no\ (?:\w+\ )?\w*(?:error|exception|warning)s?)\b
    | (?:\b(?:not|never|nor|neither|without|no\ longer|cannot)|n't)
        \ (?:(?:any|an?|it|ever|to)\ )*{_VERB}\b
    | \b(?:no|without|free\ of|neither)\ (?:(?:any|an?|more|further|such)\ )*
        (?:\w*error|\w*exception|complaint|warning|objection|trouble|problem|failure|crash)(?:e?s)?\b
        (?:\ (?:is|are|was|were)\ (?:ever\ )?(?:raised|thrown))?
    | \bnothing\ (?:is|gets|was)\ (?:ever\ )?(?:raised|thrown)\b
    | \bnothing\ (?:raises|happens|fails|breaks|goes\ wrong)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SUCCEEDS = re.compile(
    r"""
    \b(?:succeed|pass|work)(?:s|ed)?\b
    | \b(?:is|are|be|gets?|stays?)\ (?:\w+\ )?
        (?:accepted|allowed|permitted|tolerated|valid|fine|ok|okay|legal|ignored)\b
    | \baccepts?\b | \ballows?\b | \btolerates?\b | \bcan(?:\ \w+)?\ be\b | \bmay(?:\ \w+)?\ be\b
    | \bis\ no\ (?:error|problem)\b | \bgoes\ through\b | \bsmoke\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_RESULT = re.compile(
    r"""
    \b(?:return|give|yield|equal|become|result|print|produce|contain|hold|leave|keep|change)(?:s|ed|d)?\b
    | \b(?:raises?|throws?|raised|thrown|fails?|refused|rejected)\b
    | \b(?:is|are|was|stays?|makes?)\ (?:an?\ |the\ )?
        (?:-?\d|[`'"[{(]|[A-Z]\w*(?:Error|Exception)|none\b|true\b|false\b|empty\b|the\ same\b)
    | == | -> | → | ➞ | => | \bin\ (?:the\ )?order\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NOTHING_RETURNED = re.compile(r"\breturns?\ (?:nothing|none)\b", re.IGNORECASE)


def expects_no_error(text: str) -> bool:
    """Whether a test does what these words ask for by calling what it tests, without asserting.

    So it is where they tell that nothing is raised, or that something is accepted, and tell of no
    result, effect or error beside that.
    """
    words = " ".join(text.split())
    rest, denials = _NEVER_RAISES.subn(" ", words)
    if _RESULT.search(_NOTHING_RETURNED.sub(" ", rest)):
        return False
    return bool(denials or _SUCCEEDS.search(rest))
