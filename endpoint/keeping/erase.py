"""Erasing at the endpoint: by an authority's decision, or because the time that something is kept is over."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, or_, select, update

from care.erasing import ERASED, FactErased, Named, Why
from care.errors import FactError
from care.facts import ENDPOINT, Ref
from care.viewing import VIEW
from endpoint.database import Database
from endpoint.deviations import erasing as past
from endpoint.keys import Keys
from endpoint.schema import documents, facts, quarantine
from endpoint.statements import Statement, write
from wire.envelope import envelope
from wire.errors import WireError
from wire.seal import Sealed

T = TypeVar("T")
AT_A_TIME = 200
"""Aggregates in one transaction: phones that push meanwhile wait for no more."""
_NAMED_MOST = 1000
NEVER = frozenset({VIEW})
"""Kinds that no erasure of a record takes: they are the log of who has read it, kept for its own time."""


class Order(Struct, frozen=True):
    """Why something goes. ``decision``: its own reference, or the law. ``author``: who confirmed it.
    ``unit``: where it is stated, when what goes is of no unit."""

    why: Why
    decision: str
    author: str = ENDPOINT
    unit: str = ENDPOINT


class Made(Struct, frozen=True):
    """What an erasure took: the erasures' ids, and how many facts of each kind."""

    erasures: tuple[str, ...]
    counts: dict[str, int]


def aggregates_of(connection: Connection, person: str) -> list[str]:
    """The names of all that is held of a care recipient, with what reporters were told of it."""
    own = aggregate_of_person(person)
    stated = select(facts.c.aggregate).where(or_(facts.c.person == person, facts.c.aggregate == own))
    folded = select(documents.c.aggregate).where(documents.c.person == person)
    found = {*connection.scalars(stated), *connection.scalars(folded)}
    found |= {
        f"report/{name.partition('/')[2]}" for name in found if _kind(name) in ("deviation", "complaint")
    }
    return sorted(name for name in found if _kind(name) not in NEVER)


def aggregate_of_person(person: str) -> str:
    return f"person/{person}"


def counts(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """How many facts of each kind stand there to be erased."""
    found: defaultdict[str, int] = defaultdict(int)
    for some in _some(list(names), 500):
        for name in connection.scalars(select(facts.c.aggregate).where(*_standing(some))):
            found[_kind(name)] += 1
        if reports := past.counts(connection, some):
            found[past.PAST] += reports
    return dict(sorted(found.items()))


def erase(
    database: Database,
    keys: Keys,
    names: Sequence[str],
    order: Order,
    took_some: Callable[[Connection, Mapping[str, int]], object] | None = None,
) -> Made:
    """Erase all that some aggregates say, in batches. Safe to run again after it was broken off. Blocking.

    ``took_some`` is told in each batch's own transaction what it took. Content is gone from the tables when
    it returns, and the erasure is on its way to phones. Call `ledger.keep` then, and `Database.rewrite`.
    """
    made: list[str] = []
    took: defaultdict[str, int] = defaultdict(int)
    for some in _some(sorted(set(names)), AT_A_TIME):
        ids, counted, woken = database.write_now(
            partial(_batch, keys=keys, names=some, order=order, took_some=took_some)
        )
        database.wake.up(woken)
        made += ids
        for kind, number in counted.items():
            took[kind] += number
    return Made(tuple(made), dict(sorted(took.items())))


def clear_quarantine(database: Database, keys: Keys, persons: Collection[str], names: Iterable[str]) -> int:
    """Take away the bytes of what was set aside and speaks of somebody, or of what is erased. Blocking."""
    gone = frozenset(names)
    rows = database.read_now(
        lambda connection: connection.execute(
            select(quarantine.c.digest, quarantine.c.device, quarantine.c.sealed).where(
                quarantine.c.sealed != b""
            )
        ).all()
    )
    found = [row for row in rows if _speaks_of(keys, row.sealed, row.device, persons, gone)]

    def empty(connection: Connection) -> None:
        for row in found:
            here = (quarantine.c.digest == row.digest) & (quarantine.c.device == row.device)
            connection.execute(update(quarantine).where(here).values(sealed=b""))

    if found:
        database.write_now(empty)
    return len(found)


def _batch(
    connection: Connection,
    keys: Keys,
    names: Sequence[str],
    order: Order,
    took_some: Callable[[Connection, Mapping[str, int]], object] | None,
) -> tuple[list[str], dict[str, int], frozenset[str]]:
    rows = connection.execute(
        select(facts.c.id, facts.c.aggregate, facts.c.unit, facts.c.hash)
        .where(*_standing(names))
        .order_by(facts.c.aggregate, facts.c.received, facts.c.id)
    ).all()
    known = select(documents.c.aggregate, documents.c.unit).where(documents.c.aggregate.in_(names))
    homes = {row.aggregate: row.unit for row in connection.execute(known)}
    found: dict[str, list[Named]] = {}
    units: dict[str, str] = {}
    for row in rows:
        found.setdefault(row.aggregate, []).append(Named(row.id, row.hash.hex()))
        units.setdefault(row.aggregate, homes.get(row.aggregate) or row.unit)
    standing = [name for name in names if past.is_past(name) and past.counts(connection, [name])]
    found |= {name: [past.named(name)] for name in standing}
    units |= dict.fromkeys(standing, order.unit)
    reports = past.counts(connection, standing)
    statements = [
        Statement(
            FactErased(facts=tuple(part), why=order.why, decision=order.decision), _ref(name), units[name]
        )
        for name, named in found.items()
        for part in _some(named, _NAMED_MOST)
    ]
    if not statements:
        return [], {}, frozenset()
    stated, done = write(connection, keys, statements, order.author)
    counted: defaultdict[str, int] = defaultdict(int)
    for name, named in found.items():
        counted[_kind(name)] += 0 if past.is_past(name) else len(named)
    if reports:
        counted[past.PAST] = reports
    if took_some is not None:
        took_some(connection, counted)
    return [fact.id for fact in stated], dict(counted), done.woken


def _standing(names: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return facts.c.aggregate.in_(names), facts.c.erased.is_(None), facts.c.type != ERASED


def _speaks_of(keys: Keys, data: bytes, device: str, persons: Collection[str], names: frozenset[str]) -> bool:
    try:
        sealed = msgspec.json.decode(data, type=Sealed)
        fact = envelope(keys.opener.open(sealed, device)).fact()
    except (msgspec.DecodeError, WireError, FactError, json.JSONDecodeError, ValueError):
        # Nobody can read it, so it says nothing of anybody.
        return False
    return fact.person in persons or f"{fact.aggregate.kind}/{fact.aggregate.id}" in names


def _kind(name: str) -> str:
    return name.partition("/")[0]


def _ref(name: str) -> Ref:
    kind, _, id = name.partition("/")
    return Ref(kind, id)


def _some(items: Sequence[T], most: int) -> Iterable[Sequence[T]]:
    return (items[start : start + most] for start in range(0, len(items), most))
