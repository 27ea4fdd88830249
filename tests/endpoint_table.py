"""A bare database of the endpoint for tests of what is recorded: no calls, no signatures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from care.documents import document_type, fold
from care.facts import Fact, encode
from care.streams import streams_of
from care.viewing import UNFOLDED
from endpoint.aggregates import aggregate_name
from endpoint.database import Database
from endpoint.migrate import migrate
from endpoint.record import Arrival, Record, record
from endpoint.schema import documents, facts, placed, streams
from tests.fresh_tables import with_tables
from wire.checksum import Tally
from wire.envelope import Envelope, envelope

SIGNATURE = b"s" * 64


def arrival(fact: Fact) -> Arrival:
    return Arrival(fact, Envelope(SIGNATURE, encode(fact)))


@contextmanager
def database(url: str | None, folder: Path) -> Iterator[Database]:
    if url is None:
        with_tables(folder / "e.db")
    opened = Database(
        url.replace("postgresql:", "postgresql+psycopg:") if url else f"sqlite:///{folder}/e.db"
    )
    migrate(opened)
    try:
        yield opened
    finally:
        opened.close()


def take(opened: Database, batch: Sequence[Arrival]) -> Record:
    return opened.write_now(lambda connection: record(connection, batch, datetime.now(UTC)))


def stored(connection: Connection) -> dict[str, bytes | None]:
    """The documents table, by aggregate."""
    rows = connection.execute(select(documents.c.aggregate, documents.c.document))
    return {row.aggregate: row.document for row in rows}


def contents(connection: Connection) -> dict[str, set[str]]:
    """The facts of each stream; asserts that positions are gapless up to the head, facts there once, and that
    its sum is theirs."""
    heads = {row.name: Tally(row.position, row.sum) for row in connection.execute(select(streams))}
    hashes = {row.id: row.hash for row in connection.execute(select(facts.c.id, facts.c.hash))}
    found: dict[str, list[str]] = {name: [] for name in heads}
    for row in connection.execute(select(placed).order_by(placed.c.stream, placed.c.position)):
        found[row.stream].append(row.fact)
        assert row.position == len(found[row.stream]), f"a gap in {row.stream}"
    for name, held in found.items():
        assert len(held) == len(set(held)), name
        assert Tally().plus(hashes[id] for id in held) == heads[name], name
    return {name: set(held) for name, held in found.items() if held}


def stale(connection: Connection) -> list[str]:
    """Aggregates whose row is not what their facts fold into, or whose streams lack any of them."""
    by_name: dict[str, list[Fact]] = {}
    for data in connection.scalars(select(facts.c.envelope).where(facts.c.erased.is_(None))):
        fact = envelope(data).fact()
        if fact.aggregate.kind not in UNFOLDED:
            by_name.setdefault(aggregate_name(fact.aggregate), []).append(fact)
    rows, held = stored(connection), contents(connection)
    wrong = sorted(rows.keys() ^ by_name.keys())
    for name, known in by_name.items():
        ref = known[0].aggregate
        fresh, row = fold(ref.kind, ref.id, known), rows.get(name)
        if row is None or msgspec.json.decode(row, type=document_type(ref.kind)) != fresh:
            wrong.append(name)
        wrong += [
            f"{name} in {one}"
            for one in streams_of(fresh)
            if not set(fresh.facts) <= held.get(str(one), set())
        ]
    return wrong
