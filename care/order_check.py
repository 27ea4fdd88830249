"""Whether a plan can be an order: what whoever writes or imports it is told before it is stated.

Asked by the console, the phone, imports and FHIR, so that an order means the same wherever it came from.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from care.errors import ScheduleError
from care.order import AsNeeded, Measured, Plan, Slot
from care.recurrence import recurrence

TEXT_MOST = 500
WINDOW_MOST = 12 * 60
"""Minutes before or after a time. Longer, and two doses of one slot could be open at once."""
HOURS_MOST = 168
SLOTS_MOST = 24

ATC = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}")
"""A code of the Anatomical Therapeutic Chemical classification at its fifth level, the substance (WHO)."""
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class OrderFault(Struct, frozen=True):
    """What is wrong with one field of a plan. ``why`` is a key of the texts: ``order.fault.<why>``."""

    field: str
    why: str


def faults(plan: Plan) -> list[OrderFault]:
    """Everything that keeps a plan from being an order; empty when it can be one."""
    return [*_words(plan), *_days(plan), *_times(plan), *_amounts(plan), *_needed(plan)]


def _words(plan: Plan) -> Iterator[OrderFault]:
    for name, text in (("what", plan.what), ("amount", plan.amount)):
        if not text.strip():
            yield OrderFault(name, "missing")
    texts = ("what", "short", "strength", "amount", "route", "note", "reason")
    yield from (OrderFault(name, "long") for name in texts if len(getattr(plan, name)) > TEXT_MOST)
    if plan.substance and not ATC.fullmatch(plan.substance):
        yield OrderFault("substance", "atc")
    if plan.value is not None:
        yield from _value(plan.value)


def _value(value: Measured) -> Iterator[OrderFault]:
    if not value.what.strip():
        yield OrderFault("value", "missing")
    for low, high in ((value.least, value.most), (value.call_below, value.call_above)):
        if low is not None and high is not None and low >= high:
            yield OrderFault("value", "low_high")


def _days(plan: Plan) -> Iterator[OrderFault]:
    if plan.end is not None and plan.end < plan.start:
        yield OrderFault("end", "before_start")
    try:
        recurrence(plan.days, plan.start)
    except ScheduleError:
        yield OrderFault("days", "rule")
    firsts = [step.start for step in plan.steps]
    outside = any(day < plan.start or (plan.end and day > plan.end) for day in firsts)
    if outside or firsts != sorted(set(firsts)):
        yield OrderFault("steps", "steps")
    if any(not step.amount.strip() for step in plan.steps):
        yield OrderFault("steps", "missing")


def _times(plan: Plan) -> Iterator[OrderFault]:
    if plan.as_needed is not None:
        if plan.slots:
            yield OrderFault("times", "needed_times")
        return
    if not plan.slots:
        yield OrderFault("times", "missing")
    if len(plan.slots) > SLOTS_MOST or len({slot.id for slot in plan.slots}) < len(plan.slots):
        yield OrderFault("times", "times")
    elif len({slot.time for slot in plan.slots}) < len(plan.slots):
        yield OrderFault("times", "same_time")
    if not all(_CLOCK.fullmatch(slot.time) for slot in plan.slots):
        yield OrderFault("times", "times")
    if not all(_bounded(slot) for slot in plan.slots):
        yield OrderFault("window", "window")


def _bounded(slot: Slot) -> bool:
    return 0 <= slot.before <= WINDOW_MOST and 0 <= slot.after <= WINDOW_MOST


def _amounts(plan: Plan) -> Iterator[OrderFault]:
    if plan.narcotic is None:
        return
    own = [slot.quantity for slot in plan.slots] + [step.quantity for step in plan.steps]
    each = [plan.narcotic.per_dose, *(quantity for quantity in own if quantity)]
    if not all(0 < quantity < 10**6 for quantity in each):
        yield OrderFault("quantity", "quantity")
    if not plan.narcotic.unit.strip():
        yield OrderFault("unit", "missing")
    if not plan.narcotic.preparation.strip():
        yield OrderFault("preparation", "missing")


def _needed(plan: Plan) -> Iterator[OrderFault]:
    if plan.as_needed is not None:
        yield from _limits(plan.as_needed)


def _limits(limit: AsNeeded) -> Iterator[OrderFault]:
    if not limit.indication.strip():
        yield OrderFault("indication", "missing")
    if not limit.unit.strip():
        yield OrderFault("limit_unit", "missing")
    if not 0 <= limit.min_hours <= HOURS_MOST:
        yield OrderFault("min_hours", "hours")
    if not 0 < limit.dose <= limit.max_per_24h < 10**6:
        yield OrderFault("max_per_24h", "most")
    if not 5 <= limit.effect_minutes <= 24 * 60:
        yield OrderFault("effect_minutes", "effect")
