"""Erasing on the phone: what an erasure names leaves the file, in every ring, also closed ones.

Fact ids are in the clear, so a fact can be taken out of a ring whose key is not at hand. Its document there
goes too; a row under the device's key says why it is missing, and it is folded anew at the owner's unlock.
"""

import sqlite3
from contextlib import suppress

from msgspec import Struct

from care.erasing import erasure
from care.errors import FactError
from storage.drafts import DRAFTS, NOTES
from storage.errors import Damaged
from storage.ring import Ring
from storage.rows import UNFOLDED, RowKeys
from wire.envelope import envelope
from wire.errors import EnvelopeError
from wire.messages import Page

_ABOUT = b"about"
"""In the ring's place: whom and what erasures were about, for the drafts of people who are not here now."""
_BEGUN_ABOUT = frozenset({"person", "order", "sbar", "deviation"})
"""Kinds that somebody may have begun something about."""


class Named(Struct, frozen=True):
    """What the erasures of a page name: ids of facts, and of the things that they were about."""

    facts: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()


def named(page: Page) -> Named:
    """What the erasures of a page name."""
    facts: set[str] = set()
    about: set[str] = set()
    for placed in page.facts:
        try:
            fact = envelope(placed.envelope).fact()
        except (EnvelopeError, FactError):
            continue
        if body := erasure(fact):
            facts.update(one.id for one in body.facts)
            about |= {fact.aggregate.id} if fact.aggregate.kind in _BEGUN_ABOUT else set()
    return Named(frozenset(facts), frozenset(about))


def take_out(connection: sqlite3.Connection, keys: RowKeys, erased: Named, here: Ring) -> set[bytes]:
    """Delete facts wherever they are, with what waits of them. Returns which rings but `here` held any.

    In `here` the caller folds and writes what is left.
    """
    rings: set[bytes] = set()
    for fact in sorted(erased.facts):
        held = connection.execute("SELECT ring, aggregate FROM facts WHERE id = ?", (fact,)).fetchall()
        connection.execute("DELETE FROM facts WHERE id = ?", (fact,))
        connection.execute("DELETE FROM outbox WHERE id = ?", (fact,))
        for ring, aggregate in held:
            if ring != here.id:
                connection.execute(
                    "DELETE FROM documents WHERE ring = ? AND aggregate = ?", (ring, aggregate)
                )
                _mark(connection, keys, ring, aggregate)
                rings.add(ring)
    for one in sorted(erased.about):
        _mark(connection, keys, _ABOUT, keys.lookup("about", one), one.encode())
    return rings


def _mark(
    connection: sqlite3.Connection, keys: RowKeys, ring: bytes, aggregate: bytes, content: bytes = b""
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO unfolded (ring, aggregate, payload) VALUES (?, ?, ?)",
        (ring, aggregate, keys.seal(UNFOLDED, ring + aggregate, content)),
    )


def fold_anew(connection: sqlite3.Connection, ring: Ring) -> bool:
    """Write the documents that were taken out while the ring was closed. Returns whether there were any."""
    rows = connection.execute("SELECT aggregate FROM unfolded WHERE ring = ?", (ring.id,)).fetchall()
    for (aggregate,) in rows:
        held = ring.facts.of(connection, aggregate)
        if held:
            ref = next(iter(held.values())).fact.aggregate
            ring.write(connection, ref, held, ())
    connection.execute("DELETE FROM unfolded WHERE ring = ?", (ring.id,))
    return bool(rows)


def forget_begun(connection: sqlite3.Connection, keys: RowKeys, own: Ring) -> bool:
    """Drop what somebody has begun, or noted, of what was ever erased here. Returns whether there was any."""
    rows = connection.execute("SELECT aggregate, payload FROM unfolded WHERE ring = ?", (_ABOUT,)).fetchall()
    words: list[bytes] = []
    for key, payload in rows:
        with suppress(Damaged):
            words.append(keys.open(UNFOLDED, _ABOUT + key, payload))
    found = False
    for kept in (DRAFTS, NOTES) if words else ():
        for one in kept.all(connection, own):
            if any(word in one.data or word in one.key.encode() for word in words):
                kept.drop(connection, own, one.key)
                found = True
    return found
