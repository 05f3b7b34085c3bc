"""Replies in the form of the two APIs, of the SDK's own types; imports `openai`, so late."""

from __future__ import annotations

import json
from typing import Literal, cast

from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.completion_usage import CompletionUsage, PromptTokensDetails
from openai.types.responses import (
    Response,
    ResponseError,
    ResponseOutputMessage,
    ResponseOutputRefusal,
    ResponseOutputText,
    ResponseStatus,
    ResponseUsage,
)
from openai.types.responses.response import IncompleteDetails
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails

from jaunt_backend_openai.testing.exchange import Prompt, Reply

_CREATED = 1_767_225_600


def render_reply(prompt: Prompt, reply: Reply) -> bytes:
    """The reply as JSON of the API that the prompt came through."""
    if prompt.api == "responses":
        return _response(prompt, reply)
    return _completion(prompt, reply).model_dump_json().encode()


def _response(prompt: Prompt, reply: Reply) -> bytes:
    status: ResponseStatus = "completed"
    if reply.error:
        status = "failed"
    elif reply.incomplete:
        status = "incomplete"
    error = {"code": reply.error, "message": reply.text} if reply.error else None
    response = Response(
        id="resp_test",
        created_at=_CREATED,
        object="response",
        model=reply.model or prompt.model,
        output=[] if reply.error else [_message(reply)],
        parallel_tool_calls=True,
        tool_choice="auto",
        tools=[],
        status=status,
        error=ResponseError.model_validate(error) if error else None,
        incomplete_details=IncompleteDetails(reason=reply.incomplete) if reply.incomplete else None,
        usage=_response_usage(reply),
    )
    body = response.model_dump(mode="json")
    if reply.usage and reply.cached_tokens is None:
        # The SDK's type insists on the details; compatible servers leave them out.
        body["usage"]["input_tokens_details"] = None
    return json.dumps(body).encode()


def _message(reply: Reply) -> ResponseOutputMessage:
    content: ResponseOutputText | ResponseOutputRefusal = ResponseOutputText(
        type="output_text", text=reply.text, annotations=[]
    )
    if reply.refusal:
        content = ResponseOutputRefusal(type="refusal", refusal=reply.refusal)
    return ResponseOutputMessage(
        id="msg_test",
        type="message",
        role="assistant",
        status="incomplete" if reply.incomplete else "completed",
        content=[content],
    )


def _response_usage(reply: Reply) -> ResponseUsage | None:
    if not reply.usage:
        return None
    return ResponseUsage(
        input_tokens=reply.input_tokens,
        input_tokens_details=InputTokensDetails(
            cached_tokens=reply.cached_tokens or 0, cache_write_tokens=0
        ),
        output_tokens=reply.output_tokens,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
        total_tokens=reply.input_tokens + reply.output_tokens,
    )


def _completion(prompt: Prompt, reply: Reply) -> ChatCompletion:
    reasons = {"": "stop", "max_output_tokens": "length", "content_filter": "content_filter"}
    reason = cast("Literal['stop', 'length', 'content_filter']", reasons[reply.incomplete])
    message = ChatCompletionMessage(
        role="assistant",
        content=None if reply.refusal else reply.text,
        refusal=reply.refusal or None,
    )
    return ChatCompletion(
        id="chatcmpl-test",
        created=_CREATED,
        object="chat.completion",
        model=reply.model or prompt.model,
        choices=[Choice(index=0, finish_reason=reason, message=message)],
        usage=_completion_usage(reply),
    )


def _completion_usage(reply: Reply) -> CompletionUsage | None:
    if not reply.usage:
        return None
    details = None
    if reply.cached_tokens is not None:
        details = PromptTokensDetails(cached_tokens=reply.cached_tokens)
    return CompletionUsage(
        prompt_tokens=reply.input_tokens,
        prompt_tokens_details=details,
        completion_tokens=reply.output_tokens,
        total_tokens=reply.input_tokens + reply.output_tokens,
    )
