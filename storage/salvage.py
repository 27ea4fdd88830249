"""What can be done with a file that no longer opens: set it aside, and send what is sealed in it.

The outbox's columns `enc` and `box` are sealed to the endpoint and under no key of the phone: whoever finds
them can deliver them, and nobody but the endpoint can read them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from storage.errors import ReadOnly
from wire.seal import Sealed

_BESIDE = ("-wal", "-shm")


def set_aside(path: Path, now: datetime) -> Path:
    """Rename a damaged file, and its log, out of the way. Returns where it is now. Raises ReadOnly."""
    stamp = now.strftime("%Y%m%dT%H%M%S")
    names = (path.with_name(f"{path.name}.damaged-{stamp}-{number}") for number in range(1, 10_000))
    aside = next(name for name in names if not name.exists())
    try:
        path.rename(aside)
        for suffix in _BESIDE:
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise ReadOnly(f"{path.name}: {error}") from error
    return aside


def mine(path: Path) -> list[Sealed]:
    """Every sealed fact that can still be read from a damaged file; empty when there is none."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return list(_rows(connection))
    except sqlite3.Error:
        return []


def _rows(connection: sqlite3.Connection) -> Iterator[Sealed]:
    """Row by row: a broken page must cost no more than what stood on it."""
    last = connection.execute("SELECT max(n) FROM outbox").fetchone()[0] or 0
    for n in range(last + 1):
        try:
            row = connection.execute("SELECT id, enc, box FROM outbox WHERE n = ?", (n,)).fetchone()
        except sqlite3.Error:
            continue
        if row is not None:
            yield Sealed(*row)
