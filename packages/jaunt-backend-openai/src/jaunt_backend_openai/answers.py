"""What the SDK returns, as a `GenerationResult`.

Compatible servers leave out fields that the SDK's types promise, and the SDK does not check:
whatever is read here may be None or missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from jaunt_backend_openai.faults import Route, malformed_fault, reported_fault
from jaunt_core.backend import NO_TOKENS, GenerationResult, StopReason, TokenUsage, parse_usage

_POLICY_CODES = frozenset({"bio_policy", "misalignment_policy_violation"})
_UNFINISHED = frozenset({"queued", "in_progress", "cancelled"})


def result_of_response(answer: object, route: Route) -> GenerationResult:
    """The result that an answer of the Responses API holds.

    Raises:
        BackendError: It is none, or says that the model failed.
    """
    if not isinstance(answer, Response):
        raise malformed_fault(_described(answer, route), route)
    usage = _response_usage(getattr(answer, "usage", None))
    error = getattr(answer, "error", None)
    if error is not None and _text(error, "code") not in _POLICY_CODES:
        raise reported_fault(error, route, usage=_paid(usage))
    status = _text(answer, "status")
    if status in _UNFINISHED:
        raise malformed_fault(f"an answer that is {status}", route, usage=_paid(usage))
    if error is None and not isinstance(getattr(answer, "output", None), list):
        raise malformed_fault("an answer without output", route, usage=_paid(usage))
    text, refusal = _response_texts(answer)
    stop = _response_stop(answer, refused=bool(refusal))
    return GenerationResult(
        text=refusal if refusal and stop is StopReason.REFUSED else text,
        usage=usage,
        model=_text(answer, "model"),
        stop=stop,
    )


def result_of_completion(answer: object, route: Route) -> GenerationResult:
    """The result that an answer of the Chat Completions API holds.

    Raises:
        BackendError: It is none, or reports an error, as gateways do with status 200.
    """
    if not isinstance(answer, ChatCompletion):
        raise malformed_fault(_described(answer, route), route)
    usage = _completion_usage(getattr(answer, "usage", None))
    error = getattr(answer, "error", None)
    if error:
        raise reported_fault(error, route, usage=_paid(usage))
    choice = next(iter(_items(answer, "choices")), None)
    message = getattr(choice, "message", None)
    if message is None:
        raise malformed_fault("an answer without a message", route, usage=_paid(usage))
    refusal, finish = _text(message, "refusal"), _text(choice, "finish_reason")
    stop = StopReason.COMPLETE
    if refusal or finish == "content_filter":
        stop = StopReason.REFUSED
    elif finish == "length":
        stop = StopReason.TRUNCATED
    return GenerationResult(
        text=refusal or _text(message, "content"),
        usage=usage,
        model=_text(answer, "model"),
        stop=stop,
    )


def _response_texts(answer: Response) -> tuple[str, str]:
    """What the model wrote, and what it said instead where it refused."""
    written: list[str] = []
    refused: list[str] = []
    error = getattr(answer, "error", None)
    if error is not None:
        refused.append(_text(error, "message"))
    for item in _items(answer, "output"):
        if _text(item, "type") != "message":
            continue
        for part in _items(item, "content"):
            if _text(part, "type") == "refusal":
                refused.append(_text(part, "refusal"))
            else:
                written.append(_text(part, "text"))
    return "".join(written), "\n".join(refused)


def _response_stop(answer: Response, *, refused: bool) -> StopReason:
    reason = _text(getattr(answer, "incomplete_details", None), "reason")
    if refused or reason == "content_filter":
        return StopReason.REFUSED
    if _text(answer, "status") == "incomplete":
        return StopReason.TRUNCATED
    return StopReason.COMPLETE


def _response_usage(usage: object) -> TokenUsage:
    return parse_usage(
        getattr(usage, "input_tokens", None),
        getattr(getattr(usage, "input_tokens_details", None), "cached_tokens", None),
        getattr(usage, "output_tokens", None),
    )


def _completion_usage(usage: object) -> TokenUsage:
    return parse_usage(
        getattr(usage, "prompt_tokens", None),
        getattr(getattr(usage, "prompt_tokens_details", None), "cached_tokens", None),
        getattr(usage, "completion_tokens", None),
    )


def _paid(usage: TokenUsage) -> TokenUsage | None:
    return None if usage == NO_TOKENS else usage


def _text(value: object, name: str) -> str:
    text = getattr(value, name, None)
    return text if isinstance(text, str) else ""


def _items(value: object, name: str) -> Sequence[object]:
    items = getattr(value, name, None)
    return items if isinstance(items, list) else ()


def _described(answer: object, route: Route) -> str:
    if isinstance(answer, str):
        return f"text instead of JSON: {route.shown(answer) or 'nothing'}"
    return f"JSON of another form: {route.shown(repr(answer))}"


__all__ = ["result_of_completion", "result_of_response"]
