"""The server as it runs: what is no proper request is refused, and what is too large or too slow."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest

from endpoint import request
from tests.endpoint_server import Server, in_process, server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("endpoint"), "--log", "warning") as made:
        yield made


def test_a_connection_rests_longer_than_a_phone_keeps_it(running: Server) -> None:
    """Else both close it in the same moment, and what is asked just then is never answered."""
    kept = httpx.Limits().keepalive_expiry
    assert kept
    line = HTTPConnection("127.0.0.1", running.port, timeout=10)
    for rest in (kept + 2, 0):
        line.request("GET", "/v1/health")
        assert line.getresponse().read()
        time.sleep(rest)
    line.close()


def told(running: Server, data: bytes) -> bytes:
    """Everything that comes back on one connection."""
    found = b""
    # Refused before all of it was read: the rest of the connection is gone.
    with (
        suppress(ConnectionResetError, BrokenPipeError),
        socket.create_connection(("127.0.0.1", running.port), timeout=10) as line,
    ):
        line.sendall(data)
        with suppress(OSError):
            line.shutdown(socket.SHUT_WR)
        while some := line.recv(65536):
            found += some
    return found


def test_with_two_lengths_the_connection_ends_with_the_answer(running: Server) -> None:
    """Also where whoever asks leaves it open (RFC 9112, 6.1)."""
    found = b""
    with suppress(ConnectionResetError), socket.create_connection(("127.0.0.1", running.port), 10) as line:
        line.sendall(HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT)
        while some := line.recv(65536):
            found += some
    assert found.startswith(b"HTTP/1.1 4")
    assert b'"service":"rapp"' not in found


HEAD = b"POST /v1/session HTTP/1.1\r\nHost: rapp\r\nContent-Type: application/json\r\n"
NEXT = b"GET /v1/health HTTP/1.1\r\nHost: rapp\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
        HEAD + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + NEXT,
        HEAD + b"Content-Length: +0\r\n\r\n" + NEXT,
        HEAD + b"Content-Length: 0x2\r\n\r\n{}" + NEXT,
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + NEXT,
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + NEXT,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + NEXT,
        HEAD + b"X: a\r\n Folded: b\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + NEXT,
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_refused_and_ends_the_connection(
    running: Server, data: bytes
) -> None:
    """A request hidden in the body of another (RFC 9112, 11.2) is never answered."""
    found = told(running, data)
    assert b'"service":"rapp"' not in found
    assert found.startswith(b"HTTP/1.1 4"), found[:200]


def test_a_head_that_is_too_large_is_refused(running: Server) -> None:
    found = told(running, b"GET /v1/health HTTP/1.1\r\nHost: rapp\r\nX: " + b"x" * 200_000 + b"\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 4") or not found
    assert b'"service":"rapp"' not in found


def test_a_head_with_as_many_cursors_as_may_be_is_taken(running: Server) -> None:
    query = "&".join(f"cursor=unit:{os.urandom(18).hex()}@{os.urandom(18).hex()}.100000" for _ in range(200))
    answer = httpx.get(f"{running.url}/v1/pull?{query}", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "no_session"


def test_a_body_that_is_too_large_is_refused(running: Server) -> None:
    answer = httpx.post(f"{running.url}/v1/session", content=b"x" * (17 * 1024 * 1024))
    assert answer.status_code == 413
    assert answer.headers["Rapp-Protocol"] == "1"


async def test_a_body_that_does_not_arrive_holds_nothing_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "BODY_WITHIN_S", 0.05)
    sent: list[Any] = []

    first = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        return first.pop() if first else await asyncio.sleep(3600)

    async def send(message: Any) -> None:
        sent.append(message)

    with in_process(tmp_path) as client:
        head = [(b"host", b"testserver.local"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/v1/session", "headers": head, "client": ("a", 1)}
        scope |= {"query_string": b"", "raw_path": b"/v1/session", "scheme": "http", "http_version": "1.1"}
        await asyncio.wait_for(client.app(scope, receive, send), 5)
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["code"] == "too_slow"


def test_a_trace_is_not_echoed(running: Server) -> None:
    found = told(running, b"TRACE /console/ HTTP/1.1\r\nHost: rapp\r\nCookie: secret=1\r\nX-Try: 1\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 405")
    assert b"secret" not in found


def test_a_phone_that_loses_its_line_in_mid_body_is_no_fault_of_the_endpoint(running: Server) -> None:
    before = len(running.log.read_text())
    head = (
        f"POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nContent-Type: application/json\r\n"
        'Content-Length: 5000\r\n\r\n{"data"'
    )
    told(running, head.encode())
    for _ in range(10):
        # One process: whatever was in hand is done, and said, by the time that others have been answered.
        assert httpx.get(f"{running.url}/v1/health").status_code == 200
        time.sleep(0.05)
    assert "Traceback" not in running.log.read_text()[before:]
