"""What is checked, how often and by whom, planned from any published form by those who answer for it."""

import os
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from care.check import CheckDocument, CheckEnded, CheckPaused, CheckPlanned, CheckResumed, Start
from care.check_calendar import rule, step
from care.deviation import Side
from care.errors import ScheduleError
from care.facts import Body, Ref
from care.ids import uuid7
from care.rights import Act, Role
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.checks import ROLES, plans
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.forms.catalogue import Catalogue
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state, state_all
from endpoint.yearly import Proposal, proposals

TITLE_MOST = 80
ABOUT_MOST = 500
REMIND_MOST = 90
EVERY = (1, 2, 3, 4, 6, 12, 24)
"""How often, in months. 12 is a year."""
SIDES: tuple[Side, ...] = ("hsl", "sol")
DAYS = (date(2000, 1, 1), date(2200, 1, 1))


class Fields(Struct, frozen=True):
    """The fields of a plan as they were typed. `first` is by unit."""

    title: str = ""
    form: str = ""
    months: str = "12"
    role: str = ""
    remind: str = "14"
    sides: tuple[str, ...] = ("hsl",)
    about: str = ""
    units: tuple[str, ...] = ()
    first: dict[str, str] = {}


def fields_of(sent: Sequence[tuple[str, str]]) -> Fields:
    """What a browser sent."""
    one = dict(sent)
    return Fields(
        title=one.get("title", "").strip(),
        form=one.get("form", ""),
        months=one.get("months", ""),
        role=one.get("role", ""),
        remind=one.get("remind", "").strip(),
        sides=tuple(value for name, value in sent if name == "sides"),
        about=one.get("about", "").strip(),
        units=tuple(dict.fromkeys(value for name, value in sent if name == "units")),
        first={
            name.removeprefix("first-"): value.strip() for name, value in sent if name.startswith("first-")
        },
    )


def fields_from(check: CheckDocument) -> Fields:
    """The fields of a plan that there is, to be changed."""
    plan = check.plan
    assert plan is not None
    return Fields(
        title=plan.title,
        form=plan.form or plan.page,
        months=str(months_of(plan.rule)),
        role=plan.role,
        remind=str(plan.remind),
        sides=plan.sides,
        about=plan.about,
        units=plan.units,
        first={start.unit: start.first.isoformat() for start in plan.starts},
    )


def read(
    fields: Fields, allowed: Mapping[str, UnitDocument], forms: Catalogue, today: date, page: str = ""
) -> tuple[CheckPlanned | None, dict[str, str]]:
    """The plan, or what is wrong: field to a key of the texts. `page`: it is done there, without a form."""
    wrong: dict[str, str] = {}
    if not 0 < len(fields.title) <= TITLE_MOST:
        wrong["title"] = "console.plans.wrong.title"
    if not page and fields.form not in forms.current:
        wrong["form"] = "console.plans.wrong.form"
    if fields.months not in {str(count) for count in EVERY}:
        wrong["months"] = "console.plans.wrong.months"
    if fields.role not in ROLES:
        wrong["role"] = "console.plans.wrong.role"
    if not (fields.remind.isascii() and fields.remind.isdigit() and int(fields.remind) <= REMIND_MOST):
        wrong["remind"] = "console.plans.wrong.remind"
    sides = tuple(side for side in SIDES if side in fields.sides)
    if not sides:
        wrong["sides"] = "console.plans.wrong.sides"
    providers = {allowed[unit].provider if unit in allowed else "" for unit in fields.units}
    if len(providers) != 1 or "" in providers:
        wrong["units"] = "console.plans.wrong.units"
    starts = [Start(unit, day) for unit in fields.units if (day := _day(fields.first.get(unit, "")))]
    wrong |= {
        f"first-{unit}": "console.plans.wrong.first"
        for unit in fields.units
        if unit not in {start.unit for start in starts}
    }
    if wrong:
        return None, wrong
    planned = CheckPlanned(
        title=fields.title,
        form="" if page else fields.form,
        rule=rule("months", int(fields.months)),
        role=Role(fields.role),
        starts=tuple(starts),
        effective=today,
        remind=int(fields.remind),
        sides=sides,
        about=fields.about[:ABOUT_MOST],
        page=page,
    )
    return planned, {}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if DAYS[0] <= day <= DAYS[1] else None


