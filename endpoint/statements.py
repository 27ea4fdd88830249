"""What the endpoint states itself, and what people state on its console.

Its facts are like a phone's: signed, chained, ranked. The device is "endpoint", the key the endpoint's own.
"""

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct
from sqlalchemy import Connection, select, update

from care.facts import ENDPOINT, RANK_MOST, Body, Fact, Ref, encode, raw, type_of
from care.ids import uuid7
from endpoint.aggregates import aggregate_name, folded, lock_aggregates
from endpoint.database import Database, insert_once
from endpoint.keys import Keys
from endpoint.publish import announce
from endpoint.record import Arrival, Record, record
from endpoint.schema import chain
from wire.envelope import stated


class Statement(Struct, frozen=True):
    """Something to state. ``at``: when it is said to have been stated; None: now. For loading what was."""

    body: Body
    aggregate: Ref
    unit: str
    person: str | None = None
    at: datetime | None = None


async def state(database: Database, keys: Keys, statement: Statement, author: str = ENDPOINT) -> Fact:
    """State one thing. Durable, published and on its way to waiting phones when it returns."""
    return (await state_all(database, keys, [statement], author))[0]


async def state_all(
    database: Database, keys: Keys, statements: Sequence[Statement], author: str = ENDPOINT
) -> list[Fact]:
    """State several things in one transaction, in their order."""
    if not statements:
        return []
    facts, done = await database.write(lambda connection: write(connection, keys, statements, author))
    database.wake.up(done.woken)
    return facts


def take_turn(connection: Connection) -> None:
    """Wait until nobody else is stating anything, and keep it so until the transaction ends.

    For what is decided from how things stand: read after this, then `write`.
    """
    _lock_chain(connection)


def write(
    connection: Connection, keys: Keys, statements: Sequence[Statement], author: str = ENDPOINT
) -> tuple[list[Fact], Record]:
    """State within a transaction. The caller wakes ``Record.woken`` after it has committed."""
    now = datetime.now(UTC)
    seq, prev = _lock_chain(connection)
    refs = {one.aggregate for one in statements}
    lock_aggregates(connection, refs)
    ranks = {name: document.rank for name, document in folded(connection, refs).items()}
    arrivals = []
    for one in statements:
        name = aggregate_name(one.aggregate)
        ranks[name] = min(ranks[name] + 1, RANK_MOST)
        seq += 1
        fact = _fact(one, author, ranks[name], seq, prev, one.at or now)
        signed = stated(encode(fact), keys.sign_private)
        prev = signed.hash.hex()
        arrivals.append(Arrival(fact, signed))
    connection.execute(update(chain).where(chain.c.device == ENDPOINT).values(seq=seq, prev=prev))
    done = record(connection, arrivals, now)
    announce(connection, done.woken)
    return [one.fact for one in arrivals], done


def _fact(one: Statement, author: str, rank: int, seq: int, prev: str | None, at: datetime) -> Fact:
    fact_type, version = type_of(one.body)
    return Fact(
        id=uuid7(time.time_ns() // 1_000_000, os.urandom(10)),
        type=fact_type,
        version=version,
        aggregate=one.aggregate,
        rank=rank,
        at=at,
        author=author,
        device=ENDPOINT,
        seq=seq,
        prev=prev,
        unit=one.unit,
        person=one.person,
        body=raw(one.body),
    )


def _lock_chain(connection: Connection) -> tuple[int, str | None]:
    connection.execute(insert_once(connection, chain), {"device": ENDPOINT, "seq": 0})
    row = connection.execute(
        select(chain.c.seq, chain.c.prev).where(chain.c.device == ENDPOINT).with_for_update()
    ).one()
    return row.seq, row.prev
