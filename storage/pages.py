"""Pages: what the endpoint says of a stream, taken whole with its cursor or not at all."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping

import msgspec
from msgspec import Struct

from care.erasing import erased, erasure
from care.errors import FactError
from care.facts import Fact, Ref
from care.streams import Stream
from storage import erasing
from storage.entries import Entry
from storage.errors import Damaged, PageError, PageGap
from storage.facts import Held
from storage.file import File
from storage.ring import Ring
from storage.selfcheck import names
from storage.wanted import Wanted
from wire.checksum import Tally
from wire.cursor import Cursor
from wire.envelope import Envelope, envelope
from wire.errors import EnvelopeError
from wire.messages import Day, Page, Placed, Whole

_TABLE = "cursors"
_ARRIVED = (
    "INSERT INTO arrivals (ring, aggregate, cursor, came) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (ring, aggregate, cursor) DO UPDATE SET came = CAST(came || excluded.came AS BLOB)"
)
FactsOf = dict[str, tuple[Fact, Envelope]]


class Place(Struct, frozen=True):
    """Where a reader stands in a stream. ``part``: how far its snapshot has come; then there is no cursor.
    ``more``: there was more when the last page was taken. ``day``: between the parts of a snapshot, of which
    doses all that has been said is here.

    ``tally``: of all that the stream has brought up to there, whatever became of it since. None: not known,
    in a file from before it was kept, or where the endpoint did not say what a snapshot left out.
    """

    stream: str
    cursor: str
    ring: bytes
    part: str = ""
    tally: Tally | None = None
    more: bool = False
    day: Day | None = None


class Came(Struct, frozen=True):
    """What a page brought, by aggregate, and how much of it there was, what no app can read included.

    ``emptying``: the aggregates of which there is an erasure among it. Of most pages none.
    """

    facts: dict[Ref, FactsOf]
    emptying: frozenset[Ref]
    tally: Tally


class Reader(Struct, frozen=True):
    """Who takes pages, and the ring that a stream's facts go to."""

    staff: str
    phone: Ring
    own: Ring

    def ring(self, file: File, stream: Stream) -> Ring:
        return self.phone if stream == file.shared_stream else self.own


def place_id(file: File, stream: str, staff: str) -> bytes:
    """The row of a cursor: one per stream of the phone's own unit, else one per stream and person."""
    whose = "" if Stream.parse(stream) == file.shared_stream else staff
    return file.keys.lookup("cursor", stream, whose)


def cursor(file: File, connection: sqlite3.Connection, stream: str, staff: str) -> str | None:
    """Where a reader stands in a stream; None, too, when that is damaged: then it is read anew."""
    place = held_place(file, connection, place_id(file, stream, staff))
    return place.cursor or None if place else None


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
    stream = own_stream(page.stream, reader)
    place = place_id(file, page.stream, reader.staff)
    held = held_place(file, connection, place)
    _check_follows(page, held)
    ring = reader.ring(file, stream)
    if page.after == 0:
        # Everything comes anew, also what had been purged.
        ring.purged.forget(connection)
    before = tally_before(connection, place, held, anew=page.after == 0)
    came = by_aggregate(connection, page.stream, page.facts, ring)
    of_no_use = {ref for ref in came.emptying if _of_no_use(connection, ring, ref, came.facts[ref])}
    for ref, of in came.facts.items():
        if ref not in of_no_use and _lacking(connection, ring, ref, of, ref in came.emptying):
            ring.wanted.put(connection, ring.facts.lookup(ref), Wanted(ref, page.stream))
    taken = take_in(file, connection, reader, place, ring, came, of_no_use)
    tally = None if before is None else before + came.tally
    cursor = str(Cursor(page.epoch, page.upto))
    keep(file, connection, place, Place(page.stream, cursor, ring.id, tally=tally, more=page.more))
    return taken


def tally_before(
    connection: sqlite3.Connection, place: bytes, held: Place | None, anew: bool
) -> Tally | None:
    """What a stream had brought before what is being taken. Read `anew`, it has brought nothing."""
    if not anew:
        return held.tally if held else None
    connection.execute("UPDATE arrivals SET came = x'' WHERE cursor = ?", (place,))
    return Tally()


