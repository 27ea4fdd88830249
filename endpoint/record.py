"""Recording facts: inserted, folded and published in one transaction.

Locks are taken in one order by everybody: the endpoint's chain (statements only), the aggregates by name,
the facts by id, the streams by name, the ends of the log's chains by day and unit. Two writers of one
aggregate therefore take turns before either reads its facts, and two writers of one stream take turns before
either numbers its place in it.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

import care.aggregates  # noqa: F401
from care.documents import Document, fold
from care.facts import Fact, Ref
from care.viewing import UNFOLDED
from endpoint.audit import writes
from endpoint.blanking import blank
from endpoint.chains import Link
from endpoint.database import insert_once
from endpoint.many import among, find_many, insert_many, update_many
from endpoint.publish import publish
from endpoint.schema import documents, facts
from endpoint.wake import rights_of
from wire.envelope import Envelope, envelope
from wire.messages import PushStatus


class Alone(Struct, frozen=True):
    """What an aggregate is that nothing but one fact is known of, and how it is stored."""

    document: Document
    data: bytes


class Arrival(Struct, frozen=True):
    """A fact whose signature has been verified, with the bytes that it came as."""

    fact: Fact
    envelope: Envelope
    alone: Alone | None = None
    """Where the fold has been tried already."""
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


def aggregate_name(ref: Ref) -> str:
    return f"{ref.kind}/{ref.id}"


def record(connection: Connection, arrivals: Sequence[Arrival], received: datetime) -> Record:
    """Take facts in: each once, whatever is repeated. Results are in the order of the arrivals."""
    held = _hashes(connection, (one.fact.id for one in arrivals))
    fresh = {one.fact.id: one for one in reversed(arrivals) if one.fact.id not in held}
    added: set[str] = set()
    woken: frozenset[str] = frozenset()
    if fresh:
        began = lock_aggregates(connection, _folding(one.fact.aggregate for one in fresh.values()))
        added = _insert(connection, fresh.values(), received, began)
        held |= {id: fresh[id].envelope.hash for id in added}
        held |= _hashes(connection, fresh.keys() - added)
        blank(connection, [fresh[id].fact for id in added])
        woken = _refold(connection, [fresh[id] for id in added], began)
        writes.log(connection, [one.fact for id, one in fresh.items() if id in added][::-1], received)
    return Record(_results(arrivals, held, added), woken)


def _folding(refs: Iterable[Ref]) -> set[Ref]:
    """Those that make documents."""
    return {ref for ref in refs if ref.kind not in UNFOLDED}


def lock_aggregates(connection: Connection, refs: Iterable[Ref]) -> set[str]:
    """Make each aggregate's row where there is none, and hold it until the transaction ends.

    Returns the names of those that nothing was ever folded of.
    """
    rows = sorted(
        ({"aggregate": aggregate_name(ref), "kind": ref.kind, "id": ref.id} for ref in refs),
        key=lambda row: row["aggregate"],
    )
    if not rows:
        return set()
    insert_many(connection, documents, rows, once=True)
    names = [row["aggregate"] for row in rows]
    what = "aggregate", "document IS NULL"
    locked = find_many(connection, documents, what, "aggregate", names, lock=True)
    return {name for name, begins in locked if begins}


def folded(connection: Connection, refs: Iterable[Ref]) -> dict[str, Document]:
    """Aggregates folded anew from all their facts, by name."""
    wanted = {aggregate_name(ref): ref for ref in refs}
    found: dict[str, list[Fact]] = {name: [] for name in wanted}
    rows = connection.execute(
        select(facts.c.aggregate, facts.c.envelope).where(among(connection, facts.c.aggregate, wanted))
    )
    for name, data in rows:
        if data:
            found[name].append(envelope(data).fact())
    return {name: fold(ref.kind, ref.id, found[name]) for name, ref in wanted.items()}


def _hashes(connection: Connection, ids: Iterable[str]) -> dict[str, bytes]:
    return {id: bytes(hash) for id, hash in find_many(connection, facts, ("id", "hash"), "id", list(ids))}


def _insert(
    connection: Connection, arrivals: Iterable[Arrival], received: datetime, began: Set[str]
) -> set[str]:
    """Insert, and say which were new: another transaction may just have taken one of them in.

    Into an aggregate that begins here nobody else can put one: what stands there with our bytes, we put.
    """
    first: list[dict[str, object]] = []
    later: list[dict[str, object]] = []
    for one in sorted(arrivals, key=lambda one: one.fact.id):
        row = _row(one, received)
        (first if row["aggregate"] in began else later).append(row)
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


def _refold(connection: Connection, added: list[Arrival], began: Set[str]) -> frozenset[str]:
    """Fold and publish what facts were added to. Of what begins with them, they are all there is."""
    refs = _folding(one.fact.aggregate for one in added)
    if not refs:
        return frozenset()
    fresh: dict[Ref, list[Arrival]] = {ref: [] for ref in refs if aggregate_name(ref) in began}
    for one in added:
        if one.fact.aggregate in fresh:
            fresh[one.fact.aggregate].append(one)
    found = {name: _stored(one) for name, one in folded(connection, refs - fresh.keys()).items()}
    found |= {aggregate_name(ref): _begun(ref, arrivals) for ref, arrivals in fresh.items()}
    rows = [
        {"aggregate": name, "unit": one.document.unit, "person": one.document.person, "document": one.data}
        for name, one in sorted(found.items())
    ]
    update_many(connection, documents, "aggregate", rows)
    rights = {rights_of(ref.id) for ref in refs if ref.kind == "staff"}
    hashes = {one.fact.id: one.envelope.hash for one in added}
    return publish(connection, {name: one.document for name, one in found.items()}, hashes, began) | rights


def _begun(ref: Ref, arrivals: list[Arrival]) -> Alone:
    if len(arrivals) == 1 and arrivals[0].alone:
        return arrivals[0].alone
    return _stored(fold(ref.kind, ref.id, [one.fact for one in arrivals]))


def _stored(document: Document) -> Alone:
    return Alone(document, msgspec.json.encode(document))


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
