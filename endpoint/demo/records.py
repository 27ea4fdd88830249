"""What assets/demo says, one concept per file, read as it is written there.

Everything refers by key ("amina-yusuf"); `endpoint.demo.names` turns keys into ids.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from care.order import AsNeeded, Content, Form, Measured, Narcotic
from care.person import Flag
from care.rights import Role
from care.unit import OnCall, Settings, UnitKind

FOLDER = Path(__file__).parents[2] / "assets" / "demo"


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every record: a word that is misspelt in a file is an error, not a default."""


class UnitRecord(Record, frozen=True, kw_only=True):
    key: str
    name: str
    kind: UnitKind
    floors: tuple[str, ...] = ()
    nurse: tuple[OnCall, ...]
    fallback: tuple[OnCall, ...] = ()
    settings: Settings = Settings()


class RoleRecord(Record, frozen=True, kw_only=True):
    role: Role
    unit: str


class StaffRecord(Record, frozen=True, kw_only=True):
    key: str
    name: str
    title: str
    phone: str
    language: str = "sv"
    roles: tuple[RoleRecord, ...]


class ResidentRecord(Record, frozen=True, kw_only=True):
    key: str
    unit: str
    name: str
    personnummer: str
    """From Skatteverket's numbers for tests: serial 238 or 239, which are given to nobody."""
    born: date
    room: str = ""
    floor: str = ""
    street: str = ""
    phone: str = ""
    flags: tuple[Flag, ...] = ()


class DelegationRecord(Record, frozen=True, kw_only=True):
    """``from_days`` and ``to_days`` count from the day of loading; both days are whole."""

    key: str
    holder: str
    issuer: str
    tasks: tuple[str, ...]
    units: tuple[str, ...]
    persons: tuple[str, ...] = ()
    from_days: int
    to_days: int
    state: Literal["issued", "accepted"]


Past = Literal["given", "withheld", "twice", "without", "left"]
"""What became of its doses before the demo began: given, not given, signed twice, given by somebody
without a delegation, or left unsigned."""


class OrderRecord(Record, frozen=True, kw_only=True):
    """Fixed times are ``at`` (slot -> "HH:MM"); ``around`` is minutes from the moment of loading instead."""

    key: str
    person: str
    by: str
    what: str
    short: str = ""
    form: Form
    amount: str
    route: str = ""
    contents: tuple[Content, ...] = ()
    days: str = "FREQ=DAILY"
    at: dict[str, str] = {}
    around: int | None = None
    window: tuple[int, int] = (60, 60)
    requires: str | None = None
    as_needed: AsNeeded | None = None
    value: Measured | None = None
    note_asked: bool = False
    strength: str = ""
    substance: str = ""
    narcotic: Narcotic | None = None
    witness: bool = False
    note: str = ""
    reason: str = ""
    past: Past = "given"


RecordType = TypeVar("RecordType", bound=Record)


def _read(name: str, kind: type[RecordType]) -> tuple[RecordType, ...]:
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=tuple[kind, ...])  # type: ignore[valid-type]


@cache
def units() -> tuple[UnitRecord, ...]:
    return _read("units", UnitRecord)


@cache
def staff() -> tuple[StaffRecord, ...]:
    return _read("staff", StaffRecord)


@cache
def residents() -> tuple[ResidentRecord, ...]:
    return _read("residents", ResidentRecord)


@cache
def delegations() -> tuple[DelegationRecord, ...]:
    return _read("delegations", DelegationRecord)


@cache
def orders() -> tuple[OrderRecord, ...]:
    return _read("orders", OrderRecord)
