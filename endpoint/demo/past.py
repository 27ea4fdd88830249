"""What was signed before the demo began: a day that is believable at any hour it is opened."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from care.delegation import DelegationDocument
from care.dose import DoseDocument, DoseGiven, DoseWithheld
from care.facts import Ref
from care.order import OrderDocument
from care.rights import CARE
from care.schedule import Planned, planned
from care.signing import MaySign, local_day, right_to_sign
from care.staff import StaffDocument
from endpoint.demo.records import OrderRecord
from endpoint.demo.register import Register

BACK = timedelta(hours=74)
"""How far back colleagues have signed: today and the two days before, whenever the demo starts."""


async def sign_past(
    record: OrderRecord,
    order: OrderDocument,
    unit: str,
    staff: Iterable[StaffDocument],
    delegations: Iterable[DelegationDocument],
    now: datetime,
    register: Register,
) -> None:
    """Sign what colleagues would have signed of one order: every dose whose window has closed."""
    if record.past == "left":
        return
    people, known = list(staff), list(delegations)
    for dose in planned(order, now - BACK, now):
        if dose.closes < now and not await _stands(register, dose):
            await _sign(record, order, dose, unit, people, known, register)


async def _stands(register: Register, dose: Planned) -> bool:
    document = cast(DoseDocument | None, await register.get("dose", dose.id))
    return bool(document and document.signatures)


async def _sign(
    record: OrderRecord,
    order: OrderDocument,
    dose: Planned,
    unit: str,
    staff: list[StaffDocument],
    delegations: list[DelegationDocument],
    register: Register,
) -> None:
    performed = dose.at + timedelta(minutes=_draw(dose, 25) - 5)
    able, unable = _who(dose, unit, performed, staff, delegations)
    by = able[_draw(dose, len(able))]
    aggregate, fact = Ref("dose", dose.id), order.versions[-1].fact
    if record.past == "withheld":
        withheld = DoseWithheld(
            order=order.id, planned=dose.at, performed=performed, reason="declined", order_fact=fact
        )
        await register.state(withheld, aggregate, unit, dose.person, by[0].id, performed)
        return
    given = DoseGiven(
        order=order.id,
        planned=dose.at,
        performed=performed,
        amount=dose.plan.amount,
        order_fact=fact,
        delegation=by[1],
        already_given=record.past == "without",
        value=5 + _draw(dose, 70) / 10 if dose.plan.value else None,
        value_unit=dose.plan.value.unit if dose.plan.value else "",
    )
    authors = [by[0].id]
    if record.past == "without" and unable:
        authors = [unable[_draw(dose, len(unable))].id]
    if record.past == "twice" and len(able) > 1:
        authors.append(able[(_draw(dose, len(able)) + 1) % len(able)][0].id)
    for author in authors:
        await register.state(given, aggregate, unit, dose.person, author, performed)


def _who(
    dose: Planned,
    unit: str,
    at: datetime,
    staff: list[StaffDocument],
    delegations: list[DelegationDocument],
) -> tuple[list[tuple[StaffDocument, str | None]], list[StaffDocument]]:
    """Who of the unit may sign it, and by which delegation (carers first); and carers who may not."""
    here = [one for one in staff if CARE & one.roles_in(unit, local_day(at))]
    able: list[tuple[StaffDocument, str | None]] = []
    unable: list[StaffDocument] = []
    for one in here:
        right = right_to_sign(one, dose.plan, dose.person, unit, at, delegations, {})
        if isinstance(right, MaySign):
            able.append((one, right.delegation))
        else:
            unable.append(one)
    carers = [pair for pair in able if not pair[0].licensed_in(unit, local_day(at))]
    return carers or able, unable


def _draw(dose: Planned, sides: int) -> int:
    """A number that varies from dose to dose and is the same in every run."""
    return UUID(dose.id).int % sides
