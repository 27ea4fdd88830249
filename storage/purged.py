"""Marks of what has been purged: that an aggregate was held whole here once, and is not any more.

Six bytes of its blind name each, a row per ring and month, under the ring's key. A fact of a marked aggregate
does not stand alone, whatever its rank says. A stream that is read from its beginning brings everything anew:
the marks of its ring go then.
"""

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime

from storage.errors import Damaged
from storage.rows import RowKeys

_TABLE = "purged"
_SIZE = 6
"""Should two aggregates ever share a mark, one is fetched for nothing."""
KEPT_MONTHS = 12
"""A phone that was without contact for longer than this brings a first fact that stands alone here."""


class PurgedRows:
    """Call within the database's lock. Aggregates go by their blind names."""

    def __init__(self, rows: RowKeys, note: Callable[[Damaged], None]) -> None:
        self._rows = rows
        self._note = note
        self._ring = rows.name
        self._known: frozenset[bytes] | None = None
        """None: nobody has asked yet."""

    def holds(self, connection: sqlite3.Connection, aggregate: bytes) -> bool:
        """Whether the aggregate has been purged."""
        if self._known is None:
            rows = connection.execute("SELECT month, payload FROM purged WHERE ring = ?", (self._ring,))
            self._known = frozenset(one for month, payload in rows for one in self._marks(month, payload))
        return aggregate[:_SIZE] in self._known

    def add(self, connection: sqlite3.Connection, aggregates: Iterable[bytes], now: datetime) -> None:
        """Mark them, and forget what is older than `KEPT_MONTHS`. Call `close` if it is not committed."""
        month = now.year * 12 + now.month
        row = connection.execute(
            "SELECT payload FROM purged WHERE ring = ? AND month = ?", (self._ring, month)
        ).fetchone()
        marks = {*(self._marks(month, row[0]) if row else ()), *(one[:_SIZE] for one in aggregates)}
        payload = self._rows.seal(_TABLE, _key(month), b"".join(sorted(marks)))
        connection.execute(
            "INSERT OR REPLACE INTO purged (ring, month, payload) VALUES (?, ?, ?)",
            (self._ring, month, payload),
        )
        connection.execute(
            "DELETE FROM purged WHERE ring = ? AND month < ?", (self._ring, month - KEPT_MONTHS)
        )
        self._known = None

    def forget(self, connection: sqlite3.Connection) -> None:
        """Everything comes anew."""
        connection.execute("DELETE FROM purged WHERE ring = ?", (self._ring,))
        self._known = None

    def close(self) -> None:
        """Drop what was decrypted."""
        self._known = None

    def _marks(self, month: int, payload: bytes) -> list[bytes]:
        try:
            content = self._rows.open(_TABLE, _key(month), payload)
        except Damaged as error:
            # Ranks still say of most that something came before.
            self._note(error)
            return []
        return [content[at : at + _SIZE] for at in range(0, len(content), _SIZE)]


def _key(month: int) -> bytes:
    return month.to_bytes(4, "big")
