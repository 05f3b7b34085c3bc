"""Requests that fit: what matters least is left out first, and said to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from jaunt_core.model.generation import Message, ModuleSpecContext

_CHARACTERS_PER_TOKEN = 4
"""The usual estimate for English and code; no tokenizer is asked."""

_LEFT_OUT = "# left out here: the request would be longer than the project allows"

Render = Callable[[ModuleSpecContext], tuple[Message, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedMessages:
    """The messages to send, about how many `tokens` they are, and what was left `out` of them."""

    messages: tuple[Message, ...]
    tokens: int
    omitted: tuple[str, ...]


def estimated_tokens(messages: tuple[Message, ...]) -> int:
    """About how many tokens messages are: nobody but the provider knows."""
    return _tokens_of(sum(len(message.text) for message in messages))


def _tokens_of(length: int) -> int:
    return -(-length // _CHARACTERS_PER_TOKEN)


def fit_messages(context: ModuleSpecContext, render: Render, *, max_tokens: int) -> FittedMessages:
    """The messages for a context, without what matters least where they would be too long.

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


def _cuts(
    context: ModuleSpecContext, max_tokens: int
) -> Iterator[tuple[str, Callable[[ModuleSpecContext], ModuleSpecContext]]]:
    """What can be left out, the least important first, and how."""
    repaired = context.previous_answer or ""
    is_hopeless = _tokens_of(len(repaired)) > max_tokens
    if is_hopeless:
        yield "the answer before", lambda it: replace(it, previous_answer=_LEFT_OUT)
    if context.dependency_sources:
        yield "the code of dependencies", lambda it: replace(it, dependency_sources=())
    is_whole = len(context.wanted) == len(context.expected)
    if context.previous_source and is_whole:
        yield "the version before", lambda it: replace(it, previous_source=_LEFT_OUT)
    for item in sorted(context.context, key=lambda it: (-len(it.text), it.ref)):
        yield (
            item.ref,
            lambda it, ref=item.ref: replace(
                it,
                context=tuple(
                    replace(each, text=_LEFT_OUT) if each.ref == ref else each
                    for each in it.context
                ),
            ),
        )
    for api in sorted(context.dependency_apis, key=lambda it: (-len(it.text), it.ref)):
        yield (
            api.ref,
            lambda it, ref=api.ref: replace(
                it,
                dependency_apis=tuple(
                    replace(each, text=_LEFT_OUT) if each.ref == ref else each
                    for each in it.dependency_apis
                ),
            ),
        )
    if repaired and not is_hopeless:
        yield "the answer before", lambda it: replace(it, previous_answer=_LEFT_OUT)


__all__ = ["FittedMessages", "estimated_tokens", "fit_messages"]
