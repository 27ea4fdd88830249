"""The log beside plain inserts in the same run: ``python -m bench.audit [rows]``.

Both write the same rows to the same table, in transactions of a push's size (64) on SQLite (WAL,
synchronous=FULL); plain inserts neither hash nor hold a chain. Then a push's worth of facts is recorded with
and without the log, and the log is verified. Figures of two machines do not compare; the ratios within one
run do.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4

from care.dose import DoseGiven
from care.facts import Fact, Ref, encode, raw
from endpoint.audit import writes
from endpoint.audit.chain import START, Entry, note
from endpoint.audit.tables import audit
from endpoint.audit.verify import verify
from endpoint.database import Database
from endpoint.migrate import migrate
from endpoint.record import Arrival, record
from wire.envelope import Envelope

RUNS = 3
BATCH = 64
UNIT, STAFF, PERSON = (str(uuid4()) for _ in range(3))
NOW = datetime(2026, 3, 14, 7, 0, tzinfo=UTC)


def main(rows: int) -> None:
    plain: list[float] = []
    ours: list[float] = []
    verified: list[float] = []
    without: list[float] = []
    logged: list[float] = []
    for _ in range(RUNS):
        # Turn about, so that a slow minute of the machine meets all of them.
        with _database() as opened:
            plain.append(rows / _seconds(lambda: _inserts(opened, rows)))
        with _database() as opened:
            ours.append(rows / _seconds(lambda: _notes(opened, rows)))
            verified.append(rows / _seconds(lambda: _whole(opened, rows)))
        with _database() as opened, patch.object(writes, "note", lambda *_: None):
            without.append(_facts(opened, rows // 4))
        with _database() as opened:
            logged.append(_facts(opened, rows // 4))
    of = statistics.median
    print(f"{rows} rows in transactions of {BATCH}, median of {RUNS} runs")
    print(f"plain inserts            {of(plain):8.0f} rows/s")
    print(f"note                     {of(ours):8.0f} rows/s   ratio {of(ours) / of(plain):.2f}")
    print(f"verify                   {of(verified):8.0f} rows/s   ratio {of(verified) / of(plain):.2f}")
    print(f"facts recorded, no log   {of(without):8.0f} facts/s")
    print(f"facts recorded, logged   {of(logged):8.0f} facts/s  ratio {of(logged) / of(without):.2f}")


def _inserts(opened: Database, rows: int) -> None:
    for start in range(0, rows, BATCH):
        batch = [_row(number + 1) for number in range(start, min(start + BATCH, rows))]
        opened.write_now(lambda connection, batch=batch: connection.execute(audit.insert(), batch))


def _notes(opened: Database, rows: int) -> None:
    for start in range(0, rows, BATCH):
        batch = [_entry() for _ in range(start, min(start + BATCH, rows))]
        opened.write_now(lambda connection, batch=batch: note(connection, batch, NOW))


def _whole(opened: Database, rows: int) -> None:
    found = verify(opened, [], NOW)
    assert (found.rows, found.broken) == (rows, ())


def _facts(opened: Database, count: int) -> float:
    arrivals = [_arrival(number) for number in range(count)]
    began = time.perf_counter()
    for start in range(0, count, BATCH):
        batch = arrivals[start : start + BATCH]
        opened.write_now(lambda connection, batch=batch: record(connection, batch, NOW))
    return count / (time.perf_counter() - began)


def _entry() -> Entry:
    return Entry(
        at=NOW,
        staff=STAFF,
        device="console",
        unit=UNIT,
        person=PERSON,
        act="read",
        what="sign",
        role="carer",
        law="PDL 4:1, HSLF-FS 2016:40",
        ref=str(uuid4()),
    )


def _row(number: int) -> dict[str, object]:
    entry = _entry()
    columns = {name: getattr(entry, name) for name in Entry.__struct_fields__}
    return columns | {"day": "2026-03-14", "number": number, "recorded": NOW, "prev": START, "hash": START}


def _arrival(number: int) -> Arrival:
    body = DoseGiven(order=STAFF, planned=NOW, performed=NOW, amount="5 tabletter", order_fact=STAFF)
    fact = Fact(
        id=str(uuid4()),
        type="dose.given",
        version=1,
        aggregate=Ref("dose", str(uuid4())),
        rank=1,
        at=NOW,
        author=STAFF,
        device="phone-1",
        seq=number + 1,
        unit=UNIT,
        person=PERSON,
        body=raw(body),
    )
    return Arrival(fact, Envelope(b"s" * 64, encode(fact)))


@contextmanager
def _database() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="rapp-bench-") as folder:
        opened = Database(f"sqlite:///{Path(folder) / 'e.db'}")
        migrate(opened)
        yield opened
        opened.close()


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
