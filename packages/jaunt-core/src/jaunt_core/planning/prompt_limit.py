"""Fit requests into the limit: what matters least is left out first, and marked as left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from jaunt_core.model.generation import DependencyApi, Message, ModuleSpecContext
from jaunt_core.model.spec import ContextItem, SpecRef

_CHARACTERS_PER_TOKEN = 4
"""The usual estimate for English and code; no tokenizer is asked."""

_LEFT_OUT = "# left out here: the request would be longer than the project allows"

Render = Callable[[ModuleSpecContext], tuple[Message, ...]]
_Cut = Callable[[ModuleSpecContext], ModuleSpecContext]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMessages:
    """The messages to send, about how many `tokens` they are, and what was `omitted` from them."""

    messages: tuple[Message, ...]
    tokens: int
    omitted: tuple[str, ...]


def estimated_tokens(messages: tuple[Message, ...]) -> int:
    """About how many tokens messages are; only the provider can count them."""
    return _tokens_of(sum(len(message.text) for message in messages))


def _tokens_of(length: int) -> int:
    return -(-length // _CHARACTERS_PER_TOKEN)


def fit_messages(context: ModuleSpecContext, render: Render, *, max_tokens: int) -> FittedMessages:
    """The messages for a context; where they would be too long, without what matters least.

    The code of dependencies goes first, then the version before (unless it is fixed code), then
    definitions and dependencies, the longest first, then the answer that is to be repaired; that
    goes before all where nothing else could make room for it. Specs, findings and what is to be
    written are never left out, so the result may be longer than allowed.

    Args:
        context: What a request is about.
        render: Makes the messages of it.
        max_tokens: How many tokens they may be.
    """
    messages, omitted = render(context), list[str]()
    for name, shorter in _cuts(context, max_tokens):
        if estimated_tokens(messages) <= max_tokens:
            break
        context = shorter(context)
        messages = render(context)
        omitted.append(name)
    return FittedMessages(
        messages=messages, tokens=estimated_tokens(messages), omitted=tuple(omitted)
    )


def _cuts(context: ModuleSpecContext, max_tokens: int) -> Iterator[tuple[str, _Cut]]:
    """What can be left out, the least important first, and how."""
    repaired = context.previous_answer or ""
    # Where it is too long by itself, it would be in vain to leave out anything else.
    is_hopeless = _tokens_of(len(repaired)) > max_tokens
    if is_hopeless:
        yield "the answer before", partial(replace, previous_answer=_LEFT_OUT)
    if context.dependency_sources:
        yield "the code of dependencies", partial(replace, dependency_sources=())
    is_whole = len(context.wanted) + len(context.standing) == len(context.expected)
    if context.previous_source and is_whole:
        yield "the version before", partial(replace, previous_source=_LEFT_OUT)
    for definition in sorted(context.context, key=_longest_first):
        yield definition.ref, partial(_without_text, field="context", ref=definition.ref)
    for api in sorted(context.dependency_apis, key=_longest_first):
        yield api.ref, partial(_without_text, field="dependency_apis", ref=api.ref)
    if repaired and not is_hopeless:
        yield "the answer before", partial(replace, previous_answer=_LEFT_OUT)


def _longest_first(entry: ContextItem | DependencyApi) -> tuple[int, SpecRef]:
    return -len(entry.text), entry.ref


def _without_text(context: ModuleSpecContext, field: str, ref: SpecRef) -> ModuleSpecContext:
    entries: tuple[ContextItem | DependencyApi, ...] = getattr(context, field)
    shown = (replace(entry, text=_LEFT_OUT) if entry.ref == ref else entry for entry in entries)
    return replace(context, **{field: tuple(shown)})
