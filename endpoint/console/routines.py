"""Rutiner: what has been decided about how work is done, with owner, versions and review dates."""

import os
import re
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from dateutil.relativedelta import relativedelta
from msgspec import Struct
from msgspec.structs import asdict, replace

from care.facts import Body, Ref
from care.ids import uuid7
from care.rights import Act, Role
from care.routine import (
    TEXT_MOST,
    RoutineDocument,
    RoutinePublished,
    RoutineReviewed,
    RoutineWithdrawn,
    State,
)
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state

TITLE_MOST, AREA_MOST, BY_MOST, NOTE_MOST = 80, 40, 80, 500
DAYS = (date(2000, 1, 1), date(2200, 1, 1))
TONES: dict[State, tuple[str, str]] = {
    "review_overdue": ("late", "warning"),
    "review_soon": ("accent", "clock"),
    "coming": ("quiet", "calendar"),
    "in_force": ("done", "done"),
    "withdrawn": ("quiet", "cross"),
}
"""The tone and the icon of each state, in the list's order; its word is `console.routines.state.<state>`."""

OWNERS = tuple(role for role in Role if role not in (Role.CARER, Role.ADMINISTRATOR))
"""The roles that may own a routine (p)."""
_UUID = re.compile(r"[0-9a-f-]{36}")


class Fields(Struct, frozen=True):
    """The fields of a routine as they were typed."""

    title: str = ""
    area: str = ""
    text: str = ""
    owner: str = ""
    decided: str = ""
    decided_by: str = ""
    valid_from: str = ""
    review_by: str = ""
    changes: str = ""
    units: tuple[str, ...] = ()


class Listed(Struct, frozen=True):
    """One routine in the list. ``new``: the version that is shown, in force or latest."""

    routine: RoutineDocument
    version: RoutinePublished
    state: State


class Owner(Struct, frozen=True):
    """Somebody who can own a routine: a member of staff in one of their roles."""

    staff: StaffDocument
    role: Role

    @property
    def key(self) -> str:
        return f"{self.staff.id}/{self.role}"


async def listed(database: Database, reader: Reader) -> list[Listed]:
    """The routines of the reader's vårdgivare: reviews that are overdue first, those withdrawn last."""
    units = {unit.id for unit in reader.units_for(Act.ROUTINE_READ)}
    order = list(TONES)
    found = [
        Listed(one, (one.on(reader.day) or one.latest).body, one.state(reader.day))  # type: ignore[union-attr]
        for one in await documents.of_kind(database, RoutineDocument)
        if one.versions and not one.units.isdisjoint(units)
    ]
    return sorted(found, key=lambda one: (order.index(one.state), one.version.area, one.version.title))


async def to_review(database: Database, reader: Reader) -> int:
    """How many wait for a review that the reader can make."""
    return sum(
        one.state == "review_overdue" and may_change(reader, one.routine)
        for one in await listed(database, reader)
    )


async def opened(database: Database, reader: Reader, id: str) -> RoutineDocument:
    """A routine of the reader's vårdgivare. Raises NoSuchPage."""
    units = {unit.id for unit in reader.units_for(Act.ROUTINE_READ)}
    found = await documents.get(database, RoutineDocument, id) if _UUID.fullmatch(id) else None
    if found is None or not found.versions or found.units.isdisjoint(units):
        raise NoSuchPage(id)
    return found


async def mine(database: Database, reader: Reader, id: str) -> RoutineDocument:
    """A routine that is the reader's to change. Raises NoSuchPage or NotYours."""
    found = await opened(database, reader, id)
    if not may_change(reader, found):
        raise NotYours(id)
    return found


def may_change(reader: Reader, routine: RoutineDocument) -> bool:
    """Whether the reader may publish in every unit that it is for."""
    latest = routine.latest
    return bool(latest) and all(
        reader.may(Act.ROUTINE_PUBLISH, unit) for unit in (latest.body.units if latest else ())
    )


async def owners(database: Database, reader: Reader, units: Collection[str]) -> list[Owner]:
    """Who can own a routine in these units, by name."""
    found = []
    for staff in await documents.of_kind(database, StaffDocument):
        held = staff.roles_among(set(units), reader.day)
        found += [Owner(staff, role) for role in OWNERS if role in held]
    return sorted(found, key=lambda one: (one.staff.name, one.role))


