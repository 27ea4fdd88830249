"""What a request meets between a phone and the endpoint, and the workers that may die under it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import httpx
from litestar import Litestar

from endpoint.database import Database

PORTAL = b"<html><title>Logga in p\xc3\xa5 n\xc3\xa4tet</title></html>"
WEATHERS: dict[str, dict[str, float]] = {
    "fair": {},
    "lossy": {"lost": 0.2, "answer lost": 0.2, "late": 0.2, "twice": 0.1},
    "dead": {"lost": 0.7, "silent": 0.3},
    "garbled": {"garbled there": 0.15, "garbled back": 0.15, "cut there": 0.1, "cut back": 0.2},
    "slow": {"late": 0.6, "silent": 0.1, "twice": 0.2},
    "ailing": {"500": 0.15, "502": 0.15, "503": 0.1, "429": 0.1, "answer lost": 0.1},
    "portal": {"portal": 0.6, "redirect": 0.4},
}
"""How likely each fault is for one request; otherwise it goes well."""
_RESTART_S = 5.0


class Crashed(BaseException):
    """A worker's process has ended, here and now."""


class Worker:
    """One process of the endpoint: its application, and what dies with it."""

    def __init__(self, number: int, app: Litestar, begin: "Callable[[Worker], Any]") -> None:
        self.number = number
        self.app = app
        self.database: Database | None = None
        self.crashes_in: int | None = None
        """Statements from now until it dies; None: it lives."""
        self.crashes = 0
        self._begin = begin
        self._calls: set[asyncio.Task[Any]] = set()
        self._listens: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self.database is None:
            self.crashes_in = None
            self.database, self._listens = self._begin(self)

    def stop(self) -> None:
        """As a killed process does: whoever waits at it hears no more."""
        for call in (*self._calls, self._listens):
            if call:
                call.cancel()
        self._calls.clear()
        if self.database:
            self.database.engine.dispose()
        self.database = None

    def statement(self) -> None:
        """Called before each statement and each commit; the last that the process sees may be any."""
        if self.crashes_in is None:
            return
        self.crashes_in -= 1
        if self.crashes_in < 0:
            raise Crashed

    async def answer(self, request: httpx.Request, body: bytes) -> tuple[int, httpx.Headers, bytes]:
        """Raises httpx.ReadError when it dies meanwhile, ConnectError when it is dead."""
        if self.database is None:
            raise httpx.ConnectError("nobody listens", request=request)
        call = asyncio.create_task(_served(self.app, request, body))
        self._calls.add(call)
        try:
            return await asyncio.shield(call)
        except Crashed:
            self._die()
            raise httpx.ReadError("the worker died", request=request) from None
        except asyncio.CancelledError:
            if self.database is None or call.cancelled():
                raise httpx.ReadError("the worker died", request=request) from None
            call.cancel()
            raise
        finally:
            self._calls.discard(call)

    def _die(self) -> None:
        if self.database is not None:
            self.crashes += 1
            self.stop()
            asyncio.get_running_loop().call_later(_RESTART_S, self.start)


async def _served(app: Litestar, request: httpx.Request, body: bytes) -> tuple[int, httpx.Headers, bytes]:
    """What the application answers, byte for byte."""
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])
    begun: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> Any:
        with suppress(StopIteration):
            return next(asked)
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
        else:
            chunks.append(message.get("body", b""))

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "https",
        "path": request.url.path,
        "raw_path": request.url.raw_path.partition(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [
            (key.lower(), value) for key, value in request.headers.raw if key.lower() != b"content-length"
        ],
        "server": ("rapp.example.se", 443),
        "client": ("192.0.2.1", 1234),
        "state": {},
    }
    await app(scope, receive, send)  # type: ignore[arg-type]
    return begun["status"], httpx.Headers(begun["headers"]), b"".join(chunks)


