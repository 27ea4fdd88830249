"""The gate: which keys a PIN gives, and how a slot is locked around them, and locked anew."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec.structs import replace

from storage import keys, rotation
from storage.errors import Damaged, FileError, ForeignKeys, SlotClosed, WrongPin
from storage.file import File
from storage.keys import Lock, SlotKeys
from storage.rows import SECRET
from storage.slots import Card, Waits
from storage.state import Price


class Gate:
    """Safe to call from any thread. scrypt's time is taken outside the store's lock."""

    def __init__(self, file: File, price: int | None, ticks: Callable[[], float]) -> None:
        self._file = file
        self._price = price
        self._waits = Waits(ticks)

    @property
    def price(self) -> int:
        """scrypt's n for slots made on this device; measured when it is first asked for, and kept."""
        if self._price is None:
            kept = None
            with suppress(Damaged), self._file.database.reading() as connection:
                kept = self._file.state.get(connection, Price)
            if kept is None:
                kept = Price(keys.measured())
                with suppress(FileError), self._file.database.writing() as connection:
                    self._file.state.put(connection, kept)
            self._price = kept.n
        return self._price

    def tried(self, staff: str, pin: str) -> tuple[Card, Lock, SlotKeys]:
        """Count a try, and make it. Raises WrongPin, SlotClosed, NoSlot, Damaged, BeingClosed."""
        file = self._file
        with file.database.writing() as connection:
            card, lock = file.slots.count_try(connection, staff, self._waits)
        held = keys.unwrap(lock, pin, file.secret, file.slots.id_of(staff))
        with file.database.writing() as connection:
            # It may have been decided while the PIN was tried.
            file.check_open()
            if held is not None:
                file.slots.forget_tries(connection, staff, file.now())
        if held is None:
            raise self._wrong(staff)
        try:
            return card, lock, self.followed(held)
        except (ForeignKeys, Damaged) as error:
            # A sign-in brings the whole chain.
            raise SlotClosed(staff) from error

    def _wrong(self, staff: str) -> WrongPin | SlotClosed:
        with self._file.database.reading() as connection:
            wrong = self._file.slots.wrong(connection, staff)
        if isinstance(wrong, SlotClosed):
            self._file.tell()
        return wrong

    def followed(self, held: SlotKeys) -> SlotKeys:
        """A slot's keys as far as they have been exchanged. Raises ForeignKeys where nothing leads on."""
        with self._file.database.reading() as connection:
            phone, own = (rotation.follow(connection, chain) for chain in (held.phone_key, held.own_key))
        for chain in (phone, own):
            if len(chain) // SECRET < rotation.version_in_use(self._file.versions, chain):
                raise ForeignKeys("the phone's rows are under a newer key")
        return replace(held, phone_key=phone, own_key=own)

    def put(self, card: Card, held: SlotKeys, pin: str) -> None:
        """Make a slot, or replace it."""
        lock = self._lock(card.staff, held, pin)
        with self._keys_in_use(held) as connection:
            self._file.slots.put(connection, card, lock)

    def change(self, card: Card, old: Lock, held: SlotKeys, pin: str) -> bool:
        """Lock a slot anew; False: the old lock is not there any more."""
        lock = self._lock(card.staff, held, pin)
        with self._keys_in_use(held) as connection:
            return self._file.slots.change_lock(connection, replace(card, versions=held.versions), old, lock)

    def _lock(self, staff: str, held: SlotKeys, pin: str) -> Lock:
        return keys.wrap(held, pin, self._file.secret, self._file.slots.id_of(staff), self.price)

    @contextmanager
    def _keys_in_use(self, held: SlotKeys) -> Iterator[sqlite3.Connection]:
        """A transaction that puts a slot around these chains: what leads to them stays for other slots."""
        file = self._file
        with file.database.lock:
            versions = rotation.in_use(file.versions, held.phone_key)
            versions = rotation.in_use(versions, held.own_key)
            with file.database.writing() as connection:
                yield connection
                rotation.link(connection, held.phone_key)
                rotation.drop_links(connection, held.phone_key, file.slots.phone_version(connection))
                rotation.drop_links(connection, held.own_key, held.versions[1])
                if versions != file.versions:
                    file.state.put(connection, versions)
            file.versions = versions
