"""What the SDK returns, as a `GenerationResult`.

Compatible servers leave out fields that the SDK's types promise, and the SDK does not check:
whatever is read here may be None or missing.
"""

from __future__ import annotations

from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from jaunt_backend_openai.faults import Route, failed_response_fault, malformed_fault
from jaunt_core.model.generation import GenerationResult, StopReason, TokenUsage

_POLICY_CODES = frozenset({"bio_policy", "misalignment_policy_violation"})
_UNFINISHED = frozenset({"queued", "in_progress", "cancelled"})


def result_of_response(answer: object, route: Route) -> GenerationResult:
    """The result that an answer of the Responses API holds.

    Raises:
        BackendError: It is none, or says that the model failed.
    """
    if not isinstance(answer, Response):
        raise malformed_fault(_described(answer, route), route)
    if answer.error is not None and answer.error.code not in _POLICY_CODES:
        raise failed_response_fault(
            _text(answer.error, "code"), _text(answer.error, "message"), route
        )
    if answer.status in _UNFINISHED:
        raise malformed_fault(f"an answer that is {answer.status}", route)
    if answer.error is None and not isinstance(answer.output, list):
        raise malformed_fault("an answer without output", route)
    text, refusal = _response_texts(answer)
    stop = _response_stop(answer, refused=bool(refusal))
    return GenerationResult(
        text=refusal if refusal and stop is StopReason.REFUSED else text,
        usage=_response_usage(answer.usage),
        model=_text(answer, "model"),
        stop=stop,
    )


def result_of_completion(answer: object, route: Route) -> GenerationResult:
    """The result that an answer of the Chat Completions API holds.

    Raises:
        BackendError: It is none.
    """
    if not isinstance(answer, ChatCompletion):
        raise malformed_fault(_described(answer, route), route)
    choice = answer.choices[0] if answer.choices else None
    message = getattr(choice, "message", None)
    if choice is None or message is None:
        raise malformed_fault("an answer without a message", route)
    refusal = _text(message, "refusal")
    stop = StopReason.COMPLETE
    if refusal or choice.finish_reason == "content_filter":
        stop = StopReason.REFUSED
    elif choice.finish_reason == "length":
        stop = StopReason.TRUNCATED
    return GenerationResult(
        text=refusal or _text(message, "content"),
        usage=_completion_usage(answer.usage),
        model=_text(answer, "model"),
        stop=stop,
    )


def _response_texts(answer: Response) -> tuple[str, str]:
    """What the model wrote, and what it said instead where it refused."""
    written: list[str] = []
    refused: list[str] = []
    if answer.error is not None:
        refused.append(_text(answer.error, "message"))
    for item in answer.output or ():
        if item.type != "message":
            continue
        for part in item.content or ():
            if part.type == "refusal":
                refused.append(_text(part, "refusal"))
            else:
                written.append(_text(part, "text"))
    return "".join(written), "\n".join(refused)


def _response_stop(answer: Response, *, refused: bool) -> StopReason:
    reason = getattr(answer.incomplete_details, "reason", None)
    if refused or reason == "content_filter":
        return StopReason.REFUSED
    if answer.status == "incomplete":
        return StopReason.TRUNCATED
    return StopReason.COMPLETE


def _response_usage(usage: object) -> TokenUsage:
    return TokenUsage(
        input=_count(usage, "input_tokens"),
        cached=_count(getattr(usage, "input_tokens_details", None), "cached_tokens"),
        output=_count(usage, "output_tokens"),
    )


def _completion_usage(usage: object) -> TokenUsage:
    return TokenUsage(
        input=_count(usage, "prompt_tokens"),
        cached=_count(getattr(usage, "prompt_tokens_details", None), "cached_tokens"),
        output=_count(usage, "completion_tokens"),
    )


def _count(counts: object, name: str) -> int:
    value = getattr(counts, name, None)
    return value if isinstance(value, int) else 0


def _text(value: object, name: str) -> str:
    text = getattr(value, name, None)
    return text if isinstance(text, str) else ""


def _described(answer: object, route: Route) -> str:
    if isinstance(answer, str):
        return f"text instead of JSON: {route.shown(answer) or 'nothing'}"
    return f"JSON of another form: {route.shown(repr(answer))}"


__all__ = ["result_of_completion", "result_of_response"]
