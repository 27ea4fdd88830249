"""Drafts and notes: a person's own small things, under their own key, one row per name."""

import sqlite3
from contextlib import suppress
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from storage.errors import Damaged
from storage.ring import Ring


class Draft(Struct, frozen=True):
    """Something begun. ``key`` is what the app calls it; ``saved_at`` is the phone's own time."""

    key: str
    saved_at: datetime
    data: bytes


class Kept:
    """One of the two tables. Call within the database's lock."""

    def __init__(self, table: Literal["drafts", "notes"]) -> None:
        self._table = table
        self._put = (
            f"INSERT INTO {table} (ring, key, payload) VALUES (?, ?, ?)"  # noqa: S608
            " ON CONFLICT (ring, key) DO UPDATE SET payload = excluded.payload"
        )
        self._get = f"SELECT payload FROM {table} WHERE ring = ? AND key = ?"  # noqa: S608
        self._all = f"SELECT key, payload FROM {table} WHERE ring = ?"  # noqa: S608
        self._drop = [
            f"DELETE FROM {table} WHERE ring = ? AND key = ?",  # noqa: S608
            # What is still in a draft when it goes goes with it.
            *(["DELETE FROM photos WHERE ring = ? AND owner = ?"] if table == "drafts" else []),
        ]

    def put(self, connection: sqlite3.Connection, ring: Ring, draft: Draft) -> None:
        """Keep it, in place of what had its name."""
        key = self._key(ring, draft.key)
        payload = ring.rows.seal(self._table, key, msgspec.msgpack.encode(draft))
        connection.execute(self._put, (ring.id, key, payload))

    def get(self, connection: sqlite3.Connection, ring: Ring, name: str) -> Draft | None:
        """What has the name. Raises Damaged."""
        key = self._key(ring, name)
        row = connection.execute(self._get, (ring.id, key)).fetchone()
        return self._open(ring, key, row[0]) if row else None

    def all(self, connection: sqlite3.Connection, ring: Ring) -> list[Draft]:
        """Everything, last saved first. Raises Damaged."""
        rows = connection.execute(self._all, (ring.id,)).fetchall()
        found = [self._open(ring, key, payload) for key, payload in rows]
        return sorted(found, key=lambda draft: draft.saved_at, reverse=True)

    def readable(self, connection: sqlite3.Connection, ring: Ring) -> list[Draft]:
        """What can be read, in no order."""
        found: list[Draft] = []
        for key, payload in connection.execute(self._all, (ring.id,)).fetchall():
            with suppress(Damaged):
                found.append(self._open(ring, key, payload))
        return found

    def drop(self, connection: sqlite3.Connection, ring: Ring, name: str) -> None:
        for query in self._drop:
            connection.execute(query, (ring.id, self._key(ring, name)))

    def name(self, ring: Ring, name: str) -> bytes:
        """The blind name of a row."""
        return self._key(ring, name)

    def _open(self, ring: Ring, key: bytes, payload: bytes) -> Draft:
        return msgspec.msgpack.decode(ring.rows.open(self._table, key, payload), type=Draft)

    def _key(self, ring: Ring, name: str) -> bytes:
        return ring.rows.lookup(self._table, name)


DRAFTS = Kept("drafts")
NOTES = Kept("notes")
