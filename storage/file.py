"""The open file and what belongs to it, shared by the store and by everybody who is unlocked in it."""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from care.facts import Ref
from care.streams import Stream, unit_stream
from storage.closing import Closed, get, half_done
from storage.database import Database
from storage.errors import BeingClosed, Damaged, NotEnrolled, WrongSecret
from storage.outbox import Counts, Outbox
from storage.pieces import Pieces
from storage.ring import Ring
from storage.rows import RowKeys
from storage.secret import DeviceSecret
from storage.slots import SlotRows, slots_held
from storage.state import Chain, Closing, Contact, Device, LockInfo, Mishap, Rings, State, Versions

Changed = Callable[[frozenset[Ref]], None]

_log = logging.getLogger(__name__)


class File:
    """Parts that work within the lock of `database`. What is cached here is what has been committed."""

    def __init__(self, path: Path, secret: DeviceSecret, now: Callable[[], datetime]) -> None:
        self._now = now
        self._rings: dict[bytes, Ring] = {}
        self._subscribers: list[Changed] = []
        self.database = Database(path)
        try:
            self._keyed(self._secret(secret))
            self._load()
        except BaseException:
            self.database.close()
            raise

    def _secret(self, secret: DeviceSecret) -> bytes:
        with self.database.reading() as connection:
            half, keyed = half_done(connection), State.has_secret(connection)
        if half:
            # Everything else went before the phone stopped.
            secret.destroy()
        held = secret.read()
        if held is None and keyed:
            raise WrongSecret("the secret that the file was made under is gone")
        return held or secret.make()

    def _keyed(self, secret: bytes) -> None:
        self.secret = secret
        self.keys = RowKeys(secret, b"device")
        self.state = State(self.keys)
        self.slots = SlotRows(self.keys)
        self.outbox = Outbox(self.keys)
        self.pieces = Pieces(self.keys)
        self.damage: list[Damaged] = []
        self.device: Device | None = None
        self.lock_info: LockInfo | None = None
        self.contact = Contact()
        self.rings = Rings()
        self.chain: Chain | None = None
        """The end of the chain, when it is known; `chain_of`: what others had written then."""
        self.chain_of = 0
        self.versions = Versions()
        self.closing = False
        self.closed: Closed | None = None
        self.mishap: Mishap | None = None

    def begin_anew(self, secret: bytes) -> None:
        """Go on under another device secret, in a file where nothing is left under the old one."""
        self._keyed(secret)
        self._load()

    def _load(self) -> None:
        with self.database.writing() as connection:
            self.state.check_secret(connection)
            self.outbox.load(connection)
            self.pieces.load(connection)
            self.device = self.state.get(connection, Device)
            if self.device is None and slots_held(connection):
                # Whoever has a code here has it on a phone of some unit. A closed phone has no slots.
                raise Damaged("state", "device", "missing")
            self.closing = self.state.get(connection, Closing) is not None
            try:
                self.closed = get(connection, Closed)
                self.rings = self.state.get(connection, Rings) or Rings()
                self.versions = self.state.get(connection, Versions) or Versions()
                self.lock_info = self.state.get(connection, LockInfo)
                self.contact = self.state.get(connection, Contact) or Contact()
                self.mishap = self.state.get(connection, Mishap)
            except Damaged as error:
                # They come anew with the next contact or unlock; none of them may keep anybody out.
                self.damage.append(error)

    def now(self) -> datetime:
        """The phone's wall clock, with its offset."""
        now = self._now()
        if now.tzinfo is None:
            raise ValueError("now: a time without an offset")
        return now

    def enrolled(self) -> Device:
        """The device. Raises NotEnrolled."""
        if self.device is None:
            raise NotEnrolled("the phone does not belong to any unit yet")
        return self.device

    def check_open(self) -> None:
        """Raise BeingClosed or NotEnrolled unless somebody may unlock this phone."""
        if self.closing or self.closed:
            raise BeingClosed("the phone is being closed, or has been")
        self.enrolled()

    @property
    def shared_stream(self) -> Stream:
        """The stream that everybody on this phone may read: that of the phone's own unit, no other.

        A nurse of two units must not leave the other unit's persons to the carers of this one.
        """
        return unit_stream(self.enrolled().unit)

    def open_ring(self, key: bytes) -> Ring:
        """The ring of a key; sessions that share it share its documents."""
        with self.database.lock:
            ring = Ring(key, self.keys)
            ring = self._rings.setdefault(ring.id, ring)
            ring.use(key)
            ring.rows.floor = self.versions.floor.get(ring.id.hex(), 1)
            ring.sessions += 1
            return ring

    def close_ring(self, ring: Ring) -> None:
        """Drop what was decrypted when the last session leaves."""
        with self.database.lock:
            ring.sessions -= 1
            if ring.sessions == 0:
                ring.close()
                self._rings.pop(ring.id, None)

    @property
    def open_rings(self) -> list[Ring]:
        return list(self._rings.values())

    @property
    def counts(self) -> Counts:
        """What waits, and what needs somebody; without touching the file."""
        return replace(self.outbox.counts, photos=len(self.pieces.waiting))

    def recount(self) -> None:
        """Read anew what waits in the outbox, and tell everybody."""
        with self.database.reading() as connection:
            self.outbox.load(connection)
            self.pieces.load(connection)
        self.tell()

    def subscribe(self, callback: Changed) -> Callable[[], None]:
        """Be told after each commit; returns what ends it."""
        self._subscribers.append(callback)

        def end() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return end

    def tell(self, changed: frozenset[Ref] = frozenset()) -> None:
        """Tell everybody who subscribed. A failing screen must not undo what is saved."""
        for callback in list(self._subscribers):
            try:
                callback(changed)
            except Exception:
                _log.exception("a subscriber of the store failed")
