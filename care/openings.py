"""Openings of medicine cabinets held against the doses around them: neither proves anything alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from care.as_needed import plan_at
from care.cabinet import CabinetDocument
from care.dose import Signature
from care.order import Form, OrderDocument, Plan
from care.overview import Cell
from care.prn import PrnDocument

BEFORE, AFTER = timedelta(minutes=45), timedelta(minutes=15)
"""(p) A dose is taken out of a cabinet at most so long before it is given, and signed at most so long before
the cabinet is opened for it: clocks of locks are not exact."""
FROM_CABINETS: frozenset[Form] = frozenset(
    {"pouch", "tablet", "injection", "drops", "inhalation", "liquid", "plaster"}
)


class Given(Struct, frozen=True):
    """A dose that was given, planned or as needed, and its signature."""

    person: str
    plan: Plan
    signature: Signature


def given_of(
    cells: Iterable[Cell], needed: Iterable[PrnDocument], orders: Mapping[str, OrderDocument]
) -> list[Given]:
    """What was given of some planned doses, and as needed."""
    found = [
        Given(cell.dose.person, cell.dose.plan, one)
        for cell in cells
        for one in cell.signatures
        if one.outcome != "withheld"
    ]
    for document in needed:
        order = orders.get(document.order)
        for one in document.done:
            plan = (plan_at(order, one.performed) or order.plan) if order else None
            if plan and document.person:
                found.append(Given(document.person, plan, one))
    return found


class Opening(Struct, frozen=True):
    """One opening, and the doses around it: given to its person, or to anybody when it is nobody's own."""

    document: CabinetDocument
    at: datetime
    doses: tuple[Given, ...]


class Held(Struct, frozen=True):
    openings: list[Opening]
    """By time, the latest first."""
    without_opening: list[Given]
    """Given to somebody who has a cabinet that reports, and no cabinet was opened around it."""

    def within(self, start: datetime, end: datetime) -> "Held":
        """Those of a stretch of time, each still beside what lies just outside of it."""
        return Held(
            [one for one in self.openings if start <= one.at < end],
            [one for one in self.without_opening if start <= one.signature.performed < end],
        )

    @property
    def without_dose(self) -> list[Opening]:
        return [one for one in self.openings if not one.doses]


def held_against(cabinets: Iterable[CabinetDocument], given: Sequence[Given]) -> Held:
    """Openings and doses of a unit over some time, each beside the other."""
    known = [(one, one.at) for one in cabinets if one.at is not None]
    medicines = [one for one in given if one.plan.form in FROM_CABINETS]
    openings = [
        Opening(one, at, tuple(dose for dose in medicines if _around(one, at, dose))) for one, at in known
    ]
    matched = {dose.signature.fact for one in openings for dose in one.doses}
    persons = {one.person for one, _ in known if one.person}
    without = [one for one in medicines if one.person in persons and one.signature.fact not in matched]
    return Held(
        openings=sorted(openings, key=lambda one: (one.at, one.document.id), reverse=True),
        without_opening=sorted(without, key=lambda one: one.signature.performed, reverse=True),
    )


def _around(cabinet: CabinetDocument, at: datetime, given: Given) -> bool:
    if cabinet.person and cabinet.person != given.person:
        return False
    return -AFTER <= given.signature.performed - at <= BEFORE
