"""Vid behov: the orders that are given when they are needed."""

from datetime import datetime

from care.order import OrderDocument, Plan
from care.person import PersonDocument
from care.schedule import STOCKHOLM
from views.model import reading
from views.model.shift import Shift


def orders(shift: Shift) -> list[tuple[PersonDocument, OrderDocument]]:
    """The orders in force that are given when needed, by room."""
    now = shift.phone.now()
    by_person: dict[str, list[OrderDocument]] = {}
    for order in reading.all_of(shift, OrderDocument):
        if order.plan and order.plan.as_needed and in_force(order, order.plan, now) and order.person:
            by_person.setdefault(order.person, []).append(order)
    return [
        (person, order)
        for person in reading.persons(shift)
        for order in sorted(by_person.get(person.id, []), key=lambda one: one.plan.what if one.plan else "")
    ]


def in_force(order: OrderDocument, plan: Plan, now: datetime) -> bool:
    today = now.astimezone(STOCKHOLM).date()
    ended = plan.end is not None and plan.end < today
    return plan.start <= today and not ended and (order.stopped is None or order.stopped > now)
