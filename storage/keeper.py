"""The keeper: what is decided of this phone, carried out so that nothing is left half done when it is killed.

Closing: note that it has begun (nobody unlocks from here on) -> everything is sent -> one transaction takes
all away -> the device secret is destroyed -> the endpoint is told. Whichever step was the last one, the next
start goes on from there.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress

from msgspec.structs import replace

from storage import closing
from storage.closing import Closed, LastWord
from storage.errors import FileError
from storage.file import File
from storage.keys import Signer
from storage.secret import DeviceSecret
from storage.state import Closing, LockInfo, Rings
from storage.unlocked import Unlocked
from wire.seal import Sealed, Sealer


class Keeper:
    """``store.keeper``. Safe to call from any thread."""

    def __init__(self, file: File, secret: DeviceSecret, sessions: Callable[[], list[Unlocked]]) -> None:
        self._file = file
        self._secret = secret
        self._sessions = sessions

    # Closing.

    @property
    def closing(self) -> bool:
        """Whether the phone is being closed: what it holds is sent, and nobody unlocks it."""
        return self._file.closing

    @property
    def closed(self) -> Closed | None:
        """When the phone destroyed its keys, and where help is; None: it has not."""
        return self._file.closed

    def begin_closing(self) -> None:
        """From now on nobody unlocks. What waits is still sent."""
        if self._file.closing:
            return
        with self._file.database.writing() as connection:
            self._file.state.put(connection, Closing(self._file.now()))
        self._file.closing = True
        self._lock(self._sessions(), "closing")

    def keep_open(self) -> None:
        """It is not to be closed after all."""
        if not self._file.closing:
            return
        with self._file.database.writing() as connection:
            self._file.state.drop(connection, Closing)
        self._file.closing = False
        self._file.tell()

    def destroy(self, word: LastWord, stuck: Collection[str] = ()) -> None:
        """Take everything away, and then the device secret. `stuck`: what the endpoint cannot be given.

        Raises StillWaiting when something else waits, SecretError when the secret could not be destroyed:
        then `finish` goes on.
        """
        file = self._file
        with file.database.lock:
            device = file.enrolled()
            kept = len(file.outbox.aside) + len(file.outbox.waiting) + len(file.outbox.quiet)
            info = file.lock_info or LockInfo(unit_name=device.unit_name, phone_name=device.name)
            closed = Closed(at=file.now(), info=info, kept=kept)
            with file.database.writing() as connection:
                closing.wipe(connection, device.id, closed, word, stuck)
            self._lock(self._sessions(), "closing")
            file.closed, file.device = closed, None
            with suppress(FileError):
                # What was deleted has been overwritten; this takes the empty pages away as well.
                file.database.rewrite()
        self.finish()

    def finish(self) -> None:
        """Destroy the device secret where that is all that is left to do. Raises SecretError."""
        with self._file.database.reading() as connection:
            half = closing.half_done(connection)
        if half:
            # Not within the lock: a phone's keystore answers through the screen's thread, which may want it.
            self._secret.destroy()
            made = self._secret.make()
            with self._file.database.lock:
                self._file.begin_anew(made)
        self._file.tell()

    @property
    def last_word(self) -> LastWord | None:
        """What the endpoint has not heard yet: that the phone has closed, or moved."""
        with self._file.database.reading() as connection:
            return closing.get(connection, LastWord)

    def heard(self) -> None:
        """The endpoint has heard it."""
        with self._file.database.writing() as connection:
            closing.drop(connection, LastWord)

    def kept(self) -> list[tuple[str, Sealed]]:
        """Sealed facts of a phone that was closed, that the endpoint would not take; with that phone's id."""
        with self._file.database.reading() as connection:
            rows = connection.execute("SELECT device, id, enc, box FROM kept ORDER BY id").fetchall()
        return [(device, Sealed(*sealed)) for device, *sealed in rows]

    # Moving, and people who have left.

    def move(
        self, unit: str, info: LockInfo, stay: Iterable[str], word: LastWord, stuck: Collection[str] = ()
    ) -> None:
        """Belong to another unit: people sign in again. What those who stay have begun is kept.

        Raises StillWaiting; nothing of it was done then.
        """
        file = self._file
        with file.database.lock:
            device = replace(file.enrolled(), unit=unit, unit_name=info.unit_name)
            own = {staff: file.rings.own[staff] for staff in stay if staff in file.rings.own}
            rings = Rings(own=own)
            with file.database.writing() as connection:
                closing.empty(connection, list(own.values()), stuck)
                closing.put(connection, word)
                file.state.put(connection, device)
                file.state.put(connection, info)
                file.state.put(connection, rings)
            file.device, file.lock_info, file.rings = device, info, rings
            self._lock(self._sessions(), "moved")
            with suppress(FileError):
                file.database.rewrite()

    def end_slot(self, staff: str) -> None:
        """Close somebody's slot: its keys, and what was under them, go. What they saved is still sent."""
        file = self._file
        self._lock([one for one in self._sessions() if one.staff == staff], "ended")
        with file.database.lock:
            own = dict(file.rings.own)
            ring = own.pop(staff, None)
            rings = replace(file.rings, own=own)
            with file.database.writing() as connection:
                file.slots.drop(connection, staff)
                if ring is not None:
                    closing.drop_ring(connection, file.keys, ring)
                    file.state.put(connection, rings)
            file.rings = rings
        file.tell()

    def drafts_begun(self) -> int:
        """How many forms somebody has begun on this phone, whoever it was."""
        with self._file.database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM drafts").fetchone()[0])

    def _lock(self, sessions: Iterable[Unlocked], why: str) -> None:
        for session in list(sessions):
            session.lock(why)
        self._file.tell()

    # Keys of the device.

    def prepare_key(self, private: bytes) -> None:
        """Keep a new device key beside the old one, until the endpoint has taken it."""
        Signer(private)
        self._device(next_private=private)

    def use_next_key(self) -> None:
        """The endpoint knows the new key: it is the device's from now on."""
        device = self._file.enrolled()
        if device.next_private:
            self._device(private=device.next_private, next_private=b"")

    def use_seal_key(self, seal_public: bytes) -> None:
        """Seal to the endpoint's newer key from the next unlock on. What is sealed already can be opened."""
        device = self._file.enrolled()
        if device.seal_public != seal_public:
            Sealer(seal_public, device.id)
            self._device(seal_public=seal_public)

    def use_anchors(self, anchors: tuple[bytes, ...]) -> None:
        """By these authorities (X.509, DER) the endpoint is known from now on; none: by the system's."""
        self._device(anchors=anchors)

    def _device(self, **changes: object) -> None:
        with self._file.database.lock:
            device = replace(self._file.enrolled(), **changes)
            with self._file.database.writing() as connection:
                self._file.state.put(connection, device)
            self._file.device = device
        self._file.tell()

    def note_rings(self, session: Unlocked) -> None:
        """Remember which rings are whose, so that they can be emptied without their keys."""
        file, reader = self._file, session.reader()
        with file.database.lock:
            own = {**file.rings.own, session.staff: reader.own.id}
            rings = Rings(phone=reader.phone.id, own=own)
            if rings != file.rings:
                with file.database.writing() as connection:
                    file.state.put(connection, rings)
                file.rings = rings

    def check_open(self) -> None:
        """Raise BeingClosed when nobody is to unlock, NotEnrolled when there is no unit."""
        self._file.check_open()
