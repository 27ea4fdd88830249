"""The nurse's inbox and the carer's case: what waits, what was answered, and the acts that close the loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from care.deviation import DeviationDocument, DeviationReceived, ReportStatus
from care.documents import Document
from care.facts import Body, Ref
from care.person import PersonDocument
from care.rights import Act, may
from care.sbar import (
    Outcome,
    SbarAcknowledged,
    SbarAnswered,
    SbarCalled,
    SbarClosed,
    SbarDocument,
    SbarFollowedUp,
    SbarReadBack,
    State,
    orders_of,
)
from care.staff import StaffDocument
from care.streams import readers_of
from care.unanswered import STEPS, Stage, instead, stage
from care.unit import OnCall, UnitDocument
from care.urgency import Urgency, of_answers, of_deviation, order, state_of
from storage import Statement
from views.model import reading
from views.model.answers_read import Reading, read
from views.model.shift import Shift

KEPT = timedelta(hours=24)
"""How long a case whose loop is closed stays in the inbox."""
DONE: tuple[State, ...] = ("read_back", "closed")
CHECK_KEPT = timedelta(hours=12)
"""How long a check that nobody has recorded stays due; as an unsigned dose on Idag."""


@dataclass(frozen=True)
class Case:
    """One row of the inbox: an SBAR, or a deviation with an answer that calls for the nurse."""

    document: SbarDocument | DeviationDocument
    person: PersonDocument | None
    reading: Reading
    urgency: Urgency
    state: State
    since: datetime
    fall: DeviationDocument | None = None
    """The deviation that an SBAR was filled from, where it is a danger of its own."""

    @property
    def is_sbar(self) -> bool:
        return isinstance(self.document, SbarDocument)


@dataclass(frozen=True)
class Check:
    """A new check that was ordered and repeated: at what time, of whom, and in which case."""

    sbar: str
    person: PersonDocument | None
    at: datetime


# -- what there is


def may_do(shift: Shift, act: Act, unit: str = "") -> bool:
    """Whether whoever has the phone may do an act in a unit (the phone's own, when none is named)."""
    me = reading.me(shift)
    if me is None:
        return False
    day, unit = shift.phone.now().date(), unit or shift.me.unit
    providers = reading.providers(shift, unit)
    same = [one for one, provider in providers.items() if provider == providers.get(unit)]
    return may(act, me.roles_in(unit, day), me.roles_among({unit, *same}, day))


def inbox(shift: Shift) -> list[Case]:
    """What waits for the nurse, most urgent first; what is done is kept for a day."""
    sbars = [one for one in reading.all_of(shift, SbarDocument) if may_do(shift, Act.SBAR_ANSWER, one.unit)]
    dangers = [one for one in reading.all_of(shift, DeviationDocument) if one.danger]
    dangers = [one for one in dangers if may_do(shift, Act.NURSE_INBOX_READ, one.unit)]
    taken_over = {one.prompted_by for one in sbars}
    dangers = [one for one in dangers if one.id not in taken_over]
    now = shift.phone.now()
    # Reading a form takes time, and most of what is held is long done.
    seen = [one for one in (*sbars, *dangers) if state_of(one) not in DONE or _recent(one, now)]
    cases = [case_of(shift, one) for one in seen]
    return sorted(cases, key=lambda case: order(case.urgency, case.state, case.since, case.document.id))


def waiting(shift: Shift) -> int:
    """How many in the inbox the nurse has not yet answered, or read."""
    return sum(case.state in ("waiting", "acknowledged") for case in inbox(shift))


def case_of(shift: Shift, document: SbarDocument | DeviationDocument) -> Case:
    person = reading.person(shift, document.person)
    found = read(shift, document.answers, person.first_name if person else "")
    fall = None
    if isinstance(document, SbarDocument):
        unit = reading.one(shift, UnitDocument, document.unit)
        scored = unit is not None and unit.settings.news2 == "score"
        scale2 = person is not None and person.scale2
        urgency = of_answers(found.form, found.answers, scored=scored, scale2=scale2)
        since = document.recorded
        fall = reading.one(shift, DeviationDocument, document.prompted_by)
        if fall is not None:
            urgency = urgency.beside(of_deviation(fall))
    else:
        urgency, since = of_deviation(document), document.reported
    at = since or document.created or shift.phone.now()
    return Case(document, person, found, urgency, state_of(document), at, fall)


def stage_of(shift: Shift, case: Case) -> Stage:
    """How long an SBAR has stood unread, in stages; known without a network too."""
    unit = reading.one(shift, UnitDocument, case.document.unit)
    if unit is None or not isinstance(case.document, SbarDocument):
        return "none"
    return stage(case.document, unit.settings, case.urgency.danger, shift.phone.now())


def to_call(shift: Shift, case: Case) -> OnCall | None:
    """Who is to be called instead of the nurse by now; None: nobody else yet, or nobody is set."""
    unit = reading.one(shift, UnitDocument, case.document.unit)
    found = stage_of(shift, case)
    if unit is None or found not in STEPS:
        return None
    staff = reading.all_of(shift, StaffDocument)
    return instead(unit, staff, STEPS.index(found) + 1, shift.phone.now())


def earlier(shift: Shift, case: Case) -> Case | None:
    """The same person's SBAR before this one, for the values before."""
    person = case.document.person
    known = reading.about(shift, SbarDocument, person) if person else []
    found = [one for one in known if one.recorded and one.recorded < case.since]
    return case_of(shift, max(found, key=lambda one: (one.recorded, one.id))) if found else None


def of_person(shift: Shift, person: str) -> list[Case]:
    """The SBARs about somebody that the phone holds, the latest first."""
    found = [case_of(shift, one) for one in reading.all_of(shift, SbarDocument) if one.person == person]
    return sorted(found, key=lambda case: (case.since, case.document.id), reverse=True)


def staff_of(shift: Shift, id: str) -> StaffDocument | None:
    return reading.one(shift, StaffDocument, id)


def nurses(shift: Shift) -> list[StaffDocument]:
    """Those who answer SBARs in the unit today, by name."""
    day = shift.phone.now().date()
    unit = shift.me.unit
    found = [
        one
        for one in reading.all_of(shift, StaffDocument)
        if may(Act.SBAR_ANSWER, one.roles_in(unit, day), frozenset())
    ]
    return sorted(found, key=lambda one: one.name)


def checks_due(shift: Shift) -> list[Check]:
    """New checks that whoever has the phone has repeated and that nobody has recorded yet, soonest first.

    A check is done when a later SBAR about the same person has been recorded, when it was said how it
    went, or when the case is closed.
    """
    known = reading.all_of(shift, SbarDocument)
    now = shift.phone.now()
    found = []
    for case in known:
        said = case.read_back
        if case.state != "read_back" or said is None or said.check_again is None:
            continue
        mine = shift.me.staff in (*case.askers, said.by)
        later = any(one.person == case.person and one.recorded and one.recorded > said.at for one in known)
        later = (bool(case.person) and later) or any(one.at >= said.at for one in case.follow_ups)
        if mine and not later and now < said.check_again + CHECK_KEPT:
            found.append(Check(case.id, reading.person(shift, case.person), said.check_again))
    return sorted(found, key=lambda check: (check.at, check.sbar))


# -- what is done


async def acknowledge(shift: Shift, document: SbarDocument) -> None:
    """The nurse has it before her and takes it. Said once."""
    if not document.acknowledged:
        await shift.save(_about(document, SbarAcknowledged()))


async def answer(
    shift: Shift,
    document: SbarDocument,
    orders: Sequence[str],
    text: str,
    check_again: datetime | None,
    draft: str | None = None,
) -> None:
    """The nurse says what she wants done. `draft` is what it was written in."""
    said = SbarAnswered(orders=tuple(orders_of(orders)), text=text.strip(), check_again=check_again)
    await shift.save(_about(document, said), draft=draft)


async def read_back(
    shift: Shift,
    document: SbarDocument,
    nurse: str,
    orders: Sequence[str],
    text: str,
    check_again: datetime | None,
    draft: str | None = None,
    done_by: datetime | None = None,
) -> None:
    """The carer has repeated the orders, and the nurse has said yes."""
    said = SbarReadBack(
        nurse=nurse,
        orders=tuple(orders_of(orders)),
        text=text.strip(),
        check_again=check_again,
        done_by=done_by,
    )
    await shift.save(_about(document, said), draft=draft)


async def called(shift: Shift, document: SbarDocument, to: OnCall) -> None:
    """The call button of a case was pressed."""
    await shift.save(_about(document, SbarCalled(to=to.name, number=to.phone)))


async def follow_up(shift: Shift, document: SbarDocument, outcome: Outcome) -> None:
    """How the person is, once what was ordered has been done."""
    await shift.save(_about(document, SbarFollowedUp(outcome=outcome)))


async def close(shift: Shift, document: SbarDocument, outcome: str, draft: str | None = None) -> None:
    """The nurse is done with the case; how it went is said with it, where she knows."""
    if document.closed:
        return
    after = [_about(document, SbarFollowedUp(outcome=outcome))] if outcome else []
    await shift.save(*after, _about(document, SbarClosed()), draft=draft)


async def receive(shift: Shift, document: DeviationDocument) -> None:
    """The nurse has read a deviation. Whoever reported it is told, once."""
    said = [_about(document, DeviationReceived())]
    if document.reporter and not document.received:
        told = ReportStatus(reporter=document.reporter, step="received", readers=readers_of(document))
        said.append(Statement(told, Ref("report", document.id), document.unit, document.person))
    await shift.save(*said)


def _about(document: Document, body: Body) -> Statement:
    return Statement(body, Ref(document.kind, document.id), document.unit, document.person)


def _recent(document: Document, now: datetime) -> bool:
    return document.changed is None or document.changed > now - KEPT
