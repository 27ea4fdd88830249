"""What comes from the endpoint: pages of streams, and aggregates whole."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from care.facts import Ref
from care.streams import Stream
from storage import lockscreen, pages, selfcheck, snapshots
from storage.database import Database
from storage.errors import FileError, Locked
from storage.file import File
from storage.unlocked import Unlocked
from storage.wanted import Wanted
from wire.checksum import Tally
from wire.cursor import Cursor
from wire.messages import Page, Snapshot, Whole


class Reached(Struct, frozen=True):
    """Where a stream has been read to, and what it has brought up to there."""

    at: Cursor
    tally: Tally


class Incoming:
    """A part of the store."""

    _file: File
    _database: Database
    _sessions: list[Unlocked]

    def cursor(self, stream: str, unlocked: Unlocked | None = None) -> str | None:
        """Where to read on in a stream; None: from its beginning.

        All but the phone's own unit's stream are read per person: `unlocked`, or the one open session.
        """
        staff = self._reader(stream, unlocked)
        with self._database.reading() as connection:
            return pages.cursor(self._file, connection, stream, staff)

    def reached(self, stream: str, unlocked: Unlocked) -> Reached | None:
        """How far a stream has been read, and how much it has brought; None: that is not known, or the first
        sync is still under way."""
        staff = self._reader(stream, unlocked)
        with self._database.reading() as connection:
            place = pages.held_place(self._file, connection, pages.place_id(self._file, stream, staff))
        if place is None or not place.cursor or place.tally is None:
            return None
        return Reached(Cursor.parse(place.cursor), place.tally)

    def coming(self, stream: str, unlocked: Unlocked, start: datetime, end: datetime) -> bool:
        """Whether more of a stream is on its way that may be of the doses planned between two times: parts of
        its first sync, or pages of what has gathered meanwhile. What is not here may have been said all the
        same."""
        staff = self._reader(stream, unlocked)
        with self._database.reading() as connection:
            place = pages.held_place(self._file, connection, pages.place_id(self._file, stream, staff))
        if place is None or not place.part:
            return place is not None and place.more
        return place.day is None or not place.day.start <= start <= end <= place.day.end

    def lost(self, stream: str, unlocked: Unlocked) -> Iterator[set[bytes]]:
        """Look through what came by a stream, a little at each turn: aggregates, by their blind names, of
        which something has neither left with the whole nor been erased, and is not here or not readable.

        What lies in memory of them is not believed any more. Raises Locked.
        """
        staff, at = self._reader(stream, unlocked), 0
        while True:
            with self._database.reading() as connection:
                reader = unlocked.reader()
                ring = reader.ring(self._file, Stream.parse(stream))
                place = pages.place_id(self._file, stream, staff)
                found, after = selfcheck.lost(connection, ring, place, at)
                ring.forget(found)
            yield found
            if after is None:
                return
            at = after

    def forget_cursor(self, stream: str, unlocked: Unlocked | None = None) -> None:
        """Read a stream from its beginning next time. What came through it stays."""
        staff = self._reader(stream, unlocked)
        with self._database.writing() as connection:
            pages.forget(connection, pages.place_id(self._file, stream, staff))

    def take_page(self, page: Page, unlocked: Unlocked) -> list[Ref]:
        """Take a page whose signature has been verified: facts, documents and cursor in one transaction.

        Returns the aggregates that changed; facts that were held already change nothing. Raises PageGap,
        PageError, Locked.
        """
        return self._take(lambda connection: pages.take(self._file, connection, page, unlocked.reader()))

    def part(self, stream: str, unlocked: Unlocked) -> str:
        """How far the first sync of a stream has come, where it comes as a snapshot; empty: none is begun."""
        staff = self._reader(stream, unlocked)
        with self._database.reading() as connection:
            return snapshots.part(self._file, connection, stream, staff)

    def take_snapshot(self, part: Snapshot, unlocked: Unlocked) -> list[Ref]:
        """Take a verified part of a first sync, in one transaction. As `take_page`."""
        return self._take(lambda connection: snapshots.take(self._file, connection, part, unlocked.reader()))

    def wanted(self, unlocked: Unlocked) -> list[Wanted]:
        """The aggregates of which a fact came, or was stated, and what came before it has been purged."""
        reader = unlocked.reader()
        with self._database.reading() as connection:
            return [*reader.phone.wanted.all(connection), *reader.own.wanted.all(connection)]

    def take_whole(self, whole: Whole, unlocked: Unlocked) -> list[Ref]:
        """Take an aggregate whose signature has been verified, whole, in one transaction. As `take_page`."""
        return self._take(
            lambda connection: pages.take_whole(self._file, connection, whole, unlocked.reader())
        )

    def unwant(self, ref: Ref, unlocked: Unlocked) -> None:
        """The endpoint has no more of an aggregate than is here."""
        with self._database.writing() as connection:
            pages.unwant(connection, ref, unlocked.reader())
        self._file.tell(frozenset({ref}))

    def _take(self, take: Callable[[sqlite3.Connection], pages.Taken]) -> list[Ref]:
        with self._database.lock:
            try:
                with self._database.writing() as connection:
                    taken = take(connection)
                    documents = {entry.ref: entry.document for entry in taken.changed}
                    info = lockscreen.follow(self._file, connection, documents)
            except BaseException:
                for ring in self._file.open_rings:
                    ring.purged.close()
                raise
            self._file.lock_info = info or self._file.lock_info
            for entry in taken.changed:
                taken.ring.show(entry)
            if taken.erased:
                self._leave_nothing(taken.emptied)
        if taken.changed:
            self._file.tell(frozenset(documents))
        return list(documents)

    def _leave_nothing(self, emptied: frozenset[bytes]) -> None:
        """Facts were taken out: out of the rings in memory, the outbox's count and the file's free pages."""
        for ring in self._file.open_rings:
            if ring.id in emptied:
                ring.close()
        with suppress(FileError):
            # No room for a second file beside this one: what was deleted is overwritten all the same.
            self._database.rewrite()
        self._file.recount()

    def drop_stream(self, stream: str, unlocked: Unlocked | None = None) -> None:
        """A reader may no longer read a stream: purge what came through it alone, but nothing unsent."""
        staff = self._reader(stream, unlocked)
        gone: frozenset[Ref] = frozenset()
        with self._database.lock:
            with self._database.writing() as connection:
                purged = pages.drop(self._file, connection, stream, staff)
            if purged:
                for ring in self._file.open_rings:
                    if ring.id == purged[0]:
                        gone |= ring.forget(purged[1])
        self._file.tell(gone)

    def _reader(self, stream: str, unlocked: Unlocked | None) -> str:
        if Stream.parse(stream) == self._file.shared_stream:
            return ""
        if unlocked is not None:
            return unlocked.staff
        if len(self._sessions) != 1:
            raise Locked(f"{stream}: whose is asked for, and {len(self._sessions)} are unlocked")
        return self._sessions[0].staff
