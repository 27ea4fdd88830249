"""Snapshots: the first sync of a long stream, part by part, each taken whole with where it has come."""

import sqlite3

from storage.errors import PageGap
from storage.file import File
from storage.pages import (
    Place,
    Reader,
    Taken,
    by_aggregate,
    held_place,
    keep,
    own_stream,
    place_id,
    take_in,
    tally_before,
)
from storage.ring import Ring
from storage.wanted import Wanted
from wire.checksum import Tally
from wire.cursor import Cursor
from wire.messages import Snapshot


def part(file: File, connection: sqlite3.Connection, stream: str, staff: str) -> str:
    """How far a reader's snapshot of a stream has come; empty: none has begun."""
    place = held_place(file, connection, place_id(file, stream, staff))
    return place.part if place else ""


def take(file: File, connection: sqlite3.Connection, taken: Snapshot, reader: Reader) -> Taken:
    """Write a part's aggregates, and where it has come; with the last one, the cursor that follows.

    Raises PageGap when it does not follow what is held, PageError when it is not the reader's or not whole.
    """
    stream = own_stream(taken.stream, reader)
    place = place_id(file, taken.stream, reader.staff)
    held = held_place(file, connection, place)
    _check_follows(taken, held)
    ring = reader.ring(file, stream)
    before = tally_before(connection, place, held, anew=not taken.after)
    came = by_aggregate(connection, taken.stream, taken.facts, ring)
    found = take_in(file, connection, reader, place, ring, came)
    _leave_out(connection, ring, taken)
    left = _left(taken)
    tally = None if before is None or left is None else before + came.tally + left
    cursor = "" if taken.upto else str(Cursor(taken.epoch, taken.cut))
    day = taken.day or (held.day if held and taken.after else None)
    reached = Place(taken.stream, cursor, ring.id, taken.upto, tally, day=day if taken.upto else None)
    keep(file, connection, place, reached)
    return found


def _left(taken: Snapshot) -> Tally | None:
    """What is only named; None: the endpoint does not say how much that is."""
    if taken.left is None:
        return None if taken.left_out else Tally()
    return Tally.of(taken.left.count, taken.left.sum)


def _leave_out(connection: sqlite3.Connection, ring: Ring, taken: Snapshot) -> None:
    """Mark what does not come like what has been purged. Of what is here, more may have been said since."""
    held = {ref for ref in taken.left_out if ring.entry(connection, ref)}
    for ref in sorted(held):
        ring.wanted.put(connection, ring.facts.lookup(ref), Wanted(ref, taken.stream))
    if gone := [ring.facts.lookup(ref) for ref in taken.left_out if ref not in held]:
        ring.purged.add(connection, gone, taken.now)


def _check_follows(taken: Snapshot, held: Place | None) -> None:
    """The next part; or the first, where none has begun, or the stream has been rebuilt."""
    at = held.part if held else ""
    of = (at or (held.cursor if held else "")).partition(".")[0]
    if taken.after == at and not (held and held.cursor and of == taken.epoch):
        return
    if taken.after or of == taken.epoch:
        raise PageGap(taken.stream, at or None, taken.after)
