"""An answer as text: fences off, and what can be said before it is parsed."""

from __future__ import annotations

import re

from jaunt_core.model.generation import Finding, GenerationResult, StopReason

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*$", re.MULTILINE)
_PYTHON_WORDS = ("", "python", "py", "python3", "pycon")


def code_of(text: str) -> str:
    """The code of an answer, with Unix line endings and a final newline.

    Where it holds fenced blocks of Python, the longest of them is the code: a module is one text.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    stripped = text.strip("\n")
    if stripped.lstrip().startswith(("```", "~~~")) or not _parses_without_fences(stripped):
        blocks = _fenced_blocks(stripped)
        if blocks:
            stripped = max(blocks, key=len)
    return stripped.strip("\n").rstrip() + "\n" if stripped.strip() else ""


def _parses_without_fences(text: str) -> bool:
    # A fence at the start of a line is no Python, unless it stands inside a string.
    match = _FENCE.search(text)
    return match is None or _ends_inside_string(text[: match.start()])


def _ends_inside_string(text: str) -> bool:
    return text.count('"""') % 2 == 1 or text.count("'''") % 2 == 1


def _fenced_blocks(text: str) -> list[str]:
    blocks: list[str] = []
    opening: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opening is None:
            opening = match
        elif match[1].startswith(opening[1]) and not match[2]:
            if _ends_inside_string(text[opening.end() : match.start()]):
                continue
            if opening[2].lower() in _PYTHON_WORDS:
                blocks.append(text[opening.end() + 1 : match.start()])
            opening = None
    if opening is not None and opening[2].lower() in _PYTHON_WORDS:
        blocks.append(text[opening.end() + 1 :])
    return blocks


def findings_before_parsing(result: GenerationResult) -> list[Finding]:
    """What is wrong with an answer whatever its code says: refused, cut off, empty."""
    if result.stop is StopReason.REFUSED:
        said = " ".join(result.text.split())[:200]
        return [
            Finding(
                code="answer-refused",
                message="the model refused to answer" + (f": {said}" if said else ""),
                expected="the source of the module",
            )
        ]
    if result.stop is StopReason.TRUNCATED:
        return [
            Finding(
                code="answer-cut-off",
                message="the answer was cut off at the output limit",
                expected="the whole module, written more briefly",
            )
        ]
    code = code_of(result.text)
    if not code:
        return [
            Finding(
                code="answer-empty",
                message="the answer holds no code",
                expected="the source of the module",
            )
        ]
    if "\0" in code:
        line = code[: code.index("\0")].count("\n") + 1
        return [Finding(code="null-byte", message="the code holds a null byte", line=line)]
    return []


__all__ = ["code_of", "findings_before_parsing"]
