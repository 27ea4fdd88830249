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
    if encoding is Encoding.MSGPACK or len(body) < _COMPRESS_FROM:
        # What is sent in MessagePack is ciphertext as it is: nothing to take back.
        return Packed(body, headers)
    return Packed(_compressed(body), headers | {"Content-Encoding": "gzip"})


def _compressed(body: bytes) -> bytes:
    """As gzip, the same bytes each time.

    What is sent is seals in base64. They repeat nothing: Huffman's code alone takes back what base64 adds, in
    a quarter of the time.
    """
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS, strategy=zlib.Z_HUFFMAN_ONLY)
    return packer.compress(body) + packer.flush()
