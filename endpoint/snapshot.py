"""Snapshots: the first sync of a long stream, without its history.

Whole aggregates as they stood at a cut: first what every screen needs, then the rest, what changed last
before the others. What a phone that had been here all along would have purged (care/retention.py) is only
named. Nothing is kept of a snapshot between its parts: where the next one begins says all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, and_, not_, or_, select

from care.documents import Document, document_type
from care.facts import Ref
from care.retention import closed_at, to_be_read, window
from care.streams import Stream
from care.unit import Settings, UnitDocument
from endpoint import documents
from endpoint.errors import Gone
from endpoint.many import among
from endpoint.schema import documents as documents_table
from endpoint.schema import facts, placed
from endpoint.whole_day import whole_day
from wire.checksum import Tally
from wire.messages import ERASED_ENVELOPE, Left, Placed, Snapshot, Tombstone

FIRST = ("unit", "staff", "person", "order", "delegation", "form")
"""Kinds without which no day's list can be shown."""
AGGREGATES_MOST = 1000
FACTS_MOST = 1000
BYTES_MOST = 1_000_000
"""In one part; one aggregate always goes, whatever its size."""


class Head(Struct, frozen=True):
    """How a stream stands."""

    epoch: str
    position: int
    sum: int


class _Place(Struct, frozen=True):
    """Where a part begins: of which turn, before which position. Turns: 0: the kinds that come first; 1: the
    others; 2: these too, when the list of the day has been said to be whole."""

    cut: int
    turn: int
    before: int

    def __str__(self) -> str:
        return f"{self.cut}.{self.turn}.{self.before}"


def snapshot(connection: Connection, name: str, head: Head, after: str, now: datetime) -> Snapshot:
    """The part that follows `after`; the first, when that is of another epoch. Raises Gone."""
    if after.partition(".")[0] != head.epoch:
        after = ""
    place = _parsed(after, name, head) if after else _Place(head.position, 0, head.position + 1)
    walked = _walk(connection, name, place)
    kept, left_out = _chosen(connection, name, walked, now)
    taken, found = _within(walked, _facts(connection, name, place.cut, kept))
    passed = [one for one in left_out if one in taken]
    following = _following(place, walked, taken)
    day = None
    if following and following.turn == 1:
        day = whole_day(connection, name, place.cut, following.before, now)
        following = replace(following, turn=2) if day else following
    return Snapshot(
        stream=name,
        epoch=head.epoch,
        cut=place.cut,
        after=after,
        upto=f"{head.epoch}.{following}" if following else "",
        facts=tuple(found),
        left_out=tuple(left_out[one] for one in passed),
        left=_tally(connection, name, place.cut, passed),
        day=day,
        now=now,
    )


def at_place(position: int, id: str, hash: bytes, data: bytes) -> Placed:
    """A fact at its place, or where it stood: positions stay gapless."""
    if data:
        return Placed(position=position, envelope=data)
    return Placed(position=position, envelope=ERASED_ENVELOPE, erased=Tombstone(id=id, hash=hash))


def _parsed(text: str, name: str, head: Head) -> _Place:
    """Raises Gone for what this database never said: the reader begins anew."""
    _, *numbers = text.split(".")
    if len(numbers) == 3 and all(_is_number(one) for one in numbers):
        place = _Place(*map(int, numbers))
        if place.cut <= head.position and place.turn <= 2:
            return place
    raise Gone("cursor_ahead", "no such place in a snapshot of this stream: begin it anew", field=name)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _following(place: _Place, walked: Sequence[tuple[int, str]], taken: set[str]) -> _Place | None:
    """Where the part after this one begins; None: there is none."""
    if taken and (len(walked) == AGGREGATES_MOST or len(taken) < len(walked)):
        return replace(place, before=min(position for position, aggregate in walked if aggregate in taken))
    return _Place(place.cut, 1, place.cut + 1) if place.turn == 0 else None


