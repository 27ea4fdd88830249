"""What the phone knows of itself, readable while locked: under a key from the device secret."""

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from care.facts import Clock
from care.unit import OnCall
from storage.errors import Damaged, WrongSecret
from storage.rows import RowKeys

_TABLE = "state"
_NAME = "secret"


class Device(Struct, frozen=True, kw_only=True):
    """What an enrolled phone is to its endpoint."""

    id: str
    unit: str
    unit_name: str
    name: str
    private: bytes
    """Ed25519 private key of the device, 32 bytes."""
    endpoint_url: str
    sign_public: bytes
    """The endpoint's Ed25519 key: pages and receipts are verified with it."""
    seal_public: bytes
    """The endpoint's X25519 key: facts are sealed to it."""
    next_private: bytes = b""
    """A new key of the device that the endpoint may not know yet; empty: none."""
    anchors: tuple[bytes, ...] = ()
    """The authorities (X.509, DER) by which alone the endpoint is known; none: by the system's."""


class LockInfo(Struct, frozen=True, kw_only=True):
    """What the lock screen may show to anybody: where help is. Nothing of care recipients."""

    unit_name: str = ""
    phone_name: str = ""
    nurse: tuple[OnCall, ...] = ()
    fallback: tuple[OnCall, ...] = ()


class Chain(Struct, frozen=True):
    """The end of this device's chain of facts: the last number, and the SHA-256 of its bytes in hex."""

    seq: int = 0
    prev: str | None = None
    before: int = 0
    """Numbers up to this one are of an earlier stretch: the present one began after it."""


class Contact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When the endpoint was last heard, what it said of the time, and when nothing was left to send."""

    at: datetime | None = None
    offset_ms: int | None = None
    measured: datetime | None = None
    """The phone's own time when the offset was measured."""
    all_sent: datetime | None = None

    def clock(self, now: datetime) -> Clock | None:
        """The last measured offset and its age, as a fact carries it."""
        if self.offset_ms is None or self.measured is None:
            return None
        return Clock(self.offset_ms, max(0, round((now - self.measured).total_seconds())))


class Rings(Struct, frozen=True, kw_only=True):
    """The names of the rings in the file: the unit's, and each person's own, by staff id."""

    phone: bytes = b""
    own: dict[str, bytes] = {}


class Versions(Struct, frozen=True, kw_only=True):
    """Of each ring whose key has been exchanged, by its name in hex: which version of the key is in use, and
    the oldest that a row may still be under."""

    newest: dict[str, int] = {}
    floor: dict[str, int] = {}


class Purges(Struct, frozen=True):
    """When each ring was last gone through for what is over, by its name; in the endpoint's time."""

    at: dict[bytes, datetime] = {}


class Closing(Struct, frozen=True):
    """Since when the phone is being closed."""

    since: datetime


class Price(Struct, frozen=True):
    """What scrypt is to cost on this device, measured once: the n of slots made from then on."""

    n: int


class Mishap(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What befell the file, kept until somebody has read it.

    "salvaged": it was damaged, is called `aside` now, and `sealed` facts that waited in it were taken over.
    "restored": it is older than what the endpoint holds of this phone.
    """

    what: Literal["salvaged", "restored"]
    at: datetime
    aside: str = ""
    sealed: int = 0


Kept = Device | LockInfo | Chain | Contact | Rings | Versions | Closing | Price | Purges | Mishap
StateType = TypeVar("StateType", bound=Kept)
_NAMES: dict[type, str] = {
    Device: "device",
    LockInfo: "lock",
    Chain: "chain",
    Contact: "contact",
    Rings: "rings",
    Versions: "versions",
    Closing: "closing",
    Price: "price",
    Purges: "purges",
    Mishap: "mishap",
}


class State:
    """One row per kind of thing."""

    def __init__(self, keys: RowKeys) -> None:
        self._keys = keys

    @staticmethod
    def has_secret(connection: sqlite3.Connection) -> bool:
        """Whether the file was made under some device secret."""
        query = "SELECT 1 FROM state WHERE name = ?"
        return connection.execute(query, (_NAME,)).fetchone() is not None

    def check_secret(self, connection: sqlite3.Connection) -> None:
        """Note our device secret in a new file. Raise WrongSecret when the file was made under another,
        Damaged when only the note of it is another: something here opens under ours."""
        row = connection.execute("SELECT payload FROM state WHERE name = ?", (_NAME,)).fetchone()
        if row is None:
            connection.execute("INSERT INTO state (name, payload) VALUES (?, ?)", (_NAME, self._keys.name))
        elif row[0] != self._keys.name:
            rows = connection.execute("SELECT name, payload FROM state").fetchall()
            if any(self.among(kind, rows) for kind in _NAMES):
                raise Damaged(_TABLE, _NAME)
            raise WrongSecret("the file was made under another device secret")

    def get(self, connection: sqlite3.Connection, kind: type[StateType]) -> StateType | None:
        """What is held, or None. Raises Damaged."""
        name = _NAMES[kind]
        row = connection.execute("SELECT payload FROM state WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        return self._open(kind, row[0])

    def among(self, kind: type[StateType], rows: Iterable[tuple[str, bytes]]) -> list[StateType]:
        """Of rows (name, payload) that were found somewhere, what is of this kind and opens."""
        found = []
        for name, payload in rows:
            if name == _NAMES[kind]:
                with suppress(Damaged):
                    found.append(self._open(kind, payload))
        return found

    def _open(self, kind: type[StateType], payload: bytes) -> StateType:
        name = _NAMES[kind]
        content = self._keys.open(_TABLE, name.encode(), payload)
        try:
            return msgspec.msgpack.decode(content, type=kind)
        except msgspec.DecodeError as error:
            raise Damaged(_TABLE, name, str(error)) from error

    def drop(self, connection: sqlite3.Connection, kind: type[Closing] | type[Mishap]) -> None:
        """Forget it."""
        connection.execute("DELETE FROM state WHERE name = ?", (_NAMES[kind],))

    def put(self, connection: sqlite3.Connection, thing: Kept) -> None:
        """Keep it, in place of what was held."""
        name = _NAMES[type(thing)]
        payload = self._keys.seal(_TABLE, name.encode(), msgspec.msgpack.encode(thing))
        if not connection.execute("UPDATE state SET payload = ? WHERE name = ?", (payload, name)).rowcount:
            connection.execute("INSERT INTO state (name, payload) VALUES (?, ?)", (name, payload))
