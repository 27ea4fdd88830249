"""A fact: an immutable statement by a person (or the endpoint) on a device.

The bytes of a fact are its identity: they are signed, hashed, carried and stored as they were written,
and never serialised again. What is decoded from them here is a reading, not the thing.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from care.errors import BodyError, FactError
from care.ids import is_uuid

FORMAT = 1
"""Version of the fact's own frame. A reader that meets a higher one keeps the bytes and shows nothing."""

ENDPOINT = "endpoint"
"""The author of what the endpoint states by itself, and the device of what is done on its console."""

RANK_MOST = 2**31
"""The highest rank. What is stated after it has it too, and is ordered by time."""

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No time in a fact lies outside these: a few steps of arithmetic never leave the calendar from here."""

OFFSET_MOST_MS = 10**12
"""How far off a fact may say that its phone's clock is: 32 years."""

_TYPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9_]+")
_LONGEST = 256 * 1024
"""Bytes a fact may have. Photographs travel beside facts, not in them."""


class Ref(Struct, frozen=True, array_like=True, order=True):
    """Which aggregate a fact belongs to: its kind and its id. On the wire ``["dose", "0192..."]``."""

    kind: str
    id: str


class Clock(Struct, frozen=True):
    """What the phone knew of its own clock: endpoint time minus phone time, measured so long ago."""

    offset_ms: int
    age_s: int


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement. ``at`` is the device's wall clock with its offset; ``rank`` orders, never ``at``."""

    format: int = FORMAT
    id: str
    type: str
    version: int
    aggregate: Ref
    rank: int
    at: datetime
    clock: Clock | None = None
    author: str | None = None
    device: str
    seq: int
    prev: str | None = None
    unit: str
    person: str | None = None
    body: Raw

    @property
    def time(self) -> datetime:
        """When it was stated, corrected by what the phone knew of its clock."""
        return self.at + timedelta(milliseconds=self.clock.offset_ms) if self.clock else self.at

    @property
    def order(self) -> tuple[int, datetime, str]:
        """The one order of facts within an aggregate: rank, corrected time, id."""
        return self.rank, self.time, self.id


class Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every body. Fields that a newer app added are passed over by an older one."""


BodyType = TypeVar("BodyType", bound=type[Body])
_KIND_OF = {"deviation.status": "report", "person.viewed": "view"}
"""Types that are not named after the kind of aggregate that they state something of."""

_bodies: dict[tuple[str, int], type[Body]] = {}
_types: dict[type[Body], tuple[str, int]] = {}
_kinds: dict[str, str] = {}
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Fact)


def states(fact_type: str, version: int = 1) -> Callable[[BodyType], BodyType]:
    """Class decorator: this body is what a fact of that type and version states."""

    def register(body: BodyType) -> BodyType:
        _bodies[fact_type, version] = body
        _types.setdefault(body, (fact_type, version))
        _kinds[fact_type] = _KIND_OF.get(fact_type, fact_type.partition(".")[0])
        return body

    return register


def known(fact_type: str, version: int) -> bool:
    """Whether this app can read such a fact. What it cannot read it stores and passes on."""
    return (fact_type, version) in _bodies


def known_types() -> frozenset[tuple[str, int]]:
    """Every (type, version) that can be read; for docs and for tests."""
    return frozenset(_bodies)


def known_bodies() -> dict[tuple[str, int], type[Body]]:
    """The class of each (type, version) that can be read; for docs."""
    return dict(_bodies)


def type_of(body: Body) -> tuple[str, int]:
    """The type and version under which a body is stated."""
    known = _types.get(type(body))
    if known is None:
        raise FactError("body", f"{type(body).__name__} is not a registered body")
    return known


def kind_of(fact_type: str) -> str | None:
    """The kind of aggregate that a type states something of; None: a type that is newer than this app."""
    return _kinds.get(fact_type)


def within_years(time: datetime) -> bool:
    """Whether a time has its zone and lies between `EARLIEST` and `LATEST`."""
    return time.tzinfo is not None and EARLIEST <= time <= LATEST


def encode(fact: Fact) -> bytes:
    """The bytes of a new fact. Called once in a fact's life, by its author's device.

    Raises FactError for what `decode` would not read: nothing unreadable is ever signed or saved.
    """
    data = _encoder.encode(fact)
    _check_length(data)
    _check(fact)
    return data


def raw(body: Body) -> Raw:
    """A body as the bytes that go into a new fact."""
    return Raw(_encoder.encode(body))


def decode(data: bytes) -> Fact:
    """Read a fact from its bytes. Raises FactError naming the field and the reason."""
    _check_length(data)
    try:
        fact = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FactError("fact", str(error)) from error
    _check(fact)
    return fact


def body_of(fact: Fact) -> Body | None:
    """What the fact states, or None when its type or version is newer than this app.

    Raises BodyError when the type is known and the body does not fit it.
    """
    cls = _bodies.get((fact.type, fact.version)) if fact.format == FORMAT else None
    if cls is None:
        return None
    try:
        return msgspec.json.decode(fact.body, type=cls)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError("body", f"{fact.type}: {error}") from error


def _check_length(data: bytes) -> None:
    if len(data) > _LONGEST:
        raise FactError("fact", f"{len(data)} bytes, at most {_LONGEST}")


def _check(fact: Fact) -> None:
    if field := _fault(fact):
        raise FactError(field, "missing or out of its range")
    # At most `OFFSET_MOST_MS` from a time within the years: the sum itself stays in the calendar.
    if fact.clock and not within_years(fact.time):
        raise FactError("at", "outside 2000 to 2200 once corrected by its clock")


def _fault(fact: Fact) -> str | None:
    """The first field that is missing or out of its range. Each fact that is read or made comes by here."""
    if not is_uuid(fact.id):
        return "id"
    if fact.type not in _kinds and not _TYPE.fullmatch(fact.type):
        return "type"
    if not 1 <= fact.version <= 9999:
        return "version"
    if not fact.aggregate.kind or not is_uuid(fact.aggregate.id):
        return "aggregate"
    if not 1 <= fact.rank <= RANK_MOST:
        return "rank"
    if not within_years(fact.at):
        return "at"
    if not 1 <= fact.seq <= 2**53:
        return "seq"
    if not fact.device:
        return "device"
    if not fact.unit:
        return "unit"
    return "clock" if fact.clock and abs(fact.clock.offset_ms) > OFFSET_MOST_MS else None