def _walk(connection: Connection, name: str, place: _Place) -> list[tuple[int, str]]:
    """Aggregates by their last position up to the cut, the latest first.

    Walked down from where the part before ended: what a part costs does not grow with the stream.
    """
    later, its = placed.alias(), facts.alias()
    stands_later = select(later.c.position).where(
        later.c.fact == its.c.id,
        later.c.stream == name,
        later.c.position > placed.c.position,
        later.c.position <= place.cut,
    )
    # One within the other: a database that is free to choose reads the stream anew for each aggregate.
    changed_later = select(its.c.id).where(
        its.c.aggregate == facts.c.aggregate, stands_later.correlate(its, placed).exists()
    )
    rows = connection.execute(
        select(placed.c.position, facts.c.aggregate)
        .join(facts, facts.c.id == placed.c.fact)
        .where(placed.c.stream == name, placed.c.position < place.before)
        .where(
            placed.c.position <= place.cut,
            _of_turn(place.turn),
            ~changed_later.correlate(facts, placed).exists(),
        )
        .order_by(placed.c.position.desc())
        .limit(AGGREGATES_MOST)
    )
    return [(position, aggregate) for position, aggregate in rows]


def _of_turn(turn: int) -> ColumnElement[bool]:
    first = [and_(facts.c.aggregate >= f"{kind}/", facts.c.aggregate < f"{kind}0") for kind in FIRST]
    return not_(or_(*first)) if turn else or_(*first)


def _chosen(
    connection: Connection, name: str, walked: Iterable[tuple[int, str]], now: datetime
) -> tuple[list[str], dict[str, Ref]]:
    """Which of the aggregates a phone would still keep, and which are only named."""
    whose = Stream.parse(name)
    unit = documents.one(connection, UnitDocument, whose.id)
    before = now - window(unit.settings if unit else Settings())
    names = [aggregate for _, aggregate in walked]
    here = among(connection, documents_table.c.aggregate, names)
    rows = connection.execute(select(documents_table).where(here))
    over = {
        row.aggregate: Ref(row.kind, row.id) for row in rows if _over(row.kind, row.document, before, whose)
    }
    return [one for one in names if one not in over], {one: over[one] for one in names if one in over}


def _over(kind: str, data: bytes | None, before: datetime, whose: Stream) -> bool:
    if data is None:
        return False
    document: Document = msgspec.json.decode(data, type=document_type(kind))
    closed = closed_at(document)
    return closed is not None and closed < before and not to_be_read(document, whose.id)


def _facts(connection: Connection, name: str, cut: int, aggregates: list[str]) -> dict[str, list[Placed]]:
    found: dict[str, list[Placed]] = {one: [] for one in aggregates}
    rows = connection.execute(
        select(facts.c.aggregate, placed.c.position, facts.c.id, facts.c.hash, facts.c.envelope)
        .join(placed, placed.c.fact == facts.c.id)
        .where(
            among(connection, facts.c.aggregate, aggregates),
            placed.c.stream == name,
            placed.c.position <= cut,
        )
        .order_by(placed.c.position)
    )
    for aggregate, position, id, hash, data in rows:
        found[aggregate].append(at_place(position, id, hash, data))
    return found


def _tally(connection: Connection, name: str, cut: int, aggregates: list[str]) -> Left | None:
    """How much the stream has of aggregates that are only named."""
    if not aggregates:
        return None
    hashes = connection.scalars(
        select(facts.c.hash)
        .join(placed, placed.c.fact == facts.c.id)
        .where(
            among(connection, facts.c.aggregate, aggregates),
            placed.c.stream == name,
            placed.c.position <= cut,
        )
    )
    found = Tally().plus(hashes)
    return Left(count=found.count, sum=bytes(found))


def _within(
    walked: Iterable[tuple[int, str]], found: dict[str, list[Placed]]
) -> tuple[set[str], list[Placed]]:
    """As many of the aggregates as one part holds, each whole."""
    taken: set[str] = set()
    chosen: list[Placed] = []
    size = 0
    for _, aggregate in walked:
        facts_of = found.get(aggregate, [])
        size += sum(len(one.envelope) for one in facts_of)
        if chosen and (size > BYTES_MOST or len(chosen) + len(facts_of) > FACTS_MOST):
            break
        chosen += facts_of
        taken.add(aggregate)
    return taken, chosen
