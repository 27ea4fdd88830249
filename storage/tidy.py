"""Tidying: what is over leaves the phone day by day, and the file is written anew when that pays."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from care.retention import window
from care.unit import Settings, UnitDocument
from storage import photos, purge
from storage.errors import Damaged
from storage.file import File
from storage.ring import Ring
from storage.state import Purges
from storage.unlocked import Unlocked

EVERY = timedelta(hours=20)
"""A ring is gone through once a day: at the first sync of each."""
BATCH = 50
"""Aggregates of one transaction: nobody who saves meanwhile waits for longer than one takes."""
FREE_SHARE = 0.5
FREE_LEAST = 4 * 1024 * 1024
"""Writing the file anew pays when half of it, and at least this much, stands empty. Less is soon used."""
ROOM = 200 * 1024 * 1024
"""Bytes that must be left on the disk once a second file stands beside the first."""


class Tidy:
    """``store.tidy``. Safe to call from any thread."""

    def __init__(self, file: File, sessions: Callable[[], list[Unlocked]]) -> None:
        self._file = file
        self._sessions = sessions

    def purge(self, who: Unlocked, now: datetime) -> Iterator[int]:
        """Take out of somebody's rings what has been closed for longer than the unit's window.

        `now` is the endpoint's time: by a phone's own clock, set ahead, today's doses would leave. One
        transaction for each turn, which says how much has left; whoever iterates may stop at any of them, and
        what is left is done another time. Nothing when it was done today. Raises Locked, FileError.
        """
        reader = who.reader()
        before = now - window(self._settings(who))
        for ring in (reader.phone, reader.own):
            if self._done(ring, now):
                continue
            with self._file.database.reading() as connection:
                aggregates = ring.unchanged_since(connection, before)
            for at in range(0, len(aggregates), BATCH):
                yield self._batch(who, ring, aggregates[at : at + BATCH], before, now)
            if ring is reader.own:
                with self._file.database.writing() as connection:
                    photos.leave(connection, ring, before)
            self._note(ring, now)

    def _settings(self, who: Unlocked) -> Settings:
        unit = who.document(UnitDocument.kind, who.unit)
        return unit.settings if isinstance(unit, UnitDocument) else Settings()

    def _batch(
        self, who: Unlocked, ring: Ring, aggregates: list[bytes], before: datetime, now: datetime
    ) -> int:
        database = self._file.database
        with database.lock:
            reader = who.reader()
            try:
                with database.writing() as connection:
                    gone = purge.take_out(self._file, connection, reader, ring, aggregates, before, now)
            finally:
                ring.purged.close()
            ring.forget(set(gone))
        if gone:
            self._file.tell(frozenset(gone.values()))
        return len(gone)

    def _done(self, ring: Ring, now: datetime) -> bool:
        last = self._purges().at.get(ring.id)
        return last is not None and abs(now - last) < EVERY

    def _note(self, ring: Ring, now: datetime) -> None:
        purges = Purges({**self._purges().at, ring.id: now})
        with self._file.database.writing() as connection:
            self._file.state.put(connection, purges)

    def _purges(self) -> Purges:
        try:
            with self._file.database.reading() as connection:
                return self._file.state.get(connection, Purges) or Purges()
        except Damaged:
            # It is gone through once more, and noted anew.
            return Purges()

    def vacuum(self) -> bool:
        """Write the file anew if that pays and there is room, while nobody is unlocked. Returns whether it
        did. Raises FileError."""
        if self._sessions() or not self._pays():
            return False
        path = self._file.database.path
        if shutil.disk_usage(path.parent).free < ROOM + 2 * path.stat().st_size:
            return False
        self._file.database.rewrite()
        return True

    def _pays(self) -> bool:
        with self._file.database.reading() as connection:
            free, pages, size = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("freelist_count", "page_count", "page_size")
            )
        return bool(free * size >= FREE_LEAST and free >= FREE_SHARE * pages)
