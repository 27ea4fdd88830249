"""What is wanted whole: aggregates of which a fact came that does not stand alone, until they are fetched."""

import sqlite3

import msgspec
from msgspec import Struct

from care.facts import Ref
from storage.errors import Damaged
from storage.rows import RowKeys

_TABLE = "wanted"


class Wanted(Struct, frozen=True, array_like=True):
    """An aggregate, and the stream that has it; "": whichever, it was stated here."""

    ref: Ref
    stream: str = ""


class WantedRows:
    """Of one ring. Call within the database's lock. Aggregates go by their blind names."""

    def __init__(self, rows: RowKeys) -> None:
        self._rows = rows
        self._ring = rows.name

    def put(self, connection: sqlite3.Connection, aggregate: bytes, wanted: Wanted) -> None:
        payload = self._rows.seal(_TABLE, aggregate, msgspec.msgpack.encode(wanted))
        connection.execute(
            "INSERT OR REPLACE INTO wanted (ring, aggregate, payload) VALUES (?, ?, ?)",
            (self._ring, aggregate, payload),
        )

    def drop(self, connection: sqlite3.Connection, aggregate: bytes) -> None:
        connection.execute("DELETE FROM wanted WHERE ring = ? AND aggregate = ?", (self._ring, aggregate))

    def holds(self, connection: sqlite3.Connection, aggregate: bytes) -> bool:
        query = "SELECT 1 FROM wanted WHERE ring = ? AND aggregate = ?"
        return connection.execute(query, (self._ring, aggregate)).fetchone() is not None

    def all(self, connection: sqlite3.Connection) -> list[Wanted]:
        """Everything that is wanted, those that can be read."""
        query = "SELECT aggregate, payload FROM wanted WHERE ring = ? ORDER BY rowid"
        found: list[Wanted] = []
        for aggregate, payload in connection.execute(query, (self._ring,)):
            try:
                content = self._rows.open(_TABLE, aggregate, payload)
            except Damaged:
                # It stays marked as incomplete, and is fetched when somebody opens it.
                continue
            found.append(msgspec.msgpack.decode(content, type=Wanted))
        return found