def fields_of(sent: Sequence[tuple[str, str]]) -> Fields:
    """What a browser sent."""
    one = {name: value.strip() for name, value in sent}
    names = asdict(Fields()).keys() - {"units"}
    units = tuple(dict.fromkeys(value for name, value in sent if name == "units"))
    return Fields(**{name: one.get(name, "") for name in names}, units=units)


def fields_from(routine: RoutineDocument) -> Fields:
    """The fields of the latest version, to be changed."""
    latest = routine.latest
    assert latest is not None
    body = latest.body
    return Fields(
        title=body.title,
        area=body.area,
        text=body.text,
        owner=f"{body.owner}/{body.owner_role}",
        decided_by=body.decided_by,
        units=body.units,
    )


def from_today(day: date, fields: Fields) -> Fields:
    """The days as they most often are: decided and in force today, reviewed within a year (p)."""
    days = {"decided": day, "valid_from": day, "review_by": day + relativedelta(years=1)}
    return replace(fields, **{name: day.isoformat() for name, day in days.items()})


def read(
    fields: Fields, allowed: Mapping[str, UnitDocument], owners: Sequence[Owner]
) -> tuple[RoutinePublished | None, dict[str, str]]:
    """The version, or what is wrong: field to a key of the texts."""
    days = {name: _day(getattr(fields, name)) for name in ("decided", "valid_from", "review_by")}
    owner = next((one for one in owners if one.key == fields.owner), None)
    providers = {allowed[unit].provider if unit in allowed else "" for unit in fields.units}
    faulty = {
        "title": not 0 < len(fields.title) <= TITLE_MOST,
        "area": not 0 < len(fields.area) <= AREA_MOST,
        "text": not 0 < len(fields.text) <= TEXT_MOST,
        "owner": owner is None,
        "decided_by": not 0 < len(fields.decided_by) <= BY_MOST,
        "units": len(providers) != 1 or "" in providers,
        **{name: day is None for name, day in days.items()},
    }
    start, review = days["valid_from"], days["review_by"]
    if start and review and review <= start:
        faulty["review_by"] = True
    wrong = {name: f"console.routines.wrong.{name}" for name, is_wrong in faulty.items() if is_wrong}
    if wrong or owner is None or not all(days.values()):
        return None, wrong
    published = RoutinePublished(
        title=fields.title,
        area=fields.area,
        text=fields.text.replace("\r\n", "\n"),
        owner=owner.staff.id,
        owner_name=owner.staff.name,
        owner_role=owner.role,
        decided=days["decided"],  # type: ignore[arg-type]
        decided_by=fields.decided_by,
        valid_from=days["valid_from"],  # type: ignore[arg-type]
        review_by=days["review_by"],  # type: ignore[arg-type]
        units=fields.units,
        changes=fields.changes[:NOTE_MOST],
    )
    return published, {}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if DAYS[0] <= day <= DAYS[1] else None


async def publish(
    parts: Parts, reader: Reader, published: RoutinePublished, routine: RoutineDocument | None
) -> str:
    """Publish a version; it is on the phones of its units at their next contact. Gives the routine's id."""
    id = routine.id if routine else uuid7(time.time_ns() // 1_000_000, os.urandom(10))
    home = routine.unit if routine else published.units[0]
    await state(parts.database, parts.keys, Statement(published, Ref("routine", id), home), reader.staff.id)
    return id


async def review(parts: Parts, reader: Reader, routine: RoutineDocument, again: str) -> bool:
    """It was read through and holds. False: the next day was none, or not ahead."""
    day = _day(again)
    if day is None or day <= reader.day:
        return False
    await _say(parts, reader, routine, RoutineReviewed(reviewed=reader.day, review_by=day))
    return True


async def withdraw(parts: Parts, reader: Reader, routine: RoutineDocument, reason: str) -> None:
    """It holds no more from today."""
    if not routine.withdrawn:
        body = RoutineWithdrawn(day=reader.day, reason=reason.strip()[:NOTE_MOST])
        await _say(parts, reader, routine, body)


async def _say(parts: Parts, reader: Reader, routine: RoutineDocument, body: Body) -> None:
    said = Statement(body, Ref("routine", routine.id), routine.unit)
    await state(parts.database, parts.keys, said, reader.staff.id)
