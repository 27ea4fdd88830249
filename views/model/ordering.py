"""Orders on the nurse's phone: those of a person, one that is being written, and what is stated of them."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from care import order_state
from care.facts import Body, Ref
from care.ids import uuid7
from care.order import (
    OrderChanged,
    OrderDocument,
    OrderPaused,
    OrderPlaced,
    OrderResumed,
    OrderStopped,
    Pause,
    Plan,
)
from care.order_filled import fields_of
from care.order_form import Fields, plan_of
from care.order_right import may_order, requirable
from care.order_state import GOING, State, not_over
from care.order_words import when
from care.person import PersonDocument
from care.rights import Act, Role
from care.signing import local_day
from care.staff import StaffDocument
from storage import Damaged, Statement
from views.model import answering, reading
from views.model.shift import Shift
from views.texts import Texts

_ORDER = (*GOING, "ended", "stopped")


class Known(NamedTuple):
    """One order of a person, and how it stands now."""

    order: OrderDocument
    plan: Plan
    state: State
    pause: Pause | None


class Written(Struct, frozen=True):
    """An order that is being written. Kept at every change, so that neither a call nor a lock loses it."""

    fields: Fields = Fields()
    who: bool = False
    """Whether it has been said who may do it: that nobody needs a delegation is an answer, not the absence
    of one."""
    base: str = ""
    """The fact of the version that it changes, as it was when the writing began."""
    why: str = ""
    """Why it is changed."""


# -- what there is


def may_place(shift: Shift, unit: str) -> bool:
    """Whether whoever has the phone may order anything in a unit."""
    return answering.may_do(shift, Act.ORDER_PLACE, unit)


def theirs(shift: Shift, order: OrderDocument) -> bool:
    """Whether it is theirs to change, pause and stop."""
    plan = order.plan
    return plan is not None and may_place(shift, order.unit) and may_order(roles(shift, order.unit), plan)


def roles(shift: Shift, unit: str) -> frozenset[Role]:
    me = reading.me(shift)
    return frozenset(me.roles_in(unit, local_day(shift.phone.now()))) if me else frozenset()


def of_person(shift: Shift, person: str) -> list[Known]:
    """A person's orders: those in force first, each kind by name; those that are over last."""
    found = [known(shift, one) for one in reading.about(shift, OrderDocument, person) if one.plan]
    return sorted(found, key=lambda one: (_ORDER.index(one.state), one.plan.what, one.order.id))


def known(shift: Shift, order: OrderDocument) -> Known:
    now, plan = shift.phone.now(), order.plan
    assert plan is not None
    return Known(order, plan, order_state.state(order, now), order.paused_at(now))


def one(shift: Shift, id: str) -> Known | None:
    """An order; None when the phone does not have it."""
    found = reading.one(shift, OrderDocument, id)
    return known(shift, found) if found and found.plan else None


def delegable(shift: Shift, unit: str) -> list[str]:
    """The task types that their orders may ask a delegation for."""
    return requirable(roles(shift, unit))


def able(shift: Shift, plan: Plan, person: str) -> list[StaffDocument]:
    """Colleagues who could do it now."""
    return reading.who_else_can(shift, plan, person)


# -- writing


def key_of(person: str, order: str) -> str:
    """The draft of an order in hand: a person's new one, or the change of one."""
    return f"order/{order or person}"


def begun(shift: Shift, key: str) -> datetime | None:
    """When it was last written on; None: nothing is begun."""
    return dict(shift.me.drafts()).get(key)


def kept(shift: Shift, order: str, key: str) -> Written:
    """What was being written when the screen was left; else the order as it is, or nothing."""
    with suppress(msgspec.DecodeError, Damaged):
        if data := shift.me.draft(key):
            return msgspec.json.decode(data, type=Written)
    return fresh(shift, order)


def fresh(shift: Shift, order: str) -> Written:
    """Nothing written yet. An order is written in Swedish, whatever language its writer reads."""
    found = one(shift, order) if order else None
    if found is None:
        nurse = Role.NURSE in roles(shift, shift.me.unit)
        return Written(Fields() if nurse else Fields(form="care"))
    words = when(found.plan, Texts.load("sv")) if found.plan.slots else ""
    return Written(fields_of(found.plan, words), who=True, base=found.order.versions[-1].fact)


def keep(shift: Shift, key: str, written: Written) -> None:
    """Save what is written so far. Blocking."""
    shift.me.save_draft(key, msgspec.json.encode(written))


def read(
    shift: Shift, person: PersonDocument, found: Known | None, written: Written
) -> tuple[Plan | None, dict[str, str]]:
    """The plan that is written, or what is wrong: field to why. Without a first day it begins today."""
    fields = written.fields
    if not fields.start:
        fields = replace(fields, start=local_day(shift.phone.now()).isoformat())
    plan, wrong = plan_of(fields, found.plan if found else None)
    if not written.who:
        wrong = wrong | {"requires": "missing"}
    elif plan and not may_order(roles(shift, person.unit), plan):
        wrong = {"requires": "beyond"}
    return (None, wrong) if wrong else (plan, {})


def changed_meanwhile(found: Known | None, written: Written) -> str:
    """Who has written a newer version than the one that is being changed; "": nobody."""
    if found is None or not written.base or found.order.versions[-1].fact == written.base:
        return ""
    return found.order.by


# -- stating


async def place(shift: Shift, person: PersonDocument, plan: Plan, draft: str) -> str:
    """A new order, from this moment. Gives its id."""
    now = shift.phone.now()
    id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
    said = Statement(OrderPlaced(plan=plan, effective=now), Ref("order", id), person.unit, person.id)
    await shift.save(said, draft=draft)
    return id


async def change(shift: Shift, order: OrderDocument, plan: Plan, why: str, draft: str) -> None:
    """A new version, from this moment. A dose whose time has passed stays as it was."""
    body = OrderChanged(plan=plan, effective=shift.phone.now(), what_changed=why.strip())
    await shift.save(_about(order, body), draft=draft)


async def pause(shift: Shift, orders: Sequence[OrderDocument], body: OrderPaused) -> None:
    """Nothing of them is due meanwhile."""
    await shift.save(*(_about(one, body) for one in orders))


async def resume(shift: Shift, orders: Sequence[OrderDocument]) -> None:
    """Every pause of them that holds now, or is to come, is over."""
    now = shift.phone.now()
    over = [
        _about(one, OrderResumed(pause=pause.fact, at=now)) for one in orders for pause in not_over(one, now)
    ]
    await shift.save(*over)


async def stop(shift: Shift, order: OrderDocument, reason: str) -> None:
    """It plans nothing from now on, and is never taken up again."""
    await shift.save(_about(order, OrderStopped(at=shift.phone.now(), reason=reason.strip())))


def _about(order: OrderDocument, body: Body) -> Statement:
    return Statement(body, Ref("order", order.id), order.unit, order.person)
