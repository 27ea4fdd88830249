"""All SBARs of a person on a time line, with a chart of the values and the same in a table."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from care.news2 import Score
from care.person import PersonDocument
from care.rights import Act
from care.sbar import SbarDocument
from care.staff import StaffDocument
from care.unit import UnitDocument
from care.urgency import of_answers
from endpoint import documents
from endpoint.audit.log import seen
from endpoint.console import person as one_person
from endpoint.console import times
from endpoint.console.answers import Known, Reading, read
from endpoint.console.errors import NotYours
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.page import page
from endpoint.console.reader import Reader
from endpoint.console.sbar_trail import Step, trail
from endpoint.console.texts import Texts
from endpoint.console.vitals import ROWS, shown
from endpoint.console.vitals_chart import SHOWN, chart
from endpoint.parts import Parts

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
AnyRequest = Request[Any, Any, Any]


class Past(Struct, frozen=True):
    """One SBAR of a person: what was asked, what was measured, what came of it."""

    sbar: SbarDocument
    reading: Reading
    by: StaffDocument | None
    score: Score | None
    values: tuple[str, ...]
    trail: tuple[Step, ...]


@get("/persons/{id:str}/sbars")
async def sbars(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    person, unit, until = await one_person.opened(parts.database, reader, id)
    if not one_person.sees(reader, unit, until)[1]:
        raise NotYours(id)
    act = Act.NURSE_INBOX_READ if until is None else Act.PERSON_BEYOND
    await seen(parts, reader, "sbar", act, {id: unit.id})
    found = await _past(parts, reader, person, unit)
    last = found[:SHOWN][::-1]
    scores = [one.score.total if one.score else None for one in last]
    labels = {name: label(name, reader.t) for name in ("news2", *(name for name, _ in ROWS))}
    at = [one.sbar.recorded for one in last if one.sbar.recorded]
    clocks = [(times.short_day(one, reader.t), times.clock(one)) for one in at]
    asked = chart([one.reading for one in last], scores, labels, clocks)
    (drawing,) = await request.app.state.charts.drawn([asked], keep=False)
    return page(
        "sbars.html",
        reader,
        here="persons",
        person=person,
        unit=unit,
        past=found,
        last=last,
        labels=labels,
        open_journal=reader.may(Act.NURSE_INBOX_READ, unit.id),
        scored=any(score is not None for score in scores),
        measured=asked is not None,
        chart=drawing,
    )


async def _past(parts: Parts, reader: Reader, person: PersonDocument, unit: UnitDocument) -> list[Past]:
    """The person's SBARs of the unit, the latest first."""
    found = await documents.of_person(parts.database, SbarDocument, person.id)
    held = [(one.recorded, one) for one in found if one.unit == unit.id and one.recorded]
    held.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    known = (await catalogue(parts.database, [unit.id])).of
    return [_one(one, person, unit, staff, reader, known) for _, one in held]


def _one(
    sbar: SbarDocument,
    person: PersonDocument,
    unit: UnitDocument,
    staff: dict[str, StaffDocument],
    reader: Reader,
    known: Known,
) -> Past:
    t = reader.t
    reading = read(sbar.answers, person.first_name, known)
    scored = unit.settings.news2 == "score"
    urgency = of_answers(reading.questionnaire, reading.answers, scored=scored, scale2=person.scale2)
    return Past(
        sbar=sbar,
        reading=reading,
        by=staff.get(sbar.askers[0]) if sbar.askers else None,
        score=urgency.score,
        values=tuple(_value(reading, link, t) for _, link in ROWS),
        trail=tuple(trail(sbar, staff, t, lambda at: times.dated(at, t))),
    )


def label(name: str, t: Texts) -> str:
    """What a row of the chart and a column of the table is called."""
    if name == "news2":
        return "NEWS2"
    return t("inbox.vital_spo2" if name == "spo2" else f"console.vitals.{name}")


def _value(reading: Reading, link: str, t: Texts) -> str:
    """A value; the oxygen in the blood with whether oxygen was given."""
    found = shown(reading, link, t)
    given = reading.answers.get("a.oxygen")
    if link == "a.spo2" and found and given and given[0] is True:
        return f"{found}, {t('inbox.vital_oxygen').lower()}"
    return found


HANDLERS = [sbars]