def keep(file: File, connection: sqlite3.Connection, place: bytes, reached: Place) -> None:
    """Keep where a reader stands now."""
    payload = file.keys.seal(_TABLE, place, msgspec.msgpack.encode(reached))
    connection.execute("INSERT OR REPLACE INTO cursors (id, payload) VALUES (?, ?)", (place, payload))


def take_whole(file: File, connection: sqlite3.Connection, whole: Whole, reader: Reader) -> Taken:
    """Write all that a stream has of an aggregate. It is wanted no longer. Raises PageError."""
    ref, stream = Ref(whole.kind, whole.id), own_stream(whole.stream, reader)
    ring = reader.ring(file, stream)
    came = by_aggregate(connection, whole.stream, whole.facts, ring)
    if came.facts.keys() - {ref}:
        raise PageError(f"{whole.stream}: not only of {whole.kind}/{whole.id}")
    place = place_id(file, whole.stream, reader.staff)
    taken = take_in(file, connection, reader, place, ring, came)
    unwant(connection, ref, reader)
    ring.brought.add(ring.facts.lookup(ref))
    return taken


def unwant(connection: sqlite3.Connection, ref: Ref, reader: Reader) -> None:
    """What there is of an aggregate is here."""
    for ring in (reader.phone, reader.own):
        ring.wanted.drop(connection, ring.facts.lookup(ref))


def _of_no_use(connection: sqlite3.Connection, ring: Ring, ref: Ref, facts: FactsOf) -> bool:
    """Whether they take out what has been purged here already."""
    if not all(erasure(fact) for fact, _ in facts.values()):
        return False
    return ring.purged.holds(connection, ring.facts.lookup(ref)) and ring.entry(connection, ref) is None


def _lacking(connection: sqlite3.Connection, ring: Ring, ref: Ref, facts: FactsOf, emptying: bool) -> bool:
    """Whether they do not stand alone, and what came before them is not here."""
    # Where the first has been erased, the erasure is what is left of it.
    begins = emptying or any(fact.rank == 1 for fact, _ in facts.values())
    if begins and not ring.purged.holds(connection, ring.facts.lookup(ref)):
        return False
    return ring.entry(connection, ref) is None


def own_stream(name: str, reader: Reader) -> Stream:
    stream = Stream.parse(name)
    if stream.of == "staff" and stream.id != reader.staff:
        raise PageError(f"{name}: not a stream of {reader.staff}")
    return stream


def _named_in(came: Came) -> erasing.Named:
    return erasing.named(fact for ref in came.emptying for fact, _ in came.facts[ref].values())


def take_in(
    file: File,
    connection: sqlite3.Connection,
    reader: Reader,
    place: bytes,
    ring: Ring,
    came: Came,
    of_no_use: Collection[Ref] = (),
) -> Taken:
    """Write facts and their documents, and by which stream they came; take out what erasures have named."""
    named, emptied = _named_in(came), set[bytes]()
    if named.facts:
        emptied = erasing.take_out(connection, file.keys, named, ring, file.now())
        erasing.forget_begun(connection, file.keys, reader.own)
    new = {ref: facts for ref, facts in came.facts.items() if ref not in of_no_use}
    aggregates = [ring.facts.lookup(ref) for ref in new]
    # Read together what there is of them: most begin here.
    known = ring.known(connection, aggregates)
    with ring.together(connection):
        added = [
            _add_anew(file, connection, ring, ref, facts)
            if ref in came.emptying
            else _add(file, connection, ring, ref, facts, entry)
            for (ref, facts), entry in zip(new.items(), known, strict=True)
        ]
    changed = [entry for entry in added if entry is not None]
    arrived = zip(aggregates, map(names, new.values()), strict=True)
    connection.executemany(_ARRIVED, [(ring.id, aggregate, place, of) for aggregate, of in arrived])
    return Taken(ring, changed, bool(named.facts), frozenset(emptied))


