"""The form in which a delegation is issued: what is in it, and what was typed."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from msgspec import Struct

from care.delegation import DelegationDocument, DelegationIssued
from care.person import PersonDocument
from care.rights import CARE, Act
from care.schedule import DAY, local
from care.signing import local_day
from care.staff import StaffDocument
from care.tasks import TASKS, may_delegate
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent
from endpoint.database import Database

DAYS = (date(2000, 1, 1), date(2199, 12, 31))


class Fields(Struct, frozen=True):
    """The fields as they were typed."""

    holder: str = ""
    tasks: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    once: bool = False
    knowledge: bool = False
    result: str = ""
    knowledge_on: str = ""
    practice: bool = False
    practice_on: str = ""
    note: str = ""
    renews: str = ""


class Choices(Struct, frozen=True):
    """What the issuer may choose among: nothing that is not theirs to delegate."""

    tasks: tuple[str, ...]
    units: tuple[UnitDocument, ...]
    holders: tuple[StaffDocument, ...]
    persons: tuple[tuple[UnitDocument, tuple[PersonDocument, ...]], ...]


async def choices(database: Database, reader: Reader) -> Choices:
    """What may be chosen. Raises NotYours when the reader may delegate nothing anywhere."""
    units = reader.allowed(Act.DELEGATION_ISSUE)
    roles = frozenset(role for unit in units for role in reader.staff.roles_in(unit.id, reader.day))
    theirs = may_delegate(roles)
    here = {unit.id for unit in units}
    holders = [
        one
        for one in await documents.of_kind(database, StaffDocument)
        if CARE & one.roles_among(here, reader.day) and one.id != reader.staff.id
    ]
    holders.sort(key=lambda one: (any(one.licensed_in(unit, reader.day) for unit in here), one.name))
    persons = []
    for unit in units:
        found = [one for one in await documents.of_unit(database, PersonDocument, unit.id) if not one.gone]
        persons.append((unit, tuple(sorted(found, key=lambda one: one.name))))
    tasks = tuple(task for task in TASKS if task in theirs)
    return Choices(tasks, tuple(units), tuple(holders), tuple(persons))


def empty(reader: Reader, choices: Choices, holder: str = "") -> Fields:
    """A year from today, in the only unit where there is but one."""
    units = (choices.units[0].id,) if len(choices.units) == 1 else ()
    return Fields(
        holder=holder, units=units, start=reader.day.isoformat(), end=_last_day(reader.day).isoformat()
    )


def renewing(reader: Reader, one: DelegationDocument) -> Fields:
    """The same once more, from when the old one ends or from today: what it rests on is asked for anew."""
    ends = local_day(one.end) if one.end else reader.day
    start = max(reader.day, ends)
    return Fields(
        holder=one.holder,
        tasks=tuple(one.tasks),
        units=tuple(one.units),
        persons=tuple(one.persons),
        start=start.isoformat(),
        end=_last_day(start).isoformat(),
        note=one.note,
        renews=one.id,
    )


def _last_day(start: date) -> date:
    return start + relativedelta(years=1) - timedelta(days=1)


def fields_of(given: Sent) -> Fields:
    """What a browser sent."""
    tasks, units, persons = (tuple(dict.fromkeys(given.all(name))) for name in ("tasks", "units", "persons"))
    return Fields(
        holder=given("holder"),
        tasks=tasks,
        units=units,
        persons=persons,
        start=given("start"),
        end=given("end"),
        once=bool(given("once")),
        knowledge=bool(given("knowledge")),
        result=given("result"),
        knowledge_on=given("knowledge_on"),
        practice=bool(given("practice")),
        practice_on=given("practice_on"),
        note=given.text("note"),
        renews=given("renews"),
    )


def read(fields: Fields, choices: Choices, now: datetime) -> tuple[DelegationIssued | None, dict[str, str]]:
    """The delegation, or which fields could not be read (field to a key of the texts)."""
    start, end = day_of(fields.start), day_of(fields.start if fields.once else fields.end)
    wrong = {
        "start": start is None,
        "end": end is None,
        "knowledge_on": bool(fields.knowledge_on) and day_of(fields.knowledge_on) is None,
        "practice_on": bool(fields.practice_on) and day_of(fields.practice_on) is None,
        "persons": not _theirs(fields, choices),
    }
    if start is None or end is None or any(wrong.values()):
        return None, {name: "delegation.fault.day" for name, is_wrong in wrong.items() if is_wrong}
    # Never from a moment that has passed: what was done before it was not delegated.
    begins = max(now, local(start, "00:00"))
    issued = DelegationIssued(
        holder=fields.holder,
        tasks=fields.tasks,
        units=fields.units,
        persons=fields.persons,
        start=begins,
        end=local(end + DAY, "00:00") - timedelta(seconds=1),
        once=fields.once,
        knowledge_tested=fields.knowledge,
        knowledge_result=fields.result,
        knowledge_on=day_of(fields.knowledge_on),
        practice_seen=fields.practice,
        practice_on=day_of(fields.practice_on),
        note=fields.note,
        renews=fields.renews,
    )
    return issued, {}


def _theirs(fields: Fields, choices: Choices) -> bool:
    """Whether the persons that are named are of the units that are named."""
    known: Collection[str] = {
        person.id for unit, found in choices.persons if unit.id in fields.units for person in found
    }
    return all(person in known for person in fields.persons)


def day_of(text: str) -> date | None:
    """A day as a form writes it; None when it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if DAYS[0] <= day <= DAYS[1] else None
