"""The purge: whole aggregates leave a ring when they have been closed for longer than the unit's window.

Only out of rings that are open: what a row is of, and since when it is closed, is believed of what opens
under its key alone. Nothing leaves that waits to be sent, that is open or wanted whole, that somebody has
begun something about, whose words its reader has not read, or that has been fetched since the unlock.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from care.deviation import ReportDocument
from care.documents import Document, fold
from care.facts import Ref
from care.retention import closed_at, note_of, to_be_read
from storage.drafts import DRAFTS, NOTES
from storage.errors import Damaged
from storage.file import File
from storage.pages import Reader
from storage.ring import Ring

_TABLES = {"facts": "aggregate", "documents": "aggregate", "arrivals": "aggregate", "photos": "owner"}


def take_out(
    file: File,
    connection: sqlite3.Connection,
    reader: Reader,
    ring: Ring,
    aggregates: Iterable[bytes],
    before: datetime,
    now: datetime,
) -> dict[bytes, Ref]:
    """Take out of a ring those of some aggregates that were closed before a time, leaving a mark of each.

    Returns them by their blind names. Call the ring's `forget` once it has been committed.
    """
    begun = [draft.key.encode() + b" " + draft.data for draft in DRAFTS.readable(connection, reader.own)]
    gone: dict[bytes, Ref] = {}
    for aggregate in aggregates:
        if aggregate in ring.brought:
            continue
        ref = ring.settled(connection, aggregate)
        if ref is None or any(ref.id.encode() in said for said in begun):
            continue
        if _over(file, connection, reader, ref, before):
            gone[aggregate] = ref
    for table, column in _TABLES.items():
        connection.executemany(
            f"DELETE FROM {table} WHERE ring = ? AND {column} = ?",  # noqa: S608
            [(ring.id, aggregate) for aggregate in gone],
        )
    if ring is reader.own:
        for ref in gone.values():
            NOTES.drop(connection, ring, note_of(ref.kind, ref.id))
    if gone:
        ring.purged.add(connection, gone, now)
    return gone


def _over(file: File, connection: sqlite3.Connection, reader: Reader, ref: Ref, before: datetime) -> bool:
    rings = (reader.phone, reader.own)
    document = _whole(connection, rings, ref)
    if document is None or any(ring.lacks(connection, ref) for ring in rings):
        return False
    if any(file.outbox.holds(fact) or fact in file.pieces.waiting for fact in document.facts):
        return False
    told = reader.own.entry(connection, Ref(ReportDocument.kind, ref.id))
    report = told.document if told and isinstance(told.document, ReportDocument) else None
    closed = closed_at(document, report)
    if closed is None or closed >= before:
        return False
    return not to_be_read(document, reader.staff) or _has_read(connection, reader.own, ref)


def _whole(connection: sqlite3.Connection, rings: tuple[Ring, ...], ref: Ref) -> Document | None:
    """What all rings say together."""
    found = [one.document for ring in rings if (one := ring.entry(connection, ref))]
    if len(found) < 2:
        return found[0] if found else None
    held = [one.fact for ring in rings for one in ring.held(connection, ref).values()]
    whole = fold(ref.kind, ref.id, held)
    whole.unreadable = max(one.unreadable for one in (whole, *found))
    return whole


def _has_read(connection: sqlite3.Connection, own: Ring, ref: Ref) -> bool:
    with suppress(Damaged):
        return NOTES.get(connection, own, note_of(ref.kind, ref.id)) is not None
    return False
