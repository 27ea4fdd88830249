"""Signing on paper, when systems are down: the lists to print beforehand, and entering them afterwards."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from msgspec import Struct

from care.amounts import number, number_of
from care.delegation import DelegationDocument
from care.dose import DoseDocument, DoseGiven, DoseWithheld, Reason
from care.errors import ScheduleError
from care.facts import Ref
from care.ids import stock_id
from care.ledger import month_of, name_of, taken
from care.order import Narcotic, OrderDocument, Plan
from care.order_state import state
from care.overview import Cell, cells
from care.person import PersonDocument
from care.rights import CARE
from care.schedule import DAY, Planned, local, planned
from care.signing import MaySign, Used, local_day, right_to_sign
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.overview import Line, Span, lines
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent
from endpoint.database import Database
from endpoint.statements import Statement

Done = Literal["given", "partly_given", "sent_along"]
DONE: tuple[Done, ...] = get_args(Done)
OUTCOMES = (*DONE, "withheld")
REASONS: tuple[Reason, ...] = get_args(Reason)
ENTERED = ("outcome", "time", "by", "reason", "amount", "used", "wasted", "value", "note")
MOST = 500
BACK_DAYS = 31
"""(p) So far back a paper may be entered."""


class Sheet(Struct, frozen=True):
    """One person's signing list: a line for each time of each order, and what is given as needed."""

    person: PersonDocument
    unit: UnitDocument
    lines: list[Line]
    needed: list[Plan]


async def sheets(
    database: Database, unit: UnitDocument, persons: Sequence[PersonDocument], span: Span, now: datetime
) -> list[Sheet]:
    """The lists of some persons over a span, as the orders are now; those without any order are left out."""
    orders = await documents.of_unit(database, OrderDocument, unit.id)
    made = []
    for person in persons:
        own = [one for one in orders if one.person == person.id and one.plan]
        due = [dose for order in own for dose in _planned(order, span)]
        going = [one for one in own if state(one, now) in ("active", "paused")]
        needed = [one.plan for one in going if one.plan and one.plan.as_needed]
        if due or needed:
            rows = lines(cells(due, {}, now))
            made.append(Sheet(person, unit, rows, sorted(needed, key=lambda plan: plan.what)))
    return made


def _planned(order: OrderDocument, span: Span) -> list[Planned]:
    try:
        return planned(order, span.start, span.end)
    except ScheduleError:
        return []


class Entry(Struct, frozen=True):
    """One dose that is not signed yet: what was typed of it so far."""

    cell: Cell
    outcome: str = ""
    time: str = ""
    by: str = ""
    reason: str = ""
    used: str = ""
    """Of a narcotic: how many were given, as its ledger counts; empty: the whole dose."""
    wasted: str = ""
    amount: str = ""
    """How much, of what was given in part."""
    value: str = ""
    """What was measured, where the order asks for it."""
    note: str = ""
    fault: str = ""


async def unsigned(database: Database, person: PersonDocument, day: date, now: datetime) -> list[Cell]:
    """The person's doses of a local date that nobody has signed and whose time has come, by time."""
    start, end = local(day, "00:00"), min(local(day + DAY, "00:00"), now)
    due: list[Planned] = []
    for order in await documents.of_person(database, OrderDocument, person.id):
        try:
            due += planned(order, start, end)
        except ScheduleError:
            continue
    ids = [dose.id for dose in due]
    signed = await database.read(lambda connection: documents.some(connection, DoseDocument, ids))
    found = cells(due, {one.id: one for one in signed}, now)
    return sorted((one for one in found if not one.signatures), key=lambda one: (one.dose.at, one.dose.id))


async def signers(database: Database, unit: str, day: date) -> list[StaffDocument]:
    """Who may have signed on paper that day: everybody who gives care in the unit, by name."""
    found = await documents.of_kind(database, StaffDocument)
    return sorted((one for one in found if CARE & one.roles_in(unit, day)), key=lambda one: one.name)


def read(found: Sequence[Cell], given: Sent, staff: Sequence[StaffDocument], now: datetime) -> list[Entry]:
    """What was typed of each dose, with what is wrong with it (a key of the texts)."""
    known = {one.id for one in staff}
    return [_entry(cell, given, known, now) for cell in found]


