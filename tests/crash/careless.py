"""A store made worse on purpose, to see that the harness says so: each way is a mistake easily made."""

import os
import sqlite3
import stat
from collections.abc import Callable
from typing import Any


def without_sync() -> None:
    """SQLite is told not to wait for the disk."""

    class Hasty(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("synchronous = FULL", "synchronous = OFF"), *values)

    _connecting(Hasty)


def in_two_transactions() -> None:
    """What belongs together is committed in two parts: the fact by itself, then its place in the outbox."""

    class Halving(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql.startswith("INSERT INTO outbox"):
                super().execute("COMMIT")
                super().execute("BEGIN IMMEDIATE")
            return super().execute(sql, *values)

    _connecting(Halving)


def without_names() -> None:
    """No folder is ever synced: new files may have no name after the power went."""
    real = os.fsync

    def fsync(handle: int) -> None:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            real(handle)

    os.fsync = fsync  # type: ignore[assignment]


def _connecting(kind: type[sqlite3.Connection]) -> None:
    real = sqlite3.connect

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        return real(*given, factory=kind, **named)

    sqlite3.connect = connect  # type: ignore[assignment]


WAYS: dict[str, Callable[[], None]] = {
    "without sync": without_sync,
    "in two transactions": in_two_transactions,
    "without names": without_names,
}
