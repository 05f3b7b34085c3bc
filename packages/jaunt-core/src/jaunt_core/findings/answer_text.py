"""The code in the text of an answer, and what is wrong with it before it is parsed."""

from __future__ import annotations

import re

from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.generation import Finding, GenerationResult, StopReason

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([\w+-]*)([^`\n]*)$", re.MULTILINE)
# Several times what models can write in one answer. Parsed code takes up to 400 times its length
# in memory, so what is longer would do harm before anything could be said about it.
_LONGEST = 1_000_000
# Control characters but tabs, line ends and form feeds, and those that turn the direction of text.
_HIDDEN = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PYTHON_WORDS = ("", "python", "py", "python3", "py3")
_QUOTE = re.compile(r"#[^\n]*|\"{3}|'{3}|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^'\\\n])*'?")
_CLOSING = {quote: re.compile(rf"\\.|{quote}", re.DOTALL) for quote in ('"""', "'''")}


def code_of(text: str) -> str:
    """The code of an answer, with Unix line endings and a final newline.

    Where it holds fenced blocks of Python, the longest of them is the code: a module is one text.
    """
    stripped = unix_lines(text).strip("\n")
    match = _FENCE.search(stripped)
    # A fence at the start of a line is no Python, unless it stands inside a string.
    if match is not None and not _ends_inside_string(stripped[: match.start()]):
        stripped = max(_fenced_blocks(stripped), key=len, default=stripped)
    return stripped.strip("\n").rstrip() + "\n" if stripped.strip() else ""


def unix_lines(text: str) -> str:
    """A text with Unix line endings, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _ends_inside_string(code: str) -> bool:
    """Whether Python source breaks off inside a triple-quoted string."""
    position = 0
    while match := _QUOTE.search(code, position):
        position = match.end()
        closing = _CLOSING.get(match[0])
        if closing is None:
            continue
        while (end := closing.search(code, position)) and end[0] != match[0]:
            position = end.end()
        if end is None:
            return True
        position = end.end()
    return False


def _fenced_blocks(text: str) -> list[str]:
    """The blocks of Python, without the indentation of their fence."""
    blocks: list[str] = []
    opening: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opening is None:
            opening = match
        elif match[2].startswith(opening[2]) and not (match[3] or match[4].strip()):
            block = text[opening.end() + 1 : match.start()]
            if not _is_python(opening):
                opening = None
            elif not _ends_inside_string(block):
                blocks.append(_dedented(block, len(opening[1])))
                opening = None
    if opening is not None and _is_python(opening):
        blocks.append(_dedented(text[opening.end() + 1 :], len(opening[1])))
    return blocks


def _is_python(opening: re.Match[str]) -> bool:
    return opening[3].lower() in _PYTHON_WORDS


def _dedented(block: str, fence_indent: int) -> str:
    """A block without the indentation that its first line shares with the fence."""
    first = block.lstrip("\n")
    width = min(fence_indent, len(first) - len(first.lstrip(" \t")))
    return re.sub(rf"^[ \t]{{1,{width}}}", "", block, flags=re.MULTILINE) if width else block


def findings_before_parsing(result: GenerationResult) -> list[Finding]:
    """What is wrong with an answer whatever its code says: refused, cut off, too long, empty."""
    if result.stop is StopReason.REFUSED:
        refusal = " ".join(result.text.split())[:200]
        message = "the model refused to answer" + (f": {refusal}" if refusal else "")
        return [FindingCode.ANSWER_REFUSED.finding(message, "the source of the module")]
    if result.stop is StopReason.TRUNCATED:
        message = "the answer was cut off at the output limit"
        expected = "the whole module, written more briefly"
        return [FindingCode.ANSWER_CUT_OFF.finding(message, expected)]
    if len(result.text) > _LONGEST:
        message = f"the answer has {len(result.text)} characters"
        expected = f"the source of the module, in at most {_LONGEST} characters"
        return [FindingCode.ANSWER_TOO_LONG.finding(message, expected)]
    code = code_of(result.text)
    if not code:
        message = "the answer holds no code"
        return [FindingCode.ANSWER_EMPTY.finding(message, "the source of the module")]
    if "\0" in code:
        line = code[: code.index("\0")].count("\n") + 1
        message = "the code holds a null byte"
        return [FindingCode.NULL_BYTE.finding(message, "text without null bytes", line=line)]
    return _hidden_findings(code)


def _hidden_findings(code: str) -> list[Finding]:
    """Characters that make a terminal, or a person, see something else than what runs."""
    match = _HIDDEN.search(code)
    if match is None:
        return []
    character = f"U+{ord(match[0]):04X}"
    message = f"the code holds {character}, which does not show and may hide what is run"
    return [
        FindingCode.HIDDEN_CHARACTER.finding(
            message, "an escape sequence in its place", line=code.count("\n", 0, match.start()) + 1
        )
    ]
