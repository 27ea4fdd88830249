"""What the phone knows of itself, readable while locked: under a key from the device secret."""

import sqlite3
from datetime import datetime
from typing import TypeVar

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


StateType = TypeVar("StateType", Device, LockInfo, Chain, Contact, Rings, Versions, Closing, Price, Purges)
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
        """Raise WrongSecret when the file was made under another device secret; note ours in a new file."""
        row = connection.execute("SELECT payload FROM state WHERE name = ?", (_NAME,)).fetchone()
        if row is None:
            connection.execute("INSERT INTO state (name, payload) VALUES (?, ?)", (_NAME, self._keys.name))
        elif row[0] != self._keys.name:
            raise WrongSecret("the file was made under another device secret")

    def get(self, connection: sqlite3.Connection, kind: type[StateType]) -> StateType | None:
        """What is held, or None. Raises Damaged."""
        name = _NAMES[kind]
        row = connection.execute("SELECT payload FROM state WHERE name = ?", (name,)).fetchone()
        if row is None:
            return None
        content = self._keys.open(_TABLE, name.encode(), row[0])
        try:
            return msgspec.msgpack.decode(content, type=kind)
        except msgspec.DecodeError as error:
            raise Damaged(_TABLE, name, str(error)) from error

    def drop(self, connection: sqlite3.Connection, kind: type[Closing]) -> None:
        """Forget it."""
        connection.execute("DELETE FROM state WHERE name = ?", (_NAMES[kind],))

    def put(
        self,
        connection: sqlite3.Connection,
        thing: Device | LockInfo | Chain | Contact | Rings | Versions | Closing | Price | Purges,
    ) -> None:
        """Keep it, in place of what was held."""
        name = _NAMES[type(thing)]
        payload = self._keys.seal(_TABLE, name.encode(), msgspec.msgpack.encode(thing))
        if not connection.execute("UPDATE state SET payload = ? WHERE name = ?", (payload, name)).rowcount:
            connection.execute("INSERT INTO state (name, payload) VALUES (?, ?)", (name, payload))
