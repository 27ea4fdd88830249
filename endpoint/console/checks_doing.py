"""Doing one self-check: the form, what has been begun of it, signing it, and correcting what was signed."""

import re
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Raw, Struct

from care.check import CheckCorrected, CheckDocument, CheckRecorded, CheckResultDocument, Given
from care.check_calendar import Checkpoint, Due, checkpoints, due
from care.facts import Ref
from care.forms import Answers, Line, Questionnaire, from_response, starting_answers, summary, to_response
from care.published import Answered
from care.rights import Act, Role
from care.schedule import STOCKHOLM
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.checks import ROLES, results
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.forms import drafts
from endpoint.console.forms.catalogue import Catalogue, catalogue
from endpoint.console.forms.sheet import Sheet, sheet
from endpoint.console.forms.typed import Problem, Typed, answers_of, typed_of
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state

REASON_MOST = 500
HISTORY = timedelta(days=5 * 366)
"""So far back the same check is listed beside one that is open."""
_NUMBER = re.compile(r"\b(?:19|20)?\d{6}[-+ ]?\d{4}\b")
"""What looks like a personnummer: a self-check holds none."""


class Doing(Struct, frozen=True):
    """One check that is open: which, where, how it stands, and the form to fill in."""

    check: CheckDocument
    unit: UnitDocument
    point: Checkpoint
    form: Questionnaire
    catalogue: Catalogue
    now: datetime

    @property
    def due(self) -> Due:
        return self.point.due

    @property
    def path(self) -> str:
        return f"/console/checks/results/{self.check.id}/{self.unit.id}/{self.due.day.isoformat()}"

    @property
    def result(self) -> CheckResultDocument | None:
        return self.point.result

    @property
    def start(self) -> Answers:
        return starting_answers(self.form, now=self.now.astimezone(STOCKHOLM))


class Shown(Struct, frozen=True):
    """Answers as they were signed, read back."""

    given: Given
    name: str
    lines: tuple[Line, ...]


async def opened(parts: Parts, reader: Reader, plan: str, unit_id: str, day: str) -> Doing:
    """The check of that address. Raises NoSuchPage, or NotYours when it is of a unit of somebody else's."""
    check = await documents.get(parts.database, CheckDocument, plan)
    unit = next((one for one in reader.units if one.id == unit_id), None)
    if check is None or unit is None:
        raise NoSuchPage(plan)
    if not reader.may(Act.CHECK_DO, unit_id):
        raise NotYours(unit_id)
    try:
        on = date.fromisoformat(day)
    except ValueError as error:
        raise NoSuchPage(day) from error
    point = await _point(parts.database, reader, check, unit_id, on)
    forms = await catalogue(parts.database, {one.id for one in reader.units})
    form = forms.current.get(point.due.version.form)
    if form is None:
        raise NoSuchPage(point.due.version.form)
    return Doing(check, unit, point, form, forms, reader.now)


async def _point(
    database: Database, reader: Reader, check: CheckDocument, unit: str, day: date
) -> Checkpoint:
    known = checkpoints(check, unit, day, day, {}, reader.day)
    if not known:
        raise NoSuchPage(day.isoformat())
    found = await results(database, [known[0].due])
    return checkpoints(check, unit, day, day, found, reader.day)[0]


async def begun(parts: Parts, reader: Reader, doing: Doing) -> drafts.Draft | None:
    """What the reader has begun of it."""
    return await parts.database.read(lambda connection: drafts.get(connection, doing.due.id, reader.staff.id))


async def keep(parts: Parts, reader: Reader, doing: Doing, typed: Typed) -> None:
    """Keep what stands in the fields."""
    await parts.database.write(
        lambda connection: drafts.put(connection, doing.due.id, reader.staff.id, typed, reader.now)
    )


async def sign(
    parts: Parts, reader: Reader, doing: Doing, typed: Typed, seen: frozenset[str], reason: str = ""
) -> Sheet | None:
    """Sign what was typed. None: it is signed. Otherwise the form, saying what is wrong or has been added.

    ``seen``: the questions that were on the page. An answer that leads to more questions shows them first.
    """
    await keep(parts, reader, doing, typed)
    answers, problems = answers_of(doing.form, typed, doing.start)
    problems |= numbers_in(typed)
    told = {link_id: problem for link_id, problem in problems.items() if link_id in seen}
    drawn = sheet(doing.form, typed, reader.t.language, told)
    unseen = {item.link_id for item in drawn.steered() if item.link_id in drawn.shown} - seen
    if problems or unseen:
        return drawn
    given = Answered(doing.form.url, doing.form.version, _response(doing.form, answers, reader))
    role = _role(reader, doing)
    if doing.result and doing.result.given:
        body: CheckRecorded | CheckCorrected = CheckCorrected(
            role=role, answers=given, reason=reason.strip()[:REASON_MOST]
        )
    else:
        version = doing.due.version
        body = CheckRecorded(
            plan=doing.check.id,
            due=doing.due.day,
            done=reader.day,
            role=role,
            sides=version.sides,
            answers=given,
        )
    said = Statement(body, Ref("check-result", doing.due.id), doing.unit.id)
    await state(parts.database, parts.keys, said, reader.staff.id)
    await parts.database.write(lambda connection: drafts.drop(connection, doing.due.id, reader.staff.id))
    return None


def numbers_in(typed: Typed) -> dict[str, Problem]:
    """The answers in which something stands that looks like a personnummer."""
    return {
        link_id: Problem("console.checks.personnummer")
        for link_id, texts in typed.items()
        if any(_NUMBER.search(text) for text in texts)
    }


def answered_typed(doing: Doing) -> Typed:
    """What was answered last, in the fields again, to be corrected."""
    current = doing.result.current if doing.result else None
    if current is None:
        return typed_of(doing.form, doing.start)
    form = doing.catalogue.of(current.answers) or doing.form
    return typed_of(doing.form, _read(form, current.answers))


async def shown(database: Database, doing: Doing) -> list[Shown]:
    """Every set of answers that was signed, the last first."""
    found = []
    for given in reversed(doing.result.given if doing.result else []):
        staff = await documents.get(database, "staff", given.by)
        form = doing.catalogue.of(given.answers)
        lines = tuple(summary(form, _read(form, given.answers))) if form else ()
        found.append(Shown(given, getattr(staff, "name", ""), lines))
    return found


async def before(database: Database, reader: Reader, doing: Doing) -> list[Checkpoint]:
    """The same check in the same unit, done on other days: the latest first."""
    start, end = reader.day - HISTORY, reader.day
    dues = due(doing.check, doing.unit.id, start, end)
    known = await results(database, dues)
    points = checkpoints(doing.check, doing.unit.id, start, end, known, reader.day)
    return [one for one in reversed(points) if one.state == "done" and one.due.id != doing.due.id]


def _read(form: Questionnaire, answered: Answered) -> Answers:
    return from_response(form, answered.read())


def _response(form: Questionnaire, answers: Answers, reader: Reader) -> Raw:
    return Raw(msgspec.json.encode(to_response(form, answers, reader.now.isoformat())))


def _role(reader: Reader, doing: Doing) -> Role:
    """The role in which the reader does it: the one that the plan asks for, where they hold it."""
    provider = doing.unit.provider
    held = reader.staff.roles_in(doing.unit.id, reader.day) | reader.roles_with(provider)
    if doing.due.version.role in held:
        return doing.due.version.role
    return next(role for role in ROLES if role in held)
