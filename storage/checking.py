"""Whether a file is whole: what is looked at when, and the mark of a doubt.

At every open: what SQLite and the app read of the first page, and that the file is as long as it says. Once a
day, in a thread beside the app: `quick_check`, which reads the whole file. Whatever finds damage in the file
leaves a mark beside it; the next open then begins with the full `integrity_check`, and a file that fails is
set aside (recovery.py).
"""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from storage.errors import Damaged, FileError, typed

CHECKED_EVERY = timedelta(days=1)
_log = logging.getLogger(__name__)


def doubt(path: Path) -> None:
    """Leave a mark: the file is checked before it is used again. On a full disk there may be no room for
    it."""
    with suppress(OSError):
        _beside(path, "doubt").touch()


def doubted(path: Path) -> bool:
    """Whether something has left a mark."""
    return _beside(path, "doubt").exists()


def trust(path: Path) -> None:
    """Take the mark away: the file has been checked, or set aside."""
    _beside(path, "doubt").unlink(missing_ok=True)


def check(path: Path, full: bool = False, stop: Callable[[], bool] = lambda: False) -> str:
    """What SQLite finds wrong with the file; empty: nothing. Reads all of it, by a connection of its own.

    `full`: also that every index says what its table says. `stop`: asked now and then whether to give up.
    Raises FileError when the file could not be read through.
    """
    pragma = "integrity_check" if full else "quick_check"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.set_progress_handler(stop, 10_000)
            found = connection.execute(f"PRAGMA {pragma}(1)").fetchone()[0]
    except sqlite3.Error as error:
        failed = typed(error)
        if isinstance(failed, Damaged):
            return failed.reason
        raise failed from error
    return "" if found == "ok" else str(found)


def emptied(path: Path) -> bool:
    """Whether nothing is left of the file but its log, which SQLite would then throw away."""
    log = path.with_name(path.name + "-wal")
    return path.exists() and not path.stat().st_size and log.exists() and bool(log.stat().st_size)


def check_length(connection: sqlite3.Connection, path: Path) -> None:
    """Raise Damaged when the file is shorter than it says. With a log beside it, it may be."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        return
    said = connection.execute("PRAGMA page_count").fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    if path.stat().st_size < said * size:
        raise Damaged("file", "*", f"{path.stat().st_size} bytes, {said * size} were written")


class Watch:
    """Looks a file through in a thread of its own, once a day. `found` is told of damage, on that thread."""

    def __init__(self, path: Path, now: datetime, found: Callable[[Damaged], None]) -> None:
        self._path, self._now, self._found = path, now, found
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="check of the store", daemon=True)
        if self.due:
            self._thread.start()

    @property
    def due(self) -> bool:
        """Whether the last look is a day old. A clock that was set back makes none wait."""
        try:
            last = datetime.fromtimestamp(self._mark.stat().st_mtime, self._now.tzinfo)
        except OSError:
            return True
        return not timedelta() <= self._now - last < CHECKED_EVERY

    def stop(self) -> None:
        """Give up at once; the next start begins again."""
        self._ended.set()
        self.wait()

    def wait(self) -> None:
        """Until it is done."""
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def _mark(self) -> Path:
        return _beside(self._path, "checked")

    def _look(self) -> None:
        try:
            wrong = check(self._path, stop=self._ended.is_set)
        except FileError as error:
            if not self._ended.is_set():
                _log.warning("the store could not be checked: %r", error)
            return
        if wrong:
            _log.error("the store is damaged: %s", wrong)
            doubt(self._path)
            self._found(Damaged("file", "*", wrong))
            return
        with suppress(OSError):
            self._mark.touch()
            os.utime(self._mark, (self._now.timestamp(), self._now.timestamp()))


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.name}.{what}")
