"""Examples that no answer can be judged by, and those in other notations than that of doctest."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator

from jaunt_core.claims.shown_calls import Callee, shown_calls
from jaunt_core.model.lint import ExampleFacts, LintCode, ProseFacts, SpecLint

Problem = tuple[LintCode, int, str, str]
"""Code, line, message and remedy."""

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_ERROR = re.compile(r"(?:raises? )?[\w.]*(?:Error|Exception)(?::|$)|raises\b")
_PROSE = re.compile(
    r"(?:This|Th[eo]se|The|That|Then|There|Note|Here|It|Returns?|In|If|When|We|You|As|And|Also"
    r"|Because|Since|Now|An?|Each|Every|All|Both|Using|With|For|Only|See|But|So|Where|After)"
    r"( [^\s=<>{}\[\]]+){2,}$"
)
_WORDS = re.compile(r"[A-Za-z][\w'-]*(?:,? [\w'-]+)*[.!?]?")
_TEXTS = ("str", "str | None", "None | str", "Optional[str]")
_NAMES = frozenset({"True", "False", "None", "nan", "inf"})


def unjudged_problems(prose: ProseFacts, spec: SpecLint) -> Iterator[Problem]:
    """The examples of a docstring that show what no answer can give."""
    for escape in prose.escapes:
        message = f"the docstring is not raw, so {escape.name} in the example is no escape"
        remedy = 'write r""" before the docstring, or two backslashes'
        yield LintCode.EXAMPLE_UNJUDGED, escape.line, message, remedy
    for example in prose.examples:
        if example.broken or example.raises or not example.want.strip() or prose.escapes:
            continue
        problem = _why_unjudged(example, _texts_of(spec))
        if problem is not None:
            message, remedy = problem
            yield LintCode.EXAMPLE_UNJUDGED, example.line, f"the example {message}", remedy


def _texts_of(spec: SpecLint) -> frozenset[str]:
    """The functions and methods of a spec that are declared to return text."""
    returns = ((part.name.rpartition(".")[2], part.returns) for part in spec.parts)
    return frozenset(name for name, kind in returns if kind and kind.text in _TEXTS)


def _why_unjudged(example: ExampleFacts, texts: frozenset[str]) -> tuple[str, str] | None:
    """Why no answer can give what an example shows, and what to write; None where one can."""
    want = example.want.strip()
    if example.assigns:
        name = example.source.partition("=")[0].strip()
        return "is an assignment, which shows nothing", f"show `{name}` in an example below it"
    if _ADDRESS.search(want):
        remedy = "show an attribute, or `...` with `# doctest: +ELLIPSIS`"
        return "shows an address in memory", remedy
    if _ERROR.match(want):
        return "shows an error without its traceback", (
            "write `Traceback (most recent call last):` and an indented `...` above it"
        )
    if example.source.startswith("print("):
        return None
    if any(_PROSE.match(line.strip()) for line in want.splitlines()[1:]):
        return "has prose right below its output", "leave an empty line between them"
    if "..." in want and not example.elides and not _is_literal(want):
        return "shows `...`, which stands for itself", "add `# doctest: +ELLIPSIS`"
    called = {call.name.rpartition(".")[2] for call in example.calls}
    is_literal = example.shows is not None and bool(example.shows.kind)
    if _WORDS.fullmatch(want) and not is_literal and want not in _NAMES and called & texts:
        return "shows text without quotes", f"show {want!r}, or print it"
    return None


def _is_literal(text: str) -> bool:
    try:
        return ... not in _parts_of(literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _parts_of(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set):
        for element in value:
            yield from _parts_of(element)
    else:
        yield value


def notation_problems(prose: ProseFacts, spec: SpecLint) -> Iterator[Problem]:
    """The calls that a docstring shows otherwise than at the prompt, and how they look there."""
    wanted = f"{spec.name}.__init__" if spec.is_class else spec.name
    parameters = next((part.parameters for part in spec.parts if part.name == wanted), ())
    callee = Callee(
        name=spec.name,
        parameters=tuple(parameter.name for parameter in parameters),
        needed=sum(
            parameter.default is None and parameter.kind not in ("*args", "**kwargs")
            for parameter in parameters
        ),
    )
    for call in shown_calls(prose.text, callee):
        shown = call.want or f"Traceback (most recent call last): ... {call.error}"
        message = f"the example {call.source} is in a notation that has to be guessed at"
        remedy = f"write `>>> {call.source}` and below it `{shown}`"
        yield LintCode.EXAMPLE_NOTATION, prose.line + call.line, message, remedy
