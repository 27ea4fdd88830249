"""Vid behov: what may be given when it is needed, what is known of it, and how it helped."""

import os
from datetime import datetime, timedelta
from typing import Literal

from care.as_needed import Blocked, MayGive, effect_due, may_give, plan_at
from care.dose import DoseDocument
from care.facts import Fact, Ref
from care.ids import uuid7
from care.order import OrderDocument, Plan
from care.person import PersonDocument
from care.prn import Help, PrnCorrected, PrnDocument, PrnEffect, PrnGiven
from care.same_substance import Same, same
from care.schedule import STOCKHOLM
from care.signing import MaySign
from storage import Statement
from views.model import reading, stock, unheard
from views.model.shift import Shift

ASKED_FOR = timedelta(hours=12)
"""So long it is asked how it helped; after that nobody remembers."""
Asked = Literal["soon", "now"]


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


def one(shift: Shift, id: str) -> tuple[PersonDocument, OrderDocument, Plan] | None:
    """Whom an order is for, and what it says; None: it is not here any more."""
    order = reading.one(shift, OrderDocument, id)
    person = reading.person(shift, order.person) if order else None
    plan = plan_at(order, shift.phone.now()) if order else None
    if order is None or person is None or plan is None or plan.as_needed is None:
        return None
    return person, order, plan


def allowed(shift: Shift, order: OrderDocument) -> MayGive | Blocked:
    """Whether it may be given now, by all that this phone knows."""
    known = reading.about(shift, PrnDocument, order.person or "")
    return may_give(order, known, shift.phone.now())


def same_substance(shift: Shift, order: OrderDocument) -> Same | None:
    """What other orders of the same substance gave lately, by all that this phone knows; None: nothing."""
    person = order.person or ""
    return same(
        order,
        reading.about(shift, OrderDocument, person),
        reading.about(shift, PrnDocument, person),
        reading.about(shift, DoseDocument, person),
        shift.phone.now(),
    )


def heard(shift: Shift) -> datetime | None:
    """Until when this phone knows what the others had sent; None: it never had contact."""
    return shift.phone.sync.state.last_contact


def is_old(shift: Shift) -> bool:
    """Whether what is known here is so old that another phone may well have given meanwhile."""
    unit, at = reading.unit(shift), heard(shift)
    silent = timedelta(minutes=unit.settings.silent_after_minutes if unit else 30)
    return at is None or shift.phone.now() - at > silent


async def give(
    shift: Shift,
    order: OrderDocument,
    plan: Plan,
    need: int | None,
    performed: datetime | None = None,
    note: str = "",
) -> list[Fact]:
    """Sign that it was given, now or, told afterwards, at `performed`; the signature comes first, then what
    it took from a ledger."""
    assert plan.as_needed is not None
    assert order.person is not None
    now = shift.phone.now()
    at = performed or now
    right = reading.right_of(shift, plan, order.person, at)
    delegation = right.delegation if isinstance(right, MaySign) else None
    silence = unheard.said(shift) if delegation else None
    about = Ref("prn", uuid7(int(now.timestamp() * 1000), os.urandom(10)))
    body = PrnGiven(
        order=order.id,
        performed=at,
        amount=plan.amount,
        quantity=plan.as_needed.dose,
        unit=plan.as_needed.unit,
        order_fact=order.versions[-1].fact,
        need=need,
        known=heard(shift),
        delegation=delegation,
        already_given=performed is not None,
        unheard_since=silence.since if silence else None,
        unheard_reason=silence.reason if silence else None,
        note=note,
    )
    used = stock.used(shift, plan, order.person, at, about.id)
    return await shift.save(Statement(body, about, shift.me.unit, order.person), *used)


async def take_back(shift: Shift, document: PrnDocument, fact: str, reason: str = "") -> None:
    about = Ref("prn", document.id)
    back = Statement(PrnCorrected(corrects=fact, reason=reason), about, shift.me.unit, document.person)
    taken = stock.put_back(shift, document.person or "", document.id, document.signature(fact))
    await shift.save(back, *taken)


def asked(shift: Shift) -> list[tuple[PrnDocument, Plan, datetime]]:
    """What it is to be asked of how it helped, and from when; soonest first. Those still to come as well."""
    now = shift.phone.now()
    found = []
    for document in reading.all_of(shift, PrnDocument):
        order = reading.one(shift, OrderDocument, document.order)
        due = effect_due(order, document) if order else None
        if order and order.plan and due and document.unit == shift.me.unit and now < due + ASKED_FOR:
            found.append((document, order.plan, due))
    return sorted(found, key=lambda one: (one[2], one[0].id))


async def tell_effect(shift: Shift, document: PrnDocument, help: Help, need: int | None) -> None:
    body = PrnEffect(help=help, need=need)
    await shift.save(Statement(body, Ref("prn", document.id), shift.me.unit, document.person))
