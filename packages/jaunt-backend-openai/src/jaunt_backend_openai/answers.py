"""Turn answers of the SDK into a `GenerationResult`.

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
        BackendError: It is no such answer, or says that the model failed.
    """
    if not isinstance(answer, Response):
        raise malformed_fault(_description(answer, route), route)
    usage = _response_usage(getattr(answer, "usage", None))
    error = getattr(answer, "error", None)
    if error is not None and _text_in(error, "code") not in _POLICY_CODES:
        raise reported_fault(error, route, usage=_usage_if_known(usage))
    status = _text_in(answer, "status")
    if status in _UNFINISHED:
        raise malformed_fault(f"an answer that is {status}", route, usage=_usage_if_known(usage))
    if error is None and not isinstance(getattr(answer, "output", None), list):
        raise malformed_fault("an answer without output", route, usage=_usage_if_known(usage))
    text, refusal = _response_texts(answer)
    stop = _response_stop(answer, refused=bool(refusal))
    return GenerationResult(
        text=refusal if refusal and stop is StopReason.REFUSED else text,
        usage=usage,
        model=_text_in(answer, "model"),
        stop=stop,
    )


def result_of_completion(answer: object, route: Route) -> GenerationResult:
    """The result that an answer of the Chat Completions API holds.

    Raises:
        BackendError: It is no such answer, or reports an error, as gateways do with status 200.
    """
    if not isinstance(answer, ChatCompletion):
        raise malformed_fault(_description(answer, route), route)
    usage = _completion_usage(getattr(answer, "usage", None))
    error = getattr(answer, "error", None)
    if error:
        raise reported_fault(error, route, usage=_usage_if_known(usage))
    choice = next(iter(_list_in(answer, "choices")), None)
    message = getattr(choice, "message", None)
    if message is None:
        raise malformed_fault("an answer without a message", route, usage=_usage_if_known(usage))
    refusal, finish = _text_in(message, "refusal"), _text_in(choice, "finish_reason")
    stop = StopReason.COMPLETE
    if refusal or finish == "content_filter":
        stop = StopReason.REFUSED
    elif finish == "length":
        stop = StopReason.TRUNCATED
    return GenerationResult(
        text=refusal or _text_in(message, "content"),
        usage=usage,
        model=_text_in(answer, "model"),
        stop=stop,
    )


def _response_texts(answer: Response) -> tuple[str, str]:
    """The text of an answer, and the text of a refusal."""
    written: list[str] = []
    refused: list[str] = []
    error = getattr(answer, "error", None)
    if error is not None:
        refused.append(_text_in(error, "message"))
    for output in _list_in(answer, "output"):
        if _text_in(output, "type") != "message":
            continue
        for part in _list_in(output, "content"):
            if _text_in(part, "type") == "refusal":
                refused.append(_text_in(part, "refusal"))
            else:
                written.append(_text_in(part, "text"))
    return "".join(written), "\n".join(refused)


def _response_stop(answer: Response, *, refused: bool) -> StopReason:
    reason = _text_in(getattr(answer, "incomplete_details", None), "reason")
    if refused or reason == "content_filter":
        return StopReason.REFUSED
    if _text_in(answer, "status") == "incomplete":
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


def _usage_if_known(usage: TokenUsage) -> TokenUsage | None:
    return None if usage == NO_TOKENS else usage


def _text_in(value: object, name: str) -> str:
    text = getattr(value, name, None)
    return text if isinstance(text, str) else ""


def _list_in(value: object, name: str) -> Sequence[object]:
    items = getattr(value, name, None)
    return items if isinstance(items, list) else ()


def _description(answer: object, route: Route) -> str:
    if isinstance(answer, str):
        return f"text instead of JSON: {route.redacted(answer) or 'nothing'}"
    return f"JSON of another form: {route.redacted(repr(answer))}"
