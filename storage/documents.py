"""The documents of one ring, in the file: one row each, found by blind kind and person, and by last change.

What a row is found by is not believed: its payload is bound to it, and to the marks of the facts that it was
folded from. A row under another kind or person, or with other facts beside it, does not open.
"""

import hashlib
import sqlite3
from datetime import datetime
from typing import NamedTuple

from care.documents import Document
from care.facts import Ref
from storage.errors import Damaged
from storage.rows import RowKeys
from storage.together import Together

_TABLE = "documents"
_UNINDEXED = 1
"""The format of a row that is found by its aggregate alone: files of schema 3 and before."""
_INDEXED = 2
_AT_ONCE = 200
"""Rows asked for in one query."""
_BLIND = 8
"""Bytes of a blind kind or person. Should two ever meet, the payload does not open under the wrong one."""

# The marks as they are digested: id and mark of each fact, in the order of the ids, from the covering index.
_SELECT = (
    "SELECT aggregate, kind, person, changed, payload, (SELECT CAST(group_concat(id || mark, '') AS BLOB)"
    " FROM (SELECT id, mark FROM facts WHERE facts.ring = documents.ring"
    " AND facts.aggregate = documents.aggregate ORDER BY id)) FROM documents WHERE ring = ?"
)
_SELECT_ONE = _SELECT + " AND aggregate = ?"
_CHANGE = "UPDATE documents SET changed = ?, payload = ? WHERE ring = ? AND aggregate = ?"
_INSERT = (
    "INSERT INTO documents (ring, aggregate, kind, person, changed, payload) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (ring, aggregate) DO UPDATE SET kind = excluded.kind, person = excluded.person,"
    " changed = excluded.changed, payload = excluded.payload"
)


class Row(NamedTuple):
    """A row as it stands. ``marks``: of the facts that are held of it now; None: there are none."""

    aggregate: bytes
    kind: bytes | None
    person: bytes | None
    changed: int | None
    payload: bytes
    marks: bytes | None


