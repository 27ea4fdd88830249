"""Recording facts: inserted, folded and published in one transaction.

Locks are taken in one order by everybody: the endpoint's chain (statements only), the aggregates by name,
the facts by id, the streams by name, the ends of the log's chains by day and unit. Two writers of one
aggregate therefore take turns before either reads its facts, and two writers of one stream take turns before
either numbers its place in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection

import care.aggregates  # noqa: F401
from care.documents import fold
from care.facts import Fact, Ref
from care.viewing import UNFOLDED
from endpoint.aggregates import Beginning, Folded, aggregate_name, begin, folded, keep, take_back
from endpoint.audit import writes
from endpoint.blanking import blank
from endpoint.chains import Link
from endpoint.database import insert_once
from endpoint.many import find_many, insert_many
from endpoint.publish import publish
from endpoint.schema import facts
from endpoint.wake import rights_of
from wire.envelope import Envelope
from wire.messages import PushStatus


class Arrival(Struct, frozen=True):
    """A fact that is to be recorded, with its bytes. Its signature has been verified when that commits."""

    fact: Fact
    envelope: Envelope
    alone: Folded | None = None
    """What an aggregate is of which nothing else is known, where the fold has been tried already."""
    link: Link | None = None
    """Its place in the chain of the phone that sent it."""


class Recorded(Struct, frozen=True):
    """What became of one arrival. ``hash`` is that of the bytes held; ``conflict``: they are other bytes."""

    id: str
    hash: bytes
    status: PushStatus
    conflict: bool = False


class Record(Struct, frozen=True):
    results: list[Recorded]
    woken: frozenset[str]
    """Names to wake once the transaction is committed."""


def record(connection: Connection, arrivals: Sequence[Arrival], received: datetime) -> Record:
    """Take facts in: each once, whatever is repeated. Results are in the order of the arrivals."""
    held = _hashes(connection, (one.fact.id for one in arrivals))
    fresh = {one.fact.id: one for one in reversed(arrivals) if one.fact.id not in held}
    added: set[str] = set()
    woken: frozenset[str] = frozenset()
    if fresh:
        firsts = _firsts(fresh.values())
        beginning = begin(connection, firsts)
        added = _insert(connection, fresh.values(), received, beginning)
        if taken := {aggregate_name(one.fact.aggregate) for id, one in fresh.items() if id not in added}:
            beginning = take_back(connection, beginning, taken)
        held |= {id: fresh[id].envelope.hash for id in added}
        held |= _hashes(connection, fresh.keys() - added)
        blank(connection, [fresh[id].fact for id in added])
        woken = _refold(connection, [fresh[id] for id in added], firsts, beginning)
        writes.log(connection, [one.fact for id, one in fresh.items() if id in added][::-1], received)
    return Record(_results(arrivals, held, added), woken)


def _firsts(arrivals: Iterable[Arrival]) -> dict[Ref, Folded]:
    """What each aggregate is if nothing but this is known of it; of those that make documents."""
    of: dict[Ref, list[Arrival]] = {}
    for one in arrivals:
        if one.fact.aggregate.kind not in UNFOLDED:
            of.setdefault(one.fact.aggregate, []).append(one)
    return {ref: _first(ref, some) for ref, some in of.items()}


def _first(ref: Ref, arrivals: list[Arrival]) -> Folded:
    if len(arrivals) == 1 and arrivals[0].alone:
        return arrivals[0].alone
    return Folded.of(fold(ref.kind, ref.id, [one.fact for one in arrivals]))


def _hashes(connection: Connection, ids: Iterable[str]) -> dict[str, bytes]:
    return {id: bytes(hash) for id, hash in find_many(connection, facts, ("id", "hash"), "id", list(ids))}


def _insert(
    connection: Connection, arrivals: Iterable[Arrival], received: datetime, beginning: Beginning
) -> set[str]:
    """Insert, and say which were new: another transaction may just have taken one of them in.

    Into an aggregate that begins here nobody else can put one: what stands there with our bytes, we put.
    """
    first: list[dict[str, object]] = []
    later: list[dict[str, object]] = []
    for one in sorted(arrivals, key=lambda one: one.fact.id):
        row = _row(one, received)
        (first if row["aggregate"] in beginning else later).append(row)
    added: set[str] = set()
    if first:
        ids = [str(row["id"]) for row in first]
        # Asked afterwards, where not all were: saying what was new as it goes costs twice the insert.
        all_new = insert_many(connection, facts, first, once=True) == len(first)
        there = {} if all_new else _hashes(connection, ids)
        added = {id for id, row in zip(ids, first, strict=True) if all_new or there[id] == row["hash"]}
    if later:
        added |= set(connection.scalars(insert_once(connection, facts).returning(facts.c.id), later))
    return added


def _row(arrival: Arrival, received: datetime) -> dict[str, object]:
    fact = arrival.fact
    return {
        "id": fact.id,
        "aggregate": aggregate_name(fact.aggregate),
        "type": fact.type,
        "author": fact.author,
        "device": fact.device,
        "seq": fact.seq,
        "unit": fact.unit,
        "person": fact.person,
        "hash": arrival.envelope.hash,
        "received": received,
        "envelope": bytes(arrival.envelope),
    }


def _refold(
    connection: Connection, added: list[Arrival], firsts: Mapping[Ref, Folded], beginning: Beginning
) -> frozenset[str]:
    """Fold and publish what facts were added to. Of what begins with them, they are all there is."""
    named = {aggregate_name(ref): ref for ref in {one.fact.aggregate for one in added} & firsts.keys()}
    if not named:
        return frozenset()
    known = [ref for name, ref in named.items() if name not in beginning]
    changed = {name: Folded.of(document) for name, document in folded(connection, known).items()}
    changed |= {name: firsts[named[name]] for name in named.keys() & beginning.empty}
    keep(connection, changed)
    found = changed | {name: firsts[named[name]] for name in named.keys() & beginning.written}
    rights = {rights_of(ref.id) for ref in named.values() if ref.kind == "staff"}
    hashes = {one.fact.id: one.envelope.hash for one in added}
    documents = {name: one.document for name, one in found.items()}
    return publish(connection, documents, hashes, beginning) | rights


def _results(arrivals: Sequence[Arrival], held: dict[str, bytes], added: set[str]) -> list[Recorded]:
    results = []
    told: set[str] = set()
    for one in arrivals:
        id, hash = one.fact.id, held[one.fact.id]
        if hash != one.envelope.hash:
            results.append(Recorded(id, hash, "quarantined", conflict=True))
            continue
        results.append(Recorded(id, hash, "accepted" if id in added and id not in told else "known"))
        told.add(id)
    return results
