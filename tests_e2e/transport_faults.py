"""Every transport fault and what has to come of it; `docs/reference/faults.md` has the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum, auto
from functools import partial
from pathlib import Path

from jaunt_backend_openai.testing import Fault, Prompt, Reply, fault
from jaunt_core.config.loading import load_project
from jaunt_core.engine.builder import BuildOptions, build
from jaunt_core.llm.retry_policy import RetryPolicy
from jaunt_core.model.events import Event, RequestDelayed
from jaunt_core.model.report import BuildReport

KEY = "sk-canary-0123456789-abcdefghij"
WHOLE = "whole"
"""A module that meets no fault."""

_SPEC = 'import jaunt\n\n\n@jaunt.magic\ndef one() -> int:\n    """Return 1."""\n'
RIGHT = "def one() -> int:\n    return 1\n"
_MEGABYTES = 10_000_000
_JSON = json.dumps({"object": "response", "status": "completed", "output": []}).encode()


class Becomes(Enum):
    """What Jaunt makes of a fault."""

    RETRIED = auto()  # the same request again, later
    ASKED_ANEW = auto()  # an answer like any other that may not land
    FAILED = auto()  # the module fails at once, the others go on
    STOPPED = auto()  # the whole run stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fault by the name that the docs give it.

    `kind` is what the message begins with, or the code of the finding. `said` and `hint` are in
    the message and in the hint of a failure. `lasts` tells that the fault shows only at the time
    limit of a call.
    """

    name: str
    reply: Callable[[], Reply | Fault]
    becomes: Becomes
    kind: str
    said: str
    hint: str = "build again later"
    lasts: bool = False

    @property
    def module(self) -> str:
        """A module of its own, so that a run can meet all faults at once."""
        return "m_" + re.sub(r"\W+", "_", self.name.lower()).strip("_")

    @property
    def is_limited(self) -> bool:
        """Whether the pace of the whole run falls because of it."""
        return self.kind == "rate limit"

    @property
    def tries(self) -> int:
        """How often its request is sent at most."""
        return RetryPolicy().limited_tries if self.is_limited else RetryPolicy().tries

    def __str__(self) -> str:
        return self.module


def _in_two_seconds() -> Fault:
    moment = datetime.now(UTC) + timedelta(seconds=2)
    return fault(429, headers={"Retry-After": format_datetime(moment, usegmt=True)})


def _case(
    becomes: Becomes,
    name: str,
    reply: Reply | Fault,
    kind: str,
    said: str,
    hint: str = "build again later",
    *,
    lasts: bool = False,
) -> Case:
    return Case(
        name=name,
        reply=lambda: reply,
        becomes=becomes,
        kind=kind,
        said=said,
        hint=hint,
        lasts=lasts,
    )


_retried = partial(_case, Becomes.RETRIED)
_rejected = partial(_case, Becomes.ASKED_ANEW)
_refused = partial(_case, Becomes.FAILED)
_fatal = partial(_case, Becomes.STOPPED)

