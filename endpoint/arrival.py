"""What arrives from a phone, opened and read before any transaction begins, verified before it commits."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from care.documents import document_type, fold_one
from care.errors import FactError
from care.facts import ENDPOINT, Fact, body_of, known
from care.ids import is_uuid
from care.signing import local_day
from care.staff import StaffDocument
from endpoint import documents
from endpoint.aggregates import Folded, aggregate_name
from endpoint.body_times import within
from endpoint.chains import Link, link_of
from endpoint.database import Database
from endpoint.device_done import units_left
from endpoint.errors import Apart
from endpoint.keys import Keys
from endpoint.many import find_many
from endpoint.providers import providers
from endpoint.record import Arrival
from endpoint.rules import Place, broken
from endpoint.schema import documents as documents_table
from endpoint.sessions import Caller
from endpoint.verifying import Verdicts, Verifier
from wire.envelope import Envelope, envelope
from wire.errors import EnvelopeError, SealError
from wire.messages import QuarantineReason
from wire.seal import Sealed

_KIND = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_NAME = 100
_LARGEST = 300 * 1024
"""Bytes of a seal: the longest fact with its signature and the seal's own bytes, and some."""


class Sent(Struct, frozen=True):
    """What a phone sends in one call. ``left``: how much it says waits behind it."""

    caller: Caller
    items: Sequence[Sealed]
    left: int | None = None


class Fault(Struct, frozen=True):
    """Why one sealed fact cannot be taken in. It is kept, and shown to a person."""

    sealed: Sealed
    reason: QuarantineReason
    detail: str
    link: Link | None = None
    """Its place in the chain of the phone that sends it, where it could be read."""


class _Opened(Struct, frozen=True):
    sealed: Sealed
    envelope: Envelope
    fact: Fact
    link: Link
    alone: Folded | None
    keys: tuple[bytes, ...] = ()


class _Look(Struct, frozen=True):
    """What the database says of what was sent: authors by id, home units of the aggregates by name, the
    vårdgivare of each unit; of a phone its unit and, where it matters, the units that it has left."""

    unit: str
    today: date
    staff: Mapping[str, StaffDocument]
    homes: Mapping[str, str]
    providers: Mapping[str, str]
    left: frozenset[str]


class _Read(Struct, frozen=True):
    """A batch, opened and read."""

    opened: Sequence[_Opened | Fault]
    look: _Look


class Examined:
    """What phones have sent, each fact for itself. What is not signed is a fault."""

    def __init__(self, batches: Sequence[_Read], verdicts: Verdicts) -> None:
        self._batches, self._verdicts = batches, verdicts
        self._believed = verdicts.so_far()

    def believed(self) -> list[list[Arrival | Fault]]:
        """With those taken for signed of which it is not known yet. Nothing of it stands before `confirmed`
        says so."""
        return self._judged(self._believed)

    def confirmed(self) -> bool:
        """Whether what was believed is so. Waits for it."""
        return self._verdicts.all() == self._believed

    def verified(self) -> list[list[Arrival | Fault]]:
        """What they are. Waits for it."""
        return self._judged(self._verdicts.all())

    def _judged(self, holds: Iterable[bool]) -> list[list[Arrival | Fault]]:
        held, homes = iter(holds), dict[str, str]()
        return [[_judged(one, batch.look, held, homes) for one in batch.opened] for batch in self._batches]


def _judged(
    one: _Opened | Fault, look: _Look, holds: Iterator[bool], homes: dict[str, str]
) -> Arrival | Fault:
    """``homes``: of the aggregates that begin here. What comes first is the home of what follows."""
    if isinstance(one, Fault):
        return one
    if not next(holds):
        return Fault(
            one.sealed, "unsigned", "the signature does not hold under any key of the author's", one.link
        )
    name = aggregate_name(one.fact.aggregate)
    allowed = _allowed(one, look, look.homes.get(name) or homes.get(name))
    if isinstance(allowed, Arrival):
        homes.setdefault(name, allowed.fact.unit)
    return allowed


def examine(
    database: Database, keys: Keys, sent: Sequence[Sent], now: datetime, verifier: Verifier
) -> Examined:
    """Open and read what was sent, each fact for itself, and have it verified. Blocking.

    Raises Apart where several phones begin one aggregate: the home that it gets from the first holds for the
    others, if the first is recorded."""
    opened = [[_open(keys, of.caller, sealed) for sealed in of.items] for of in sent]
    looks = database.read_now(lambda at: _look_up(at, [of.caller for of in sent], opened, now))
    batches = [
        _Read([_known(one, of.caller, look.staff) for one in found], look)
        for of, found, look in zip(sent, opened, looks, strict=True)
    ]
    if len(sent) > 1 and _begun_by_several(batches):
        raise Apart("several phones begin one aggregate")
    signed = [(one.envelope, one.keys) for of in batches for one in of.opened if isinstance(one, _Opened)]
    return Examined(batches, verifier.begin(signed))


def _begun_by_several(batches: Sequence[_Read]) -> bool:
    seen: set[str] = set()
    for of in batches:
        names = {aggregate_name(one.fact.aggregate) for one in of.opened if isinstance(one, _Opened)}
        names -= of.look.homes.keys()
        if not seen.isdisjoint(names):
            return True
        seen |= names
    return False


