"""A narcotics ledger that began before the demo: a delivery, and two givings by two with how they helped."""

from datetime import datetime, timedelta
from typing import cast

from care.facts import Ref
from care.ids import stock_id
from care.ledger import month_of, name_of, taken
from care.order import OrderDocument, Plan
from care.prn import PrnDocument, PrnEffect, PrnGiven, PrnWitnessed
from care.stock import StockReceived
from endpoint.demo import names
from endpoint.demo.register import Register

RECEIVED = timedelta(days=30)
"""So long ago the pharmacy delivered: the month before, whenever the demo starts."""
AMOUNT = 20.0
GIVEN = (timedelta(hours=51), timedelta(hours=27))
"""More than a day ago: it may be given now."""
BY, WITNESS, NURSE = "amina-yusuf", "lena-backlund", "karin-strom"


async def load(register: Register, key: str, order: OrderDocument, unit: str, now: datetime) -> None:
    """The ledger of one order of narcotics as needed; written once."""
    plan = order.plan
    first = names.quality_id("prn", f"{key}/0")
    if plan is None or plan.narcotic is None or plan.as_needed is None or order.person is None:
        return
    if await register.get("prn", first) is not None:
        return
    at, drug = now - RECEIVED, plan.narcotic
    body = StockReceived(
        preparation=drug.preparation, unit=drug.unit, month=month_of(at), at=at, amount=AMOUNT
    )
    ledger = _ledger(order.person, drug.preparation, at)
    await register.state(body, ledger, unit, order.person, names.staff_id(NURSE), at)
    for number, ago in enumerate(GIVEN):
        about = Ref("prn", names.quality_id("prn", f"{key}/{number}"))
        await _given(register, about, order, plan, order.person, unit, now - ago)


async def _given(
    register: Register, about: Ref, order: OrderDocument, plan: Plan, person: str, unit: str, at: datetime
) -> None:
    assert plan.as_needed is not None
    assert plan.narcotic is not None
    by, drug = names.staff_id(BY), plan.narcotic
    given = PrnGiven(
        order=order.id,
        performed=at,
        amount=plan.amount,
        quantity=plan.as_needed.dose,
        unit=plan.as_needed.unit,
        order_fact=order.versions[-1].fact,
        need=7,
        known=at,
        delegation=names.delegation_id("amina-all"),
    )
    await register.state(given, about, unit, person, by, at)
    document = cast(PrnDocument, await register.get("prn", about.id))
    saw = PrnWitnessed(witnesses=document.signatures[0].fact)
    await register.state(saw, about, unit, person, names.staff_id(WITNESS), at)
    helped = at + timedelta(minutes=plan.as_needed.effect_minutes)
    await register.state(PrnEffect(help="good", need=2), about, unit, person, by, helped)
    [used] = taken(drug, at, about.id, drug.per_dose)
    await register.state(used, _ledger(person, drug.preparation, at), unit, person, by, at)


def _ledger(person: str, preparation: str, at: datetime) -> Ref:
    return Ref("stock", stock_id(person, name_of(preparation), month_of(at)))