class DocumentRows:
    """Call within the database's lock. Aggregates go by their blind names."""

    def __init__(self, rows: RowKeys) -> None:
        self._rows = rows
        self._ring = rows.name
        self.new = Together(_INSERT)

    def one(self, connection: sqlite3.Connection, aggregate: bytes) -> Row | None:
        """The row of an aggregate."""
        row = connection.execute(_SELECT_ONE, (self._ring, aggregate)).fetchone()
        return Row._make(row) if row else None

    def some(self, connection: sqlite3.Connection, aggregates: list[bytes]) -> list[Row]:
        """The rows that there are of some aggregates."""
        found: list[Row] = []
        for at in range(0, len(aggregates), _AT_ONCE):
            asked = aggregates[at : at + _AT_ONCE]
            query = f"{_SELECT} AND aggregate IN ({','.join('?' * len(asked))})"
            found += [Row._make(row) for row in connection.execute(query, (self._ring, *asked))]
        return found

    def of_kind(self, connection: sqlite3.Connection, kind: str, person: str | None = None) -> list[bytes]:
        """Which aggregates there are of a kind, or of a kind and a person."""
        if person is None:
            return self.of_blind(connection, self.kind(kind))
        query = "SELECT aggregate FROM documents WHERE ring = ? AND kind = ? AND person = ?"
        rows = connection.execute(query, (self._ring, self.kind(kind), self._person(person)))
        return [aggregate for (aggregate,) in rows]

    def newest(self, connection: sqlite3.Connection, person: str, limit: int) -> list[bytes]:
        """The aggregates of a person that changed last, latest first."""
        rows = connection.execute(
            "SELECT aggregate FROM documents WHERE ring = ? AND person = ? ORDER BY changed DESC LIMIT ?",
            (self._ring, self._person(person), limit),
        )
        return [aggregate for (aggregate,) in rows]

    def unchanged_since(self, connection: sqlite3.Connection, before: datetime) -> list[bytes]:
        """Aggregates that last changed before a time, the longest ago first. Reads one index, no payload."""
        rows = connection.execute(
            "SELECT aggregate FROM documents WHERE ring = ? AND changed < ? ORDER BY changed",
            (self._ring, milliseconds(before)),
        )
        return [aggregate for (aggregate,) in rows]

    def unindexed(self, connection: sqlite3.Connection) -> list[Row]:
        """Rows that no index finds: of an older file."""
        return [Row._make(row) for row in connection.execute(_SELECT + " AND kind IS NULL", (self._ring,))]

    def missing(self, connection: sqlite3.Connection, but: bytes) -> list[bytes]:
        """Aggregates (`but` one) that have facts and no row. Reads two indices, no payload."""
        rows = connection.execute(
            "SELECT DISTINCT aggregate FROM facts WHERE ring = ?1 AND aggregate != ?2 AND NOT EXISTS ("
            "SELECT 1 FROM documents WHERE ring = ?1 AND documents.aggregate = facts.aggregate)",
            (self._ring, but),
        )
        return [aggregate for (aggregate,) in rows]

    def kinds(self, connection: sqlite3.Connection) -> set[bytes]:
        """Every blind kind that there is a row of."""
        # From one kind to the next, not through the rows of each.
        query = "SELECT min(kind) FROM documents WHERE ring = ? AND kind >= ?"
        found: set[bytes] = set()
        kind = connection.execute(query, (self._ring, b"")).fetchone()[0]
        while kind is not None:
            found.add(kind)
            kind = connection.execute(query, (self._ring, kind + b"\0")).fetchone()[0]
        return found

    def of_blind(self, connection: sqlite3.Connection, kind: bytes) -> list[bytes]:
        """Which aggregates there are of a blind kind."""
        query = "SELECT aggregate FROM documents WHERE ring = ? AND kind = ?"
        return [aggregate for (aggregate,) in connection.execute(query, (self._ring, kind))]

    def open(self, row: Row) -> bytes:
        """What a row says. Raises Damaged."""
        indexed = row.kind is not None
        if row.payload[:1] != bytes((_INDEXED if indexed else _UNINDEXED,)):
            raise Damaged(_TABLE, row.aggregate.hex())
        bound = self._bound(row.kind, row.person, row.changed, row.marks or b"")
        return self._rows.open(_TABLE, row.aggregate, row.payload, bound)

    def put(
        self,
        connection: sqlite3.Connection,
        aggregate: bytes,
        ref: Ref,
        document: Document,
        content: bytes,
        marks: bytes,
        was: Document | None = None,
    ) -> None:
        """Write a row, in place of what was there: the row of `was`, if that is known."""
        kind = self.kind(ref.kind)
        person = None if document.person is None else self._person(document.person)
        changed = None if document.changed is None else milliseconds(document.changed)
        bound = self._bound(kind, person, changed, marks)
        payload = self._rows.seal(_TABLE, aggregate, content, bound, _INDEXED)
        if was is not None and was.person == document.person:
            # Found by the same: that index stays as it is.
            row = (changed, payload, self._ring, aggregate)
            if connection.execute(_CHANGE, row).rowcount:
                return
        self.new.put(connection, (self._ring, aggregate, kind, person, changed, payload))

    def encrypt_anew(self, connection: sqlite3.Connection, row: Row, content: bytes) -> None:
        """Put what a row says under the key in use, bound to the marks that its facts have now."""
        bound = self._bound(row.kind, row.person, row.changed, row.marks or b"")
        form = _UNINDEXED if row.kind is None else _INDEXED
        payload = self._rows.seal(_TABLE, row.aggregate, content, bound, form)
        connection.execute(
            "UPDATE documents SET payload = ? WHERE ring = ? AND aggregate = ?",
            (payload, self._ring, row.aggregate),
        )

    def kind(self, kind: str) -> bytes:
        """A kind as it stands in the column."""
        return self._rows.lookup("kind", kind)[:_BLIND]

    def _person(self, person: str) -> bytes:
        return self._rows.lookup("person", person)[:_BLIND]

    def _bound(self, kind: bytes | None, person: bytes | None, changed: int | None, marks: bytes) -> bytes:
        """What a payload is bound to: its ring, what it is found by, and its facts' ids and marks."""
        found_by = b""
        if kind is not None:
            found_by = kind + (person or bytes(_BLIND)) + (changed or 0).to_bytes(8, "big", signed=True)
        return hashlib.sha256(self._ring + found_by + marks).digest()


def milliseconds(at: datetime) -> int:
    """A time as it stands in a column: since 1970, in UTC."""
    return int(at.timestamp() * 1000)