def _entry(cell: Cell, given: Sent, staff: set[str], now: datetime) -> Entry:
    typed = {name: given(f"{name}.{cell.dose.id}")[:MOST].strip() for name in ENTERED}
    entry = Entry(cell, **typed)
    if not entry.outcome:
        return entry
    if entry.outcome not in OUTCOMES:
        return Entry(cell, **typed, fault="paper.fault.outcome")
    if entry.by not in staff:
        return Entry(cell, **typed, fault="paper.fault.by")
    at = performed(entry)
    if at is None or at > now:
        return Entry(cell, **typed, fault="paper.fault.time")
    if entry.outcome == "withheld" and entry.reason not in REASONS:
        return Entry(cell, **typed, fault="paper.fault.reason")
    if entry.outcome != "withheld" and drew(entry) is None:
        return Entry(cell, **typed, fault="paper.fault.drew")
    if entry.outcome == "partly_given" and not _amount(entry):
        return Entry(cell, **typed, fault="paper.fault.amount")
    if entry.value and number_of(entry.value) is None:
        return Entry(cell, **typed, fault="paper.fault.value")
    return entry


def drew(entry: Entry) -> tuple[float, float] | None:
    """How much of a narcotic was given and how much discarded; None: it cannot be read, or a part is said
    to have been given and not how much."""
    drug = entry.cell.dose.plan.narcotic
    if drug is None:
        return 0.0, 0.0
    whole = drug.per_dose if entry.outcome != "partly_given" else None
    used = number_of(entry.used) if entry.used else whole
    wasted = number_of(entry.wasted) if entry.wasted else 0.0
    return None if not used or wasted is None else (used, wasted)


def performed(entry: Entry) -> datetime | None:
    """When it was done: the local time that was typed, as near as can be to the planned one."""
    dose = entry.cell.dose
    try:
        around = [local(dose.day + timedelta(days=number), entry.time) for number in (-1, 0, 1)]
    except ScheduleError:
        return None
    return min(around, key=lambda at: abs(at - dose.at))


def statements(
    entries: Sequence[Entry],
    unit: str,
    staff: Sequence[StaffDocument],
    delegations: Sequence[DelegationDocument],
    used: Used,
) -> list[Statement]:
    """What was entered, as facts of whoever enters it, naming who did it and the delegation they had then."""
    known = {one.id: one for one in staff}
    said = []
    for one in entries:
        at = performed(one) if one.outcome else None
        if at is not None:
            body = _body(one, at, known[one.by], unit, delegations, used)
            said.append(Statement(body, Ref("dose", one.cell.dose.id), unit, one.cell.dose.person))
            said += _drawn(one, at, unit)
    return said


def _drawn(entry: Entry, at: datetime, unit: str) -> list[Statement]:
    """What a narcotic took from its ledger: the paper's ledger is entered with the paper's signature."""
    dose, amounts = entry.cell.dose, drew(entry)
    drug = dose.plan.narcotic
    if drug is None or amounts is None or entry.outcome == "withheld":
        return []
    return from_ledger(drug, at, dose.id, dose.person, unit, *amounts)


def from_ledger(
    drug: Narcotic, at: datetime, dose: str, person: str, unit: str, given: float, wasted: float = 0.0
) -> list[Statement]:
    """What a dose took from the month's ledger of a narcotic, in what that ledger counts."""
    ledger = Ref("stock", stock_id(person, name_of(drug.preparation), month_of(at)))
    return [Statement(body, ledger, unit, person) for body in taken(drug, at, dose, given, wasted)]


def _amount(entry: Entry) -> str:
    """As the order says; of what was given in part how much, of a narcotic as its ledger counts."""
    plan, amounts = entry.cell.dose.plan, drew(entry)
    if entry.outcome != "partly_given":
        return plan.amount
    if plan.narcotic is None or amounts is None:
        return entry.amount
    return f"{number(amounts[0])} {plan.narcotic.unit}"


def _body(
    entry: Entry,
    at: datetime,
    by: StaffDocument,
    unit: str,
    delegations: Sequence[DelegationDocument],
    used: Used,
) -> DoseGiven | DoseWithheld:
    dose = entry.cell.dose
    reason = next((one for one in REASONS if one == entry.reason), None)
    if entry.outcome == "withheld" and reason is not None:
        return DoseWithheld(
            order=dose.order,
            planned=dose.at,
            performed=at,
            reason=reason,
            order_fact=dose.version,
            performer=by.id,
            note=entry.note,
        )
    right = right_to_sign(by, dose.plan, dose.person, unit, at, delegations, used)
    delegation = right.delegation if isinstance(right, MaySign) else None
    outcome: Done = next((one for one in DONE if one == entry.outcome), "given")
    asked = dose.plan.value
    return DoseGiven(
        order=dose.order,
        planned=dose.at,
        performed=at,
        amount=_amount(entry),
        outcome=outcome,
        order_fact=dose.version,
        delegation=delegation,
        value=number_of(entry.value) if asked and entry.value else None,
        value_unit=asked.unit if asked and entry.value else "",
        performer=by.id,
        note=entry.note,
    )


def day_of(text: str, reader: Reader) -> date:
    """Which day's paper is entered: today when nothing else can be read; never a day that is to come."""
    today = local_day(reader.now)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return min(max(day, today - timedelta(days=BACK_DAYS)), today)
