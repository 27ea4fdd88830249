"""Bevakning: what the reader's units have to see to now, who was told of what, and messages that did not
arrive."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy import Connection

from care.notice import MATTERS, Matter, NoticeDocument, Telling, notice_id
from care.rights import Act
from care.unit import UnitDocument
from care.watch import TOLD
from endpoint import documents
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.escalating import waiting as waiting_sbars
from endpoint.parts import Parts
from endpoint.watch import outgoing
from endpoint.watch.delegations import in_force
from endpoint.watch.outgoing import Message
from endpoint.watch.reading import months, seen

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
SHOWN_FOR = timedelta(days=7)
READ_ACT = {
    "nurse": Act.NURSE_INBOX_READ,
    "chief": Act.CHIEF_INBOX_READ,
    "mas": Act.MAS_READ,
    "sas": Act.SAS_READ,
}
PAGE: dict[str, str] = {
    "late_doses": "signing",
    "silent_unit": "signing",
    "double_signed": "signing",
    "over_maximum": "signing",
    "unanswered_sbar": "inbox",
    "silent_phone": "phones",
    "clock_wrong": "phones",
    "chain_gap": "phones",
    "chain_fork": "phones",
}
"""Where each is seen to; of the rest there is no page yet."""
ACTS = (*READ_ACT.values(), Act.MASTER_DATA)
_SEES_TO = (Act.NURSE_INBOX_READ, Act.CHIEF_INBOX_READ)
"""Whoever sees to what there is now; what is overdue in cases stands on their own pages."""


class Matters(Struct, frozen=True):
    """One line of what there is to see to."""

    unit: UnitDocument
    matter: Matter
    count: int
    since: datetime
    path: str


class Shown(Struct, frozen=True):
    """One time that somebody was told. ``open``: whether anything of it may remain."""

    unit: UnitDocument
    matter: str
    telling: Telling
    open: bool


@get("/watch")
async def watch_page(parts: Here, reader: Me) -> Response[Any]:
    units = [one for one in reader.units if any(reader.may(act, one.id) for act in ACTS)]
    if not units:
        reader.allowed(ACTS[0])
    now = await parts.database.read(lambda connection: _now(connection, reader))
    told = await parts.database.read(lambda connection: _told(connection, reader))
    messages = await parts.database.read(lambda connection: _messages(connection, reader))
    return page(
        "watch.html",
        reader,
        here="watch",
        now_of=now,
        told=told,
        messages=messages,
        units={one.id: one for one in reader.units},
        reads=bool(_mine(reader, _SEES_TO)),
        administers=bool(reader.units_for(Act.MASTER_DATA)),
        reaches=any((parts.settings.channels.sms_url, parts.settings.channels.mail_url,
                     parts.settings.channels.webhook_url)),
    )  # fmt: skip


@post("/watch/messages/{id:str}/again", guards=[own_forms_only])
async def message_again(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """Try a message that was given up once more."""
    units = [one.id for one in reader.allowed(Act.MASTER_DATA)]
    if not await parts.database.write(lambda c: outgoing.again(c, units, id, reader.now)):
        raise NoSuchPage(id)
    return to("/console/watch")


def given_up(connection: Connection, reader: Reader) -> int:
    """How many messages of the units that the reader administers did not arrive."""
    return sum(one.given_up is not None for one in _messages(connection, reader))


def _reads(reader: Reader, matter: str, unit: str) -> bool:
    """Whether a matter is told to somebody like the reader."""
    to = next((told for name, told in TOLD.items() if name == matter), ())
    return any(reader.may(READ_ACT[one], unit) for one in to)


def _mine(reader: Reader, acts: Sequence[Act] = ACTS[:-1]) -> list[UnitDocument]:
    return [one for one in reader.units if not one.closed and any(reader.may(act, one.id) for act in acts)]


def _now(connection: Connection, reader: Reader) -> list[Matters]:
    units = _mine(reader, _SEES_TO)
    cases: dict[str, list[tuple[Any, bool]]] = {one.id: [] for one in units}
    for case, unit, danger in waiting_sbars(connection, reader.now):
        if unit.id in cases:
            cases[unit.id].append((case, danger))
    found, delegations = [], in_force(connection, reader.now)
    for unit in units:
        for one in seen(connection, unit, cases[unit.id], delegations.get(unit.id, ()), reader.now):
            if one.found and _reads(reader, one.matter, unit.id):
                since = min(thing.since for thing in one.found)
                path = _path(reader, one.matter, unit.id)
                found.append(Matters(unit, one.matter, len(one.found), since, path))
    return sorted(found, key=lambda one: (MATTERS.index(one.matter), one.unit.name))


def _path(reader: Reader, matter: Matter, unit: str) -> str:
    place = PAGE.get(matter, "")
    if place == "signing" and reader.may(Act.UNIT_READ, unit):
        return f"/console/signing?unit={unit}"
    if place == "phones" and reader.may(Act.PHONE_MANAGE, unit):
        return f"/console/phones?unit={unit}"
    return "/console/inbox" if place == "inbox" and reader.may(Act.NURSE_INBOX_READ, unit) else ""


def _told(connection: Connection, reader: Reader) -> list[Shown]:
    units = {one.id: one for one in _mine(reader)}
    ids = [
        notice_id(unit, matter, month) for unit in units for matter in MATTERS for month in months(reader.now)
    ]
    found = [
        Shown(units[notice.unit], notice.matter, telling, bool(notice.open(telling)))
        for notice in documents.some(connection, NoticeDocument, ids)
        for telling in notice.tellings
        if reader.now - telling.at < SHOWN_FOR and _reads(reader, notice.matter, notice.unit)
    ]
    return sorted(found, key=lambda one: one.telling.at, reverse=True)


def _messages(connection: Connection, reader: Reader) -> list[Message]:
    """Those that have not arrived."""
    units = [one.id for one in reader.units_for(Act.MASTER_DATA)]
    if not units:
        return []
    found = outgoing.of_units(connection, units, reader.now - SHOWN_FOR)
    return [one for one in found if one.sent is None]


HANDLERS = [watch_page, message_again]
