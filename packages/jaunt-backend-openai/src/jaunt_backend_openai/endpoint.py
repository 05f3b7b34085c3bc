"""The SDK's client and the two APIs that it is used for; imported on the first call only."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Literal, TypeVar, cast

import openai
from openai.types.chat import ChatCompletionMessageParam
from openai.types.responses import EasyInputMessageParam, ResponseInputItemParam
from openai.types.shared_params import Reasoning, ReasoningEffort

from jaunt_backend_openai.answers import result_of_completion, result_of_response
from jaunt_backend_openai.faults import Route, fault_of, is_missing_route
from jaunt_backend_openai.settings import OpenAISettings
from jaunt_core.backend import BackendError, GenerationResult, Masker, Message

_T = TypeVar("_T")
_HEADER_VARIABLES = ("OPENAI_CUSTOM_HEADERS", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")


def make_client(
    *, base_url: str, api_key: str, timeout: float, takes_headers: bool
) -> openai.AsyncOpenAI:
    """A client that takes key and address from its arguments alone and retries nothing.

    The empty strings and the header keep the SDK from reading `OPENAI_ADMIN_KEY`,
    `OPENAI_WEBHOOK_SECRET` and an `Authorization` line of `OPENAI_CUSTOM_HEADERS`. Redirects
    are errors: the request holds the user's code, which goes to the configured address only.
    `takes_headers` says whether the other headers of the user's environment may go there.
    """
    _learn_platform(api_key)
    with _environment_without(() if takes_headers else _HEADER_VARIABLES):
        return openai.AsyncOpenAI(
            api_key=api_key,
            admin_api_key="",
            webhook_secret="",
            base_url=base_url,
            timeout=timeout,
            max_retries=0,
            default_headers={"Authorization": f"Bearer {api_key}"},
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout),
        )


def _learn_platform(secret: str) -> None:
    """Have Python look up its platform, and cache it, without the key in the environment.

    The SDK sends the platform to every server, and some versions of Python start `uname` for it.
    """
    mask = Masker([secret])
    with _environment_without([name for name, text in os.environ.items() if mask.finds(text)]):
        platform.platform()


@contextmanager
def _environment_without(names: Iterable[str]) -> Generator[None]:
    """While it is entered, the environment lacks these variables."""
    removed = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(removed)


class Endpoint:
    """One server, asked through the API that it speaks.

    With `api = "auto"` the first answer decides: a server that does not know the Responses API
    is asked through Chat Completions from then on.
    """

    def __init__(
        self, client: openai.AsyncOpenAI, *, settings: OpenAISettings, route: Route
    ) -> None:
        self._client = client
        self._settings = settings
        self._limit = settings.max_output_tokens
        self._route = route
        self._api: Literal["auto", "responses", "chat"] = settings.api

    async def ask(
        self, messages: Sequence[Message], *, most_output: int | None
    ) -> GenerationResult:
        """The model's answer, ended by the server after `most_output` tokens.

        Raises:
            BackendError: None came within the time limit.
        """
        try:
            # The SDK's own limit counts from byte to byte, so a slow drip would never end.
            async with asyncio.timeout(self._settings.timeout):
                return await self._answer(messages, _least(most_output, self._limit))
        except BackendError:
            raise
        except Exception as exc:  # noqa: BLE001 - a reply may break whatever reads it
            fault = fault_of(exc, self._route)
        raise fault

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _answer(self, messages: Sequence[Message], limit: int | None) -> GenerationResult:
        if self._api != "chat":
            try:
                answer = await self._ask_responses(messages, limit)
            except openai.APIStatusError as exc:
                # Another call may have found out in the meantime: then it is "chat" already.
                if self._api == "responses" or not is_missing_route(exc):
                    raise
            else:
                # A stray 404 later on is then an error and no reason to change the API.
                self._api = "responses"
                return result_of_response(answer, self._route)
        answer = await self._ask_chat(messages, limit)
        # Only now: where both are unknown, the 404 was about something else.
        if self._api == "auto":
            self._api = "chat"
        return result_of_completion(answer, self._route)

    async def _ask_responses(self, messages: Sequence[Message], limit: int | None) -> object:
        settings = self._settings
        instructions = "\n\n".join(m.text for m in messages if m.role == "system")
        effort = settings.reasoning_effort
        turns: list[ResponseInputItemParam] = [
            EasyInputMessageParam(type="message", role=m.role, content=m.text)
            for m in messages
            if m.role != "system"
        ]
        return await self._client.responses.create(
            model=self._route.model,
            instructions=instructions or openai.omit,
            input=turns,
            store=False,
            temperature=_or_omit(settings.temperature),
            max_output_tokens=_or_omit(limit),
            reasoning=Reasoning(effort=cast("ReasoningEffort", effort)) if effort else openai.omit,
        )

    async def _ask_chat(self, messages: Sequence[Message], limit: int | None) -> object:
        settings = self._settings
        effort = settings.reasoning_effort
        most = _or_omit(limit)
        # OpenAI wants the new name, and servers that have only this API know the old one.
        custom = self._route.custom
        return await self._client.chat.completions.create(
            model=self._route.model,
            messages=[_chat_message(message) for message in messages],
            temperature=_or_omit(settings.temperature),
            max_tokens=most if custom else openai.omit,
            max_completion_tokens=openai.omit if custom else most,
            reasoning_effort=cast("ReasoningEffort", effort) if effort else openai.omit,
        )


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _or_omit(value: _T | None) -> _T | openai.Omit:
    return openai.omit if value is None else value


def _chat_message(message: Message) -> ChatCompletionMessageParam:
    if message.role == "system":
        return {"role": "system", "content": message.text}
    if message.role == "assistant":
        return {"role": "assistant", "content": message.text}
    return {"role": "user", "content": message.text}
