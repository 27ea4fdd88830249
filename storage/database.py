"""The one connection to the file, and the one writer on it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storage import folder
from storage.aside import set_aside
from storage.checking import check_length, doubt
from storage.errors import Damaged, FileError, FileGone, typed, typed_os
from storage.schema import is_of_now, migrate

if TYPE_CHECKING:
    import sqlite_utils

_BUSY_MS = 5000

# Bytes are bound as they are. Where nobody says so, sqlite3 asks each of them in three ways what to make of
# it, before it does (docs/store.md, "What a save costs").
sqlite3.register_adapter(bytes, bytes.__bytes__)


class Database:
    """An open file. Whatever is read or written happens under `lock`, one at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create. The file is never recreated, truncated or reset. Raises FileError."""
        self.path = path
        self._name = str(path)
        self._typed = _Typed(path)
        self._transaction = _Transaction(self)
        self.lock = threading.RLock()
        self._open()
        try:
            with self._typed:
                check_length(self._connection, path)
                if not is_of_now(self._connection):
                    migrate(self.tables())
        except BaseException:
            self._connection.close()
            raise

    def _open(self) -> None:
        _make_private(self.path)
        with self._typed:
            self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._stands = _place(self._name)
        try:
            with self._typed:
                self._configure()
        except BaseException:
            self._connection.close()
            raise

    def _configure(self) -> None:
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "temp_store = MEMORY",
            # KB of the file in memory. A page of 500 facts changes some 1,500 pages of 4 KB: with SQLite's
            # own 2 MB many are written and read again before the transaction ends.
            "cache_size = -8000",
            # What is deleted is overwritten: it is ciphertext under keys that are still there.
            "secure_delete = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
        ):
            self._connection.execute(f"PRAGMA {pragma}")

    def tables(self) -> sqlite_utils.Database:
        """The same connection through sqlite-utils: for migrations and for looking around."""
        import sqlite_utils

        return sqlite_utils.Database(self._connection, execute_plugins=False, recursive_triggers=False)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read under the lock; errors of SQLite become those of this package."""
        with self.lock, self._typed:
            yield self._connection

    def writing(self) -> _Transaction:
        """One transaction: on disk when the block has been left, or nothing of it ever."""
        return self._transaction

    def _begin(self) -> sqlite3.Connection:
        if _place(self._name) != self._stands:
            self._put_back()
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def _end(self, error: BaseException | None) -> None:
        try:
            if error is not None:
                raise error
            self._connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                # A full disk has already rolled back by itself.
                self._connection.rollback()
            raise

    def rewrite(self) -> None:
        """Write the file anew, so that nothing is left in it of what was deleted. Raises FileError."""
        with self.lock, self._typed:
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; SQLite folds the WAL into it."""
        with self.lock:
            if _place(self._name) != self._stands:
                with suppress(FileError):
                    self._put_back()
            self._connection.close()

    def _put_back(self) -> None:
        """Somebody took the file away, or put another in its place. As long as ours is open, all of it is
        there still: write it out and go on with that. What stands in its place is set aside. Raises FileGone.
        """
        made, gone = self.path.with_name(f"{self.path.name}.back"), self._connection
        try:
            made.unlink(missing_ok=True)
            os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            with closing(sqlite3.connect(made)) as copy:
                gone.backup(copy)
            set_aside(self.path, datetime.now(UTC), "foreign")
            made.rename(self.path)
            folder.sync(self.path.parent)
        except (OSError, sqlite3.Error, FileError) as error:
            raise FileGone(f"{self.path.name}: {error}") from error
        self._open()
        # It is no longer the file of that name: SQLite leaves what has the name alone.
        gone.close()


class _Transaction:
    """What `writing` gives; one for all, as they follow each other under the lock. A generator for each costs
    a save more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        self._database.lock.acquire()
        try:
            return self._database._begin()
        except BaseException as error:
            self._database.lock.release()
            self._database._typed.named(error)
            raise

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            self._database._end(error)
        except BaseException as why:
            self._database._typed.named(why)
            raise
        finally:
            self._database.lock.release()


class _Typed:
    """Within: errors of SQLite become those of this package, and damage of the file leaves its mark."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            self.named(error)

    def named(self, error: BaseException) -> None:
        """Raise what this package calls it, if that is something else."""
        named = typed(error) if isinstance(error, sqlite3.Error) else error
        if isinstance(named, Damaged) and (named is not error or named.table == "file"):
            doubt(self._path)
        if named is not error:
            raise named from error


def _place(name: str) -> tuple[int, int] | None:
    """Which file has the name now."""
    try:
        found = os.stat(name)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make_private(path: Path) -> None:
    try:
        folder.make(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        # It may still be read; the first save will say that it cannot be written.
        if not (isinstance(error, PermissionError) and os.access(path, os.R_OK)):
            raise typed_os(error, path) from error