def drop(
    file: File, connection: sqlite3.Connection, stream: str, staff: str
) -> tuple[bytes, set[bytes]] | None:
    """Purge what only came through a stream. Aggregates with facts that still wait are kept.

    Returns the ring and the blind names of what was purged.
    """
    place = place_id(file, stream, staff)
    held = held_place(file, connection, place)
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
    for table, column in (
        *((name, "aggregate") for name in ("facts", "documents", "wanted")),
        ("photos", "owner"),
    ):
        connection.executemany(
            f"DELETE FROM {table} WHERE ring = ? AND {column} = ?",  # noqa: S608
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


def held_place(file: File, connection: sqlite3.Connection, place: bytes) -> Place | None:
    row = connection.execute("SELECT payload FROM cursors WHERE id = ?", (place,)).fetchone()
    if row is None:
        return None
    try:
        return msgspec.msgpack.decode(file.keys.open(_TABLE, place, row[0]), type=Place)
    except (Damaged, msgspec.DecodeError) as error:
        name(file, error if isinstance(error, Damaged) else Damaged(_TABLE, place.hex(), str(error)))
        return None


def name(file: File, damage: Damaged) -> None:
    """Name what was found damaged, once."""
    if (damage.table, damage.row) not in {(one.table, one.row) for one in file.damage}:
        file.damage.append(damage)


def _check_follows(page: Page, held: Place | None) -> None:
    at = Cursor.parse(held.cursor) if held and held.cursor else None
    # A stream that was rebuilt begins anew: other epoch, from its beginning.
    expected = at.position if at and at.epoch == page.epoch else 0
    if page.after != expected:
        raise PageGap(page.stream, held.cursor if held else None, str(Cursor(page.epoch, page.after)))
    positions = [placed.position for placed in page.facts]
    if positions != list(range(page.after + 1, page.upto + 1)):
        raise PageError(f"{page.stream}: not every position from {page.after + 1} to {page.upto}")


def by_aggregate(connection: sqlite3.Connection, stream: str, facts: Iterable[Placed], ring: Ring) -> Came:
    found: dict[Ref, FactsOf] = {}
    emptying: set[Ref] = set()
    hashes: list[bytes] = []
    for placed in facts:
        if placed.erased is not None:
            # Its erasure stands further on in the same stream.
            hashes.append(placed.erased.hash)
            continue
        try:
            read = envelope(placed.envelope)
        except EnvelopeError as error:
            raise PageError(f"{stream} {placed.position}: {error}") from error
        try:
            fact = read.fact()
        except FactError:
            ring.facts.keep_unread(connection, read)
        else:
            found.setdefault(fact.aggregate, {}).setdefault(fact.id, (fact, read))
            if erasure(fact):
                emptying.add(fact.aggregate)
        hashes.append(read.hash)
    return Came(found, frozenset(emptying), Tally().plus(hashes))


def _add(
    file: File,
    connection: sqlite3.Connection,
    ring: Ring,
    ref: Ref,
    facts: FactsOf,
    known: Entry | None,
) -> Entry | None:
    """Write what is new to an aggregate, of which `known` is known."""
    if known is None:
        return ring.write(connection, ref, None, list(facts.values()))
    maybe = [fact for fact in facts if ring.may_hold(known, fact)]
    held = ring.facts.some(connection, ring.facts.lookup(ref), maybe) if maybe else {}
    new = _new(file, facts, held, {place.id for place in known.document.erased})
    return ring.write(connection, ref, known, new) if new else None


def _add_anew(
    file: File, connection: sqlite3.Connection, ring: Ring, ref: Ref, facts: FactsOf
) -> Entry | None:
    """The same with an erasure: what it names has been taken out already, and the document no longer fits
    what is there."""
    held = ring.held(connection, ref)
    gone = set(erased(one.fact for one in held.values()) | erased(fact for fact, _ in facts.values()))
    ring.facts.forget(ring.facts.lookup(ref), gone)
    new = _new(file, facts, held, gone)
    return ring.write_anew(connection, ref, new) if new else None


def _new(
    file: File, facts: FactsOf, held: Mapping[str, Held], gone: Collection[str]
) -> list[tuple[Fact, Envelope]]:
    """Those that are neither held nor erased. Names what the endpoint has otherwise than this phone."""
    for fact, one in held.items():
        if fact in facts and one.envelope != facts[fact][1]:
            file.damage.append(Damaged("facts", fact, "the endpoint holds other bytes under this id"))
    return [one for fact, one in facts.items() if fact not in held and fact not in gone]
