"""Who may come in: the slots of the people on this phone, and what opens them."""

from contextlib import suppress
from datetime import datetime

from storage.errors import FileError, ForeignKeys, NoSlot, PinNeeded
from storage.file import File
from storage.gate import Gate
from storage.keeper import Keeper
from storage.keys import SlotKeys
from storage.pins import check_pin
from storage.session import Session
from storage.slots import Card, Slot
from storage.unlocked import Unlocked


class Entrance:
    """A part of the store."""

    _file: File
    _gate: Gate
    _sessions: list[Unlocked]
    keeper: Keeper

    def slots(self) -> list[Slot]:
        """Everybody who has signed in on this phone, by name. Damaged ones are named in `damage` instead."""
        with self._file.database.reading() as connection:
            found, damage = self._file.slots.all(connection, self._file.now())
        known = {(one.table, one.row) for one in self._file.damage}
        self._file.damage += [one for one in damage if (one.table, one.row) not in known]
        return found

    def set_slot(
        self,
        staff: str,
        name: str,
        title: str,
        language: str,
        pin: str,
        signing_key: bytes,
        phone_key: bytes,
        own_key: bytes,
        certified_until: datetime,
        sign_in_by: datetime | None = None,
    ) -> Unlocked:
        """Make or replace a person's slot after an online sign-in, and open it. Raises PinRule, BeingClosed.

        `sign_in_by`: until when the certificate can be renewed without a new sign-in.
        """
        self._file.check_open()
        check_pin(pin)
        held = self._gate.followed(SlotKeys(signing_key, phone_key, own_key, certified_until))
        card = Card(staff, name, title, language, held.versions)
        self._gate.put(card, held, pin)
        session = self._unlocked(card, held)
        if sign_in_by is not None:
            session.renewed(certified_until, sign_in_by)
        return session

    def unlock(self, staff: str, pin: str) -> Unlocked:
        """Open a person's keys. Raises WrongPin, SlotClosed, NoSlot, Damaged, NotEnrolled, BeingClosed.

        Takes scrypt's time, outside the store's lock; twice when the slot is weaker than this phone can make
        it, which it then no longer is.
        """
        self._file.check_open()
        card, lock, held = self._gate.tried(staff, pin)
        if lock.n < self._gate.price or card.versions != held.versions:
            with suppress(FileError):
                # A full phone must keep nobody out.
                self._gate.change(card, lock, held, pin)
        return self._unlocked(card, held)

    def prove(self, staff: str, pin: str) -> None:
        """Try a PIN, and open nothing. It counts, and raises, like `unlock`."""
        self._file.check_open()
        self._gate.tried(staff, pin)

    def change_pin(self, staff: str, old: str, new: str) -> None:
        """Put another PIN around the same keys: once it returns the new one opens, until then the old one.

        A wrong old PIN counts like one at unlock. Raises PinRule, and what `unlock` raises.
        """
        self._file.check_open()
        check_pin(new)
        card, lock, held = self._gate.tried(staff, old)
        if not self._gate.change(card, lock, held, new):
            # A sign-in, or the end of the person's time here, came between.
            raise NoSlot(staff)

    def _found(self, card: Card, held: SlotKeys) -> Unlocked:
        """Somebody's keys, as they were locked; they may have been exchanged since."""
        try:
            return self._unlocked(card, self._gate.followed(held))
        except ForeignKeys as error:
            raise PinNeeded(card.staff) from error

    def _unlocked(self, card: Card, held: SlotKeys) -> Unlocked:
        session = Unlocked(self._file, card, held, self._left)
        self._sessions.append(session)
        with suppress(FileError):
            # A repair that has no room must keep nobody out.
            self.keeper.note_rings(session)
            session.recall_certificate()
            session.mend()
        self._file.tell()
        return session

    def _left(self, session: Session) -> None:
        self._sessions = [one for one in self._sessions if one is not session]
        self._file.tell()

    @property
    def state_unlocked(self) -> list[Unlocked]:
        """The sessions that are open in this process."""
        return list(self._sessions)
