"""The kit for authors of backends stops those that are wrong, and says what is wrong with them."""

from __future__ import annotations

import asyncio
import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from jaunt_core.errors import BackendError, FaultKind
from jaunt_core.model.generation import GenerationRequest, GenerationResult
from jaunt_core.testing import check_faults

KEY = "canary-0123456789"
_KINDS = {
    401: FaultKind.AUTHENTICATION,
    403: FaultKind.AUTHENTICATION,
    429: FaultKind.RATE_LIMIT,
}


@dataclass
class Toy:
    """A backend on asyncio's streams, right but for what its fields spoil."""

    address: str
    tries: int = 1
    follows: bool = False
    tells_key: bool = False
    tells_all: bool = False
    lets_through: bool = False
    keeps_waiting: bool = False
    forgets_wait: bool = False
    takes_anything: bool = False
    name: str = "toy"
    fingerprint: str = "toy"

    async def generate_module(self, request: GenerationRequest) -> GenerationResult:
        for _ in range(self.tries - 1):
            try:
                return await self._asked(self.address)
            except BackendError:
                continue
        try:
            return await self._asked(self.address)
        except BackendError as error:
            if self.tells_key:
                raise BackendError(f"{error} with {KEY}", kind=error.kind) from None
            raise

    async def aclose(self) -> None:
        pass

    async def _asked(self, address: str) -> GenerationResult:
        url = urlsplit(address)
        try:
            reader, writer = await asyncio.open_connection(url.hostname, url.port)
        except OSError:
            raise BackendError("no connection", kind=FaultKind.CONNECTION) from None
        writer.write(
            b"POST /v1 HTTP/1.1\r\nAuthorization: Bearer " + KEY.encode() + b"\r\n"
            b"Content-Length: 2\r\n\r\n{}"
        )
        try:
            raw = await reader.read() if not self.keeps_waiting else await _stubborn(reader)
        except ConnectionError:
            if self.lets_through:
                raise
            raise BackendError("it broke", kind=FaultKind.CONNECTION) from None
        finally:
            writer.close()
        return await self._result(raw)

    async def _result(self, raw: bytes) -> GenerationResult:
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        status = int(lines[0].split()[1]) if len(lines[0].split()) > 1 else 0
        if not status:
            raise BackendError("it broke", kind=FaultKind.CONNECTION)
        if self.follows and "location" in headers:
            return await self._asked(headers["location"])
        if status != http.client.OK:
            kind = FaultKind.SERVER if status >= 500 else _KINDS.get(status, FaultKind.REQUEST)
            after = None if self.forgets_wait else headers.get("retry-after")
            message = body.decode() if self.tells_all else f"status {status}"
            raise BackendError(message, kind=kind, retry_after=float(after) if after else None)
        if self.takes_anything:
            return GenerationResult(text=body.decode("latin-1"))
        try:
            return GenerationResult(text=json.loads(body)["text"])
        except (ValueError, LookupError, TypeError):
            raise BackendError("no answer", kind=FaultKind.RESPONSE) from None


async def _stubborn(reader: asyncio.StreamReader) -> bytes:
    reading = asyncio.ensure_future(reader.read())
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        return b""


async def test_a_right_one_passes() -> None:
    await check_faults(Toy, key=KEY)


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        ({"tries": 2}, "status 400: it asked 2 times, but Jaunt does the trying again"),
        ({"tells_key": True}, "status 400: its message holds the key"),
        ({"forgets_wait": True}, "its retry_after is None and not 7"),
        ({"tells_all": True}, "its message has 9999999 characters"),
        ({"lets_through": True}, "it raises ConnectionResetError and no BackendError"),
        ({"takes_anything": True}, "it takes this for an answer"),
        ({"follows": True}, "status 301: it follows the redirect"),
        ({"keeps_waiting": True}, "cancelled: it ends otherwise than by CancelledError"),
    ],
)
async def test_a_wrong_one_is_stopped(spoilt: dict[str, Any], says: str) -> None:
    with pytest.raises(AssertionError) as caught:
        await check_faults(lambda address: Toy(address, **spoilt), key=KEY)
    assert says in str(caught.value)


class Lingering(Toy):
    """Asks on a thread, which nobody cancels."""

    async def _asked(self, address: str) -> GenerationResult:
        return await self._result(await asyncio.to_thread(self._raw, address))

    def _raw(self, address: str) -> bytes:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        try:
            connection.connect()
            connection.sock.sendall(b"POST /v1 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            raw = b""
            while part := connection.sock.recv(1 << 20):
                raw += part
        except ConnectionRefusedError:
            raise BackendError("no connection", kind=FaultKind.CONNECTION) from None
        except ConnectionError:
            raise BackendError("it broke", kind=FaultKind.CONNECTION) from None
        else:
            return raw
        finally:
            connection.close()


async def test_one_that_leaves_its_connection_open_is_stopped() -> None:
    with pytest.raises(AssertionError, match="cancelled: it leaves its connection open"):
        await check_faults(Lingering)
