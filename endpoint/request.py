"""Requests as phones send them: JSON or MessagePack, perhaps gzipped, never trusted to be any of it."""

import asyncio
import zlib
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from endpoint.errors import NotReadable, TooLarge
from wire.encoding import Encoding

BODY_MOST = 16 * 1024 * 1024
"""Bytes of a body, and of what it inflates to."""
PACKED = "packed"
"""Set in the ``opt`` of calls that also take MessagePack: those that take much."""
BODY_WITHIN_S = 60.0
"""Who sends too slowly is told what those are who send too much: to halve it."""


class WireRequest(Request[Any, Any, Any]):
    """A request whose body is inflated within bounds, and whose content is refused rather than crashed on."""

    async def body(self) -> bytes:
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                sent = await super().body()
        except TimeoutError as error:
            raise TooLarge("too_slow", f"the body did not arrive within {BODY_WITHIN_S} s") from error
        except InternalServerException as error:
            # So Litestar says it of who is gone in mid-body. Phones lose coverage all day: no fault of ours.
            raise NotReadable("cut_off", "the line broke before the body had arrived") from error
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            # PostgreSQL holds no NUL, and nobody types one.
            sent = sent.replace(b"%00", b"").replace(b"\0", b"")
        encoding = self.headers.get("content-encoding", "identity").lower()
        if encoding == "identity" or not sent:
            return sent
        if encoding != "gzip":
            raise NotReadable("bad_encoding", "gzip or identity", field="content-encoding")
        return _inflated(sent)

    async def json(self) -> Any:
        body = await self.body()
        media = self.headers.get("content-type")
        packed = media == Encoding.MSGPACK.value and PACKED in self.route_handler.opt
        try:
            return msgspec.msgpack.decode(body) if packed else msgspec.json.decode(body or b"null")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError) as error:
            raise NotReadable("bad_msgpack" if packed else "bad_json", str(error)) from error


def _inflated(sent: bytes) -> bytes:
    inflate = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        whole = inflate.decompress(sent, BODY_MOST + 1)
    except zlib.error as error:
        raise NotReadable("bad_encoding", str(error), field="content-encoding") from error
    if len(whole) > BODY_MOST:
        raise TooLarge("too_large", f"inflates to more than {BODY_MOST} bytes")
    if not inflate.eof:
        raise NotReadable("bad_encoding", "the body ends before its gzip stream", field="content-encoding")
    return whole
