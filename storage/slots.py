"""Slots: one per person who has signed in on this phone, and what wrong PINs do to it.

A try is counted, durably, before the PIN is tried: whoever kills the app gets no free tries. A wait is
measured by a clock that nobody can set, and begins anew with the app: restarting it, or changing the time,
makes no wait shorter.
"""

import hashlib
import math
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from storage.biometric import Biometric
from storage.errors import Damaged, NoSlot, PinNeeded, SlotClosed, WrongPin
from storage.keys import Lock
from storage.rows import RowKeys

FREE_TRIES = 5
"""Wrong PINs before waiting begins."""
MOST_TRIES = 10
"""The wrong PIN that closes the slot."""
FIRST_WAIT_S = 30
"""Doubled at each wrong PIN after that."""
_TABLE = "slots"


class Card(Struct, frozen=True):
    """What the lock screen shows of a person."""

    staff: str
    name: str
    title: str
    language: str
    versions: tuple[int, int] = (1, 1)
    """How many secrets the slot holds of the phone's key and of the person's own (rotation.py)."""


class Slot(Struct, frozen=True):
    """A person on the lock screen. ``title`` is a key of the texts; ``closed``: needs an online sign-in."""

    staff: str
    name: str
    title: str
    language: str
    closed: bool = False
    biometric: bool = False
    """Whether a finger or a face opens it now."""


class _Tries(Struct, frozen=True, omit_defaults=True):
    wrong: int = 0
    biometric: Biometric | None = None


def wait_after(wrong: int) -> int:
    """Seconds to wait after so many wrong PINs in a row."""
    return FIRST_WAIT_S * 2 ** (wrong - FREE_TRIES - 1) if wrong > FREE_TRIES else 0


