"""Whether an output is what an example shows: as doctest decides, and a little more lenient."""

from __future__ import annotations

import ast
import math
from doctest import ELLIPSIS, IGNORE_EXCEPTION_DETAIL, OutputChecker

_CHECKER = OutputChecker()


def is_expected_output(want: str, got: str, options: int) -> bool:
    """Whether an output is the expected one.

    Beyond doctest: the order of sets and dictionaries, the kind of quotes, and the last digits of
    floats do not count, and an address in memory is any. An example that shows no output says
    nothing about it.
    """
    if not want or _CHECKER.check_output(want, got, options):
        return True
    if " at 0x..." in want and _CHECKER.check_output(want, got, options | ELLIPSIS):
        return True
    try:
        return _is_same(ast.literal_eval(want.strip()), ast.literal_eval(got.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def is_expected_error(want: str, got: str, options: int) -> bool:
    """Whether an exception, as Python shows it, is the expected one.

    Beyond doctest: `...` in a message stands for anything, a type alone for any message, and the
    module of the type may be left out.
    """
    if want.endswith(": ...\n") or ":" not in want:
        options |= IGNORE_EXCEPTION_DETAIL
    if _CHECKER.check_output(want, got, options | ELLIPSIS):
        return True
    if options & IGNORE_EXCEPTION_DETAIL:
        return _type_of(want) == _type_of(got)
    return _CHECKER.check_output(_unqualified(want), _unqualified(got), options | ELLIPSIS)


def _unqualified(text: str) -> str:
    head, colon, message = text.partition(":")
    return f"{head.rpartition('.')[2]}{colon}{message}"


def _type_of(text: str) -> str:
    return text.partition(":")[0].strip().rpartition(".")[2]


def _is_same(want: object, got: object) -> bool:
    """Equal in type too, all the way down; floats nearly."""
    if type(want) is not type(got):
        return False
    if isinstance(want, float) and isinstance(got, float):
        return want == got or math.isclose(want, got, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)):
        return len(want) == len(got) and all(map(_is_same, want, got))
    if isinstance(want, dict) and isinstance(got, dict):
        return want.keys() == got.keys() and all(_is_same(want[key], got[key]) for key in want)
    return want == got
