"""The code in the text of an answer, and what is wrong with it before it is parsed."""

from __future__ import annotations

import re
from collections.abc import Collection

from jaunt_core.findings.answer_blocks import blocks_of
from jaunt_core.findings.answer_choice import chosen_block
from jaunt_core.findings.answer_noise import without_thoughts, without_tokens
from jaunt_core.findings.codes import FindingCode
from jaunt_core.model.generation import Finding, GenerationResult, StopReason

# Several times what models can write in one answer. Parsed code takes up to 400 times its length
# in memory, so what is longer would do harm before anything could be said about it.
_LONGEST = 1_000_000
# Control characters but tabs, line ends and form feeds, and those that turn the direction of text.
_HIDDEN = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def code_of(text: str, names: Collection[str]) -> str:
    """The code of an answer, with Unix line endings and a final newline.

    Of all that may be code the piece counts that defines the names which the answer is to define.
    It is told from the text alone, so that it is the same wherever and whenever it is judged.
    """
    if len(text) > _LONGEST:
        return ""
    stripped = _unquoted(unix_lines(text).strip("\n"))
    cleared = without_tokens(without_thoughts(stripped, names), names)
    code = chosen_block(blocks_of(cleared, names), names)
    return code.strip("\n").rstrip() + "\n" if code.strip() else ""


def unix_lines(text: str) -> str:
    """A text with Unix line endings, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _unquoted(text: str) -> str:
    """A text without the marks of a quotation, where all of it is one."""
    lines = text.split("\n")
    is_quoted = all(line.startswith(">") and line[:3] != ">>>" for line in lines if line.strip())
    return "\n".join(line[1:].removeprefix(" ") for line in lines) if is_quoted else text


def findings_before_parsing(result: GenerationResult, code: str) -> list[Finding]:
    """What is wrong with an answer whatever its code says: refused, cut off, too long, empty.

    Args:
        result: The answer as it came.
        code: What `code_of` takes for its code.
    """
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
