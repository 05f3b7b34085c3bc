"""Calls that a docstring shows with their results: `f(3) == 9`, `f(3) -> 9`, `f(3) returns 9`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from jaunt_core.claims.expressions import (
    end_of_expression,
    is_balanced,
    parsed_expression,
    shown_error,
    shown_value,
)

_MOST_LINES = 20
_SPACE = re.compile(r"\s")
_PROMPT = re.compile(r"\s*>>>")
_WRAPPERS = "(?:(?:sorted|list|tuple|set|dict|len|sum|next|str|repr|round|abs|bool|max|min)\\()*"
_VERBS = (
    r"(?:should |will |must |would )?returns?|gives|produces|evaluates to|equals|results? in|is"
)
_OPERATOR = re.compile(
    rf"\s*(?:(?P<comment>\#+\s*)?(?:[=-]{{1,2}}>|[➞→⇒↦⟶]|={{2,3}}|=(?!=)|(?:{_VERBS})\b)|\#)\s*"
)
_ASSERT_MESSAGE = re.compile(r",\s*f?(['\"]).*\1\s*$")
_RAISING = re.compile(
    r"\s*(?:\#+\s*)?(?:[=-]{1,2}>|[➞→⇒])?\s*(?:raises|throws|should raise|will raise)\s+"
)
_BEFORE = re.compile(
    r"\s*(?:[-*•+]|\d+[.)]|\(\w\)|\w+\s*=(?=\s*$))?[\s>]*"
    r"(?:assert|e\.g\.|i\.e\.|examples?|for (?:example|instance)|so|thus|hence|and|then|such as"
    r"|call|calling|sample|usage|therefore|for)?[\s:,;(`\u2013\u2014-]*",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r".*(?:[.:;!?(]\s|\b(?:e\.g\.|i\.e\.|for (?:example|instance)|such as)[,:]?\s)", re.IGNORECASE
)
_SENTENCE = re.compile(r".*[.!?]\s+(?=[A-Z`])")
_DOUBTFUL = re.compile(
    r"\W*(?:if|when|where|while|unless|given|assum\w*|suppos\w*|before|until|under|provided)\b"
    r"|.*\b(?:not|never|no longer|wrong|incorrect|invalid|bad|bug|unless|previous|old|instead"
    r"|approx|rough|random|might|may|could|deprecated|legacy|otherwise)",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(r"\s*(?:\*\*|#+ )?examples?\b[^:]*:*(?:\*\*)?:*\s*$", re.IGNORECASE)
_INPUT = re.compile(r"\s*(?:[-*] )?input\s*:\s*(?P<text>.+)", re.IGNORECASE)
_OUTPUT = re.compile(r"\s*(?:[-*] )?(?:expected )?output\s*:\s*(?P<text>.+)", re.IGNORECASE)
_PAIR = re.compile(
    r"\s*(?:[-*•]|\d+[.)])?\s*(?P<shown>\S.*?)\s*(?:[=-]{1,2}>|[➞→⇒])\s*(?P<result>.+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCall:
    """An expression with a call of a spec, and the text of what it is said to come to.

    Where it is said to raise, `error` is the name of the exception. `line` is that of the
    docstring, counted from 0.
    """

    source: str
    want: str
    error: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """What a docstring is about: the name that is called, and its parameters by name.

    `needed` counts the parameters without a default.
    """

    name: str
    parameters: tuple[str, ...]
    needed: int


def shown_calls(docstring: str, callee: Callee) -> tuple[ShownCall, ...]:
    """The calls that a docstring shows beside its `>>>` examples, as far as they are clear."""
    reader = _Reader(docstring, callee)
    unique: dict[tuple[str, str, str], ShownCall] = {}
    for call in reader.calls():
        unique.setdefault((call.source, call.want, call.error), call)
    examples = {_SPACE.sub("", line) for line in docstring.splitlines() if _PROMPT.match(line)}
    return tuple(
        call for call in unique.values() if ">>>" + _SPACE.sub("", call.source) not in examples
    )


def _introduces(text: str) -> bool:
    """Whether what stands before a call leaves no doubt that its result is told."""
    text = text.strip("`")
    if _BEFORE.fullmatch(text):
        return True
    leading = _LEADING.match(text)
    if leading is None or not _BEFORE.fullmatch(text[leading.end() :]):
        return False
    return not _DOUBTFUL.match(_SENTENCE.sub("", leading[0]))


class _Reader:
    """Reads one docstring."""

    def __init__(self, docstring: str, callee: Callee) -> None:
        self._lines = docstring.splitlines()
        self._callee = callee
        name = re.escape(callee.name)
        self._call = re.compile(rf"(?<![\w.]){_WRAPPERS}(?<![\w.]){name}\(")

    def calls(self) -> Iterator[ShownCall]:
        heading, inside, number = "", False, 0
        while number < len(self._lines):
            line = self._lines[number]
            inside = bool(line.strip()) and (inside or _PROMPT.match(line) is not None)
            if inside or not line.strip():
                yield from self._equations_at(number)
                number += 1
                continue
            is_doubtful = _DOUBTFUL.match(heading) is not None
            text, count = self._joined(number)
            shown = [] if is_doubtful else [*self._calls_in(text, number)]
            if not shown and _EXAMPLES.match(heading) and not is_doubtful:
                shown = [*self._pairs_at(number)]
            yield from shown
            if (not shown and line.rstrip().endswith(":")) or _EXAMPLES.match(line):
                heading = line
            number += count

    def _equations_at(self, number: int) -> Iterator[ShownCall]:
        """The result that an example compares with in place of showing it."""
        line, below = self._lines[number], "".join(self._lines[number + 1 : number + 2]).strip()
        if _PROMPT.match(line) and "==" in line and (not below or below.startswith(">>>")):
            yield from self._calls_in(_PROMPT.sub("", line), number)

    def _joined(self, number: int) -> tuple[str, int]:
        """A line, with those below that belong to a call in it, and how many these are."""
        text = self._lines[number]
        if self._call.search(text) is None:
            return text, 1
        count = 1
        for line in self._lines[number + 1 : number + _MOST_LINES]:
            stripped = line.strip()
            goes_on = not is_balanced(text) or (
                text.rstrip().endswith((")", "`"))
                and _OPERATOR.match(stripped) is not None
                and self._call.search(stripped) is None
            )
            if not stripped or not goes_on:
                break
            text, count = f"{text} {stripped}", count + 1
        return text, count

    def _calls_in(self, text: str, line: int) -> Iterator[ShownCall]:
        position = 0
        while match := self._call.search(text, position):
            before, start = text[position : match.start()], match.start()
            end = end_of_expression(text, start)
            if end is None:
                return
            position = end
            source = text[start:end]
            if not _introduces(before) or not self._is_example(source):
                continue
            # As far as the next call, which may have a result of its own.
            following = self._call.search(text, end)
            rest = text[end : following.start() if following else len(text)]
            rest = (
                re.sub(r"[\s,;(`]*(?:\band\b|\bwhile\b)?[\s,;(`]*$", "", rest)
                if following
                else rest
            )
            if before.strip().endswith("assert"):
                rest = _ASSERT_MESSAGE.sub("", rest)
            result = self._result(source, rest)
            if result is not None:
                position = end + len(rest)
                yield ShownCall(source=source, want=result[0], error=result[1], line=line)

    def _result(self, source: str, rest: str) -> tuple[str, str] | None:
        """What the text behind a call says that it comes to, and the error that it raises."""
        rest = rest.lstrip("`")
        raising = _RAISING.match(rest)
        if raising is not None:
            error = shown_error(rest[raising.end() :])
            return ("", error) if error else None
        operator = _OPERATOR.match(rest)
        if operator is None:
            return None
        text, sign = rest[operator.end() :], operator[0].strip()
        ticks = re.match(r"(`+)([^`]+)\1(.*)$", text)
        if ticks is not None:
            if re.match(r"[\s,]*(?:or|if|when|for|where|unless|in|on|with|at|\()", ticks[3]):
                return None
            text = ticks[2]
        value = shown_value(text.lstrip("`"))
        if value is None or self._is_doubtful_value(source, sign, value):
            return None
        return value, ""

    def _is_doubtful_value(self, source: str, sign: str, value: str) -> bool:
        if sign == "#":  # it may count the lines
            return re.fullmatch(r"\d", value) is not None
        if value == "None" and sign.endswith(("->", "→")):  # it may be a signature
            node = parsed_expression(source)
            return isinstance(node, ast.Call) and not node.args
        return False

    def _is_example(self, source: str) -> bool:
        """Whether a call has values for arguments, and is no formula over parameters."""
        node = parsed_expression(source)
        if node is None:
            return False
        names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        values = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
        return not names & set(self._callee.parameters) and ... not in values

    def _pairs_at(self, number: int) -> Iterator[ShownCall]:
        """A pair of input and output below the heading of examples."""
        line = self._lines[number]
        inputs = _INPUT.match(line)
        if inputs is not None:
            below = [text for text in self._lines[number + 1 : number + 3] if text.strip()]
            output = _OUTPUT.match(below[0]) if below else None
            shown, result = inputs["text"], output["text"] if output else ""
        else:
            pair = _PAIR.match(line)
            shown, result = (pair["shown"], pair["result"]) if pair else ("", "")
        source, value = self._call_of(shown), shown_value(result) if result else None
        if source and value is not None:
            yield ShownCall(source=source, want=value, error="", line=number)

    def _call_of(self, text: str) -> str:
        """A call with the arguments that a text shows, empty where these are not clear."""
        text = text.strip().strip("`").strip()
        node = parsed_expression(f"{self._callee.name}({text})") if text else None
        if not isinstance(node, ast.Call):
            return ""
        names = [keyword.arg for keyword in node.keywords]
        if names and not node.args:
            fits = set(names) <= set(self._callee.parameters)
        else:
            fits = not names and len(node.args) == self._callee.needed
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        are_values = all(shown_value(ast.unparse(argument)) for argument in arguments)
        return ast.unparse(node) if fits and are_values else ""