def oversized(sealed: Sealed) -> bool:
    """Whether it is larger than any fact's: not opened, and not kept."""
    return len(sealed.id) + len(sealed.enc) + len(sealed.box) > _LARGEST


def _open(keys: Keys, caller: Caller, sealed: Sealed) -> _Opened | Fault:
    if oversized(sealed):
        return Fault(sealed, "malformed", f"larger than {_LARGEST} bytes: only its digest is kept")
    try:
        opened = envelope(keys.opener.open(sealed, caller.device))
    except (SealError, UnicodeEncodeError) as error:
        return Fault(sealed, "sealed", str(error))
    except EnvelopeError as error:
        return Fault(sealed, "malformed", str(error))
    try:
        fact = opened.fact()
    except FactError as error:
        return Fault(sealed, "malformed", str(error))
    if fact.device != caller.device:
        return Fault(sealed, "unknown_device", "device: not the one that sends it")
    link = link_of(fact, opened)
    try:
        alone = _check(fact)
    except FactError as error:
        return Fault(sealed, "malformed", str(error), link)
    if fact.id != sealed.id:
        return Fault(sealed, "malformed", "id: the seal is of another fact", link)
    return _Opened(sealed, opened, fact, link, alone)


def _known(one: _Opened | Fault, caller: Caller, staff: Mapping[str, StaffDocument]) -> _Opened | Fault:
    """With the keys that its author, or the phone itself, may have signed it with."""
    if isinstance(one, Fault):
        return one
    author = one.fact.author
    if author is None:
        return replace(one, keys=(caller.public, *caller.former))
    if author not in staff:
        return Fault(one.sealed, "unknown_author", "author: nobody by that id", one.link)
    keys = tuple(key.public for key in staff[author].keys if key.device == caller.device)
    if not keys:
        reason = "author: no key was ever certified on this device"
        return Fault(one.sealed, "unknown_author", reason, one.link)
    return replace(one, keys=keys)


def _allowed(one: _Opened, look: _Look, home: str | None) -> Arrival | Fault:
    place = Place(look.unit, home, look.providers, look.left)
    days = {local_day(one.fact.time), look.today}
    if breach := broken(one.fact, place, look.staff.get(one.fact.author or ""), days):
        return Fault(one.sealed, breach.reason, breach.detail, one.link)
    return Arrival(one.fact, one.envelope, one.alone, one.link)


def _check(fact: Fact) -> Folded | None:
    """What the database and the fold ask of a fact beyond its frame. Raises FactError."""
    names = {"unit": fact.unit, "person": fact.person or "", "author": fact.author or ""}
    for field, name in names.items():
        if len(name) > _LONGEST_NAME or "\0" in name:
            raise FactError(field, "too long, or not text")
    if len(fact.aggregate.kind) > _LONGEST_NAME or not _KIND.fullmatch(fact.aggregate.kind):
        raise FactError("aggregate", "not a kind")
    if len(fact.type) > _LONGEST_NAME or not is_uuid(fact.id):
        raise FactError("type", "too long")
    return _check_body(fact) if known(fact.type, fact.version) else None


def _check_body(fact: Fact) -> Folded | None:
    """A body that would break the fold of its aggregate, or could not be written down again, is no body.

    One that merely lacks its form is counted by the fold and travels on: somebody may be able to read it.
    """
    try:
        body = body_of(fact)
    except FactError:
        return None
    try:
        times = within(body) if body else True
        document = fold_one(fact, body)
        data = msgspec.json.encode(document)
        msgspec.json.decode(data, type=document_type(fact.aggregate.kind))
    except (ValueError, TypeError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise FactError("body", f"{fact.type}: {error}") from error
    if not times:
        raise FactError("body", f"{fact.type}: a time without its zone, or outside 2000 to 2200")
    return Folded(document, data)


def _look_up(
    connection: Connection,
    callers: Sequence[Caller],
    opened: Sequence[Sequence[_Opened | Fault]],
    now: datetime,
) -> list[_Look]:
    """In one read."""
    read = [[one.fact for one in of if isinstance(one, _Opened)] for of in opened]
    every = [fact for facts in read for fact in facts]
    # The endpoint's own name is never an author that a phone may use.
    authors = sorted({fact.author for fact in every if fact.author} - {ENDPOINT})
    names = sorted({aggregate_name(fact.aggregate) for fact in every})
    rows = find_many(connection, documents_table, ("aggregate", "unit"), "aggregate", names)
    staff = {one.id: one for one in documents.some(connection, StaffDocument, authors)}
    homes = {name: unit for name, unit in rows if unit}
    given, today = providers(connection), local_day(now)
    return [
        _Look(caller.unit, today, staff, homes, given, _left(connection, caller, facts))
        for caller, facts in zip(callers, read, strict=True)
    ]


def _left(connection: Connection, caller: Caller, facts: Sequence[Fact]) -> frozenset[str]:
    elsewhere = any(fact.author is None and fact.unit != caller.unit for fact in facts)
    return units_left(connection, caller.device) if elsewhere else frozenset()
