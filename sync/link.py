"""The line to the endpoint: one connection pool kept for life, and every failure of it typed.

What answers is the endpoint only when it says so in the header ``Rapp-Protocol``; login pages of networks do
not know it. Nothing of an answer without it is read.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import httpx
from msgspec import Struct

from sync.errors import (
    BadAnswer,
    Busy,
    CaptivePortal,
    Closing,
    Insecure,
    Malformed,
    NoRole,
    NotSignedIn,
    Offline,
    Refused,
    SyncError,
    TimedOut,
    TooLarge,
    TooOld,
    Untrusted,
)
from sync.packing import Packed, packed
from wire.anchors import context
from wire.encoding import Encoding, decode
from wire.errors import MessageError
from wire.messages import PROTOCOL, Problem

HEADER = "Rapp-Protocol"
_ACCEPT = f"{Encoding.MSGPACK.value}, {Encoding.JSON.value};q=0.5"
_TIMEOUT = httpx.Timeout(15.0, connect=6.0)
_BETWEEN_TRIES_S = 1.0
_LONGEST_ANSWER = 64 * 1024 * 1024
_BUSY = frozenset({429, 500, 502, 503, 504})
_REFUSALS: dict[int, type[Refused]] = {
    400: Malformed,
    401: NotSignedIn,
    413: TooLarge,
    422: Malformed,
}
_CODES: dict[str, type[Refused]] = {
    "protocol": TooOld,
    "closing_device": Closing,
    "certificate_expired": NotSignedIn,
    "no_role": NoRole,
}

Answer = TypeVar("Answer", bound=Struct)
Params = Sequence[tuple[str, str]]


class Link:
    """A line to one endpoint. Belongs to the event loop that it is first used on."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Raises Insecure unless the address is https, or this very machine."""
        self.url = _checked(url)
        self.doubted: Callable[[], Awaitable[None]] | None = None
        """Called when the endpoint's certificate is not believed; it may `believe` in others."""
        self._transport = transport
        self._anchors: tuple[bytes, ...] = ()
        self.encoding = Encoding.JSON
        """Of what is sent in bulk: MessagePack once the endpoint has answered in it."""
        self._client = self._pool(True)
        self._former: list[httpx.AsyncClient] = []

    def believe(self, anchors: tuple[bytes, ...]) -> None:
        """The next request's certificate must come from one of these (X.509, DER); none: from the system's.

        What is under way ends as it began.
        """
        if anchors != self._anchors:
            self._anchors = anchors
            self._former.append(self._client)
            self._client = self._pool(context(anchors) if anchors else True)

    async def post(
        self,
        path: str,
        message: Struct | Packed | None,
        answer: type[Answer],
        token: str | None = None,
        tries: int = 1,
    ) -> Answer:
        """Send a message and read the answer. Raises SyncError.

        `tries`: how often to send it while nobody answers, for what the endpoint answers alike when repeated.
        """
        sent = message if isinstance(message, Packed) else packed(message)
        headers = {**sent.headers, **_bearer(token)}
        while True:
            request = self._client.build_request("POST", path, content=sent.body, headers=headers)
            try:
                return await self._answer(request, answer)
            except Offline:
                tries -= 1
                if tries <= 0:
                    raise
            await asyncio.sleep(_BETWEEN_TRIES_S)

    async def get(
        self,
        path: str,
        answer: type[Answer],
        token: str | None = None,
        params: Params = (),
        wait: float = 0.0,
    ) -> Answer:
        """Ask, and read the answer; `wait` is how many seconds the endpoint may keep us. Raises SyncError."""
        timeout = httpx.Timeout(_TIMEOUT.read, connect=_TIMEOUT.connect)
        timeout.read = wait + 10.0
        request = self._client.build_request(
            "GET", path, params=list(params), headers=_bearer(token), timeout=timeout
        )
        return await self._answer(request, answer)

    async def ask_anybody(self, path: str, answer: type[Answer], params: Params = ()) -> Answer:
        """Ask over a line of its own, whose certificate is not checked. Raises SyncError.

        Nothing that is secret may go along, and of the answer only what is signed may be used.
        """
        async with self._pool(_unchecked()) as client:
            return await _asked(client, client.build_request("GET", path, params=list(params)), answer)

    async def close(self) -> None:
        for client in (self._client, *self._former):
            await client.aclose()

    async def _answer(self, request: httpx.Request, answer: type[Answer]) -> Answer:
        client = self._client
        try:
            return await _asked(client, request, answer)
        except Untrusted:
            if client is self._client and self.doubted:
                await self.doubted()
            if client is self._client:
                raise
        return await _asked(self._client, request, answer)

    def _pool(self, verify: ssl.SSLContext | bool) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.url,
            transport=self._transport,
            verify=verify,
            timeout=_TIMEOUT,
            headers={HEADER: str(PROTOCOL), "Accept": _ACCEPT},
            follow_redirects=False,
            trust_env=False,
            event_hooks={"response": [self._heard]},
        )

    async def _heard(self, response: httpx.Response) -> None:
        if not response.is_success:
            # Perhaps an older endpoint, put back: it is sent JSON.
            self.encoding = Encoding.JSON
        elif response.headers.get("Content-Type") == Encoding.MSGPACK.value:
            self.encoding = Encoding.MSGPACK


