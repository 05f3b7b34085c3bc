"""The `Raises:` lines of a docstring, as far as their conditions can be read safely."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from jaunt_core.model.spec import FunctionFacts
from jaunt_core.model.trial import RaisesLine

_NAMES = r"[`~]*[A-Za-z_][\w.]*`*(?:(?:\s*,\s*|\s+or\s+)`*[A-Za-z_][\w.]*`*)*"
_GOOGLE_HEAD = re.compile(r"\s*Raises:\s*")
_GOOGLE_ENTRY = re.compile(rf"(?P<names>{_NAMES})\s*:(?:\s+(?P<text>.*))?")
_FIELD_ENTRY = re.compile(
    rf"\s*:(?:raises?|except|exception)\s+(?P<names>{_NAMES})\s*:\s*(?P<text>.*)"
)
_WHEN = re.compile(
    r"(?:[\"“'][^\"”]*[\"”'],?\s+)?(?:(?:if|when|where)\s+)?(?P<condition>\S.*?)\.?\s*",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSE = re.compile(r"(?:the\s+)?(?:`(?P<marked>\w+)`|(?P<plain>\w+))\s+is\s+(?P<phrase>.+)")
_LIMIT = re.compile(
    r"(?P<words>less than|smaller than|below|greater than|larger than|more than|above|at least"
    r"|at most)\s+`?(?P<limit>-?\d+(?:\.\d+)?|zero|one)`?"
)
_MEMBER = re.compile(r"not in `?(?P<group>\w+)`?")
_PHRASES = {
    "negative": "{} < 0",
    "not positive": "{} <= 0",
    "positive": "{} > 0",
    "zero": "{} == 0",
    "empty": "len({}) == 0",
    "None": "{} is None",
    "`None`": "{} is None",
}
_OPERATORS = {
    "less than": "<",
    "smaller than": "<",
    "below": "<",
    "greater than": ">",
    "larger than": ">",
    "more than": ">",
    "above": ">",
    "at least": ">=",
    "at most": "<=",
}
_ALLOWED = (
    *(ast.Expression, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant),
    *(ast.List, ast.Tuple, ast.Set, ast.And, ast.Or, ast.Not, ast.USub, ast.Load, ast.cmpop),
)
_JUDGING = (ast.Compare, ast.BoolOp, ast.UnaryOp)

Entry = tuple[tuple[str, ...], str]


def raises_lines(owner: str, function: FunctionFacts) -> tuple[RaisesLine, ...]:
    """The documented exceptions of a function, as far as their conditions can be read.

    That is a condition over parameters, in backticks or in one of a few phrases, and nothing
    else: "if `rate < 0`", "`items` is empty or `count` is negative". The message may stand before.
    """
    parameters = {
        parameter.name for parameter in function.parameters if not parameter.kind.startswith("*")
    }
    entries = list(_entries(function.docstring))
    errors = tuple(dict.fromkeys(name for names, _ in entries for name in names))
    lines = []
    for names, text in entries:
        match = _WHEN.fullmatch(text)
        condition = _condition_of(match["condition"], parameters) if match else None
        if condition is not None:
            error = " or ".join(names)
            lines.append(RaisesLine(owner=owner, error=error, errors=errors, condition=condition))
    return tuple(lines)


def names_errors(docstring: str) -> bool:
    """Whether a docstring lists what is raised."""
    return any(True for _ in _entries(docstring))


def _entries(docstring: str) -> Iterator[Entry]:
    """Exceptions with their descriptions, in the styles of Google, NumPy and Sphinx."""
    lines = docstring.splitlines()
    for number, line in enumerate(lines):
        rest = lines[number + 1 :]
        field = _FIELD_ENTRY.fullmatch(line)
        if field:
            more = _block_below(rest, _indent(line))
            yield _names_in(field["names"]), _join_words(field["text"], more)
        elif _GOOGLE_HEAD.fullmatch(line):
            yield from _google_entries(_block_below(rest, _indent(line)))
        elif line.strip() == "Raises" and rest and set(rest[0].strip()) == {"-"}:
            yield from _numpy_entries(rest[1:])


def _google_entries(block: list[str]) -> Iterator[Entry]:
    outer = min((_indent(line) for line in block if line.strip()), default=0)
    for number, line in enumerate(block):
        match = _GOOGLE_ENTRY.fullmatch(line.strip())
        if match and _indent(line) == outer:
            more = _block_below(block[number + 1 :], outer)
            yield _names_in(match["names"]), _join_words(match["text"] or "", more)


def _numpy_entries(lines: list[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines):
        following = lines[number + 1 : number + 2]
        if following and following[0].strip() and set(following[0].strip()) <= {"-", "="}:
            return  # the next section
        if line.strip() and _indent(line) == 0:
            if not re.fullmatch(_NAMES, line.strip()):
                return
            yield _names_in(line.strip()), _join_words("", _block_below(lines[number + 1 :], 0))


def _block_below(lines: list[str], indent: int) -> list[str]:
    """The lines before the first one that is indented no deeper than `indent`."""
    for number, line in enumerate(lines):
        if line.strip() and _indent(line) <= indent:
            return lines[:number]
    return lines


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _join_words(first: str, more: Iterable[str]) -> str:
    return " ".join(" ".join([first, *more]).split())


def _names_in(text: str) -> tuple[str, ...]:
    return tuple(name for name in re.findall(r"[A-Za-z_][\w.]*", text) if name != "or")


def _condition_of(text: str, parameters: set[str]) -> str | None:
    """The condition as an expression, None where a part of it is not understood."""
    # Not at an `or` between backticks: what these enclose is one condition.
    parts = re.split(r"\s+(or|and)\s+(?=(?:[^`]*`[^`]*`)*[^`]*$)", text)
    clauses, words = parts[::2], set(parts[1::2])
    if len(words) > 1:
        return None
    expressions: list[str] = []
    subject = ""
    for clause in clauses:
        expression, subject = _clause_of(clause.strip(" ,"), subject)
        if not expression or not _is_safe(expression, parameters):
            return None
        expressions.append(f"({expression})" if len(clauses) > 1 else expression)
    return f" {words.pop() if words else 'or'} ".join(expressions)


def _clause_of(clause: str, subject: str) -> tuple[str, str]:
    """One clause as an expression, and its subject, which the next clause may leave out."""
    marked = re.fullmatch(r"`([^`]+)`", clause)
    if marked:
        return marked[1], ""
    match = _CLAUSE.fullmatch(clause)
    if match:
        subject = match["marked"] or match["plain"]
        return _phrase_of(subject, match["phrase"]), subject
    if subject:
        return _phrase_of(subject, clause.removeprefix("is ")), subject
    return ("" if "`" in clause else clause), ""


def _phrase_of(subject: str, phrase: str) -> str:
    if phrase in _PHRASES:
        return _PHRASES[phrase].format(subject)
    limit = _LIMIT.fullmatch(phrase)
    if limit:
        number = {"zero": "0", "one": "1"}.get(limit["limit"], limit["limit"])
        return f"{subject} {_OPERATORS[limit['words']]} {number}"
    member = _MEMBER.fullmatch(phrase)
    return f"{subject} not in {member['group']}" if member else ""


def _is_safe(expression: str, parameters: set[str]) -> bool:
    """Whether an expression compares parameters and literals, and does nothing else."""
    # It will be evaluated in the sandbox, before a call: nothing in it may have an effect.
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError):
        return False
    names: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            return False
        if isinstance(node, ast.Call) and not _is_length(node):
            return False
        if isinstance(node, ast.Name):
            names.add(node.id)
    return (
        isinstance(tree.body, _JUDGING) and bool(names - {"len"}) and names - {"len"} <= parameters
    )


def _is_length(node: ast.Call) -> bool:
    is_len = isinstance(node.func, ast.Name) and node.func.id == "len"
    return is_len and len(node.args) == 1 and not node.keywords
