"""How a call is answered: in MessagePack where the caller reads it, else in JSON."""

from typing import Any, TypeVar

from litestar import Request, Response
from msgspec import Struct

from wire.encoding import Encoding, encode

Answer = TypeVar("Answer", bound=Struct)


def provide_encoding(request: Request[Any, Any, Any]) -> Encoding:
    """What the caller reads. Who does not say so gets JSON."""
    accepted = request.headers.get("accept", "")
    return Encoding.MSGPACK if Encoding.MSGPACK.value in accepted else Encoding.JSON


class Answered(Response[Answer]):
    """A message in the encoding that the caller reads."""

    def render(self, content: Any, media_type: str, enc_hook: Any = None) -> bytes:
        """Its bytes."""
        return encode(content, Encoding(media_type))


def answered(message: Answer, encoding: Encoding) -> Answered[Answer]:
    return Answered(message, media_type=encoding.value)