def _unchecked() -> ssl.SSLContext:
    made = context(())
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


async def _asked(client: httpx.AsyncClient, request: httpx.Request, answer: type[Answer]) -> Answer:
    if client.is_closed:
        raise Offline("the phone has closed meanwhile, or the app ends")
    try:
        response = await client.send(request, stream=True)
        try:
            data = await _read(response)
        finally:
            await response.aclose()
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise _failure(error) from error
    if not response.is_success:
        raise _refusal(response, data)
    try:
        return decode(data, answer)
    except MessageError as error:
        raise BadAnswer(str(error)) from error


async def _read(response: httpx.Response) -> bytes:
    if HEADER not in response.headers:
        if response.status_code in _BUSY:
            raise Busy(f"HTTP {response.status_code} on the way", _retry_after(response.headers))
        raise CaptivePortal(f"HTTP {response.status_code} from somebody else")
    chunks: list[bytes] = []
    length = 0
    async for chunk in response.aiter_bytes():
        length += len(chunk)
        if length > _LONGEST_ANSWER:
            raise BadAnswer(f"more than {_LONGEST_ANSWER} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _failure(error: Exception) -> SyncError:
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Offline(repr(error))
        case httpx.TimeoutException():
            return TimedOut(repr(error))
        case httpx.DecodingError() | httpx.UnsupportedProtocol():
            return BadAnswer(repr(error))
        case httpx.ConnectError() if _certificate_fails(error):
            return Untrusted(str(error))
        case _:
            return Offline(repr(error))


def _certificate_fails(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _refusal(response: httpx.Response, data: bytes) -> SyncError:
    status, problem = response.status_code, _problem(data)
    if status in _BUSY:
        asked = _retry_after(response.headers)
        if asked is None and problem and problem.retry_after is not None:
            asked = float(problem.retry_after)
        return Busy(f"HTTP {status}: {problem.reason if problem else ''}", asked)
    if problem is None:
        if status == 413:
            return TooLarge("too_large")
        return BadAnswer(f"HTTP {status} without a reason")
    kind = _CODES.get(problem.code) or _REFUSALS.get(status, Refused)
    return kind(problem.code, problem.field, problem.reason)


def _problem(data: bytes) -> Problem | None:
    try:
        return decode(data, Problem)
    except MessageError:
        return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds only: the endpoint never sends a date, and a phone's clock may be wrong."""
    value = headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _checked(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Insecure(f"not an address: {error}") from error
    here = parsed.host in ("127.0.0.1", "::1", "localhost")
    if not parsed.host or not (parsed.scheme == "https" or (parsed.scheme == "http" and here)):
        raise Insecure("the address must begin with https://")
    return str(parsed).rstrip("/")
