"""Opening the store, whatever has become of its file: a damaged one is set aside, and what can be had of it
goes into a new one. Which device this is, whose slots are on it, drafts, rings and the sealed outbox are
taken over row by row; the streams are read anew from the endpoint, and the device's chain begins a new
stretch.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from storage import aside, checking, folder, salvage
from storage.chain import anew
from storage.database import Database
from storage.errors import Damaged, SecretError, typed_os
from storage.outbox import WAITING, Outbox
from storage.rows import RowKeys
from storage.secret import DeviceSecret
from storage.state import (
    Chain,
    Closing,
    Contact,
    Device,
    Kept,
    LockInfo,
    Mishap,
    Price,
    Purges,
    Rings,
    State,
    Versions,
)
from storage.store import Store

_WHOLE = (
    *("facts", "documents", "drafts", "notes", "arrivals", "unfolded", "kept", "slots"),
    *("links", "purged", "wanted", "photos", "pieces"),
)
"""Taken over as they are: each row is bound to its place, and what is wrong with it shows when it is read."""
_PLAIN = ("closed", "last word")
_OF_THE_PHONE: tuple[type[Kept], ...] = (
    *(Device, LockInfo, Contact, Rings, Versions, Closing, Price, Purges),
)


def open_store(path: Path, secret: DeviceSecret, now: Callable[[], datetime]) -> Store:
    """Open the file, or make it; set a damaged one aside, and go on with what can be had of it.

    Raises SecretError, WrongSecret, ReadOnly, DiskFull, DiskFault, Busy, Newer: then nothing was changed.
    """
    try:
        return _opened(path, secret, now)
    except OSError as error:
        raise typed_os(error, path) from error


def _opened(path: Path, secret: DeviceSecret, now: Callable[[], datetime]) -> Store:
    aside.finish(path)
    before = aside.newest(path)
    if before is not None and not path.exists():
        # The phone stopped between setting aside and the new file, or somebody took the new one away.
        _take_over(before, path, secret, now())
    elif checking.emptied(path):
        return _anew(path, secret, now)
    elif checking.doubted(path):
        if path.exists() and checking.check(path, full=True):
            return _anew(path, secret, now)
        checking.trust(path)
    try:
        store = Store.open(path, secret, now)
    except Damaged:
        return _anew(path, secret, now)
    store.watch()
    return store


def lock_info(path: Path, secret: DeviceSecret) -> LockInfo | None:
    """Whom to call, from a file that cannot be opened; None where that cannot be found either."""
    try:
        held = secret.read()
        if held is None:
            return None
        state = State(RowKeys(held, b"device"))
        found = (one for row in salvage.states(path) for one in state.among(LockInfo, [row]))
        return next(found, None)
    except (SecretError, OSError):
        return None


def _anew(path: Path, secret: DeviceSecret, now: Callable[[], datetime]) -> Store:
    damaged = aside.set_aside(path, now())
    checking.trust(path)
    _take_over(damaged, path, secret, now())
    return Store.open(path, secret, now)


def _take_over(damaged: Path, path: Path, secret: DeviceSecret, now: datetime) -> None:
    """Make the new file beside, whole, and give it the name last."""
    keys = RowKeys(secret.read() or secret.make(), b"device")
    made = path.with_name(f"{path.name}.new")
    for begun in (made, *(made.with_name(made.name + end) for end in ("-wal", "-shm"))):
        begun.unlink(missing_ok=True)
    database = Database(made)
    try:
        with database.writing() as connection:
            _fill(connection, damaged, keys, now)
    finally:
        database.close()
    made.rename(path)
    folder.sync(path.parent)


def _fill(connection: sqlite3.Connection, damaged: Path, keys: RowKeys, now: datetime) -> None:
    state, outbox = State(keys), Outbox(keys)
    state.check_secret(connection)
    with salvage.reading(damaged) as old:
        for table in _WHOLE if old else ():
            assert old
            _copy(old, connection, table)
    ended = max(_phone(connection, state, damaged), _queue(connection, outbox, damaged))
    if state.get(connection, Device) is not None:
        state.put(connection, anew(ended))
    outbox.load(connection)
    counts = outbox.counts
    sealed = counts.waiting + counts.needs_action
    state.put(connection, Mishap(what="salvaged", at=now, aside=damaged.name, sealed=sealed))


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> None:
    held = salvage.columns(old, table)
    # A file of an earlier app lacks some; they are filled as in any file of that app.
    columns = tuple(name for name in salvage.columns(new, table) if name in held)
    if not columns:
        return
    marks = ",".join("?" * len(columns))
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    new.executemany(insert, salvage.rows(old, table, columns))


def _phone(connection: sqlite3.Connection, state: State, damaged: Path) -> int:
    """Take over what opens under the device secret. Returns the number that the chain had come to."""
    found = list(salvage.states(damaged))
    for kind in _OF_THE_PHONE:
        for held in state.among(kind, found)[:1]:
            state.put(connection, held)
    if state.get(connection, Device) is None:
        # Keys that were certified on a phone that nobody knows any longer open nothing.
        connection.execute("DELETE FROM slots")
        # A phone that had been closed has no keys left: what it says of that stands in the clear.
        rows = [row for row in found if row[0] in _PLAIN]
        connection.executemany("INSERT OR IGNORE INTO state (name, payload) VALUES (?, ?)", rows)
    return max((chain.seq for chain in state.among(Chain, found)), default=0)


def _queue(connection: sqlite3.Connection, outbox: Outbox, damaged: Path) -> int:
    """Take over what waits. Returns the highest number of it."""
    doubtful = [one.sealed for one in salvage.queued(damaged) if not outbox.found(connection, one)]
    known = {id for (id,) in connection.execute("SELECT id FROM outbox")}
    last = outbox.last(connection)
    for sealed in {one.id: one for one in doubtful if one.id not in known}.values():
        # Its own row no longer vouches for it; its seal still does, at the endpoint.
        last += 1
        outbox.add(connection, last, sealed, b"", WAITING)
    return last
