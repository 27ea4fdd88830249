"""Publishing: an aggregate's facts are appended to every stream that its document says it belongs in.

A stream is given what it does not have of the aggregate: a new fact where it has the rest, all of them where
the aggregate is new to it. That one rule is new facts, moves, added readers and first sync.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, select, update

from care.documents import Document
from care.streams import ON_OFFICE_PHONES, Stream, known_of, streams_of, unit_stream
from endpoint.many import among, insert_many
from endpoint.schema import devices, facts, placed, slot_keys, streams
from endpoint.wake import EVERYBODY
from wire.checksum import Tally

CHANNEL = "rapp_wake"
_PAYLOAD_MOST = 7000
"""Bytes; PostgreSQL takes fewer than 8000."""
_NAME_MOST = 200


def publish(
    connection: Connection,
    documents: Mapping[str, Document],
    hashes: Mapping[str, bytes],
    began: Container[str] = (),
) -> frozenset[str]:
    """Append what is missing; the names of the streams that grew. Call with the aggregates locked.

    ``hashes``: of the facts that are new, by id. ``began``: names of those that no stream can have anything
    of yet.
    """
    belongs: defaultdict[str, list[str]] = defaultdict(list)
    for name, document in documents.items():
        for one in streams_of(document):
            if _possible(one):
                belongs[str(one)].append(name)
    also = _erasures_also(connection, documents)
    if not belongs and not also:
        return frozenset()
    heads = _lock(connection, sorted(belongs.keys() | also.keys()))
    has = _has(connection, [name for name in documents if name not in began])
    grown: dict[str, list[str]] = {}
    for stream in sorted(heads):
        whole = [documents[name].facts for name in belongs.get(stream, ())]
        if new := list(_missing(stream, [*whole, also.get(stream, [])], has)):
            grown[stream] = new
    if grown:
        rows = [
            {"stream": stream, "position": position, "fact": fact}
            for stream, new in grown.items()
            for position, fact in enumerate(new, heads[stream].count + 1)
        ]
        insert_many(connection, placed, rows)
        _advance(connection, _tallies(connection, heads, grown, hashes))
    return frozenset(grown)


def announce(connection: Connection, names: Iterable[str]) -> None:
    """Tell the other workers, at commit, whom to wake. SQLite has no way to."""
    if connection.dialect.name != "postgresql":
        return
    payload = json.dumps(sorted(names))
    if len(payload) > _PAYLOAD_MOST:
        payload = json.dumps([EVERYBODY])
    connection.execute(select(func.pg_notify(CHANNEL, payload)))


def _possible(stream: Stream) -> bool:
    """A stream that somebody could be granted. A body may name a reporter that is no id at all."""
    name = str(stream)
    return len(name) <= _NAME_MOST and "\0" not in name


_HEADS = (
    select(streams.c.name, streams.c.position, streams.c.sum)
    .where(streams.c.name.in_(bindparam("names", expanding=True)))
    .order_by(streams.c.name)
    .with_for_update()
)
_GROW = (
    update(streams)
    .where(streams.c.name == bindparam("of"))
    .values(position=bindparam("to"), sum=bindparam("with"))
)


def _lock(connection: Connection, names: list[str]) -> dict[str, Tally]:
    rows = [{"name": name, "epoch": secrets.token_hex(4), "position": 0, "sum": 0} for name in names]
    insert_many(connection, streams, rows, once=True)
    heads = connection.execute(_HEADS, {"names": names})
    return {row.name: Tally(row.position, row.sum) for row in heads}


def _has(connection: Connection, aggregates: Sequence[str]) -> set[tuple[str, str]]:
    if not aggregates:
        return set()
    found = connection.execute(
        select(placed.c.stream, placed.c.fact)
        .join(facts, facts.c.id == placed.c.fact)
        .where(among(connection, facts.c.aggregate, aggregates))
    )
    return {(stream, fact) for stream, fact in found}


def _erasures_also(connection: Connection, documents: Mapping[str, Document]) -> dict[str, list[str]]:
    """Where erasures go besides the streams of what is left: wherever what they name was ever published, and
    to every unit on whose phones somebody may hold it, so that it leaves also what nobody opens any more."""
    found: dict[str, list[str]] = {}
    erasing = [name for name, document in documents.items() if document.erased]
    if not erasing:
        return found
    placed_in: defaultdict[str, set[str]] = defaultdict(set)
    for name, stream in connection.execute(
        select(facts.c.aggregate, placed.c.stream)
        .join(facts, facts.c.id == placed.c.fact)
        .where(facts.c.aggregate.in_(erasing))
    ):
        placed_in[name].add(stream)
    units = _units_of_phones(connection, {one for streams in placed_in.values() for one in streams})
    for name in erasing:
        ids = list(dict.fromkeys(one.by for one in documents[name].erased))
        streams = placed_in[name] | {str(unit_stream(documents[name].unit))}
        streams |= {str(to) for one in streams for to in _where_kept(Stream.parse(one), units.get(one, ()))}
        for stream in streams:
            found.setdefault(stream, []).extend(ids)
    return found


def _where_kept(stream: Stream, units: Iterable[str]) -> Iterable[Stream]:
    """The streams that anybody pulls on those phones: on an office's nobody pulls what a unit shares."""
    return known_of(units) if stream.of in ON_OFFICE_PHONES else map(unit_stream, units)


def _units_of_phones(connection: Connection, names: Iterable[str]) -> dict[str, set[str]]:
    """The units on whose phones a stream may be kept, under somebody's own key."""
    units: defaultdict[str, set[str]] = defaultdict(set)
    people: dict[str, str] = {}
    for name in names:
        stream = Stream.parse(name)
        if stream.of == "staff":
            people[stream.id] = name
        elif stream.personal:
            units[name].add(stream.id)
    rows = connection.execute(
        select(slot_keys.c.staff, devices.c.unit)
        .join(devices, devices.c.id == slot_keys.c.device)
        .where(slot_keys.c.staff.in_(list(people)))
    )
    for staff, unit in rows:
        units[people[staff]].add(unit)
    return units


def _missing(stream: str, aggregates: Iterable[list[str]], has: set[tuple[str, str]]) -> Iterable[str]:
    for ids in aggregates:
        for fact in ids:
            if (stream, fact) not in has:
                has.add((stream, fact))
                yield fact


def _tallies(
    connection: Connection,
    heads: Mapping[str, Tally],
    grown: Mapping[str, list[str]],
    hashes: Mapping[str, bytes],
) -> dict[str, Tally]:
    """The heads of the streams that grow, with what comes to them. Older facts come where a stream is new to
    their aggregate."""
    older = {fact for new in grown.values() for fact in new if fact not in hashes}
    if older:
        here = among(connection, facts.c.id, older)
        rows = connection.execute(select(facts.c.id, facts.c.hash).where(here))
        hashes = {**hashes, **{row.id: row.hash for row in rows}}
    return {stream: heads[stream].plus(hashes[fact] for fact in new) for stream, new in grown.items()}


def _advance(connection: Connection, heads: Mapping[str, Tally]) -> None:
    connection.execute(
        _GROW,
        [{"of": stream, "to": head.count, "with": head.sum} for stream, head in heads.items()],
    )
