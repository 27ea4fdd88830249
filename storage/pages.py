"""Pages: what the endpoint says of a stream, taken whole with its cursor or not at all."""

import sqlite3

import msgspec
from msgspec import Struct

from care.erasing import erased, erasure
from care.errors import FactError
from care.facts import Fact, Ref
from care.streams import Stream
from storage import erasing
from storage.errors import Damaged, PageError, PageGap
from storage.file import File
from storage.ring import Entry, Ring
from wire.cursor import Cursor
from wire.envelope import Envelope, envelope
from wire.errors import EnvelopeError
from wire.messages import Page

_TABLE = "cursors"


class _Place(Struct, frozen=True):
    stream: str
    cursor: str
    ring: bytes


class Reader(Struct, frozen=True):
    """Who takes pages, and the ring that a stream's facts go to."""

    staff: str
    phone: Ring
    own: Ring

    def ring(self, file: File, stream: Stream) -> Ring:
        return self.phone if file.shared(stream) else self.own


def place_id(file: File, stream: str, staff: str) -> bytes:
    """The row of a cursor: one per stream of the phone's own unit, else one per stream and person."""
    whose = "" if file.shared(Stream.parse(stream)) else staff
    return file.keys.lookup("cursor", stream, whose)


def cursor(file: File, connection: sqlite3.Connection, stream: str, staff: str) -> str | None:
    """Where a reader stands in a stream; None, too, when that is damaged: then it is read anew."""
    place = _place(file, connection, place_id(file, stream, staff))
    return place.cursor if place else None


class Taken(Struct, frozen=True):
    """What a page brought: documents to show in a ring once committed. ``erased``: facts were taken out;
    ``emptied``: also from these other rings."""

    ring: Ring
    changed: list[Entry]
    erased: bool = False
    emptied: frozenset[bytes] = frozenset()


def take(file: File, connection: sqlite3.Connection, page: Page, reader: Reader) -> Taken:
    """Write the page's facts, their documents and the cursor. Take out what its erasures name.

    Raises PageGap when it does not follow what is held, PageError when it is not the reader's or not whole.
    """
    stream = Stream.parse(page.stream)
    if stream.of == "staff" and stream.id != reader.staff:
        raise PageError(f"{page.stream}: not a stream of {reader.staff}")
    place = place_id(file, page.stream, reader.staff)
    _check_follows(page, _place(file, connection, place))
    ring = reader.ring(file, stream)
    named, emptied = erasing.named(page), set[bytes]()
    if named.facts:
        emptied = erasing.take_out(connection, file.keys, named, ring, file.now())
        erasing.forget_begun(connection, file.keys, reader.own)
    changed: list[Entry] = []
    for ref, facts in _by_aggregate(connection, page, ring).items():
        entry = _add(file, connection, ring, ref, facts)
        if entry is not None:
            changed.append(entry)
        connection.execute(
            "INSERT OR IGNORE INTO arrivals (ring, aggregate, cursor) VALUES (?, ?, ?)",
            (ring.id, ring.facts.lookup(ref), place),
        )
    reached = _Place(page.stream, str(Cursor(page.epoch, page.upto)), ring.id)
    payload = file.keys.seal(_TABLE, place, msgspec.msgpack.encode(reached))
    connection.execute("INSERT OR REPLACE INTO cursors (id, payload) VALUES (?, ?)", (place, payload))
    return Taken(ring, changed, bool(named.facts), frozenset(emptied))


def drop(
    file: File, connection: sqlite3.Connection, stream: str, staff: str
) -> tuple[bytes, set[bytes]] | None:
    """Purge what only came through a stream. Aggregates with facts that still wait are kept.

    Returns the ring and the blind names of what was purged.
    """
    place = place_id(file, stream, staff)
    held = _place(file, connection, place)
    # Without its cursor, what came by the stream still says in which ring it is.
    ring = held.ring if held else _ring_of(connection, place)
    forget(connection, place)
    if ring is None:
        return None
    came = connection.execute(
        "SELECT aggregate FROM arrivals AS one WHERE cursor = ? AND ring = ? AND NOT EXISTS ("
        "SELECT 1 FROM arrivals AS other WHERE other.ring = one.ring AND other.aggregate = one.aggregate"
        " AND other.cursor != one.cursor)"
        " AND NOT EXISTS (SELECT 1 FROM facts WHERE facts.ring = one.ring"
        " AND facts.aggregate = one.aggregate AND facts.id IN (SELECT id FROM outbox))",
        (place, ring),
    ).fetchall()
    for table in ("facts", "documents"):
        connection.executemany(
            f"DELETE FROM {table} WHERE ring = ? AND aggregate = ?",  # noqa: S608
            [(ring, aggregate) for (aggregate,) in came],
        )
    connection.execute("DELETE FROM arrivals WHERE cursor = ?", (place,))
    return ring, {aggregate for (aggregate,) in came}


