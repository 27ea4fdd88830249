"""Publishing: an aggregate's facts are appended to every stream that its document says it belongs in.

A stream is given what it does not have of the aggregate: a new fact where it has the rest, all of them where
the aggregate is new to it. That one rule is new facts, moves, added readers and first sync.
"""

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, func, select, update

from care.documents import Document
from care.streams import Stream, streams_of
from endpoint.database import insert_once
from endpoint.schema import facts, placed, streams
from endpoint.wake import EVERYBODY

CHANNEL = "rapp_wake"
_PAYLOAD_MOST = 7000
"""Bytes; PostgreSQL takes fewer than 8000."""
_NAME_MOST = 200


def publish(connection: Connection, documents: Mapping[str, Document]) -> frozenset[str]:
    """Append what is missing; the names of the streams that grew. Call with the aggregates locked."""
    belongs: defaultdict[str, list[str]] = defaultdict(list)
    for name, document in documents.items():
        for one in streams_of(document):
            if _possible(one):
                belongs[str(one)].append(name)
    if not belongs:
        return frozenset()
    heads = _lock(connection, sorted(belongs))
    has = _has(connection, documents)
    grown: dict[str, int] = {}
    rows: list[dict[str, object]] = []
    for stream, names in sorted(belongs.items()):
        position = heads[stream]
        for fact in _missing(stream, (documents[name] for name in names), has):
            position += 1
            rows.append({"stream": stream, "position": position, "fact": fact})
        if position > heads[stream]:
            grown[stream] = position
    if rows:
        connection.execute(placed.insert(), rows)
        _advance(connection, grown)
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


def _lock(connection: Connection, names: list[str]) -> dict[str, int]:
    rows = [{"name": name, "epoch": secrets.token_hex(4), "position": 0} for name in names]
    connection.execute(insert_once(connection, streams), rows)
    heads = connection.execute(
        select(streams.c.name, streams.c.position)
        .where(streams.c.name.in_(names))
        .order_by(streams.c.name)
        .with_for_update()
    )
    return {row.name: row.position for row in heads}


def _has(connection: Connection, aggregates: Iterable[str]) -> set[tuple[str, str]]:
    found = connection.execute(
        select(placed.c.stream, placed.c.fact)
        .join(facts, facts.c.id == placed.c.fact)
        .where(facts.c.aggregate.in_(list(aggregates)))
    )
    return {(stream, fact) for stream, fact in found}


def _missing(stream: str, documents: Iterable[Document], has: set[tuple[str, str]]) -> Iterable[str]:
    for document in documents:
        for fact in document.facts:
            if (stream, fact) not in has:
                yield fact


def _advance(connection: Connection, heads: Mapping[str, int]) -> None:
    connection.execute(
        update(streams).where(streams.c.name == bindparam("of")).values(position=bindparam("to")),
        [{"of": stream, "to": position} for stream, position in heads.items()],
    )