class Waits:
    """How long each slot still waits. Nothing of it is on disk but the number of wrong tries."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._opened = ticks()
        self._tried: dict[str, float] = {}

    def left(self, staff: str, wrong: int) -> int:
        """Seconds until the next try counts as one, after so many wrong ones."""
        since = self._tried.get(staff, self._opened)
        return max(0, math.ceil(since + wait_after(wrong) - self._ticks()))

    def begin(self, staff: str) -> None:
        """A try begins; should it be wrong, the wait runs from here."""
        self._tried[staff] = self._ticks()


def slots_held(connection: sqlite3.Connection) -> bool:
    """Whether anybody has a slot."""
    return connection.execute("SELECT 1 FROM slots LIMIT 1").fetchone() is not None


class SlotRows:
    """The slots of the file, under a key from the device secret. Names are not in the clear."""

    def __init__(self, keys: RowKeys) -> None:
        self._keys = keys

    def id_of(self, staff: str) -> bytes:
        return self._keys.lookup("slot", staff)

    def all(self, connection: sqlite3.Connection, now: datetime) -> tuple[list[Slot], list[Damaged]]:
        """Every readable slot by name, and those that are not readable."""
        found: list[Slot] = []
        damage: list[Damaged] = []
        for slot, *lock, card, tries in connection.execute(
            "SELECT id, salt, n, wrapped, card, tries FROM slots"
        ):
            try:
                shown, counted = self._card(slot, Lock(*lock), card), self._tries(slot, tries)
            except Damaged as error:
                damage.append(error)
            else:
                closed = counted.wrong >= MOST_TRIES
                finger = not closed and counted.biometric is not None and counted.biometric.usable(now)
                found.append(Slot(shown.staff, shown.name, shown.title, shown.language, closed, finger))
        return sorted(found, key=lambda slot: (slot.name, slot.staff)), damage

    def put(self, connection: sqlite3.Connection, card: Card, lock: Lock) -> None:
        """A new slot, or a new PIN and new keys for one that was there; wrong tries are forgotten.

        From now on nobody's finger opens anything here: two people may have theirs in the phone.
        """
        slot = self.id_of(card.staff)
        for other, payload in connection.execute("SELECT id, tries FROM slots").fetchall():
            with suppress(Damaged):
                self._write(connection, other, _Tries(self._tries(other, payload).wrong))
        connection.execute(
            "INSERT OR REPLACE INTO slots (id, salt, n, wrapped, card, tries) VALUES (?, ?, ?, ?, ?, ?)",
            (slot, lock.salt, lock.n, lock.wrapped, self._shown(card, lock), self._sealed(slot, _Tries())),
        )

    def drop(self, connection: sqlite3.Connection, staff: str) -> None:
        """Take a slot away, with the keys that were wrapped in it."""
        connection.execute("DELETE FROM slots WHERE id = ?", (self.id_of(staff),))

    def show(self, connection: sqlite3.Connection, card: Card) -> None:
        """Show a person anew, by a changed name, title or language; nothing when they have no slot."""
        slot = self.id_of(card.staff)
        row = connection.execute("SELECT salt, n, wrapped, card FROM slots WHERE id = ?", (slot,)).fetchone()
        if row is not None:
            lock = Lock(*row[:3])
            with suppress(Damaged):
                card = replace(card, versions=self._card(slot, lock, row[3]).versions)
            connection.execute("UPDATE slots SET card = ? WHERE id = ?", (self._shown(card, lock), slot))

    def phone_version(self, connection: sqlite3.Connection) -> int:
        """The version of the phone's key that every slot holds. A damaged slot may hold the first alone."""
        least: list[int] = []
        for slot, *lock, card in connection.execute("SELECT id, salt, n, wrapped, card FROM slots"):
            try:
                least.append(self._card(slot, Lock(*lock), card).versions[0])
            except Damaged:
                return 1
        return min(least, default=1)

    def _shown(self, card: Card, lock: Lock) -> bytes:
        # Bound to the lock beside it: a changed byte there is damage, not a wrong PIN.
        content = msgspec.msgpack.encode(card)
        return self._keys.seal(_TABLE, self.id_of(card.staff), content, b"card" + _digest(lock))

    def count_try(self, connection: sqlite3.Connection, staff: str, waits: Waits) -> tuple[Card, Lock]:
        """Count a try as wrong until it is shown right. Raises NoSlot, SlotClosed, WrongPin, Damaged."""
        slot = self.id_of(staff)
        row = connection.execute(
            "SELECT salt, n, wrapped, card, tries FROM slots WHERE id = ?", (slot,)
        ).fetchone()
        if row is None:
            raise NoSlot(staff)
        lock = Lock(*row[:3])
        card, tries = self._card(slot, lock, row[3]), self._tries(slot, row[4])
        wrong = tries.wrong
        if wrong >= MOST_TRIES:
            raise SlotClosed(staff)
        if left := waits.left(staff, wrong):
            raise WrongPin(MOST_TRIES - wrong, left)
        # A slot that closes loses what a finger would open.
        kept = tries.biometric if wrong + 1 < MOST_TRIES else None
        self._write(connection, slot, _Tries(wrong + 1, kept))
        waits.begin(staff)
        return card, lock

    def count_finger(
        self, connection: sqlite3.Connection, staff: str, now: datetime
    ) -> tuple[Card, bytes, bytes]:
        """Count a try by finger or face, before it is made: the card, the wrapped keys and their place.

        Raises NoSlot, SlotClosed, PinNeeded, Damaged.
        """
        slot = self.id_of(staff)
        row = connection.execute(
            "SELECT salt, n, wrapped, card, tries FROM slots WHERE id = ?", (slot,)
        ).fetchone()
        if row is None:
            raise NoSlot(staff)
        lock = Lock(*row[:3])
        card, tries = self._card(slot, lock, row[3]), self._tries(slot, row[4])
        if tries.wrong >= MOST_TRIES:
            raise SlotClosed(staff)
        if tries.biometric is None or not tries.biometric.usable(now):
            raise PinNeeded(staff)
        held = replace(tries.biometric, tried=tries.biometric.tried + 1)
        self._write(connection, slot, _Tries(tries.wrong, held))
        return card, held.box, self.place(staff, lock)

    def found_by_finger(self, connection: sqlite3.Connection, staff: str, box: bytes) -> bool:
        """The try was right: it is not counted. False: a finger opens the slot no longer."""
        slot = self.id_of(staff)
        row = connection.execute("SELECT tries FROM slots WHERE id = ?", (slot,)).fetchone()
        tries = self._tries(slot, row[0]) if row else _Tries()
        if tries.biometric is None or tries.biometric.box != box:
            return False
        self._write(connection, slot, _Tries(tries.wrong, replace(tries.biometric, tried=0)))
        return True

    def alone(self, connection: sqlite3.Connection, staff: str) -> bool:
        """Whether nobody else has a slot here."""
        return connection.execute("SELECT id FROM slots").fetchall() == [(self.id_of(staff),)]

    def place(self, staff: str, lock: Lock) -> bytes:
        """What keys that a finger opens are bound to: whose they are, and under which PIN."""
        return self.id_of(staff) + _digest(lock)

    def set_biometric(self, connection: sqlite3.Connection, staff: str, held: Biometric | None) -> None:
        """Let a finger open a slot whose PIN was just given, or no longer."""
        slot = self.id_of(staff)
        row = connection.execute("SELECT tries FROM slots WHERE id = ?", (slot,)).fetchone()
        if row is None:
            raise NoSlot(staff)
        self._write(connection, slot, _Tries(self._tries(slot, row[0]).wrong, held))

    def change_lock(self, connection: sqlite3.Connection, card: Card, old: Lock, new: Lock) -> bool:
        """Exchange the lock of a slot for another around the same keys; False: it is not there any more.

        A finger opens it no longer.
        """
        changed = connection.execute(
            "UPDATE slots SET salt = ?, n = ?, wrapped = ?, card = ? WHERE id = ? AND wrapped = ?",
            (new.salt, new.n, new.wrapped, self._shown(card, new), self.id_of(card.staff), old.wrapped),
        )
        if changed.rowcount != 1:
            return False
        self.set_biometric(connection, card.staff, None)
        return True

    def forget_tries(self, connection: sqlite3.Connection, staff: str, now: datetime) -> None:
        """The PIN was right."""
        slot = self.id_of(staff)
        row = connection.execute("SELECT tries FROM slots WHERE id = ?", (slot,)).fetchone()
        held = self._tries(slot, row[0]).biometric if row else None
        self._write(connection, slot, _Tries(0, replace(held, pin_at=now, tried=0) if held else None))

    def wrong(self, connection: sqlite3.Connection, staff: str) -> WrongPin | SlotClosed:
        """What to tell whoever gave a wrong PIN."""
        slot = self.id_of(staff)
        row = connection.execute("SELECT tries FROM slots WHERE id = ?", (slot,)).fetchone()
        wrong = self._tries(slot, row[0]).wrong if row else MOST_TRIES
        if wrong >= MOST_TRIES:
            return SlotClosed(staff)
        return WrongPin(MOST_TRIES - wrong, wait_after(wrong))

    def _write(self, connection: sqlite3.Connection, slot: bytes, tries: _Tries) -> None:
        connection.execute("UPDATE slots SET tries = ? WHERE id = ?", (self._sealed(slot, tries), slot))

    def _sealed(self, slot: bytes, tries: _Tries) -> bytes:
        return self._keys.seal(_TABLE, slot, msgspec.msgpack.encode(tries), b"tries")

    def _tries(self, slot: bytes, payload: bytes) -> _Tries:
        return msgspec.msgpack.decode(self._keys.open(_TABLE, slot, payload, b"tries"), type=_Tries)

    def _card(self, slot: bytes, lock: Lock, payload: bytes) -> Card:
        content = self._keys.open(_TABLE, slot, payload, b"card" + _digest(lock))
        return msgspec.msgpack.decode(content, type=Card)


def _digest(lock: Lock) -> bytes:
    return hashlib.sha256(lock.salt + lock.n.to_bytes(8, "big", signed=True) + lock.wrapped).digest()
