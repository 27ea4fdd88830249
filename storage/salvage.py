"""What can still be had from a file that is damaged: rows around a broken page, and records off the pages.

The outbox's columns `enc` and `box` are sealed to the endpoint and under no key of the phone: whoever finds
them can deliver them, nobody but the endpoint can read them, and what was found wrong it refuses.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from storage.carving import Pages, header
from wire.seal import Sealed

Row = tuple[int | float | str | bytes | None, ...]
_OUTBOX = ("n", "id", "state", "enc", "box", "payload")
_STATE = ("name", "payload")
_TRIES = 5_000
"""Look-ups for what lies between two broken pages."""
# The number is the row's own and stands as NULL; an id is 36 signs, an encapsulated key 32 bytes.
_OUTBOX_HEAD = re.compile(rb"(?=[\x07-\x0b]\x00\x55[\x01\x08\x09]\x4c)", re.DOTALL)
_STATE_HEAD = re.compile(rb"(?=[\x03-\x06][\x15-\x1f])", re.DOTALL)


class Queued(Struct, frozen=True):
    """A row of the outbox as it was found. ``n`` may be wrong where it was read off a page."""

    n: int
    sealed: Sealed
    state: int
    payload: bytes


def mine(path: Path) -> list[Sealed]:
    """Every sealed fact that can still be read from a damaged file; empty when there is none."""
    return [one.sealed for one in queued(path)]


def queued(path: Path) -> list[Queued]:
    """Every row of the outbox that can still be found, by number: first what SQLite reads, then off the
    pages."""
    found: dict[bytes, Queued] = {}
    with reading(path) as connection:
        for row in rows(connection, "outbox", _OUTBOX) if connection else ():
            _keep(found, row)
    for record in Pages(path).records(_OUTBOX_HEAD, len(_OUTBOX)):
        _keep(found, (record.rowid, *record.values[1:]))
    return sorted(found.values(), key=lambda one: one.n)


def states(path: Path) -> Iterator[tuple[str, bytes]]:
    """What the phone knew of itself, by name; a name may be found several times, the likeliest first."""
    with reading(path) as connection:
        yield from _named(rows(connection, "state", _STATE) if connection else ())
    yield from _named(record.values for record in Pages(path).records(_STATE_HEAD, len(_STATE)))


def _named(found: Iterable[Row]) -> Iterator[tuple[str, bytes]]:
    for name, payload in found:
        if isinstance(name, str) and isinstance(payload, bytes):
            yield name, payload


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that writes nothing; None where there is no opening it.

    SQLite deletes the log of a file without a page, even when it may only read: such a file is not opened.
    Where only the file's first hundred bytes are broken, a copy with others is read.
    """
    if not path.exists() or not path.stat().st_size:
        yield None
        return
    copy = path.with_name(f"{path.name}.read")
    try:
        opened = _connected(path) or _connected(_with_header(path, copy))
        if opened is None:
            yield None
            return
        with closing(opened):
            yield opened
    finally:
        for beside in ("", "-wal", "-shm"):
            copy.with_name(copy.name + beside).unlink(missing_ok=True)


def _connected(path: Path | None) -> sqlite3.Connection | None:
    if path is None:
        return None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
    try:
        connection.execute("SELECT name FROM sqlite_master").fetchall()
    except sqlite3.Error:
        connection.close()
        return None
    return connection


def _with_header(path: Path, copy: Path) -> Path | None:
    """A copy that begins as every file of this app does; None where there is no room for one."""
    log = path.with_name(path.name + "-wal")
    try:
        shutil.copyfile(path, copy)
        if log.exists():
            shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
        with copy.open("r+b") as file:
            file.write(header(Pages(path).size, path.stat().st_size))
    except OSError:
        return None
    return copy


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The names of a table's columns; none where even that cannot be read."""
    try:
        return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    except sqlite3.Error:
        return []


def rows(connection: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a table that can be read: from its beginning, from its end, and what lies between."""
    query = f"SELECT rowid, {', '.join(columns)} FROM {table}"  # noqa: S608
    last, whole = 0, False
    try:
        for number, *row in connection.execute(f"{query} ORDER BY rowid"):
            last = number
            yield tuple(row)
        whole = True
    except sqlite3.Error:
        pass
    if whole:
        return
    first = None
    try:
        for number, *row in connection.execute(f"{query} WHERE rowid > ? ORDER BY rowid DESC", (last,)):
            first = number
            yield tuple(row)
    except sqlite3.Error:
        pass
    if first is not None:
        yield from _between(connection, query, last + 1, first - 1)


def _between(connection: sqlite3.Connection, query: str, first: int, last: int) -> Iterator[Row]:
    """What can be read of a stretch: halved where it breaks, until each broken page stands alone."""
    stretches = [(first, last)]
    tries = 0
    while stretches and tries < _TRIES:
        low, high = stretches.pop()
        tries += 1
        try:
            found = connection.execute(f"{query} WHERE rowid BETWEEN ? AND ?", (low, high)).fetchall()
        except sqlite3.Error:
            if low < high:
                middle = (low + high) // 2
                stretches += [(middle + 1, high), (low, middle)]
            continue
        for _, *row in found:
            yield tuple(row)


def _keep(found: dict[bytes, Queued], row: Row) -> None:
    n, id, state, enc, box, payload = row
    if not (isinstance(n, int) and isinstance(id, str) and isinstance(state, int)):
        return
    if isinstance(enc, bytes) and isinstance(box, bytes) and isinstance(payload, bytes):
        found.setdefault(box, Queued(n, Sealed(id, enc, box), state, payload))
