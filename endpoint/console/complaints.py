"""Klagomål och synpunkter: those that are the reader's to handle, and what is said of one."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import get_args

import msgspec
from msgspec import Raw, Struct

from care.case_due import Due, due_in_complaint
from care.complaint import ComplaintDocument, ComplaintReceived, Kind, Sender, sides_about
from care.complaint_case import ComplaintAcknowledged, ComplaintAnswered, ComplaintClosed, Way
from care.deviation import ReportDocument, ReportStatus, Step
from care.facts import Body, Ref
from care.forms import Answers, Coding, to_response
from care.ids import uuid7
from care.person import PersonDocument
from care.published import Answered
from care.rights import Act
from care.signing import local_day
from care.small_numbers import LEAST
from care.staff import StaffDocument
from care.streams import readers_of, streams_of
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console import case_said
from endpoint.console.answers import Reading, forms, read
from endpoint.console.case import left_of_complaint
from endpoint.console.case_said import SHAPES, Asked, day_of
from endpoint.console.errors import NoSuchPage, NotFilledIn, NotYours
from endpoint.console.figures_table import Row, Table, Value
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.reader import Reader
from endpoint.console.texts import Texts
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state, state_all

FORM = "https://rapp.example/fhir/Questionnaire/complaint"
WAYS: tuple[Way, ...] = get_args(Way)


class Shown(Struct, frozen=True):
    """A complaint as it is shown. `told` is what whoever took it down has been told of it."""

    case: ComplaintDocument
    unit: UnitDocument
    person: PersonDocument | None
    reporter: StaffDocument | None
    reading: Reading
    told: ReportDocument | None
    due: list[Due]

    @property
    def next(self) -> Due | None:
        return self.due[0] if self.due else None

    @property
    def what(self) -> str:
        """What was said, in their own words."""
        return self.reading.text("complaint.what")


async def shown(database: Database, reader: Reader) -> list[Shown]:
    """The complaints that the reader may see: what is overdue first, those that are closed last."""
    found: list[Shown] = []
    mine = reader.streams()
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    known = (await catalogue(database, [unit.id for unit in reader.units])).of
    for unit in reader.units_for(Act.COMPLAINT_HANDLE):
        persons = {one.id: one for one in await documents.of_unit(database, PersonDocument, unit.id)}
        told = {one.id: one for one in await documents.of_unit(database, ReportDocument, unit.id)}
        for case in await documents.of_unit(database, ComplaintDocument, unit.id):
            if case.answers and not streams_of(case).isdisjoint(mine):
                person = persons.get(case.person or "")
                reading = read(case.answers, person.first_name if person else "", known)
                found.append(
                    Shown(
                        case=case,
                        unit=unit,
                        person=person,
                        reporter=staff.get(case.reporter),
                        reading=reading,
                        told=told.get(case.id),
                        due=due_in_complaint(case),
                    )
                )
    return sorted(
        found,
        key=lambda one: (
            one.case.handling.closed is not None,
            one.next.day if one.next else date.max,
            one.case.id,
        ),
    )


class Counted(Struct, frozen=True):
    """The complaints of a kind in a year: how many, and how those that want an answer have had it."""

    kind: Kind
    count: int
    in_time: int
    late: int
    waiting: int


def counted(found: Sequence[Shown], first: date, last: date) -> list[Counted]:
    """By kind, of those that were taken down from one day to and including another."""
    cases = [one.case for one in found if one.case.reported and first <= local_day(one.case.reported) <= last]
    return [counted_of(kind, [case for case in cases if case.what == kind]) for kind in _KINDS]


def table(found: Sequence[Shown], first: date, last: date, t: Texts) -> Table:
    """The complaints of a period for a document that is handed out: no small number, nor what tells one."""
    rows = []
    for one in counted(found, first, last):
        wanted = one.in_time + one.late + one.waiting
        parts = (one.in_time, one.late, one.waiting)
        few = any(0 < part < LEAST for part in (*parts, one.count, one.count - wanted))
        told: tuple[Value, ...] = (None,) * 3 if few else parts
        count: Value = None if 0 < one.count < LEAST else one.count
        rows.append(Row(t(f"complaints.kind.{one.kind}"), (count, *told)))
    heads = ("head", "count", "in_time", "late", "open")
    return Table(
        "complaints",
        t("complaints.counted"),
        tuple(t(f"complaints.figures_{one}") for one in heads),
        tuple(rows) if any(row.values[0] != 0 for row in rows) else (),
        "bars",
        series=1,
    )


def counted_of(kind: Kind, cases: Sequence[ComplaintDocument]) -> Counted:
    wanted = [case for case in cases if case.reply_to]
    first = [min((one.on for one in case.answered), default=None) for case in wanted]
    by = [local_day(case.answer_by) if case.answer_by else None for case in wanted]
    in_time = sum(bool(on and until and on <= until) for on, until in zip(first, by, strict=True))
    answered = sum(on is not None for on in first)
    return Counted(kind, len(cases), in_time, answered - in_time, len(wanted) - answered)


Reads = Callable[[Asked, ComplaintDocument], Body | None]


def acknowledge(asked: Asked, case: ComplaintDocument) -> Body | None:
    way, on = _reached(asked)
    return ComplaintAcknowledged(way=way, on=on, text=asked.sent.text("text"))


def answer(asked: Asked, case: ComplaintDocument) -> Body | None:
    way, on = _reached(asked)
    text = asked.sent.text("text")
    if not text:
        raise NotFilledIn("handling.wrong.text")
    return ComplaintAnswered(way=way, on=on, text=text)


def close(asked: Asked, case: ComplaintDocument) -> Body | None:
    if case.handling.closed:
        return None
    if left := left_of_complaint(case):
        raise NotFilledIn(f"handling.left.{left[0]}")
    text = asked.sent.text("tell")
    if not text:
        raise NotFilledIn("handling.wrong.tell")
    return ComplaintClosed(text=text)


OWN: Mapping[str, Reads] = {"acknowledge": acknowledge, "answer": answer, "close": close}
SAYINGS = (*OWN, *(name for name in case_said.HANDLING if name not in ("link", "unlink", "follow-up")))
STEP_OF: dict[str, Step] = {
    "acknowledge": "received",
    "begin": "investigated",
    "investigation": "investigated",
    "action": "action",
    "close": "closed",
}
"""The step that whoever took it down is told of."""


async def say(
    parts: Parts, reader: Reader, id: str, saying: str, asked: Callable[[ComplaintDocument], Asked]
) -> None:
    """Say one thing of a complaint. Raises NoSuchPage, NotYours or NotFilledIn."""
    case = await documents.get(parts.database, ComplaintDocument, id)
    if case is None or case.answers is None:
        raise NoSuchPage(id)
    if not reader.may_see(case):
        raise NotYours(id)
    form, own = asked(case), OWN.get(saying)
    body = own(form, case) if own else case_said.HANDLING[saying](form, SHAPES["complaint"])
    if body is None:
        return
    said = [Statement(body, Ref("complaint", id), case.unit, case.person)]
    told = await documents.get(parts.database, ReportDocument, id)
    known = {step.step for step in told.steps} if told else set()
    step, words = STEP_OF.get(saying), form.sent.text("tell")
    if step and case.reporter and (step not in known or words):
        status = ReportStatus(reporter=case.reporter, step=step, text=words, readers=readers_of(case))
        said.append(Statement(status, Ref("report", id), case.unit, case.person))
    await state_all(parts.database, parts.keys, said, reader.staff.id)


async def register(parts: Parts, reader: Reader, unit: str, answers: Answers) -> str:
    """Take a complaint down on the console, in the form that phones have. Gives its id."""
    form = forms()[FORM]
    response = to_response(form, answers, reader.now.isoformat())
    kind, sender, about = (_code(answers, f"complaint.{name}") for name in ("kind", "from", "about"))
    body = ComplaintReceived(
        kind=next(one for one in _KINDS if one == kind),
        answers=Answered(form.url, form.version, Raw(msgspec.json.encode(response))),
        sides=sides_about(about),
        sender=next((one for one in _SENDERS if one == sender), ""),
        reply_to=str(next(iter(answers.get("complaint.reply.to", [])), "")),
    )
    id = uuid7(time.time_ns() // 1_000_000, os.urandom(10))
    await state(parts.database, parts.keys, Statement(body, Ref("complaint", id), unit), reader.staff.id)
    return id


_KINDS: tuple[Kind, ...] = get_args(Kind)
_SENDERS: tuple[Sender, ...] = get_args(Sender)


def _code(answers: Answers, link_id: str) -> str:
    value = next(iter(answers.get(link_id, [])), None)
    return value.code if isinstance(value, Coding) else ""


def _reached(asked: Asked) -> tuple[Way, date]:
    way = next((one for one in WAYS if one == asked.sent("way")), None)
    on = day_of(asked.sent("on"))
    if way is None:
        raise NotFilledIn("handling.wrong.way")
    if on is None or on > asked.today:
        raise NotFilledIn("handling.wrong.done")
    return way, on
