"""What stands in front of an endpoint: TLS ends here, and what comes through is noted, as a listener would.

The certificate can be changed while it runs, and somebody else may answer in the endpoint's place.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from litestar import Litestar

from sync.link import HEADER
from tests.endpoint_server import free_port

Instead = Callable[[str], bytes | None]
"""Given a path with its query: the body to answer with in the endpoint's place, or None."""


class Front:
    """On 127.0.0.1, before an endpoint at `behind` (a port)."""

    def __init__(self, behind: int = 0) -> None:
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.behind = behind
        self.instead: Instead | None = None
        self.asked: list[bytes] = []
        """Every request that came through TLS: its head and its body."""
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def show(self, certificate: Path) -> None:
        """Begin with this certificate; connections that there are end."""
        await self.close()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)

    async def close(self) -> None:
        if self._server:
            self._server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            self._server = None

    def paths(self) -> list[str]:
        """What was asked for, without queries."""
        return [str(one.split(b" ", 2)[1].split(b"?")[0], "ascii") for one in self.asked]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        try:
            # Cut off at any point, also by `close`: there is nothing to tell.
            with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
                request = await _request(reader)
                self.asked.append(request)
                body = self.instead(str(request.split(b" ", 2)[1], "ascii")) if self.instead else None
                if body is None:
                    await self._pass_on(request, writer)
                else:
                    head = f"HTTP/1.1 200 OK\r\n{HEADER}: 1\r\nContent-Length: {len(body)}\r\n"
                    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
                    await writer.drain()
        finally:
            self._serving.discard(task)
            await _closed(writer)

    async def _pass_on(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        answers, asks = await asyncio.open_connection("127.0.0.1", self.behind)
        try:
            head, _, body = request.partition(b"\r\n\r\n")
            asks.write(head.replace(b"keep-alive", b"close") + b"\r\n\r\n" + body)
            while some := await answers.read(65536):
                writer.write(some)
                await writer.drain()
        finally:
            await _closed(asks)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with suppress(OSError, ssl.SSLError):
        await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


@contextmanager
def running(app: Litestar) -> Iterator[int]:
    """The endpoint on a thread of its own, over http; on which port."""
    port = free_port()
    config: dict[str, Any] = {"port": port, "log_level": "warning", "lifespan": "on", "ws": "none"}
    server = uvicorn.Server(uvicorn.Config(app, **config))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(10)
