"""Messages as they travel. Apart from the line, so that a push is packed without what speaks HTTP."""

import zlib
from collections.abc import Mapping

from msgspec import Struct

from wire.encoding import Encoding, encode

_COMPRESS_FROM = 512
"""Bytes from which gzip saves more than it costs."""


class Packed(Struct, frozen=True):
    """A message as it travels: its bytes, and how they are encoded."""

    body: bytes
    headers: Mapping[str, str]


def packed(message: Struct | None, encoding: Encoding = Encoding.JSON) -> Packed:
    """Encode a message, and compress it where that saves something."""
    body = encode(message, encoding) if message is not None else b"{}"
    headers = {"Content-Type": encoding.value}
    if encoding is Encoding.JSON and len(body) < _COMPRESS_FROM:
        return Packed(body, headers)
    return Packed(_compressed(body, encoding), headers | {"Content-Encoding": "gzip"})


def _compressed(body: bytes, encoding: Encoding) -> bytes:
    """As gzip, the same bytes each time.

    What is sent is seals. They repeat nothing. In JSON they are base64: Huffman's code alone takes back what
    that adds, in a quarter of the time. In MessagePack nothing is to be had, and gzip is for its checksum:
    without one, a bit that turns on the way makes a seal that does not open, and that is set aside.
    """
    if encoding is Encoding.MSGPACK:
        packer = zlib.compressobj(0, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    else:
        packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS, strategy=zlib.Z_HUFFMAN_ONLY)
    return packer.compress(body) + packer.flush()
