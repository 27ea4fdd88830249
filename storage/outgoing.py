"""What leaves the phone, by the device's key alone: while everybody is locked out, too."""

from contextlib import suppress
from datetime import datetime, timedelta

from msgspec.structs import replace

from care.facts import Body, Clock, Fact, Ref
from storage.chain import Statement
from storage.database import Database
from storage.errors import ForeignReceipt, StorageError
from storage.file import File
from storage.keys import Signer
from storage.outbox import Counts, SetAside
from storage.pieces import nothing_waits
from storage.saving import Pen, queued, state_facts
from storage.unlocked import Unlocked
from wire.messages import Receipt
from wire.pieces import PhotoHeld, Piece
from wire.seal import Sealed, Sealer


class Outgoing:
    """A part of the store."""

    _file: File
    _database: Database
    _phone_pen: Pen | None
    _pen_of: tuple[bytes, bytes]
    _sessions: list[Unlocked]

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

    def waiting(self, limit: int = 100, after: str | None = None) -> list[Sealed]:
        """What to send next, oldest first; ``after``: behind that fact, which still waits itself.

        A damaged row is set aside; it stops none of the others.
        """
        with self._database.reading() as connection:
            found, damaged = self._file.outbox.oldest(connection, limit, after)
        if damaged:
            with self._database.writing() as connection:
                self._file.outbox.set_damaged_aside(connection, damaged)
            self._file.recount()
            return self.waiting(limit, after)
        return found

    def counts(self) -> Counts:
        """What waits and what needs somebody; without touching the file."""
        return self._file.counts

    def set_aside(self) -> list[SetAside]:
        """The facts that need somebody, and why."""
        with self._database.reading() as connection:
            return self._file.outbox.set_aside(connection)

    def send_again(self, fact: str) -> None:
        """Put a fact that was set aside back in the queue. Raises Damaged."""
        with self._database.writing() as connection:
            self._file.outbox.send_again(connection, fact)
        self._file.recount()

    def take_receipt(self, receipt: Receipt, answer_to: list[str]) -> None:
        """Settle what was sent, by a receipt whose signature has been verified. One transaction.

        A fact leaves when the endpoint holds our very bytes; the refused are kept and marked; what the
        receipt does not mention waits on. Raises ForeignReceipt.
        """
        if receipt.device != self._file.enrolled().id:
            raise ForeignReceipt(receipt.device)
        asked = set(answer_to)
        with self._database.lock:
            contact, outbox = self._file.contact, self._file.outbox
            with self._database.writing() as connection:
                settled = outbox.settle(
                    connection, [result for result in receipt.results if result.id in asked]
                )
                if outbox.nothing_waits(connection) and nothing_waits(connection):
                    contact = replace(contact, all_sent=receipt.received)
                    self._file.state.put(connection, contact)
            self._file.contact = contact
            outbox.settled(settled)
        if self._file.counts.waiting:
            self._file.tell()
        else:
            self._file.recount()

    # Photos.

    def photos_waiting(self) -> list[str]:
        """Photos to send, oldest first, by the ids of the facts that name them."""
        return list(self._file.pieces.waiting)

    def pieces_of(self, photo: str) -> list[Piece]:
        """All pieces of a photo that waits. Raises Damaged."""
        with self._database.reading() as connection:
            return self._file.pieces.of(connection, photo)

    def take_held(self, held: PhotoHeld) -> None:
        """Settle a photo, by an answer whose signature has been verified: it is there whole, or was
        erased."""
        if held.device != self._file.enrolled().id:
            raise ForeignReceipt(held.device)
        if held.state not in ("whole", "erased"):
            return
        with self._database.lock:
            contact = self._file.contact
            with self._database.writing() as connection:
                self._file.pieces.drop(connection, held.photo)
                if held.state == "erased":
                    connection.execute("DELETE FROM photos WHERE id = ?", (held.photo,))
                if self._file.outbox.nothing_waits(connection) and nothing_waits(connection):
                    contact = replace(contact, all_sent=held.received)
                    self._file.state.put(connection, contact)
            self._file.contact = contact
        self._file.recount()

    def doubt_photo(self, photo: str) -> None:
        """The pieces of a photo are damaged, or are not what its fact says: they are made anew from the photo
        itself, now or when whoever took it unlocks."""
        self._file.pieces.doubted.add(photo)
        for session in list(self._sessions):
            with suppress(StorageError):
                session.mend_photos()

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