def months_of(of: str) -> int:
    """How many months lie between two; 0 for a rule of days or weeks, which the console does not make."""
    try:
        unit, count = step(of)
    except ScheduleError:
        return 0
    return count * {"months": 1, "years": 12}.get(unit, 0)


async def mine(database: Database, reader: Reader, id: str) -> CheckDocument:
    """A plan that is the reader's to change: theirs in every unit that it is for. NoSuchPage or NotYours."""
    check = await documents.get(database, CheckDocument, id)
    if check is None or check.plan is None or check.units.isdisjoint(unit.id for unit in reader.units):
        raise NoSuchPage(id)
    if not may_change(reader, check):
        raise NotYours(id)
    return check


def may_change(reader: Reader, check: CheckDocument) -> bool:
    return all(reader.may(Act.CHECK_PLAN, unit) for unit in (check.plan.units if check.plan else ()))


async def plan(parts: Parts, reader: Reader, planned: CheckPlanned, id: str | None = None) -> str:
    """Plan a check, or plan it anew. Gives its id."""
    id = id or uuid7(time.time_ns() // 1_000_000, os.urandom(10))
    held = await documents.get(parts.database, CheckDocument, id)
    home = held.unit if held else planned.units[0]
    await state(parts.database, parts.keys, Statement(planned, Ref("check", id), home), reader.staff.id)
    return id


async def say(parts: Parts, reader: Reader, check: CheckDocument, body: Body) -> None:
    said = Statement(body, Ref("check", check.id), check.unit)
    await state(parts.database, parts.keys, said, reader.staff.id)


async def pause(parts: Parts, reader: Reader, check: CheckDocument) -> None:
    """Nothing is due from today."""
    if not check.paused:
        await say(parts, reader, check, CheckPaused(start=reader.day))


async def resume(parts: Parts, reader: Reader, check: CheckDocument) -> None:
    if check.paused:
        await say(parts, reader, check, CheckResumed(day=reader.day))


async def end(parts: Parts, reader: Reader, check: CheckDocument) -> None:
    """Yesterday was the last day."""
    await say(parts, reader, check, CheckEnded(day=reader.day - timedelta(days=1)))


class Offer(Struct, frozen=True):
    """What the shipped calendar has and a vårdgivare has not planned: by its form, or by its page."""

    units: tuple[UnitDocument, ...]
    proposals: tuple[Proposal, ...]


async def offers(database: Database, reader: Reader) -> list[Offer]:
    """What is proposed to each vårdgivare for which the reader may plan."""
    # An office gives no care that could be checked; who has one plans for it on its own.
    mine = [unit for unit in reader.units_for(Act.CHECK_PLAN) if not unit.is_office]
    found = []
    for provider in dict.fromkeys(unit.provider for unit in mine):
        units = tuple(unit for unit in mine if unit.provider == provider)
        held = {
            one.plan.form or one.plan.page
            for one in await plans(database, {unit.id for unit in units})
            if one.plan and not one.ended
        }
        left = tuple(one for one in proposals() if (one.url or one.page) not in held)
        if left:
            found.append(Offer(units, left))
    return found


async def adopt(parts: Parts, reader: Reader) -> None:
    """Plan all that is proposed, for every unit where the reader may."""
    said = []
    for offer in await offers(parts.database, reader):
        units = [unit.id for unit in offer.units]
        for one in offer.proposals:
            id = uuid7(time.time_ns() // 1_000_000, os.urandom(10))
            said.append(Statement(one.planned(units, reader.day), Ref("check", id), units[0]))
    await state_all(parts.database, parts.keys, said, reader.staff.id)
