"""Photos that wait to be sent: pieces sealed to the endpoint, from the save of the report until it says that
it has the whole.

Readable by nobody on the phone, sendable by the phone alone: also while everybody is locked out. They are
never changed: what the endpoint has of them already, it is asked for (sync/photos.py).
"""

import hashlib
import sqlite3
from collections.abc import Sequence

import msgspec

from storage.errors import Damaged
from storage.rows import RowKeys
from wire.pieces import Piece

_TABLE = "pieces"


class Pieces:
    """The rows, and in memory whose pieces wait. Call within the database's lock."""

    def __init__(self, keys: RowKeys) -> None:
        self._keys = keys
        self.waiting: dict[str, None] = {}
        """Photos by the ids of their facts, oldest first."""
        self.doubted: set[str] = set()
        """Those whose pieces were found damaged, or were not what their fact says: to be sealed anew."""

    def load(self, connection: sqlite3.Connection) -> None:
        """Read anew which photos wait."""
        rows = connection.execute("SELECT photo FROM pieces GROUP BY photo ORDER BY min(rowid)")
        self.waiting = dict.fromkeys(photo for (photo,) in rows)
        self.doubted &= self.waiting.keys()

    def put(self, connection: sqlite3.Connection, photo: str, pieces: Sequence[Piece]) -> None:
        """Queue a photo, in place of what waits of it. `added` follows once committed."""
        self.drop(connection, photo)
        connection.executemany(
            "INSERT INTO pieces (photo, n, enc, box, payload) VALUES (?, ?, ?, ?, ?)",
            [(photo, one.n, one.enc, one.box, self._payload(photo, one, len(pieces))) for one in pieces],
        )

    def added(self, photo: str) -> None:
        """Count a photo whose transaction has been committed."""
        self.waiting[photo] = None
        self.doubted.discard(photo)

    def of(self, connection: sqlite3.Connection, photo: str) -> list[Piece]:
        """All pieces of a photo, in their order. Raises Damaged when one is, or is missing."""
        rows = connection.execute(
            "SELECT n, enc, box, payload FROM pieces WHERE photo = ? ORDER BY n", (photo,)
        )
        found: list[Piece] = []
        said: set[int] = set()
        for n, enc, box, payload in rows:
            piece = Piece(n=n, enc=enc, box=box)
            said.add(self._whole(photo, piece, payload))
            found.append(piece)
        if said != {len(found)}:
            raise Damaged(_TABLE, photo, f"{len(found)} pieces of {sorted(said)}")
        return found

    def drop(self, connection: sqlite3.Connection, photo: str) -> None:
        """Nothing waits of it any more."""
        connection.execute("DELETE FROM pieces WHERE photo = ?", (photo,))

    def _payload(self, photo: str, piece: Piece, whole: int) -> bytes:
        return self._keys.seal(_TABLE, photo.encode(), msgspec.msgpack.encode(whole), _bound(piece))

    def _whole(self, photo: str, piece: Piece, payload: bytes) -> int:
        """How many pieces the photo has, as this one's row vouches."""
        try:
            bound = _bound(piece)
        except OverflowError as error:
            raise Damaged(_TABLE, photo, "a number that no piece has") from error
        return msgspec.msgpack.decode(self._keys.open(_TABLE, photo.encode(), payload, bound), type=int)


def nothing_waits(connection: sqlite3.Connection) -> bool:
    """Whether every photo has been sent, as the transaction sees it."""
    return connection.execute("SELECT 1 FROM pieces LIMIT 1").fetchone() is None


def _bound(piece: Piece) -> bytes:
    """The columns that the payload vouches for."""
    return piece.n.to_bytes(8, "big") + hashlib.sha256(piece.enc + piece.box).digest()
