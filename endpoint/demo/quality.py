"""Provkommun's routines, and a year of self-checks of which most have been done."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import cast
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from care.check import CheckDocument, CheckRecorded
from care.check_calendar import Due, due
from care.facts import Ref
from care.forms import Answers, Coding, Questionnaire, to_response
from care.published import Answered
from care.rights import Role
from care.routine import RoutinePublished
from care.schedule import STOCKHOLM
from endpoint.console.answers import forms
from endpoint.demo import names
from endpoint.demo.records import FOLDER, Record, staff
from endpoint.demo.register import Register
from endpoint.yearly import proposals

BACK = timedelta(days=365)
"""So far back the checks were planned when the demo was first loaded."""
LOG_BACK = timedelta(days=20)
LEFT = timedelta(days=10)
"""What came due later than this is left for whoever tries the demo."""
_PLANNER, _NURSE, _CHIEF = "eva-holm", "karin-strom", "maria-nyberg"


class Before(Struct, frozen=True, forbid_unknown_fields=True):
    """The version before, and what was new in the one that followed."""

    valid_days: int
    changes: str


class RoutineRecord(Record, frozen=True, kw_only=True):
    """``valid_days`` and ``review_days`` count from the day of loading."""

    key: str
    title: str
    area: str
    text: str
    owner: str
    role: Role
    decided_by: str
    units: tuple[str, ...]
    valid_days: int
    review_days: int
    before: Before | None = None


@cache
def routines() -> tuple[RoutineRecord, ...]:
    return msgspec.json.decode((FOLDER / "routines.json").read_bytes(), type=tuple[RoutineRecord, ...])


@cache
def _given() -> dict[str, dict[str, list[str | int]]]:
    """What is answered, by form: between two numbers, or one of some codes."""
    return msgspec.json.decode(
        (FOLDER / "checks.json").read_bytes(), type=dict[str, dict[str, list[str | int]]]
    )


async def load(register: Register, now: datetime) -> None:
    """Write what is not there. Again: only the checks that have come due since."""
    today = now.astimezone(STOCKHOLM).date()
    for routine in routines():
        await _routine(register, routine, today)
    for proposal in proposals():
        await _checks(register, proposal.key, today)


async def _routine(register: Register, record: RoutineRecord, today: date) -> None:
    ref = Ref("routine", names.quality_id("routine", record.key))
    if await register.get(ref.kind, ref.id) is not None:
        return
    if record.before:
        first = _published(record, today, record.before.valid_days, "")
        await register.state(first, ref, first.units[0], author=first.owner, at=_noon(first.valid_from))
    changes = record.before.changes if record.before else ""
    body = _published(record, today, record.valid_days, changes)
    await register.state(body, ref, body.units[0], author=body.owner, at=_noon(body.valid_from))


def _published(record: RoutineRecord, today: date, days: int, changes: str) -> RoutinePublished:
    valid = today + timedelta(days=days)
    return RoutinePublished(
        title=record.title,
        area=record.area,
        text=record.text,
        owner=names.staff_id(record.owner),
        owner_name=next(one.name for one in staff() if one.key == record.owner),
        owner_role=record.role,
        decided=valid - timedelta(days=7),
        decided_by=record.decided_by,
        valid_from=valid,
        review_by=today + timedelta(days=record.review_days),
        units=tuple(names.unit_id(key) for key in record.units),
        changes=changes,
    )


async def _checks(register: Register, key: str, today: date) -> None:
    proposal = next(one for one in proposals() if one.key == key)
    ref, units = Ref("check", names.quality_id("check", key)), tuple(names.UNITS.values())
    if await register.get(ref.kind, ref.id) is None:
        # A log has something to control only from when somebody has read something.
        start = today - (BACK if proposal.form else LOG_BACK)
        body = proposal.planned(units, start)
        author = names.staff_id(_PLANNER)
        await register.state(body, ref, units[0], author=author, at=_noon(start))
    check = cast(CheckDocument, await register.get(ref.kind, ref.id))
    form = forms().get(proposal.url)
    if form is None:
        return
    for unit in units:
        for one in due(check, unit, today - BACK, today - LEFT):
            if _draw(one, 7) and await register.get("check-result", one.id) is None:
                await _do(register, one, form, key)


async def _do(register: Register, one: Due, form: Questionnaire, key: str) -> None:
    """Done in time, now and then some days late."""
    done = one.day + timedelta(days=_draw(one, 5, 1) - 4 if _draw(one, 4, 2) else 6)
    at, role = _noon(done), one.version.role
    answers = _answers(one, key) | _next(one, key)
    response = Raw(msgspec.json.encode(to_response(form, answers, at.astimezone(STOCKHOLM).isoformat())))
    body = CheckRecorded(
        plan=one.plan,
        due=one.day,
        done=done,
        role=role,
        sides=one.version.sides,
        answers=Answered(form.url, form.version, response),
    )
    author = names.staff_id(_NURSE if role is Role.NURSE else _CHIEF)
    await register.state(body, Ref("check-result", one.id), one.unit, author=author, at=at)


def _answers(one: Due, key: str) -> Answers:
    answers: Answers = {}
    for place, (link_id, of) in enumerate(_given()[key].items()):
        if isinstance(of[0], str):
            answers[link_id] = [Coding(str(of[_draw(one, len(of), place)]))]
        else:
            least, most = int(of[0]), int(of[1])
            number = least + _draw(one, most - least + 1, place)
            decimal = link_id in ("night-fast.mean", "night-fast.longest")
            answers[link_id] = [Decimal(number) if decimal else number]
    return answers


def _next(one: Due, key: str) -> Answers:
    """What is asked where something is not as it should be; dropped where it is not asked."""
    return {
        "infections.date": [one.day.isoformat()],
        f"{key}.action": ["Gås igenom på nästa arbetsplatsträff."],
        f"{key}.by": [(one.day + timedelta(days=30)).isoformat()],
    }


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(11), tzinfo=STOCKHOLM).astimezone(UTC)


def _draw(one: Due, sides: int, salt: int = 0) -> int:
    """A number that varies from check to check and is the same in every run."""
    return (UUID(one.id).int >> (salt % 24) * 4) % sides
