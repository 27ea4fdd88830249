"""How a message becomes bytes: JSON, or MessagePack where both sides know it.

In MessagePack bytes are themselves. In JSON they are base64, and what is signed, base64 of base64: twice as
many bytes to compress and to read. Which of the two it is, the first byte says: every message is an object.
"""

from enum import Enum
from typing import TypeVar

import msgspec
from msgspec import Struct

from wire.errors import MessageError

Kind = TypeVar("Kind", bound=Struct)


class Encoding(Enum):
    """By its media type."""

    JSON = "application/json"
    MSGPACK = "application/vnd.msgpack"


def encode(message: Struct, encoding: Encoding = Encoding.JSON) -> bytes:
    """A message as bytes."""
    if encoding is Encoding.MSGPACK:
        return msgspec.msgpack.encode(message)
    return msgspec.json.encode(message)


def decode(data: bytes, kind: type[Kind]) -> Kind:
    """Read a message of either encoding. Raises MessageError with the path of the field that is wrong."""
    try:
        if _is_map(data):
            return msgspec.msgpack.decode(data, type=kind)
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MessageError(f"{kind.__name__}: {error}") from error


def _is_map(data: bytes) -> bool:
    """Whether it begins as a map of MessagePack does, and no JSON."""
    return bool(data) and (0x80 <= data[0] <= 0x8F or data[0] in (0xDE, 0xDF))
