"""The store's saves beside plain sqlite3 in the same run: ``python -m bench.store [saves]``.

Both write one durable transaction a save (WAL, synchronous=FULL) of about 1.2 KB. Plain sqlite3 writes one
row as it is; the store writes fact, document and sealed outbox row, encrypted, signed and folded. Figures of
two machines do not compare; the ratio within one run does.
"""

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from msgspec import Raw

from care.facts import Ref
from care.published import Answered
from care.sbar import SbarRecorded
from storage import Device, FileSecret, Statement, Store, Unlocked
from wire import seal, signature

RUNS = 5
UNIT = str(uuid4())
ANSWERS = Answered("https://rapp.example/sbar", "1", Raw(b'{"text": "%s"}' % (b"x" * 800)))


def main(saves: int) -> None:
    with tempfile.TemporaryDirectory(prefix="rapp-bench-") as folder:
        plain: list[float] = []
        ours: list[float] = []
        for run in range(RUNS):
            # Turn about, so that a slow minute of the machine meets both.
            plain.append(saves / _seconds(_plain(Path(folder) / f"plain-{run}.db"), saves))
            store = _store(Path(folder) / f"{run}")
            ours.append(saves / _seconds(_save(_unlocked(store)), saves))
            store.close()
        a, b = statistics.median(plain), statistics.median(ours)
        print(f"one durable save of about 1.2 KB, {saves} of each, median of {RUNS} runs")
        print(f"plain sqlite3, one row      {a:8.0f}/s")
        print(f"store, Unlocked.save        {b:8.0f}/s   ratio {b / a:.2f}")


def _seconds(work: Callable[[], None], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return time.perf_counter() - began


def _plain(path: Path) -> Callable[[], None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE records (id TEXT PRIMARY KEY, payload BLOB)")
    payload = os.urandom(1200)

    def put() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO records VALUES (?, ?)", (str(uuid4()), payload))
        connection.execute("COMMIT")

    return put


def _store(folder: Path) -> Store:
    store = Store.open(folder / "rapp.db", FileSecret(folder / "secret"), lambda: datetime.now(UTC))
    store.enrol(
        Device(
            id=str(uuid4()),
            unit=UNIT,
            unit_name="Granen",
            name="Granen 1",
            private=signature.new_key(),
            endpoint_url="",
            sign_public=signature.public_of(signature.new_key()),
            seal_public=seal.public_of(seal.new_key()),
        )
    )
    return store


def _unlocked(store: Store) -> Unlocked:
    until = datetime.now(UTC) + timedelta(days=1)
    keys = (signature.new_key(), os.urandom(32), os.urandom(32))
    return store.set_slot(str(uuid4()), "Anna", "assistant_nurse", "sv", "482913", *keys, until)


def _save(anna: Unlocked) -> Callable[[], None]:
    def put() -> None:
        anna.save(Statement(SbarRecorded(answers=ANSWERS), Ref("sbar", str(uuid4())), UNIT))

    return put


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
