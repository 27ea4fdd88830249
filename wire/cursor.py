"""Where a reader stands in a stream: opaque to phones, ``epoch.position`` within."""

from msgspec import Struct

from wire.errors import MessageError


class Cursor(Struct, frozen=True):
    """The last position read, in an epoch of the stream. A new epoch begins when a stream is rebuilt."""

    epoch: str
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"

    @staticmethod
    def parse(text: str) -> "Cursor":
        """Raises MessageError when it is no cursor."""
        epoch, dot, position = text.rpartition(".")
        if not dot or not epoch or len(text) > 100 or not position.isascii() or not position.isdigit():
            raise MessageError("cursor: not one of this endpoint's")
        return Cursor(epoch, int(position))
