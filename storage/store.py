"""The store on the phone: one encrypted file, and what can be done with it while it is locked."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from care.facts import Body, Clock, Fact, Ref
from care.streams import Stream
from storage import closing, lockscreen, pages, restored
from storage.chain import Statement
from storage.checking import Watch, doubted
from storage.closing import Closed
from storage.errors import (
    AlreadyEnrolled,
    Damaged,
    FileError,
    ForeignKeys,
    ForeignReceipt,
    Locked,
    NoSlot,
    PinNeeded,
)
from storage.file import Changed, File
from storage.finger import Finger
from storage.gate import Gate
from storage.keeper import Keeper
from storage.keys import Signer, SlotKeys
from storage.outbox import Counts, SetAside
from storage.pins import check_pin
from storage.saving import Pen, queued, state_facts
from storage.secret import DeviceSecret
from storage.slots import Card, Slot
from storage.state import Chain, Device, LockInfo, Mishap
from storage.ticking import ticks
from storage.tidy import Tidy
from storage.unlocked import Unlocked
from storage.wanted import Wanted
from wire.messages import Page, Receipt, Whole
from wire.seal import Sealed, Sealer


class Store:
    """Safe to call from any thread; one call at a time does its work."""

    def __init__(
        self, file: File, secret: DeviceSecret, price: int | None = None, ticks: Callable[[], float] = ticks
    ) -> None:
        self._file = file
        self._gate = Gate(file, price, ticks)
        self.keeper = Keeper(file, secret, lambda: self.state_unlocked)
        self.finger = Finger(file, self._gate.tried, self._found)
        self.tidy = Tidy(file, lambda: self.state_unlocked)
        self._database = file.database
        self._sessions: list[Unlocked] = []
        self._phone_pen: Pen | None = None
        self._pen_of = b"", b""
        self._watch: Watch | None = None

    @staticmethod
    def open(
        path: Path,
        secret: DeviceSecret,
        now: Callable[[], datetime],
        *,
        price: int | None = None,
        ticks: Callable[[], float] = ticks,
    ) -> "Store":
        """Open the file, or make it. `now` is the phone's wall clock, with its offset.

        `price`: scrypt's n for new slots; None: measured on this device, when it is first needed. `ticks`:
        seconds by a clock that nobody can set.

        Raises SecretError, WrongSecret, Damaged, ReadOnly, DiskFull, Newer; never changes a file that it
        cannot use.
        """
        return Store(File(path, secret, now), secret, price, ticks)

    def close(self) -> None:
        """Lock everybody and close the file."""
        for session in self.state_unlocked:
            session.lock()
        if self._watch:
            self._watch.stop()
        self._database.close()

    @property
    def damage(self) -> list[Damaged]:
        """Rows of the phone itself that were found damaged since the store was opened."""
        return list(self._file.damage)

    @property
    def doubted(self) -> bool:
        """Whether the file itself was found damaged: the next start sets it aside and goes on in a new
        one."""
        return any(one.table == "file" for one in self._file.damage) or doubted(self._database.path)

    def watch(self) -> None:
        """Look the file through once a day, in a thread of its own. What is found is in `damage`."""

        def found(damage: Damaged) -> None:
            self._file.damage.append(damage)
            self._file.tell()

        self._watch = Watch(self._database.path, self._file.now(), found)

    @property
    def folder(self) -> Path:
        """Where the file is."""
        return self._database.path.parent

    @property
    def mishap(self) -> Mishap | None:
        """What befell the file, until `seen` says that somebody has read it."""
        return self._file.mishap

    def seen(self) -> None:
        """Somebody has read what befell the file."""
        with self._database.writing() as connection:
            self._file.state.drop(connection, Mishap)
        self._file.mishap = None
        self._file.tell()

    def held_at_endpoint(self, seq: int, fact_hash: str, twice: int) -> bool:
        """The endpoint says what it holds of this device's chain: the highest number, its fact's hash in hex,
        and the highest number that two facts have (0: none). Returns whether the file is older than that.

        Then a new stretch of the chain begins beyond both, every stream is read anew, and `mishap` says so.
        """
        with self._database.lock:
            with self._database.writing() as connection:
                mishap = restored.begin_anew(self._file, connection, seq, fact_hash, twice)
            if mishap is None:
                return False
            self._file.mishap, self._file.chain = mishap, None
        self._file.tell()
        return True

    def name_damage(self, damage: Damaged) -> None:
        """Name a row that was found damaged by whoever read it, and went on without it."""
        pages.name(self._file, damage)

    # The phone.

    @property
    def device(self) -> Device | None:
        """What the phone is to its endpoint; None until it has been enrolled."""
        return self._file.device

    def enrol(self, device: Device) -> None:
        """Make this phone a unit's, or renew what is known of its endpoint; that locks everybody.

        Raises AlreadyEnrolled when facts wait that were sealed for another device.
        """
        Signer(device.private)
        Sealer(device.seal_public, device.id)
        with self._database.writing() as connection:
            held = self._file.device
            if held and held.id != device.id:
                if self._file.outbox.waiting or self._file.outbox.aside or self._file.outbox.quiet:
                    raise AlreadyEnrolled(held.id)
                self._file.state.put(connection, Chain())
            closing.drop(connection, Closed)
            self._file.state.put(connection, device)
        for session in self.state_unlocked:
            # They seal for the device and the endpoint that were.
            session.lock()
        self._file.device, self._file.closed, self._file.chain = device, None, None
        self._phone_pen = None
        self._file.tell()

    @property
    def lock_info(self) -> LockInfo | None:
        """What the lock screen may show; follows the unit's document as pages bring it."""
        return self._file.closed.info if self._file.closed else self._file.lock_info

    def set_lock_info(self, info: LockInfo) -> None:
        with self._database.writing() as connection:
            self._file.state.put(connection, info)
        self._file.lock_info = info
        self._file.tell()

    # Slots.

    def slots(self) -> list[Slot]:
        """Everybody who has signed in on this phone, by name. Damaged ones are named in `damage` instead."""
        with self._database.reading() as connection:
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

    def _left(self, session: Unlocked) -> None:
        if session in self._sessions:
            self._sessions.remove(session)
        self._file.tell()

    @property
    def state_unlocked(self) -> list[Unlocked]:
        """The sessions that are open in this process."""
        return list(self._sessions)

    # The outbox.

    def report(self, body: Body, aggregate: Ref, unit: str, person: str | None = None) -> Fact:
        """Save without a sign-in: signed by the device, sealed, and readable by nobody on this phone.

        Durable when it returns. Raises NotEnrolled, DiskFull, ReadOnly.
        """
        with self._database.lock:
            with self._database.writing() as connection:
                statement = Statement(body, aggregate, unit, person)
                made = state_facts(self._file, connection, self._pen(), [(statement, 1)])
            queued(self._file, made)
        self._file.tell()
        return made[0].fact

    def _pen(self) -> Pen:
        device = self._file.enrolled()
        signing = device.private, device.seal_public
        if self._phone_pen is None or self._pen_of != signing:
            self._pen_of = signing
            self._phone_pen = Pen(None, Signer(device.private), Sealer(device.seal_public, device.id))
        return self._phone_pen

    def waiting(self, limit: int = 100) -> list[Sealed]:
        """What to send next, oldest first. A damaged row is set aside; it stops none of the others."""
        with self._database.reading() as connection:
            found, damaged = self._file.outbox.oldest(connection, limit)
        if damaged:
            with self._database.writing() as connection:
                self._file.outbox.set_damaged_aside(connection, damaged)
            self._recount()
            return self.waiting(limit)
        return found

    def counts(self) -> Counts:
        """What waits and what needs somebody; without touching the file."""
        return self._file.outbox.counts

    def set_aside(self) -> list[SetAside]:
        """The facts that need somebody, and why."""
        with self._database.reading() as connection:
            return self._file.outbox.set_aside(connection)

    def send_again(self, fact: str) -> None:
        """Put a fact that was set aside back in the queue. Raises Damaged."""
        with self._database.writing() as connection:
            self._file.outbox.send_again(connection, fact)
        self._recount()

    def take_receipt(self, receipt: Receipt, answer_to: list[str]) -> None:
        """Settle what was sent, by a receipt whose signature has been verified. One transaction.

        A fact leaves when the endpoint holds our very bytes; the refused are kept and marked; what the
        receipt does not mention waits on. Raises ForeignReceipt.
        """
        if receipt.device != self._file.enrolled().id:
            raise ForeignReceipt(receipt.device)
        asked = set(answer_to)
        with self._database.lock:
            contact = self._file.contact
            with self._database.writing() as connection:
                for result in receipt.results:
                    if result.id in asked:
                        self._file.outbox.settle(connection, result)
                if self._file.outbox.nothing_waits(connection):
                    contact = replace(contact, all_sent=receipt.received)
                    self._file.state.put(connection, contact)
            self._file.contact = contact
        self._recount()

    def _recount(self) -> None:
        with self._database.reading() as connection:
            self._file.outbox.load(connection)
        self._file.tell()

    # Contact.

    def note_contact(self, at: datetime, clock: Clock) -> None:
        """The endpoint answered at `at` (the phone's time); `clock` is what it said of the phone's clock."""
        measured = at - timedelta(seconds=clock.age_s)
        contact = replace(self._file.contact, at=at, offset_ms=clock.offset_ms, measured=measured)
        with self._database.writing() as connection:
            self._file.state.put(connection, contact)
        self._file.contact = contact
        self._file.tell()

    @property
    def last_contact(self) -> datetime | None:
        """When the endpoint last answered, in the phone's time."""
        return self._file.contact.at

    @property
    def clock_offset_ms(self) -> int:
        """What to add to the phone's clock to have the endpoint's, as last measured; 0 before that."""
        return self._file.contact.offset_ms or 0

    @property
    def last_all_sent(self) -> datetime | None:
        """When the endpoint received the last of what then waited, in its time."""
        return self._file.contact.all_sent

    # Pages.

    def cursor(self, stream: str, unlocked: Unlocked | None = None) -> str | None:
        """Where to read on in a stream; None: from its beginning.

        All but the phone's own unit's stream are read per person: `unlocked`, or the one open session.
        """
        staff = self._reader(stream, unlocked)
        with self._database.reading() as connection:
            return pages.cursor(self._file, connection, stream, staff)

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
        self._recount()

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

    def subscribe(self, callback: Changed) -> Callable[[], None]:
        """Be told, on any thread, after each committed change; an empty set: counts, contact or sessions.

        Returns what ends the subscription.
        """
        return self._file.subscribe(callback)