def forget(connection: sqlite3.Connection, place: bytes) -> None:
    """Forget where a reader stood, and nothing else: the stream is read from its beginning."""
    connection.execute("DELETE FROM cursors WHERE id = ?", (place,))


def _ring_of(connection: sqlite3.Connection, place: bytes) -> bytes | None:
    row = connection.execute("SELECT ring FROM arrivals WHERE cursor = ? LIMIT 1", (place,)).fetchone()
    return row[0] if row else None


def _place(file: File, connection: sqlite3.Connection, place: bytes) -> _Place | None:
    row = connection.execute("SELECT payload FROM cursors WHERE id = ?", (place,)).fetchone()
    if row is None:
        return None
    try:
        return msgspec.msgpack.decode(file.keys.open(_TABLE, place, row[0]), type=_Place)
    except (Damaged, msgspec.DecodeError) as error:
        name(file, error if isinstance(error, Damaged) else Damaged(_TABLE, place.hex(), str(error)))
        return None


def name(file: File, damage: Damaged) -> None:
    """Name what was found damaged, once."""
    if (damage.table, damage.row) not in {(one.table, one.row) for one in file.damage}:
        file.damage.append(damage)


def _check_follows(page: Page, held: _Place | None) -> None:
    at = Cursor.parse(held.cursor) if held else None
    # A stream that was rebuilt begins anew: other epoch, from its beginning.
    expected = at.position if at and at.epoch == page.epoch else 0
    if page.after != expected:
        raise PageGap(page.stream, held.cursor if held else None, str(Cursor(page.epoch, page.after)))
    positions = [placed.position for placed in page.facts]
    if positions != list(range(page.after + 1, page.upto + 1)):
        raise PageError(f"{page.stream}: not every position from {page.after + 1} to {page.upto}")


def _by_aggregate(
    connection: sqlite3.Connection, page: Page, ring: Ring
) -> dict[Ref, dict[str, tuple[Fact, Envelope]]]:
    found: dict[Ref, dict[str, tuple[Fact, Envelope]]] = {}
    for placed in page.facts:
        if placed.erased is not None:
            # Its erasure stands further on in the same stream.
            continue
        try:
            read = envelope(placed.envelope)
        except EnvelopeError as error:
            raise PageError(f"{page.stream} {placed.position}: {error}") from error
        try:
            fact = read.fact()
        except FactError:
            ring.facts.keep_unread(connection, read)
        else:
            found.setdefault(fact.aggregate, {}).setdefault(fact.id, (fact, read))
    return found


def _add(
    file: File,
    connection: sqlite3.Connection,
    ring: Ring,
    ref: Ref,
    facts: dict[str, tuple[Fact, Envelope]],
) -> Entry | None:
    aggregate = ring.facts.lookup(ref)
    known = None
    anew = any(erasure(fact) for fact, _ in facts.values())
    if anew:
        # What they name has been taken out already: the document no longer fits what is there.
        held = ring.held(connection, ref)
        gone = set(erased(one.fact for one in held.values()) | erased(fact for fact, _ in facts.values()))
        ring.facts.forget(aggregate, gone)
    else:
        known = ring.entry(connection, ref)
        held = ring.facts.some(connection, aggregate, [fact for fact in facts if ring.may_hold(known, fact)])
        gone = {place.id for place in known.document.erased} if known else set()
    for fact, (_, read) in facts.items():
        if fact in held and held[fact].envelope != read:
            file.damage.append(Damaged("facts", fact, "the endpoint holds other bytes under this id"))
    new = [one for fact, one in facts.items() if fact not in held and fact not in gone]
    if not new:
        return None
    return ring.write_anew(connection, ref, new) if anew else ring.write(connection, ref, known, new)
