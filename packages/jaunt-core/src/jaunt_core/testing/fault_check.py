"""A kit that has anybody's backend meet faults, and checks how it reports them."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from jaunt_core.backend.protocol import GeneratorBackend
from jaunt_core.errors import BackendError, FaultKind
from jaunt_core.testing.conformance import check, sample_request
from jaunt_core.testing.fault_server import Fault, FaultServer

_BROKEN = frozenset({FaultKind.CONNECTION, FaultKind.RESPONSE, FaultKind.SERVER})
_WAIT = 7.0
_LONGEST_MESSAGE = 5_000
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A fault, and the kinds that a backend may take it for."""

    name: str
    fault: Fault
    kinds: frozenset[FaultKind]
    retry_after: float | None = None


def _status(status: int, kind: FaultKind) -> _Case:
    fault = Fault(status=status, body=b'{"error": {"message": "no"}}')
    return _Case(name=f"status {status}", fault=fault, kinds=frozenset({kind}))


def _broken(name: str, fault: Fault) -> _Case:
    return _Case(name=name, fault=fault, kinds=_BROKEN)


_CASES = (
    _status(400, FaultKind.REQUEST),
    _status(401, FaultKind.AUTHENTICATION),
    _status(403, FaultKind.AUTHENTICATION),
    _status(429, FaultKind.RATE_LIMIT),
    _Case(
        name="status 429 with Retry-After",
        fault=Fault(status=429, headers={"Retry-After": f"{_WAIT:g}"}),
        kinds=frozenset({FaultKind.RATE_LIMIT}),
        retry_after=_WAIT,
    ),
    _status(500, FaultKind.SERVER),
    _status(502, FaultKind.SERVER),
    _status(503, FaultKind.SERVER),
    _status(529, FaultKind.SERVER),
    _broken("an error page of 10 MB", Fault(status=500, body=b"no " * 3_333_333)),
    _broken("a connection closed before the headers", Fault(hang_up="at once")),
    _broken("a connection reset before the headers", Fault(hang_up="at once", reset=True)),
    _broken("a connection closed in the middle of the headers", Fault(hang_up="mid-headers")),
    _broken("a connection closed after the headers", Fault(body=b"{}", hang_up="after headers")),
    _broken(
        "a connection reset in the middle of the body",
        Fault(body=b'{"error": null}', hang_up="mid-body", reset=True),
    ),
    _broken("no body", Fault()),
    _broken("JSON cut short", Fault(body=b'{"id": "x", "outp')),
    _broken("no JSON", Fault(body=b"\xff{[}")),
    _broken("other JSON", Fault(body=b'["no", "answer"]')),
    _broken("an HTML page", Fault(body=b"<!doctype html>sign in", content_type="text/html")),
)


async def check_faults(make: Callable[[str], GeneratorBackend], *, key: str = "") -> None:
    """Check what a backend that speaks HTTP reports of faults, by having it meet them.

    Each fault comes once, from a server on loopback; the backend has to raise a `BackendError` of
    the right kind, at once and without asking again. It may not follow a redirect, nor tell the
    key, and has to let go of its connection when it is cancelled.

    Args:
        make: Makes a backend that asks the server at an address such as `http://127.0.0.1:4711`.
        key: What the backend sends as its key, if it sends one.

    Raises:
        AssertionError: It does something else; the message says what.
    """
    for case in _CASES:
        with FaultServer(lambda _, case=case: case.fault) as server:
            error = await _error_of(make(server.address), case.name, key)
        _check_error(error, case)
        asked = len(server.requests)
        check(asked == 1, f"{case.name}: it asked {asked} times, but Jaunt does the trying again")
    await _check_refusal(make, key)
    await _check_redirects(make, key)
    await _check_cancelling(make)


def _check_error(error: BackendError, case: _Case) -> None:
    kinds = " or ".join(sorted(kind.name for kind in case.kinds))
    check(error.kind in case.kinds, f"{case.name}: it says {error.kind.name} and not {kinds}")
    if case.retry_after is not None:
        check(
            error.retry_after == case.retry_after,
            f"{case.name}: its retry_after is {error.retry_after} and not {case.retry_after}",
        )
    check(
        len(str(error)) <= _LONGEST_MESSAGE,
        f"{case.name}: its message has {len(str(error))} "
        "characters; nobody reads more than a few lines",
    )


async def _error_of(backend: GeneratorBackend, name: str, key: str) -> BackendError:
    """What a backend raises, which is to be an error of ours without the key in it."""
    try:
        await backend.generate_module(sample_request())
    except BackendError as raised:
        error = raised
    except Exception as other:
        raise AssertionError(
            f"{name}: it raises {type(other).__name__} and no BackendError"
        ) from other
    else:
        raise AssertionError(f"{name}: it takes this for an answer")
    finally:
        await backend.aclose()
    printed = "".join(traceback.format_exception(error)) + f"{error.hint}"
    check(not key or key not in printed, f"{name}: its message holds the key")
    return error


async def _check_refusal(make: Callable[[str], GeneratorBackend], key: str) -> None:
    """A server that was not started refuses connections."""
    server, name = FaultServer(lambda _: Fault()), "a refused connection"
    try:
        error = await _error_of(make(server.address), name, key)
    finally:
        server.close()
    _check_error(error, _broken(name, Fault()))


async def _check_redirects(make: Callable[[str], GeneratorBackend], key: str) -> None:
    for status in (301, 302, 303, 307, 308):
        with FaultServer(lambda _: Fault(body=b"{}")) as other:
            to = {"Location": f"{other.address}/v1"}
            reply = Fault(status=status, headers=to)
            with FaultServer(lambda _, reply=reply: reply) as server:
                error = await _error_of(make(server.address), f"status {status}", key)
        check(
            other.requests == (),
            f"status {status}: it follows the redirect, with the user's code and the key",
        )
        check(
            not error.kind.retryable,
            f"status {status}: {error.kind.name} would have it tried again, to no end",
        )


async def _check_cancelling(make: Callable[[str], GeneratorBackend]) -> None:
    with FaultServer(lambda _: Fault(delay=3600)) as server:
        backend = make(server.address)
        asking = asyncio.ensure_future(backend.generate_module(sample_request()))
        try:
            await _until(lambda: bool(server.requests) or asking.done(), "it asks nobody")
            asking.cancel()
            await _until(asking.done, "cancelled: it does not end")
            check(asking.cancelled(), "cancelled: it ends otherwise than by CancelledError")
            await _until(lambda: server.abandoned == 1, "cancelled: it leaves its connection open")
        finally:
            asking.cancel()
            await backend.aclose()


async def _until(condition: Callable[[], bool], otherwise: str) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE
    while not condition():
        check(loop.time() < end, otherwise)
        await asyncio.sleep(0.01)
