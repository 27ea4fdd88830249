"""Erasing on the phone: what an erasure names leaves the file, in every ring, also closed ones.

Fact ids are in the clear, so a fact can be taken out of a ring whose key is not at hand. Its document there
goes too; a row under the device's key says why it is missing, and it is folded anew at the owner's unlock.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from care.erasing import erasure
from care.facts import Fact
from storage.drafts import DRAFTS, NOTES
from storage.errors import Damaged
from storage.ring import Ring
from storage.rows import UNFOLDED, RowKeys

_ABOUT = b"about"
"""In the ring's place: whom and what each erasure was about, and when it came, for the drafts of people who
are not here now. What somebody begins later is another thing, and stays."""
_BEGUN_ABOUT = frozenset({"person", "order", "sbar", "deviation"})
"""Kinds that somebody may have begun something about."""


class Named(Struct, frozen=True):
    """What the erasures of a page name: ids of facts; each erasure with the thing that it was about."""

    facts: frozenset[str] = frozenset()
    about: frozenset[tuple[str, str]] = frozenset()


def named(came: Iterable[Fact]) -> Named:
    """What the erasures among some facts name."""
    facts: set[str] = set()
    about: set[tuple[str, str]] = set()
    for fact in came:
        if body := erasure(fact):
            facts.update(one.id for one in body.facts)
            if fact.aggregate.kind in _BEGUN_ABOUT:
                about.add((fact.id, fact.aggregate.id))
    return Named(frozenset(facts), frozenset(about))


def take_out(
    connection: sqlite3.Connection, keys: RowKeys, erased: Named, here: Ring, now: datetime
) -> set[bytes]:
    """Delete facts wherever they are, with what waits of them. Returns which rings but `here` held any.

    In `here` the caller folds and writes what is left.
    """
    rings: set[bytes] = set()
    for fact in sorted(erased.facts):
        held = connection.execute("SELECT ring, aggregate FROM facts WHERE id = ?", (fact,)).fetchall()
        connection.execute("DELETE FROM facts WHERE id = ?", (fact,))
        connection.execute("DELETE FROM outbox WHERE id = ?", (fact,))
        connection.execute("DELETE FROM photos WHERE id = ?", (fact,))
        connection.execute("DELETE FROM pieces WHERE photo = ?", (fact,))
        for ring, aggregate in held:
            if ring != here.id:
                connection.execute(
                    "DELETE FROM documents WHERE ring = ? AND aggregate = ?", (ring, aggregate)
                )
                _mark(connection, keys, ring, aggregate)
                rings.add(ring)
    for erasure_id, about in sorted(erased.about):
        # The same erasure comes by several streams, and again: what counts is when it came first.
        key = keys.lookup("about", f"{erasure_id} {about}")
        content = keys.seal(UNFOLDED, _ABOUT + key, f"{now.isoformat()} {about}".encode())
        connection.execute(
            "INSERT OR IGNORE INTO unfolded (ring, aggregate, payload) VALUES (?, ?, ?)",
            (_ABOUT, key, content),
        )
    return rings


def _mark(connection: sqlite3.Connection, keys: RowKeys, ring: bytes, aggregate: bytes) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO unfolded (ring, aggregate, payload) VALUES (?, ?, ?)",
        (ring, aggregate, keys.seal(UNFOLDED, ring + aggregate, b"")),
    )


def fold_anew(connection: sqlite3.Connection, ring: Ring) -> bool:
    """Write the documents that were taken out while the ring was closed. Returns whether there were any."""
    rows = connection.execute("SELECT aggregate FROM unfolded WHERE ring = ?", (ring.id,)).fetchall()
    for (aggregate,) in rows:
        held = ring.facts.of(connection, aggregate)
        if held:
            ref = next(iter(held.values())).fact.aggregate
            ring.write_anew(connection, ref)
    connection.execute("DELETE FROM unfolded WHERE ring = ?", (ring.id,))
    return bool(rows)


def forget_begun(connection: sqlite3.Connection, keys: RowKeys, own: Ring) -> bool:
    """Drop what somebody had begun, or noted, of things when they were erased; whether there was any."""
    rows = connection.execute("SELECT aggregate, payload FROM unfolded WHERE ring = ?", (_ABOUT,)).fetchall()
    erased: list[tuple[datetime, bytes]] = []
    for key, payload in rows:
        with suppress(Damaged):
            came, _, word = keys.open(UNFOLDED, _ABOUT + key, payload).partition(b" ")
            erased.append((datetime.fromisoformat(came.decode()), word))
    found = False
    for kept in (DRAFTS, NOTES) if erased else ():
        for one in kept.all(connection, own):
            said = one.data + b" " + one.key.encode()
            if any(one.saved_at <= came and word in said for came, word in erased):
                kept.drop(connection, own, one.key)
                found = True
    return found
