"""Old reports read in and counted, beside plain SQL: ``python -m bench.deviations [rows] [url]``.

The peer is the standard library's csv and one executemany of the same rows into one SQLite table (WAL,
synchronous=FULL): it reads no word and no time, finds no fault, hashes nothing. Figures of
two machines do not compare; the ratio within one run does. `url`: a PostgreSQL to read into as well.
"""

import csv
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from care.unit import UnitDocument
from endpoint import documents
from endpoint.database import Database
from endpoint.deviations import importing, mapping, table
from endpoint.deviations.counting import find
from endpoint.deviations.mapping import Map
from endpoint.deviations.query import Query
from endpoint.deviations.schema import past_deviations
from endpoint.deviations.scope import of_provider
from tests.deviation_reports import HEAD, endpoint_with_units, reports, written


def main(rows: int, url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "old.csv"
        path.write_text(written(reports(rows)))
        peer = _seconds(lambda: _plain(path, Path(folder) / "plain.db"))
        print(f"{rows} rows, {path.stat().st_size / 1e6:.1f} MB")
        print(f"csv + sqlite3 executemany   {peer:6.2f} s")
        for name, where in (("SQLite", None), ("PostgreSQL", url)):
            if name == "SQLite" or where:
                _ours(name, where, path, Path(folder) / name, peer)


def _ours(name: str, url: str | None, path: Path, data: Path, peer: float) -> None:
    database, held = endpoint_with_units(data, url)

    def read_in() -> None:
        sheet = table.read(path.read_bytes(), dict(mapping.COLUMNS), mapping.NEEDED, {})
        done = importing.run(database, held, sheet, Map(), datetime.now(UTC))
        assert not done.faults

    for turn in ("first", "again"):
        took = _seconds(read_in)
        print(f"import-deviations, {name}, {turn:5}   {took:6.2f} s   ratio {took / peer:.1f}")
    _counted(database, name)
    database.close()


def _counted(database: Database, name: str) -> None:
    """Beside the database's own GROUP BY over the same rows, which asks nobody's rights."""

    def ours(connection: Connection) -> int | None:
        units = documents.all_of(connection, UnitDocument)
        scope = replace(of_provider(connection, units[0].provider, units), protected=False)
        return find(connection, scope, Query(group_by=("category", "unit"))).of(("category", "unit")).total

    def plain(connection: Connection) -> int:
        c = past_deviations.c
        return len(
            connection.execute(select(c.category, c.unit, func.count()).group_by(c.category, c.unit)).all()
        )

    peer = _seconds(lambda: database.read_now(plain))
    took = _seconds(lambda: database.read_now(ours))
    print(f"counted, {name}   {took:6.2f} s, GROUP BY {peer:.2f} s   ratio {took / peer:.1f}")


def _plain(path: Path, file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"CREATE TABLE old ({', '.join(HEAD)})")
    with path.open(newline="") as lines, connection:
        rows = csv.reader(lines, delimiter=";")
        next(rows)
        connection.executemany(f"INSERT INTO old VALUES ({', '.join('?' * len(HEAD))})", rows)
    connection.close()


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, sys.argv[2] if len(sys.argv) > 2 else None)
