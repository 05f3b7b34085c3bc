"""The examples of a docstring, each read by itself."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator
from doctest import DocTestParser, Example
from typing import NamedTuple

_PARSER = DocTestParser()
_PROMPT = re.compile(r"\s*>>>")
_PLACE = re.compile(r"line \d+ of the docstring for \S+ ")
_PROSE = re.compile(
    r"(?:This|Th[eo]se|The|That|Then|There|Note|Notice|Here|It|Its|Returns?|Raises|In|If|When|We|You"
    r"|As|And|Also|Because|Since|Now|An?|Each|Every|All|Both|Calling|Using|With|For|Only|Otherwise"
    r"|See|But|So|Where|After|Before)( \S+){2,}$"
    r"|[A-Z]\w+:$|:\w+( \w+)?:( |$)"
)
_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")
_STRING = re.compile(r"""(['"]).*?\1""")
_ASSIGNING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Import, ast.ImportFrom)


class BrokenExample(NamedTuple):
    """An example that doctest cannot read, and why."""

    source: str
    why: str


def examples_in(text: str, name: str) -> Iterator[Example | BrokenExample]:
    """The examples of a docstring; one that cannot be read hides no other."""
    try:
        yield from _PARSER.get_examples(text, name)
    except ValueError:
        for chunk in _chunks(text):
            yield from _examples_of_chunk(chunk, name)


def _examples_of_chunk(chunk: str, name: str) -> Iterator[Example | BrokenExample]:
    try:
        examples = _PARSER.get_examples(chunk, name)
    except ValueError as error:
        source = chunk.partition("\n")[0].strip().removeprefix(">>>").strip()
        yield BrokenExample(source, _PLACE.sub("it ", str(error)))
    else:
        yield from examples


def _chunks(text: str) -> Iterator[str]:
    """The lines from each prompt to the next one, or to an empty line."""
    chunk: list[str] = []
    for line in text.splitlines():
        if _PROMPT.match(line) or not line.strip():
            if chunk:
                yield "\n".join(chunk) + "\n"
            chunk = []
        if chunk or _PROMPT.match(line):
            chunk.append(line)
    if chunk:
        yield "\n".join(chunk) + "\n"


def without_prose(want: str) -> tuple[str, bool]:
    """What is shown above a line of prose, and whether there is such a line."""
    lines = want.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if _PROSE.match(line.strip()):
            return "".join(lines[:number]), True
    return want, False


def prose_of(text: str) -> str:
    """The lines of a docstring that belong to no example, in lower case."""
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        inside = bool(line.strip()) and (inside or _PROMPT.match(line) is not None)
        if not inside:
            lines.append(line.lower())
    return "\n".join(lines)


def words_in(source: str) -> set[str]:
    """The names that an example may use, whether it parses or not."""
    words = set(_WORD.findall(_STRING.sub("", source)))
    return {word for word in words if not keyword.iskeyword(word) and not hasattr(builtins, word)}


def shows_nothing(statements: list[ast.stmt]) -> bool:
    """Whether statements can have no output of their own: they give names to values."""
    return bool(statements) and all(isinstance(node, _ASSIGNING) for node in statements)


def is_print(node: ast.expr) -> bool:
    """Whether an expression is a call of `print`."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    )