CASES = (
    _retried("429", fault(429), "rate limit", "answered 429"),
    _retried(
        "429 with `Retry-After` in seconds",
        fault(429, headers={"Retry-After": "1"}),
        *("rate limit", "answered 429", "the server asks to wait 1 s"),
    ),
    Case(
        name="429 with `Retry-After` as a date",
        reply=_in_two_seconds,
        becomes=Becomes.RETRIED,
        kind="rate limit",
        said="answered 429",
        hint="the server asks to wait",
    ),
    _fatal(
        "429 with a `Retry-After` of more than a minute",
        fault(429, headers={"Retry-After": "3600"}),
        "rate limit",
        "answered 429",
        "the server asks to wait 3600 s",
    ),
    _retried("500", fault(500), "server error", "answered 500"),
    _retried("502", fault(502), "server error", "answered 502"),
    _retried("503", fault(503), "server error", "answered 503"),
    _retried("504", fault(504), "timeout", "answered 504"),
    _retried("529", fault(529), "server error", "answered 529"),
    _retried(
        "an error page of 10 MB",
        Fault(status=500, body=b"no " * (_MEGABYTES // 3), content_type="text/html"),
        "server error",
        "no no no",
    ),
    _retried(
        "an error with status 200",
        Fault(body=b'{"error": {"code": "server_error", "message": "it broke"}}'),
        "server error",
        "it broke",
    ),
    _retried(
        "connection closed before the headers",
        Fault(hang_up="at once"),
        *("connection", "the connection to"),
    ),
    _retried(
        "connection reset before the headers",
        Fault(hang_up="at once", reset=True),
        *("connection", "the connection to"),
    ),
    _retried(
        "connection reset in the middle of the headers",
        Fault(body=_JSON, hang_up="mid-headers", reset=True),
        *("connection", "the connection to"),
    ),
    _retried(
        "connection reset after the headers",
        Fault(body=_JSON, hang_up="after headers", reset=True),
        *("connection", "the connection to"),
    ),
    _retried(
        "connection reset in the middle of the body",
        Fault(body=_JSON, hang_up="mid-body", reset=True),
        *("connection", "the connection to"),
    ),
    _retried(
        "connection closed in the middle of the body",
        Fault(body=_JSON, hang_up="mid-body"),
        *("connection", "the connection to"),
    ),
    _retried(
        "no answer at all",
        Fault(delay=3600),
        "timeout",
        "no answer from",
        hint="`[llm] timeout`",
        lasts=True,
    ),
    _retried(
        "a byte per second",
        Fault(body=_JSON, drip=1.0),
        "timeout",
        "no answer from",
        hint="`[llm] timeout`",
        lasts=True,
    ),
    _retried(
        "JSON cut short",
        Fault(body=_JSON[:30]),
        "malformed response",
        "not whole JSON",
        hint="`[llm] base_url`",
    ),
    _retried(
        "no JSON",
        Fault(body=b"\xff{[}"),
        "malformed response",
        "not whole JSON",
        hint="`[llm] base_url`",
    ),
    _retried(
        "other JSON",
        Fault(body=b'["no", "answer"]'),
        "malformed response",
        "JSON of another form",
        hint="`[llm] base_url`",
    ),
    _retried(
        "an HTML page with status 200",
        Fault(body=b"<!doctype html>sign in", content_type="text/html"),
        "malformed response",
        "text instead of JSON",
        hint="`[llm] base_url`",
    ),
    _rejected("an empty answer", Reply(), "answer-empty", "no code", "ask another one"),
    _rejected(
        "a refusal", Reply(refusal="not that"), "answer-refused", "not that", "say otherwise"
    ),
    _rejected(
        "an answer cut off at the token limit",
        Reply(text=RIGHT, incomplete="max_output_tokens"),
        "answer-cut-off",
        "output limit",
        "allow longer answers",
    ),
    _rejected(
        "an answer of 10 MB",
        Reply(text="x = 1\n" * (_MEGABYTES // 6)),
        "answer-too-long",
        "9999996 characters",
        "ask another one",
    ),
    _refused("400", fault(400), "request refused", "answered 400", "check [llm]"),
    _refused("404", fault(404), "request refused", "answered 404", "`[llm] base_url`"),
    _refused("413", fault(413), "request refused", "answered 413", "`[prompts] max_tokens`"),
    _refused(
        "a redirect",
        fault(307, headers={"Location": "http://127.0.0.1:1/v1"}),
        "request refused",
        "answered 307 (to http://127.0.0.1:1/v1)",
        "redirects are not followed",
    ),
    _fatal(
        "401",
        fault(401, code="invalid_api_key"),
        "authentication",
        "refused the key in $OPENAI_API_KEY",
        "check the value of OPENAI_API_KEY",
    ),
    _fatal("403", fault(403), "authentication", "answered 403", "check what this key may do"),
    _fatal("402", fault(402), "quota", "answered 402", "check plan and billing"),
    _fatal(
        "429 with the code `insufficient_quota`",
        fault(429, code="insufficient_quota"),
        "quota",
        "answered 429 insufficient_quota",
        "check plan and billing",
    ),
)

UNREACHED = ("connection refused", "a server that does not speak TLS")
"""The faults that no server can answer with."""

_ASKED_FOR = re.compile(r"implements the specs of `(\w+)`")


def module_of(prompt: Prompt) -> str:
    """The module that a prompt asks for."""
    found = _ASKED_FOR.search(prompt.text)
    assert found is not None
    return found[1]


def cases_of(becomes: Becomes) -> list[Case]:
    """The faults of which the same is made."""
    return [case for case in CASES if case.becomes is becomes]


def write_project(root: Path, cases: Sequence[Case], llm: str) -> Path:
    """A project of small modules, one for each fault and one for none; its folder."""
    root.mkdir(parents=True)
    for name in (WHOLE, *(case.module for case in cases)):
        (root / f"{name}.py").write_text(_SPEC, "utf-8")
    (root / "jaunt.toml").write_text(f"version = 1\n[llm]\n{llm}\n", "utf-8")
    return root


def build_here(
    project: Path, retry_policy: RetryPolicy
) -> tuple[BuildReport, list[RequestDelayed]]:
    """A build with the real backend in this process, where waits can be made short; its waits."""
    events: list[Event] = []
    report = build(
        load_project(root=project),
        BuildOptions(jobs=32),
        sink=events.append,
        environ={"OPENAI_API_KEY": KEY},
        retry_policy=retry_policy,
    )
    return report, [event for event in events if isinstance(event, RequestDelayed)]
