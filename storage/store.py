"""The store on the phone: one encrypted file, and what can be done with it while it is locked."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from storage import closing, pages, restored
from storage.checking import Watch, doubted
from storage.closing import Closed
from storage.entrance import Entrance
from storage.errors import AlreadyEnrolled, Damaged
from storage.file import Changed, File
from storage.finger import Finger
from storage.gate import Gate
from storage.incoming import Incoming
from storage.keeper import Keeper
from storage.keys import Signer
from storage.outgoing import Outgoing
from storage.saving import Pen
from storage.secret import DeviceSecret
from storage.state import Chain, Device, LockInfo, Mishap
from storage.ticking import ticks
from storage.tidy import Tidy
from storage.unlocked import Unlocked
from wire.seal import Sealer


class Store(Entrance, Outgoing, Incoming):
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

    def is_older_than(self, seq: int, fact_hash: str, twice: int) -> bool:
        """Whether `held_at_endpoint` would find the file older. Changes nothing."""
        with self._database.reading() as connection:
            return restored.is_older(self._file, connection, seq, fact_hash, twice)

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
                outbox = self._file.outbox
                if outbox.waiting or outbox.aside or outbox.quiet or self._file.pieces.waiting:
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

    def subscribe(self, callback: Changed) -> Callable[[], None]:
        """Be told, on any thread, after each committed change; an empty set: counts, contact or sessions.

        Returns what ends the subscription.
        """
        return self._file.subscribe(callback)
