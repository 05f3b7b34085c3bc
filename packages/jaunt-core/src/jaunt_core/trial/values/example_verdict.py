"""Whether what an example came to is what it shows, or whether that cannot be told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from doctest import DONT_ACCEPT_TRUE_FOR_1, ELLIPSIS, NORMALIZE_WHITESPACE
from itertools import islice
from typing import NamedTuple, cast

from .declared_types import Declared
from .doctest_match import is_expected_output
from .shown_examples import without_prose
from .shown_value import MISSING, has_ellipsis, literal_of, value_of, view_of
from .value_match import is_rounded_value, is_same_in_any_order, is_same_value

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")
_ERROR = re.compile(
    r"^(?:raises? )?[\w.]*(?:Error|Exception|Interrupt|Exit)\b|^Traceback\b|^raises?\b"
)
_PRINTING = re.compile(r"\b(print|write|writes|written|output|display|show|echo|stdout)")
_ANY_ORDER = re.compile(
    r"any order|no particular order|arbitrary order|order (does|is) not|unordered"
)
_DOTS = re.compile(r"\.\.\.|…|ellips|truncat|shorten|abbreviat|\bdots\b|suffix|\bclip")
_PLAIN = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None))

RIGHT, WRONG = "right", "wrong"
"""Verdicts; every other text says why there is none."""


class Claim(NamedTuple):
    """What a docstring says of one expression: the text shown, and what is known around it.

    `prose` is the rest of the docstring in lower case, `returns` what the function that is called
    is declared to return. A claim that is no example of doctest is `loose`.
    """

    want: str
    options: int
    names: dict[str, object]
    prose: str
    returns: Declared = Declared()
    loose: bool = False


class Came(NamedTuple):
    """What an expression came to: its value, what it printed, and a way to have the value shown."""

    value: object
    printed: str
    show: Callable[[], str]


def verdict_of_printed(claim: Claim, printed: str) -> str:
    """The verdict about what statements, or a call of `print`, have printed."""
    want, options = claim.want, claim.options
    if is_expected_output(want, printed, options):
        return RIGHT
    _, has_prose = without_prose(want)
    if has_prose and printed.count("\n") < want.count("\n"):
        return "prose stands where its output is shown"
    return _verdict_of_dots(claim, printed) or WRONG


def verdict_of_value(claim: Claim, came: Came) -> str:
    """The verdict about the value of an expression.

    Raises:
        BaseException: Whatever comparing the value, or showing it, raises.
    """
    want = claim.want.strip()
    if not want:
        return RIGHT
    if want == "None":
        return _verdict_of_none(claim, came)
    shown = literal_of(want)
    if shown is not MISSING and not has_ellipsis(shown):
        return _verdict_of_literal(claim, came, shown)
    return _verdict_of_text(claim, came)


def verdict_of_claim(claim: Claim, came: Came) -> str:
    """The verdict where a value is told in prose: floats may be rounded, tuples called lists.

    Raises:
        BaseException: Whatever comparing the value raises.
    """
    value = came.value
    if claim.want == "None" and value is None:
        return RIGHT
    shown = literal_of(claim.want)
    if shown is MISSING:
        shown = value_of(claim.want, claim.names, value)
    if shown is MISSING:
        return "what is shown is not known"
    if isinstance(shown, list) and isinstance(value, Iterator | range):
        value = list(islice(value, len(shown) + 1))
    if is_rounded_value(shown, value):
        return RIGHT
    if claim.returns.is_missed_by(shown, value) or is_rounded_value(
        _as_lists(shown), _as_lists(value)
    ):
        return "it is shown in another form than it is declared"
    if _ANY_ORDER.search(claim.prose) and is_same_in_any_order(shown, value):
        return RIGHT
    # What is of a class of its own may say itself what it is equal to.
    return RIGHT if type(value) not in (*_PLAIN, bool) and value == shown else WRONG


def verdict_of_raising(name: str, result: object, error: BaseException | None) -> str:
    """The verdict where prose tells which exception is raised."""
    if error is None:
        return "it may raise later" if isinstance(result, Iterator | AsyncIterator) else WRONG
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return RIGHT if name.rpartition(".")[2] in kinds else WRONG


def _as_lists(value: object) -> object:
    """A value with all tuples in it made lists."""
    if isinstance(value, list | tuple):
        return [_as_lists(element) for element in value]
    return value


def _verdict_of_none(claim: Claim, came: Came) -> str:
    if came.value is None:
        if not came.printed:
            return RIGHT
        # It may be what a function is to print, or what it returns.
        if _PRINTING.search(claim.prose):
            return RIGHT if came.printed.strip() == "None" else "None is shown for what prints"
        return WRONG
    return "None is shown" if claim.returns.is_missed_by(None, came.value) else WRONG


def _verdict_of_literal(claim: Claim, came: Came, shown: object) -> str:
    if came.printed:
        is_printed = came.value is None and is_expected_output(
            claim.want, came.printed, claim.options
        )
        return RIGHT if is_printed and claim.returns.is_nothing else WRONG
    value = came.value
    if is_same_value(shown, value):
        return RIGHT
    if _ANY_ORDER.search(claim.prose) and is_same_in_any_order(shown, value):
        return RIGHT
    if claim.returns.is_missed_by(shown, value):
        return f"a {type(shown).__name__} is shown where {claim.returns.text} is declared"
    text = came.show()
    # What is of a class of its own may be printed as a literal is, and flags may leave things out.
    options = claim.options | DONT_ACCEPT_TRUE_FOR_1
    if is_expected_output(claim.want, text + "\n", options):
        return RIGHT
    return _verdict_of_dots(claim, text + "\n") or WRONG


def _verdict_of_text(claim: Claim, came: Came) -> str:
    """The verdict where what is shown is no literal."""
    want, value = claim.want.strip(), came.value
    if value is None and came.printed:
        return verdict_of_printed(claim, came.printed)
    if isinstance(value, str) and not came.printed and want in _quotations(value):
        return RIGHT
    text = came.printed + ("" if value is None else came.show() + "\n")
    if is_expected_output(claim.want, text, claim.options):
        return RIGHT
    if _ADDRESS.search(want):
        is_same = _ADDRESS.sub("0x", want) == _ADDRESS.sub("0x", text.strip())
        return RIGHT if is_same else "an address in memory is shown"
    if "..." in want and not claim.options & ELLIPSIS:
        options = claim.options | ELLIPSIS | NORMALIZE_WHITESPACE
        is_same = is_expected_output(claim.want, text, options)
        return RIGHT if is_same else "`...` is shown without the flag ELLIPSIS"
    if _ERROR.match(want):
        return "an error is shown without its traceback"
    head, has_prose = without_prose(claim.want)
    if has_prose:
        verdict = verdict_of_value(claim._replace(want=head), came) if head.strip() else ""
        return RIGHT if verdict == RIGHT else "prose stands where its output is shown"
    return _verdict_of_shown(claim, came)


def _verdict_of_shown(claim: Claim, came: Came) -> str:
    value = came.value
    try:
        shown = value_of(claim.want, claim.names, value)
    except Exception:  # noqa: BLE001 - then the text shows no value
        shown = MISSING
    if shown is not MISSING:
        return RIGHT if not came.printed and is_same_value(shown, value) else WRONG
    view = view_of(claim.want)
    if view is not None and type(value).__name__.endswith(view[0]):
        elements = list(cast("Iterable[object]", value))
        return RIGHT if is_same_in_any_order(view[1], elements) else WRONG
    if isinstance(value, str) and not came.printed:
        return "text is shown without quotes"
    if value is not None and type(value) in (*_PLAIN, bool) and not came.printed:
        return f"what is shown is no {type(value).__name__}"
    return WRONG


def _quotations(text: str) -> tuple[str, ...]:
    """How a text is shown by those who leave quotes out, or whose docstring is not raw."""
    return (text, text.strip(), f"'{text}'", f'"{text}"')


def _verdict_of_dots(claim: Claim, text: str) -> str:
    """A verdict where `...` may stand for what is left out; empty where it does not."""
    if "..." not in claim.want or claim.options & ELLIPSIS or _DOTS.search(claim.prose):
        return ""
    if len(text) <= len(claim.want):
        return ""
    is_same = is_expected_output(claim.want, text, claim.options | ELLIPSIS)
    return "`...` is shown without the flag ELLIPSIS" if is_same else ""


def verdict_of_error(want: str, name: str) -> str:
    """The verdict about an error where no traceback is shown, by the name of its class."""
    first = want.strip().partition("\n")[0]
    if re.search(rf"\b{re.escape(name)}\b", want) and _ERROR.match(first):
        return RIGHT
    return "an error is shown without its traceback" if _ERROR.match(first) else WRONG
