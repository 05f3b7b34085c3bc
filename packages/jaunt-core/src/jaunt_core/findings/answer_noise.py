"""What models emit around an answer and no person would write: thoughts and special tokens."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from jaunt_core.findings.python_text import StringSpans, bound_names, looks_like_code

_THOUGHTS = (
    r"(?:\w+[:_-])?(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis|plan"
    r"|planning|deliberation|cot|chain_of_thought|inner_monologue)|antThinking"
)
_OPENING = re.compile(
    rf"^[ \t]*(?:<(?P<tag>{_THOUGHTS})(?:\s[^<>\n]*)?>|<details\s[^<>\n]*reasoning[^<>\n]*>"
    r"|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>|<unused94>"
    r"|<\|channel>\s*(?:thought|analysis)|<\|channel\|>\s*(?:analysis|commentary)<\|message\|>)",
    re.MULTILINE | re.IGNORECASE,
)
_CLOSING = (
    rf"(?:</(?:{_THOUGHTS}|details)>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>"
    r"|<unused95>|<channel\|>)"
)
# A tag that a thought, or a string of the code, speaks of has something on both sides.
_CLOSING_AT_EDGE = re.compile(rf"^[ \t]*{_CLOSING}|{_CLOSING}[ \t]*$", re.MULTILINE | re.IGNORECASE)
_CLOSING_ANYWHERE = re.compile(rf"{_CLOSING}|<\|end\|>", re.IGNORECASE)
_FINAL = re.compile(r"<\|channel\|>\s*final(?:\s*<\|constrain\|>\w*)?\s*<\|message\|>")
# What is left of channels where the server took their tokens away.
_BARE_CHANNELS = re.compile(r"\A\s*analysis(?=[A-Z\s]).*assistantfinal", re.DOTALL)

_MARK = (
    r"(?:<\|[^\s<>|][^<>|\n]{0,60}\|>|<\uff5c[^<>\uff5c\n]{1,60}\uff5c>|</?s>|<[be]os>"
    r"|<(?:start|end)_of_(?:turn|text|utterance|message)>|<(?:pad|unk|eod|eot|sep|EOT|EOS|END)>"
    r"|<unused\d+>|<extra_id_\d+>|<reserved_\d+>|</?fim_\w+>|<file_sep>|\[/?INST\]"
    r"|<turn\|>|<\|turn>|<channel\|>|\[e~\[|\]~b\]|\[\|\w+\|\])"
)
_TOKENS = re.compile(rf"{_MARK}(?:[ \t]*{_MARK})*")
_WORDS = re.compile(r"^\[(?:EOS|EOT|DONE|STOP|END)\][ \t]*$", re.MULTILINE)
_LAST_TOKEN = re.compile(rf"{_MARK}\Z")
# The longest token, with room to spare.
_LONGEST_TOKEN = 80
_BEHIND_FENCE = re.compile(rf"^([ \t]*(?:`{{3,}}|~{{3,}}))[ \t]*({_MARK}.*)$", re.MULTILINE)
# More than an answer ever has.
_MOST_THOUGHTS = 20
_MOST_CLOSINGS = 20
_FENCE_LINE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})", re.MULTILINE)
# The speaker, whose name stands behind the token that begins a turn.
_ROLE = re.compile(r"\A[ \t]*(?:assistant|model|final):?[ \t]*(?=\n|\Z)")


def without_thoughts(text: str, names: Collection[str]) -> str:
    """A text without the blocks in which a model thinks; `names` are those that it is to define.

    What stands before a closing tag without an opening one is thought as well. Of an opening tag
    that is never closed only the tag is dropped.
    """
    final = [match.end() for match in _FINAL.finditer(text)]
    if final:
        return text[final[-1] :]
    if bare := _BARE_CHANNELS.match(text):
        return text[bare.end() :]
    text = _without_blocks(text)
    spans = StringSpans(text)
    is_code = looks_like_code(text)
    for match in reversed(list(_CLOSING_AT_EDGE.finditer(text))[-_MOST_CLOSINGS:]):
        rest = text[match.end() :]
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if not spans.has(start):
            return rest
        # Quotes in thoughts need not come in pairs; the code has to stand behind these.
        is_shut = len(_FENCE_LINE.findall(text, 0, start)) % 2 == 0
        bound = bound_names(text, names)
        if is_shut and not is_code and bound and bound_names(rest, names) >= bound:
            return rest
    return text if is_code else _without_sentences(text)


def _without_sentences(text: str) -> str:
    """What stands behind a closing tag in the middle of a line, if words alone stand before it."""
    closing = _CLOSING_ANYWHERE.search(text)
    if closing is None or _FENCE_LINE.search(text[: closing.start()]):
        return text
    rest = text[closing.end() :]
    return rest if looks_like_code(rest) or _FENCE_LINE.match(rest) else text


def _without_blocks(text: str) -> str:
    kept: list[str] = []
    position, searched, spans = 0, 0, StringSpans(text)
    while len(kept) < _MOST_THOUGHTS and (match := _OPENING.search(text, searched)):
        searched = match.end()
        if not spans.has(match.end() - 1):
            closing = _CLOSING_AT_EDGE.search(text, match.end())
            closing = closing or _CLOSING_ANYWHERE.search(text, match.end())
            kept.append(text[position : match.start()])
            position = searched = closing.end() if closing else match.end()
            spans = StringSpans(text, position)
    return "".join([*kept, text[position:]])


def without_tokens(text: str, names: Collection[str]) -> str:
    """A text without special tokens, and of several turns the first that defines all names."""
    text = _BEHIND_FENCE.sub(r"\1\n\2", text)
    text = _without_last_tokens(text)
    turns = list(_turns(text))
    whole = [turn for turn in turns if names and bound_names(turn, names) >= frozenset(names)]
    return whole[0] if whole else "".join(turns)


def _without_last_tokens(text: str) -> str:
    while True:
        text = text.rstrip()
        match = _LAST_TOKEN.search(text, max(len(text) - _LONGEST_TOKEN, 0))
        if match is None:
            return text
        text = text[: match.start()]


def _turns(text: str) -> Iterator[str]:
    """The pieces of a text between tokens that stand at an end of a line of their own."""
    spans, position = StringSpans(text), 0
    for match in sorted(_marks(text), key=re.Match.start):
        line_begins = match.start() == 0 or text[match.start() - 1] == "\n"
        line_ends = text[match.end() : match.end() + 1] in ("", "\n")
        begins_turn = _ROLE.match(text, match.end()) is not None
        is_edge = line_begins or line_ends or begins_turn
        if is_edge and match.start() >= position and not spans.has(match.start()):
            yield _ROLE.sub("", text[position : match.start()])
            position = match.end()
    rest = text[position:]
    yield _ROLE.sub("", rest) if position else rest


def _marks(text: str) -> Iterator[re.Match[str]]:
    yield from _TOKENS.finditer(text)
    yield from _WORDS.finditer(text)
