"""The self-check: whether all that a stream has brought is still held, and can be read.

What came of an aggregate by a stream stands with its arrival, eight bytes for each fact, whatever the rest of
the code made of it. A fact may leave with its whole aggregate (purge.py, and the arrival with it) or because
an erasure names it. One that is away otherwise was lost: by a defect, or by rot.
"""

import hashlib
import sqlite3
from collections.abc import Iterable

from care.erasing import erased
from storage.ring import Ring

AT_ONCE = 50
"""Aggregates between two breaths: whoever saves meanwhile waits for so many."""
_NAME = 8


def names(facts: Iterable[str]) -> bytes:
    """Facts as they stand in an arrival, by their ids."""
    return b"".join(_name(one) for one in facts)


def lost(
    connection: sqlite3.Connection, ring: Ring, place: bytes, after: int
) -> tuple[set[bytes], int | None]:
    """Of the aggregates that came by a stream, from a row on: those of which something is not held.

    And the row to go on from; None: these were the last. Call within the database's lock.
    """
    rows = connection.execute(
        "SELECT rowid, aggregate, came FROM arrivals WHERE cursor = ? AND ring = ? AND rowid > ?"
        " ORDER BY rowid LIMIT ?",
        (place, ring.id, after, AT_ONCE),
    ).fetchall()
    found = {
        aggregate for _, aggregate, came in rows if came and not _whole(connection, ring, aggregate, came)
    }
    return found, rows[-1][0] if len(rows) == AT_ONCE else None


def _whole(connection: sqlite3.Connection, ring: Ring, aggregate: bytes, came: bytes) -> bool:
    expected = {came[at : at + _NAME] for at in range(0, len(came), _NAME)}
    missing = expected.difference(map(_name, ring.facts.readable(connection, aggregate)))
    if not missing:
        return True
    held = ring.facts.of(connection, aggregate).values()
    return missing <= {_name(one) for one in erased(held_one.fact for held_one in held)}


def _name(fact: str) -> bytes:
    return hashlib.sha256(fact.encode()).digest()[:_NAME]
