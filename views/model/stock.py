"""The narcotics ledger on the phone: what a dose takes from it, and what is entered by hand."""

from dataclasses import dataclass
from datetime import datetime

from care.dose import Signature
from care.facts import Body, Fact, Ref
from care.ids import stock_id
from care.ledger import CheckState, Ledger, checks, ledger, ledgers, month_of, name_of, taken
from care.order import Narcotic, OrderDocument, Plan
from care.person import PersonDocument
from care.signing import local_day
from care.stock import (
    StockAdjusted,
    StockCorrected,
    StockCounted,
    StockDocument,
    StockReceived,
    StockWasted,
    Waste,
)
from storage import Statement
from views.model import reading
from views.model.shift import Shift


def kept(shift: Shift) -> list[tuple[PersonDocument, Narcotic, Ledger]]:
    """Every ledger of the unit: those begun, and those that an order in force will need. By room."""
    documents = [one for one in reading.all_of(shift, StockDocument) if one.unit == shift.me.unit]
    begun = {(one.person, name_of(one.preparation)): one for one in ledgers(documents)}
    found = {key: Narcotic(one.preparation, one.counted_in) for key, one in begun.items()}
    for order in reading.all_of(shift, OrderDocument):
        drug = order.plan.narcotic if order.plan and order.unit == shift.me.unit else None
        if drug and order.person and not order.stopped:
            found[order.person, name_of(drug.preparation)] = drug
    empty = Ledger("", "", "", ())
    return [
        (person, found[key], begun.get(key, empty))
        for person in reading.persons(shift)
        for key in sorted(found)
        if key[0] == person.id
    ]


def due_of(shift: Shift, of: Ledger) -> CheckState:
    """Whether the count of this period is done or due, or the one before it was missed as well: late."""
    unit = reading.unit(shift)
    every = unit.settings.narcotic_check_months if unit else 1
    found = checks(of, every, local_day(shift.phone.now()))
    if not found or found[-1].state == "done":
        return found[-1].state if found else "due"
    return "late" if len(found) > 1 and found[-2].state == "late" else "due"


def of(shift: Shift, person: str, preparation: str) -> Ledger:
    """One ledger, as it is known here."""
    wanted = name_of(preparation)
    months = reading.about(shift, StockDocument, person)
    return ledger(one for one in months if name_of(one.preparation) == wanted)


def about(person: str, preparation: str, at: datetime) -> Ref:
    return Ref("stock", stock_id(person, name_of(preparation), month_of(at)))


@dataclass(frozen=True)
class Part:
    """What was taken of a dose that was given in part, in what the ledger counts."""

    given: float
    broken: bool
    """Whether the rest cannot be kept and is discarded; otherwise it was never taken out."""


def used(
    shift: Shift, plan: Plan, person: str, at: datetime, dose: str, part: Part | None = None
) -> list[Statement]:
    """What signing a narcotic takes from its ledger, of a part that alone and the rest as waste; nothing of
    other tasks."""
    drug = plan.narcotic
    if drug is None:
        return []
    given = part.given if part else drug.per_dose
    rest = drug.per_dose - given if part and part.broken else 0.0
    bodies = taken(drug, at, dose, given, rest)
    ledger = about(person, drug.preparation, at)
    return [Statement(body, ledger, shift.me.unit, person) for body in bodies]


def put_back(shift: Shift, person: str, dose: str, signature: Signature | None) -> list[Statement]:
    """Takes back what a signature took from the ledger, all of it and nothing else: what was stated of the
    dose in the same moment, by the same person on the same phone."""
    if signature is None:
        return []
    made = (signature.author, signature.device, signature.stated)
    return [
        Statement(StockCorrected(corrects=entry.fact), Ref("stock", document.id), shift.me.unit, person)
        for document in reading.about(shift, StockDocument, person)
        for entry in document.entries
        if entry.dose == dose
        and (entry.author, entry.device, entry.stated) == made
        and entry.withdrawn is None
    ]


def drug_of(shift: Shift, person: str, preparation: str) -> Narcotic:
    """What is counted in it, as the ledger or the order says."""
    wanted = name_of(preparation)
    for whom, drug, _ in kept(shift):
        if whom.id == person and name_of(drug.preparation) == wanted:
            return drug
    return Narcotic(preparation, of(shift, person, preparation).counted_in)


async def _enter(shift: Shift, person: str, preparation: str, at: datetime, body: Body) -> Fact:
    return (await shift.save(Statement(body, about(person, preparation, at), shift.me.unit, person)))[0]


async def receive(shift: Shift, person: str, drug: Narcotic, amount: float) -> Fact:
    at = shift.phone.now()
    body = StockReceived(
        preparation=drug.preparation, unit=drug.unit, month=month_of(at), at=at, amount=amount
    )
    return await _enter(shift, person, drug.preparation, at, body)


async def waste(shift: Shift, person: str, drug: Narcotic, amount: float, reason: Waste) -> Fact:
    at = shift.phone.now()
    body = StockWasted(
        preparation=drug.preparation, unit=drug.unit, month=month_of(at), at=at, amount=amount, reason=reason
    )
    return await _enter(shift, person, drug.preparation, at, body)


async def count(shift: Shift, person: str, drug: Narcotic, counted: float) -> Fact:
    at = shift.phone.now()
    body = StockCounted(
        preparation=drug.preparation,
        unit=drug.unit,
        month=month_of(at),
        at=at,
        counted=counted,
        expected=of(shift, person, drug.preparation).balance,
    )
    return await _enter(shift, person, drug.preparation, at, body)


async def adjust(shift: Shift, person: str, drug: Narcotic, change: float, reason: str, count: str) -> Fact:
    at = shift.phone.now()
    body = StockAdjusted(
        preparation=drug.preparation,
        unit=drug.unit,
        month=month_of(at),
        at=at,
        change=change,
        reason=reason,
        count=count,
    )
    return await _enter(shift, person, drug.preparation, at, body)
