"""Photos that can be read: those of a person's drafts, and of what they have reported, under their own key.

A row belongs to a draft, and from the save on to the report's aggregate; both are blind names. It is called
by an id of its own, and from the save on by that of the fact that names it.
"""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from care.photo import DeviationPhotographed, Shows
from storage.errors import Damaged
from storage.ring import Ring

_TABLE = "photos"
_COLUMNS = "owner, id, saved, payload"


class HeldPhoto(Struct, frozen=True):
    """A photo on this phone. ``said``: what its fact says of it, or is to say; ``thumb``: the same, small."""

    id: str
    said: DeviationPhotographed
    data: bytes
    thumb: bytes


class _Content(Struct, frozen=True, array_like=True):
    said: DeviationPhotographed
    data: bytes
    thumb: bytes


class Row(NamedTuple):
    owner: bytes
    id: str
    saved: int
    payload: bytes


def put(connection: sqlite3.Connection, ring: Ring, owner: bytes, photo: HeldPhoto, at: datetime) -> None:
    """Keep it in a draft."""
    _put(connection, ring, Row(owner, photo.id, int(at.timestamp() * 1000), b""), photo)


def of(
    connection: sqlite3.Connection,
    ring: Ring,
    owner: bytes,
    note: Callable[[Damaged], None] | None = None,
) -> Iterator[HeldPhoto]:
    """The photos of a draft or an aggregate, in the order in which they came.

    Raises Damaged; or leaves out what is damaged, and notes it.
    """
    query = f"SELECT {_COLUMNS} FROM photos WHERE ring = ? AND owner = ? ORDER BY saved, rowid"  # noqa: S608
    for row in connection.execute(query, (ring.id, owner)).fetchall():
        try:
            yield _read(ring, Row(*row))
        except Damaged as error:
            if note is None:
                raise
            note(error)


def count(connection: sqlite3.Connection, ring: Ring, owner: bytes) -> int:
    """How many there are, without reading any."""
    query = "SELECT count(*) FROM photos WHERE ring = ? AND owner = ?"
    return int(connection.execute(query, (ring.id, owner)).fetchone()[0])


def drop_all(connection: sqlite3.Connection, ring: Ring, owner: bytes) -> None:
    """Take all of a draft away."""
    connection.execute("DELETE FROM photos WHERE ring = ? AND owner = ?", (ring.id, owner))


def one(connection: sqlite3.Connection, ring: Ring, id: str) -> HeldPhoto | None:
    """A photo by its id. Raises Damaged."""
    query = f"SELECT {_COLUMNS} FROM photos WHERE ring = ? AND id = ?"  # noqa: S608
    row = connection.execute(query, (ring.id, id)).fetchone()
    return _read(ring, Row(*row)) if row else None


def describe(connection: sqlite3.Connection, ring: Ring, id: str, shows: Shows) -> None:
    """Say what a photo in a draft shows; it keeps its place. Raises Damaged."""
    query = f"SELECT {_COLUMNS} FROM photos WHERE ring = ? AND id = ?"  # noqa: S608
    found = connection.execute(query, (ring.id, id)).fetchone()
    if found is not None:
        row = Row(*found)
        photo = _read(ring, row)
        _put(connection, ring, row, replace(photo, said=replace(photo.said, shows=shows)))


def give(connection: sqlite3.Connection, ring: Ring, photo: HeldPhoto, owner: bytes, fact: str) -> None:
    """A photo of a draft becomes one of an aggregate, named by a fact."""
    query = f"SELECT {_COLUMNS} FROM photos WHERE ring = ? AND id = ?"  # noqa: S608
    row = Row(*connection.execute(query, (ring.id, photo.id)).fetchone())
    drop(connection, ring, photo.id)
    _put(connection, ring, Row(owner, fact, row.saved, b""), photo)


def drop(connection: sqlite3.Connection, ring: Ring, id: str) -> None:
    """Take a photo away."""
    connection.execute("DELETE FROM photos WHERE ring = ? AND id = ?", (ring.id, id))


def leave(connection: sqlite3.Connection, ring: Ring, before: datetime) -> int:
    """Take away what was sent, and saved before a time: whoever needs it reads it on the console. How many.

    What waits to be sent stays, and what is still in a draft.
    """
    return connection.execute(
        "DELETE FROM photos WHERE ring = ? AND saved < ? AND id NOT IN (SELECT photo FROM pieces)"
        " AND owner NOT IN (SELECT key FROM drafts WHERE drafts.ring = photos.ring)",
        (ring.id, int(before.timestamp() * 1000)),
    ).rowcount


def encrypt_anew(connection: sqlite3.Connection, ring: Ring) -> None:
    """Put what is under an older key under the one in use. What is damaged stays."""
    query = f"SELECT {_COLUMNS} FROM photos WHERE ring = ?"  # noqa: S608
    for found in connection.execute(query, (ring.id,)).fetchall():
        row = Row(*found)
        if not ring.rows.is_older(row.payload):
            continue
        key, bound = row.owner + row.id.encode(), _bound(row.saved)
        try:
            payload = ring.rows.seal(_TABLE, key, ring.rows.open(_TABLE, key, row.payload, bound), bound)
        except Damaged:
            continue
        connection.execute(
            "UPDATE photos SET payload = ? WHERE ring = ? AND owner = ? AND id = ?",
            (payload, ring.id, row.owner, row.id),
        )


def _put(connection: sqlite3.Connection, ring: Ring, row: Row, photo: HeldPhoto) -> None:
    content = msgspec.msgpack.encode(_Content(photo.said, photo.data, photo.thumb))
    payload = ring.rows.seal(_TABLE, row.owner + row.id.encode(), content, _bound(row.saved))
    connection.execute(
        f"INSERT INTO photos (ring, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
        " ON CONFLICT (ring, owner, id) DO UPDATE SET payload = excluded.payload",
        (ring.id, row.owner, row.id, row.saved, payload),
    )


def _read(ring: Ring, row: Row) -> HeldPhoto:
    data = ring.rows.open(_TABLE, row.owner + row.id.encode(), row.payload, _bound(row.saved))
    content = msgspec.msgpack.decode(data, type=_Content)
    return HeldPhoto(row.id, content.said, content.data, content.thumb)


def _bound(saved: int) -> bytes:
    return saved.to_bytes(8, "big", signed=True)
