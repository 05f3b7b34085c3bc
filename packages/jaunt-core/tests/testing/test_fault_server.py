"""The server that authors of backends test against: what it sends, and what it lets through."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from jaunt_core.testing import Breach, Fault, FaultServer, RateLimited, Received

REPLY = Fault(body=b"0123456789", headers={"X-Mine": "yes"})


def ask(address: str, *, method: str = "POST", path: str = "/") -> http.client.HTTPResponse:
    """The reply to one request, read to its end."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    try:
        connection.request(method, path, body=b"hello")
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    return response


def bytes_from(server: FaultServer) -> tuple[bytes, bool]:
    """All bytes of a reply, and whether the connection was reset and not closed."""
    got = b""
    with socket.create_connection((urlsplit(server.address).hostname, port_of(server))) as client:
        client.sendall(b"POST /v1 HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        try:
            while part := client.recv(4096):
                got += part
        except ConnectionResetError:
            return got, True
    return got, False


def port_of(server: FaultServer) -> int:
    port = urlsplit(server.address).port
    assert port is not None
    return port


def test_what_is_sent_is_what_was_told_and_what_came_is_recorded() -> None:
    with FaultServer(lambda _: REPLY) as server:
        got, reset = bytes_from(server)
    assert got == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n"
        b"Connection: close\r\nX-Mine: yes\r\n\r\n0123456789"
    )
    assert not reset
    assert server.requests == (
        Received(method="POST", path="/v1", headers={"content-length": "2"}, body=b"{}"),
    )


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(
    ("where", "ends"),
    [
        ("at once", b""),
        ("mid-headers", b"Content-Type: application/js"),
        ("after headers", b"\r\n\r\n"),
        ("mid-body", b"\r\n\r\n01234"),
    ],
)
def test_where_and_how_a_connection_breaks_off(where: Breach, ends: bytes, *, reset: bool) -> None:
    reply = Fault(body=b"0123456789", hang_up=where, reset=reset)
    with FaultServer(lambda _: reply) as server:
        got, was_reset = bytes_from(server)
    assert got.endswith(ends)
    assert bool(got) == bool(ends)
    assert was_reset == reset


def test_a_header_replaces_the_one_of_its_name() -> None:
    reply = Fault(status=529, body=b"{}", headers={"content-length": "90", "Connection": "x"})
    head = reply.head.decode()
    assert head.startswith("HTTP/1.1 529\r\n")
    assert head.lower().count("content-length") == 1
    assert "content-length: 90" in head


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_every_method_and_path_is_answered(method: str) -> None:
    with FaultServer(lambda request: Fault(status=201, body=request.path.encode())) as server:
        assert ask(server.address, method=method, path="/a/b?c").status == 201
    (request,) = server.requests
    assert (request.method, request.path, request.body) == (method, "/a/b?c", b"hello")


def test_a_dripping_reply_arrives_whole() -> None:
    with (
        FaultServer(lambda _: Fault(body=b"drop by drop", drip=0.001)) as server,
        urllib.request.urlopen(server.address) as response,
    ):
        assert response.read() == b"drop by drop"


def test_closing_ends_a_hang() -> None:
    """Were it waited for, the block would last an hour."""
    came = threading.Event()

    def respond(request: Received) -> Fault:
        came.set()
        return Fault(delay=3600)

    server = FaultServer(respond)
    with ThreadPoolExecutor() as pool:
        with server:
            asked = pool.submit(bytes_from, server)
            came.wait()
        assert asked.result()[0] == b""


def test_who_goes_away_is_counted() -> None:
    with FaultServer(lambda _: Fault(delay=3600)) as server:
        with socket.create_connection(("127.0.0.1", port_of(server))) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while not server.requests:
                threading.Event().wait(0.01)
            assert server.abandoned == 0
        while not server.abandoned:
            threading.Event().wait(0.01)
    assert server.abandoned == 1


def test_many_connections_are_served_at_once() -> None:
    """No answer is given before all have asked, so that one that is put off ends it."""
    number = 64
    together = threading.Barrier(number, timeout=60)

    def respond(request: Received) -> Fault:
        together.wait()
        return Fault(body=b"{}")

    with FaultServer(respond) as server, ThreadPoolExecutor(number) as pool:
        statuses = [each.status for each in pool.map(ask, [server.address] * number)]
    assert statuses == [200] * number
    assert server.most_in_flight == number


def test_a_failed_assertion_in_the_answer_fails_the_test() -> None:
    def respond(request: Received) -> Fault:
        raise AssertionError(f"unexpected path {request.path}")

    with pytest.raises(AssertionError, match="unexpected path /x"), FaultServer(respond) as server:
        assert ask(server.address, path="/x").status == 500


def test_connections_are_refused_until_it_is_started() -> None:
    server = FaultServer(lambda _: REPLY)
    with pytest.raises(ConnectionRefusedError):
        ask(server.address)
    with server:
        assert ask(server.address).status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(server.address)
    FaultServer(lambda _: REPLY).close()  # one that was never started can be closed as well


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def limited(clock: Clock, *, burst: int = 2, retry_after: bool = True) -> RateLimited[str, str]:
    """Four per second."""
    return RateLimited(str.upper, per_second=4, burst=burst, retry_after=retry_after, clock=clock)


def test_so_many_pass_and_the_rest_is_refused() -> None:
    clock = Clock()
    limit = limited(clock)
    assert [limit("a") == "A" for _ in range(3)] == [True, True, False]
    clock.now += 0.25
    assert [limit("a") == "A" for _ in range(2)] == [True, False]
    # A rest fills the bucket and no more.
    clock.now += 3600
    assert [limit("a") == "A" for _ in range(3)] == [True, True, False]
    assert (limit.passed, limit.refused) == (5, 3)


def test_a_steady_stream_at_the_limit_passes_whole() -> None:
    clock = Clock()
    limit = limited(clock, burst=1)
    for _ in range(1000):
        assert limit("a") == "A"
        clock.now += 0.25
    assert limit.refused == 0


@pytest.mark.parametrize(("retry_after", "headers"), [(True, {"Retry-After": "1"}), (False, {})])
def test_a_refusal_says_when_to_come_back(retry_after: bool, headers: dict[str, str]) -> None:
    limit = limited(Clock(), burst=1, retry_after=retry_after)
    limit("a")
    refusal = limit("a")
    assert isinstance(refusal, Fault)
    assert refusal.status == 429
    assert refusal.headers == headers


def test_a_limited_server_counts_right_under_load() -> None:
    """Over a time t no more than burst + rate * t may pass; the clock here stands still."""
    limit: RateLimited[Received, Fault] = RateLimited(
        lambda _: Fault(body=b"{}"), per_second=20, burst=7, clock=Clock()
    )
    with FaultServer(limit) as server, ThreadPoolExecutor(32) as pool:
        statuses = [each.status for each in pool.map(ask, [server.address] * 100)]
    assert (statuses.count(200), statuses.count(429)) == (7, 93)
    assert (limit.passed, limit.refused) == (7, 93)