class Bytes(httpx.AsyncByteStream):
    """An answer's body as it comes over the line: not looked at before it is read."""

    def __init__(self, data: bytes, breaks: bool = False) -> None:
        self._data = data
        self._breaks = breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data
        if self._breaks:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


class Network(httpx.AsyncBaseTransport):
    """One phone's way to the endpoint."""

    def __init__(self, seed: str, workers: "Callable[[], list[Worker]]") -> None:
        self.weather = "fair"
        self.requests = 0
        self.faults: dict[str, int] = {}
        self.sent: list[tuple[httpx.Request, bytes]] = []
        """The last pushes, for whoever wants to say them again."""
        self._seed = seed
        self._workers = workers
        self._later: set[asyncio.Task[Any]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        dice = random.Random(f"{self._seed}/{self.requests}")
        body = await request.aread()
        if request.url.path == "/v1/push":
            self.sent = [*self.sent[-4:], (request, body)]
        fault = self._fault(dice)
        await asyncio.sleep(dice.uniform(0.01, 0.15))
        if instead := await self._before(fault, request, dice):
            return instead
        if fault in ("garbled there", "cut there") and body:
            body = _garbled(body, dice) if fault == "garbled there" else body[: dice.randrange(len(body))]
        if fault == "twice":
            self._again(request, body, dice)
        status, headers, data = await dice.choice(self._workers()).answer(request, body)
        return await self._back(fault, request, dice, status, headers, data)

    def _fault(self, dice: random.Random) -> str:
        drawn = dice.random()
        for name, likely in WEATHERS[self.weather].items():
            drawn -= likely
            if drawn < 0:
                self.faults[name] = self.faults.get(name, 0) + 1
                return name
        return ""

    async def _before(self, fault: str, request: httpx.Request, dice: random.Random) -> httpx.Response | None:
        match fault:
            case "lost":
                raise httpx.ConnectError("no route to host", request=request)
            case "silent":
                await asyncio.sleep(request.extensions["timeout"]["read"])
                raise httpx.ReadTimeout("nothing came", request=request)
            case "portal":
                return httpx.Response(200, stream=Bytes(PORTAL), request=request)
            case "redirect":
                return httpx.Response(302, headers={"Location": "http://login.example"}, request=request)
            case "502" | "503" | "429":
                after = {"Retry-After": str(dice.choice((1, 5, 30)))} if dice.random() < 0.5 else {}
                return httpx.Response(int(fault), headers=after, request=request)
            case "late":
                await asyncio.sleep(dice.uniform(1.0, 12.0))
        return None

    async def _back(
        self,
        fault: str,
        request: httpx.Request,
        dice: random.Random,
        status: int,
        headers: httpx.Headers,
        data: bytes,
    ) -> httpx.Response:
        await asyncio.sleep(dice.uniform(0.01, 0.15))
        if fault == "answer lost":
            raise httpx.ReadError("the line broke", request=request)
        if fault == "500":
            # A proxy that gave up, after the endpoint had done its work.
            return httpx.Response(500, headers={"Rapp-Protocol": "1"}, request=request)
        if fault == "garbled back":
            data = _garbled(data, dice)
        cut = fault == "cut back" and len(data) > 1
        if cut:
            data = data[: dice.randrange(len(data))]
        return httpx.Response(
            status, headers=headers, stream=Bytes(data, cut and dice.random() < 0.5), request=request
        )

    def _again(self, request: httpx.Request, body: bytes, dice: random.Random) -> None:
        """The same once more, at another worker, at once or when everything else has long moved on."""

        async def send() -> None:
            await asyncio.sleep(dice.choice((0.0, 0.2, 5.0, 60.0)))
            with suppress(httpx.HTTPError):
                await dice.choice(self._workers()).answer(request, body)

        task = asyncio.create_task(send())
        self._later.add(task)
        task.add_done_callback(self._later.discard)


def _garbled(data: bytes, dice: random.Random) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)
