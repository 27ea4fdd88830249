"""Exchanging the key of a ring: a newer secret is used from now on, what is there is encrypted anew.

A ring's key is a chain of secrets of 32 bytes, oldest first. The endpoint adds one when the last has been in
use for long enough, and hands out the whole chain. Version n of the key comes from the n-th secret, and every
row says its version. Lookups and the ring's name stay those of the first secret: rows keep their places.

A link takes along whoever's slot was made before: the newer secret, encrypted under the one before it. A slot
is locked anew around the whole chain when its PIN is next at hand; when all have been, the link goes, and the
old secret opens nothing any more. Call within the database's lock.
"""

import sqlite3
from itertools import islice

from msgspec import Struct

from storage import photos
from storage.errors import Damaged, ForeignKeys
from storage.ring import Ring
from storage.rows import SECRET, RowKeys
from storage.state import Versions

LABEL = b"ring"
_LINKS = "links"
_OTHERS = {"drafts": "key", "notes": "key", "purged": "month", "wanted": "aggregate"}
"""What else is under a ring's key, and what each row is named by."""


class Step(Struct, frozen=True):
    """What was encrypted anew, to be taken in once it has been committed. ``done``: nothing is left."""

    aggregates: tuple[bytes, ...]
    done: bool


# Taking a newer secret into use.


def check_follows(held: bytes, offered: bytes) -> None:
    """Raise ForeignKeys unless one chain goes on where the other ends."""
    if len(offered) % SECRET or not (offered.startswith(held) or held.startswith(offered)):
        raise ForeignKeys("another chain of keys than this phone's")


def link(connection: sqlite3.Connection, chain: bytes) -> None:
    """Leave, for everybody whose slot ends earlier, each secret under the one before it."""
    for end in range(2 * SECRET, len(chain) + 1, SECRET):
        before = RowKeys(chain[: end - SECRET], LABEL)
        version = end // SECRET
        payload = before.seal(_LINKS, _row(before, version), chain[end - SECRET : end])
        connection.execute(
            "INSERT OR IGNORE INTO links (ring, version, payload) VALUES (?, ?, ?)",
            (before.name, version, payload),
        )


def follow(connection: sqlite3.Connection, chain: bytes) -> bytes:
    """The chain as far as links lead. A damaged link leads nowhere; raises Damaged."""
    while True:
        keys = RowKeys(chain, LABEL)
        row = connection.execute(
            "SELECT payload FROM links WHERE ring = ? AND version = ?", (keys.name, keys.version + 1)
        ).fetchone()
        if row is None:
            return chain
        chain += keys.open(_LINKS, _row(keys, keys.version + 1), row[0])


def drop_links(connection: sqlite3.Connection, chain: bytes, held_by_all: int) -> None:
    """Every slot holds this version: nobody needs what leads to it."""
    name = RowKeys(chain[:SECRET], LABEL).name
    connection.execute("DELETE FROM links WHERE ring = ? AND version <= ?", (name, held_by_all))


def in_use(versions: Versions, chain: bytes) -> Versions:
    """What is known of the rings in the file, once this chain is used."""
    name, newest = RowKeys(chain[:SECRET], LABEL).name.hex(), len(chain) // SECRET
    if newest <= versions.newest.get(name, 1):
        return versions
    return Versions(newest={**versions.newest, name: newest}, floor=versions.floor)


def version_in_use(versions: Versions, chain: bytes) -> int:
    """The version that the rows of the ring are written under."""
    return versions.newest.get(RowKeys(chain[:SECRET], LABEL).name.hex(), 1)


def _row(keys: RowKeys, version: int) -> bytes:
    return keys.name + bytes((version,))


# Encrypting anew what is there.


def step(connection: sqlite3.Connection, ring: Ring, limit: int) -> Step:
    """Encrypt some aggregates of a ring anew, facts and document of each together; at the end all else.

    Whatever has not been done is found again at the next start: it says its version.
    """
    left = ring.under_older_keys(connection)
    aggregates = tuple(islice(left, limit))
    for aggregate in aggregates:
        ring.encrypt_anew(connection, aggregate)
    done = len(aggregates) == len(left)
    if done:
        for table, column in _OTHERS.items():
            _encrypt_anew(connection, ring.rows, table, column)
        photos.encrypt_anew(connection, ring)
    return Step(aggregates, done)


def _encrypt_anew(connection: sqlite3.Connection, keys: RowKeys, table: str, column: str) -> None:
    query = f"SELECT {column}, payload FROM {table} WHERE ring = ?"  # noqa: S608
    for key, payload in connection.execute(query, (keys.name,)).fetchall():
        if not keys.is_older(payload):
            continue
        row = key if isinstance(key, bytes) else key.to_bytes(4, "big")
        try:
            anew = keys.seal(table, row, keys.open(table, row, payload))
        except Damaged:
            continue
        connection.execute(
            f"UPDATE {table} SET payload = ? WHERE ring = ? AND {column} = ?",  # noqa: S608
            (anew, keys.name, key),
        )


def finished(versions: Versions, ring: Ring) -> Versions:
    """Nothing that can be read is under an older key any more: from now on nothing may be."""
    return Versions(newest=versions.newest, floor={**versions.floor, ring.id.hex(): ring.rows.version})
