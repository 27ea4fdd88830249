"""The one connection to the file, and the one writer on it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from storage import folder
from storage.errors import ReadOnly, typed
from storage.schema import is_of_now, migrate

if TYPE_CHECKING:
    import sqlite_utils

_BUSY_MS = 5000


class Database:
    """An open file. Whatever is read or written happens under `lock`, one at a time."""

    def __init__(self, path: Path) -> None:
        """Open or create. The file is never recreated, truncated or reset. Raises FileError."""
        self.path = path
        self.lock = threading.RLock()
        _make_private(path)
        with _typed():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            with _typed():
                self._configure()
                if not is_of_now(self._connection):
                    migrate(self.tables())
        except BaseException:
            self._connection.close()
            raise

    def _configure(self) -> None:
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "temp_store = MEMORY",
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
        with self.lock, _typed():
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: on disk when the block has been left, or nothing of it ever."""
        with self.lock, _typed():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    # A full disk has already rolled back by itself.
                    self._connection.rollback()
                raise

    def rewrite(self) -> None:
        """Write the file anew, so that nothing is left in it of what was deleted. Raises FileError."""
        with self.lock, _typed():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; SQLite folds the WAL into it."""
        with self.lock:
            self._connection.close()


@contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise typed(error) from error


def _make_private(path: Path) -> None:
    try:
        folder.make(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except PermissionError:
        # It may still be read; the first save will say that it cannot be written.
        if not path.exists():
            raise ReadOnly(f"{path.name}: may not be created") from None
    except OSError as error:
        raise ReadOnly(f"{path.name}: {error}") from error
