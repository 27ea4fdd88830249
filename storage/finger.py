"""Opening a slot by finger or face: what the store does of it. Asking for them is the screens' part."""

import os
from collections.abc import Callable

from storage import biometric
from storage.biometric import Biometric
from storage.errors import PinNeeded
from storage.file import File
from storage.keys import Lock, SlotKeys
from storage.slots import Card
from storage.unlocked import Unlocked

Tried = Callable[[str, str], tuple[Card, Lock, SlotKeys]]
Opened = Callable[[Card, SlotKeys], Unlocked]


class Finger:
    """``store.finger``. Safe to call from any thread."""

    def __init__(self, file: File, tried: Tried, opened: Opened) -> None:
        self._file = file
        self._tried = tried
        self._opened = opened

    def name_of_key(self, staff: str) -> str:
        """What a person's key is called in the phone's keystore; it tells nobody whose it is."""
        return f"rapp.biometric.{self._file.slots.id_of(staff).hex()}"

    def allow(self, staff: str, pin: str) -> bytes:
        """Let finger or face open a slot as well: the key that the keystore is to give for one, 32 bytes.

        The PIN counts, and raises, like at `Store.unlock`; PinNeeded where somebody else has a slot too.
        """
        file = self._file
        file.check_open()
        _, lock, held = self._tried(staff, pin)
        key = os.urandom(biometric.KEY)
        box = biometric.wrap(held, key, file.secret, file.slots.place(staff, lock))
        with file.database.writing() as connection:
            if not file.slots.alone(connection, staff):
                raise PinNeeded(staff)
            file.slots.set_biometric(connection, staff, Biometric(box, file.now()))
        file.tell()
        return key

    def end(self, staff: str) -> None:
        """From now on the PIN alone opens. Raises NoSlot."""
        with self._file.database.writing() as connection:
            self._file.slots.set_biometric(connection, staff, None)
        self._file.tell()

    def ask(self, staff: str) -> Callable[[bytes], Unlocked]:
        """Count a try, then ask for the finger, and give what is returned the key that comes of it.

        Raises PinNeeded, SlotClosed, NoSlot, BeingClosed; what is returned PinNeeded when the key is wrong.
        """
        file = self._file
        file.check_open()
        with file.database.writing() as connection:
            card, box, place = file.slots.count_finger(connection, staff, file.now())

        def opened(key: bytes) -> Unlocked:
            held = biometric.unwrap(box, key, file.secret, place)
            with file.database.writing() as connection:
                # It may have been decided, or another PIN chosen, while the finger was asked for.
                file.check_open()
                if held is None or not file.slots.found_by_finger(connection, staff, box):
                    raise PinNeeded(staff)
            return self._opened(card, held)

        return opened
