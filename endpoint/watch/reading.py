"""What a unit has to see to now, read from the database for care/watch.py to say."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection, select

from care import watch
from care.case_due import due, due_in_complaint
from care.complaint import ComplaintDocument
from care.deviation import DeviationDocument
from care.dose import DoseDocument
from care.errors import ScheduleError
from care.notice import MATTERS, Matter, NoticeDocument, notice_id
from care.order import OrderDocument
from care.prn import PrnDocument
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM, Planned, planned
from care.signing import local_day
from care.unit import UnitDocument
from care.watch import Found, Phone
from endpoint import chains, devices, documents, needed
from endpoint.chains import Compared
from endpoint.schema import devices as devices_table
from endpoint.standing import OPEN
from endpoint.watch.delegations import ending

_PLANNED = timedelta(hours=24)
"""Doses planned so long ago are looked at: a window may be long, and one may be signed twice hours later."""

OVERDUE: tuple[Matter, ...] = ("overdue_case", "overdue_complaint", "overdue_mas", "overdue_sas")

Waiting = tuple[SbarDocument, bool]
"""An SBAR that nobody has read, and whether it is a danger."""


class Seen(Struct, frozen=True):
    """One matter of one unit: what there is to see to, what was told of it, and what is over."""

    matter: Matter
    found: list[Found]
    notices: list[NoticeDocument]
    over: tuple[str, ...] = ()


def seen(
    connection: Connection,
    unit: UnitDocument,
    cases: Iterable[Waiting],
    delegations: Iterable[bytes],
    now: datetime,
) -> list[Seen]:
    """Every matter of a unit of which there is, or was told, anything. ``delegations``: what covers it."""
    told = _notices(connection, unit.id, now)
    orders = documents.in_unit(connection, OrderDocument, unit.id)
    doses, signed, heard = _doses(connection, unit, orders, now)
    found: dict[Matter, list[Found]] = {
        "late_doses": watch.late(doses, signed, unit.settings, now, heard),
        "silent_unit": watch.silence(unit.id, doses, signed, unit.settings, now, heard),
        "unanswered_sbar": watch.unread(cases, unit.settings, now),
        "double_signed": watch.twice(doses, signed, now),
        "over_maximum": watch.too_much(orders, needed.given(connection, unit.id, orders, now), now),
        "delegation_ending": ending(delegations, unit.id, now),
        **watch.of_phones(_phones(connection, unit.id), now),
    }
    made = []
    for matter, things in found.items():
        notices = told[matter]
        settled = _settled(connection, matter, notices)
        over = watch.over(things, notices, settled)
        if things or over:
            made.append(Seen(matter, things, notices, over))
    return made


def overdue_cases(connection: Connection, unit: UnitDocument, now: datetime) -> list[Seen]:
    """Deviations and complaints of a unit in which something is overdue, by who is to see to them."""
    days: dict[Matter, dict[str, date]] = {matter: {} for matter in OVERDUE}
    for case in documents.in_unit(connection, DeviationDocument, unit.id):
        if waits := due(case):
            days[_matter(case)][case.id] = waits[0].day
    for complaint in documents.in_unit(connection, ComplaintDocument, unit.id):
        if waits := due_in_complaint(complaint):
            days[_matter(complaint)][complaint.id] = waits[0].day
    notices, made = _notices(connection, unit.id, now), []
    for matter, late in days.items():
        found = watch.overdue(late, local_day(now))
        made.append(Seen(matter, found, notices[matter], watch.over(found, notices[matter])))
    return made


def _matter(case: DeviationDocument | ComplaintDocument) -> Matter:
    """Of a case that went to MAS or SAS instead, its chief is told nothing."""
    if case.instead:
        return "overdue_mas" if case.instead == "mas" else "overdue_sas"
    return "overdue_case" if isinstance(case, DeviationDocument) else "overdue_complaint"


def _settled(
    connection: Connection, matter: Matter, notices: Sequence[NoticeDocument]
) -> frozenset[str] | None:
    """Of tasks that were told of, those that were signed or taken back: they also just grow old. None: of
    other matters, which are over when they are no more."""
    if matter == "over_maximum":
        given = documents.some(connection, PrnDocument, watch.told_of(notices))
        return frozenset(one.id for one in given if one.given is None)
    if matter not in ("late_doses", "double_signed"):
        return None
    signed = documents.some(connection, DoseDocument, watch.told_of(notices))
    if matter == "double_signed":
        return frozenset(one.id for one in signed if len(one.done) < 2)
    return frozenset(one.id for one in signed if one.standing)


def _notices(connection: Connection, unit: str, now: datetime) -> dict[Matter, list[NoticeDocument]]:
    """What was told in this month and the last, by matter."""
    ids = {notice_id(unit, matter, month): matter for matter in MATTERS for month in months(now)}
    found: dict[Matter, list[NoticeDocument]] = {matter: [] for matter in MATTERS}
    for one in documents.some(connection, NoticeDocument, ids):
        found[ids[one.id]].append(one)
    return found


def months(now: datetime) -> tuple[str, str]:
    """The month of a moment and the one before, as "2026-03"."""
    day = now.astimezone(STOCKHOLM).date()
    return f"{day:%Y-%m}", f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


def _doses(
    connection: Connection, unit: UnitDocument, orders: Iterable[OrderDocument], now: datetime
) -> tuple[list[Planned], dict[str, DoseDocument], datetime | None]:
    """The tasks of the last day, what was signed of them, and until when all of it is known."""
    doses: list[Planned] = []
    for order in orders:
        try:
            doses += planned(order, now - _PLANNED, now)
        except ScheduleError:
            continue  # the console's page of the day says which orders cannot be read
    signed = {one.id: one for one in documents.some(connection, DoseDocument, [one.id for one in doses])}
    silent = devices.silent(devices.of_unit(connection, unit.id), unit, now)
    return doses, signed, min((phone.heard for phone in silent if phone.heard), default=None)


def _phones(connection: Connection, unit: str) -> list[Phone]:
    query = select(devices_table).where(
        devices_table.c.unit == unit, devices_table.c.closed.is_(None), devices_table.c.state == OPEN
    )
    rows = connection.execute(query).all()
    compared = chains.compared(connection, [row.id for row in rows])
    return [
        Phone(
            row.id,
            row.heard,
            None if row.offset_ms is None else timedelta(milliseconds=row.offset_ms),
            row.told,
            bool(row.unsent or row.aside),
            compared.get(row.id, Compared()).missing,
            compared.get(row.id, Compared()).restored,
        )
        for row in rows
    ]
