"""What closing, moving and ending leave in the file, each within one transaction of the caller's.

Closing takes away every key and everything under one. What remains: where help is, the phone's last word to
its endpoint, and sealed facts that the endpoint would not take, readable by it alone. They are in the clear,
since no key is left that could have been theirs.
"""

import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

import msgspec
from msgspec import Struct

from storage.errors import Damaged, StillWaiting
from storage.outbox import QUIET, WAITING
from storage.rows import RowKeys
from storage.state import LockInfo

_SHARED = ("facts", "documents", "arrivals", "unfolded", "links", "purged", "wanted")
_BEGUN = ("drafts", "notes", "photos")
_RINGED = (*_SHARED, *_BEGUN)
_CURSORS = "cursors"


class Closed(Struct, frozen=True, kw_only=True):
    """A phone that has destroyed its keys. ``info``: where help is, as the lock screen showed it."""

    at: datetime
    info: LockInfo
    kept: int = 0


class LastWord(Struct, frozen=True, kw_only=True):
    """What the phone has done, signed, until the endpoint has heard it. ``what``: closed, moved."""

    what: str
    url: str
    data: bytes
    signature: bytes
    sign_public: bytes = b""
    """The endpoint's key, and below by which authorities it is known: a closed phone knows no more of it."""
    anchors: tuple[bytes, ...] = ()


class _Place(Struct, frozen=True):
    ring: bytes


_NAMES: dict[type, str] = {Closed: "closed", LastWord: "last word"}
Plain = TypeVar("Plain", Closed, LastWord)


def get(connection: sqlite3.Connection, kind: type[Plain]) -> Plain | None:
    """What stands in the clear, or None. Raises Damaged."""
    name = _NAMES[kind]
    row = connection.execute("SELECT payload FROM state WHERE name = ?", (name,)).fetchone()
    try:
        return msgspec.msgpack.decode(row[0], type=kind) if row else None
    except (msgspec.DecodeError, ValueError) as error:
        raise Damaged("state", name, str(error)) from error


def put(connection: sqlite3.Connection, thing: Closed | LastWord) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO state (name, payload) VALUES (?, ?)",
        (_NAMES[type(thing)], msgspec.msgpack.encode(thing)),
    )


def drop(connection: sqlite3.Connection, kind: type[Closed] | type[LastWord]) -> None:
    connection.execute("DELETE FROM state WHERE name = ?", (_NAMES[kind],))


def half_done(connection: sqlite3.Connection) -> bool:
    """Whether everything is gone but the device secret, which is to go next."""
    query = "SELECT name FROM state WHERE name IN ('closed', 'secret')"
    return [name for (name,) in connection.execute(query)] == ["closed"]


def wipe(
    connection: sqlite3.Connection, device: str, closed: Closed, word: LastWord, stuck: Collection[str]
) -> None:
    """Take everything away. Raises StillWaiting when more than `stuck` waits to be sent."""
    _check_sent(connection, stuck)
    connection.execute(
        "INSERT OR IGNORE INTO kept (id, device, enc, box) SELECT id, ?, enc, box FROM outbox", (device,)
    )
    connection.execute(
        "INSERT OR IGNORE INTO kept (id, device, enc, box) SELECT photo || '/' || n, ?, enc, box FROM pieces",
        (device,),
    )
    for table in ("outbox", "pieces", "slots", _CURSORS, "state", *_RINGED):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    put(connection, closed)
    put(connection, word)


def empty(connection: sqlite3.Connection, keep: Collection[bytes], stuck: Collection[str]) -> None:
    """Take away what belongs to a unit that the phone leaves; of some rings, what was begun stays.

    Raises StillWaiting.
    """
    _check_sent(connection, stuck)
    for table in ("slots", _CURSORS, *_SHARED):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    marks = ",".join("?" * len(keep))
    for table in _BEGUN:
        connection.execute(f"DELETE FROM {table} WHERE ring NOT IN ({marks})", list(keep))  # noqa: S608


def drop_ring(connection: sqlite3.Connection, keys: RowKeys, ring: bytes) -> None:
    """Take away what is in one person's own ring, and how far it was read."""
    for table in _RINGED:
        connection.execute(f"DELETE FROM {table} WHERE ring = ?", (ring,))  # noqa: S608
    gone = []
    for id, payload in connection.execute("SELECT id, payload FROM cursors").fetchall():
        try:
            place = msgspec.msgpack.decode(keys.open(_CURSORS, id, payload), type=_Place)
        except (Damaged, msgspec.DecodeError):
            continue
        if place.ring == ring:
            gone.append((id,))
    connection.executemany("DELETE FROM cursors WHERE id = ?", gone)


def _check_sent(connection: sqlite3.Connection, stuck: Collection[str]) -> None:
    rows = connection.execute("SELECT id FROM outbox WHERE state IN (?, ?)", (WAITING, QUIET))
    photos = connection.execute("SELECT DISTINCT photo FROM pieces")
    left = {one for (one,) in (*rows, *photos)} - set(stuck)
    if left:
        raise StillWaiting(len(left))
