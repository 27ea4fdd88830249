"""How much may be given as needed, and when again: worked out from the givings that are known.

The most counts in any *rolling* 24 hours. What is not known here, because another phone has not sent it, is
not in the sum: whoever shows it says how old the knowledge is, and `over` finds afterwards what was too much.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from care.order import AsNeeded, OrderDocument, Plan
from care.prn import PrnDocument
from care.schedule import STOCKHOLM

ROLLING = timedelta(hours=24)
_ROUNDING = 1e-6
"""A sum of tenths is allowed to miss its limit by this."""


class Given(Struct, frozen=True):
    """One giving that stands."""

    prn: str
    at: datetime
    quantity: float


class MayGive(Struct, frozen=True):
    """It may be given now. `left` is what then remains until the most in 24 hours; None: not worked out."""

    total: float
    last: datetime | None
    left: float | None = None


Block = Literal["most", "interval", "not_worked_out", "paused", "ended", "too_large"]
"""The most in 24 hours is reached; too soon after the last; the order does not say what one giving counts
for; paused; not in force; one giving is more than the most."""


class Blocked(Struct, frozen=True):
    """It may not be given now, why, and when it may at the earliest. None: not by waiting."""

    why: Block
    total: float
    last: datetime | None
    next: datetime | None = None


def plan_at(order: OrderDocument, at: datetime) -> Plan | None:
    """The version in force at a moment: one that takes effect later is not given yet."""
    return next((one.plan for one in reversed(order.versions) if one.effective <= at), None)


def givings(order: OrderDocument, known: Iterable[PrnDocument]) -> list[Given]:
    """What has been given of an order and not taken back, by time."""
    limit = order.plan.as_needed if order.plan else None
    found = []
    for document in known:
        if document.order == order.id:
            # Of an earlier version with another unit: it counts as one giving of today's.
            same = limit is None or document.unit_of_limit == limit.unit
            for one in document.done:
                quantity = one.quantity if same or not limit else limit.dose
                found.append(Given(document.id, one.performed.astimezone(UTC), quantity))
    return sorted(found, key=lambda one: (one.at, one.prn))


def total(given: Iterable[Given], at: datetime) -> float:
    """How much was given in the 24 hours until a moment. What was given exactly 24 hours before counts no
    more; what is said to have been given after it, by a clock that is wrong, does."""
    return sum(one.quantity for one in given if one.at > at - ROLLING)


def may_give(order: OrderDocument, known: Iterable[PrnDocument], now: datetime) -> MayGive | Blocked:
    """Whether the order's amount may be given now, as far as is known."""
    now = now.astimezone(UTC)  # a local time plus hours is another moment on a night that has 25 of them
    given = givings(order, known)
    last = given[-1].at if given else None
    so_far = total(given, now)
    plan = plan_at(order, now)
    limit = plan.as_needed if plan else None
    if plan is None or limit is None or not _in_force(order, plan, now):
        return Blocked("ended", so_far, last)
    if order.paused_at(now):
        return Blocked("paused", so_far, last)
    if limit.dose <= 0:
        return Blocked("not_worked_out", so_far, last)
    if limit.dose > limit.max_per_24h + _ROUNDING:
        return Blocked("too_large", so_far, last)
    earliest = next_time(limit, given, now)
    if earliest <= now:
        return MayGive(so_far, last, limit.max_per_24h - so_far - limit.dose)
    over_most = so_far + limit.dose > limit.max_per_24h + _ROUNDING
    return Blocked("most" if over_most else "interval", so_far, last, earliest)


def next_time(limit: AsNeeded, given: list[Given], now: datetime) -> datetime:
    """The earliest moment from now on at which one more giving breaks neither the interval nor the most."""
    after_last = given[-1].at + timedelta(hours=limit.min_hours) if given else now
    start = max(now, after_last)
    moments = sorted({start, *(one.at + ROLLING for one in given if one.at + ROLLING > start)})
    return next(at for at in moments if total(given, at) + limit.dose <= limit.max_per_24h + _ROUNDING)


Beyond = Literal["most", "interval"]
"""More than the most in 24 hours; sooner after the one before than the order says."""


def beyond(order: OrderDocument, known: Iterable[PrnDocument]) -> list[tuple[Given, Beyond]]:
    """The givings that were too much or too soon, seen with all that is known now, and which it was."""
    plan = order.plan
    limit = plan.as_needed if plan else None
    if limit is None or limit.dose <= 0:
        return []
    given = givings(order, known)
    found: list[tuple[Given, Beyond]] = []
    for place, one in enumerate(given):
        before = given[:place]
        if total(before, one.at) + one.quantity > limit.max_per_24h + _ROUNDING:
            found.append((one, "most"))
        elif before and one.at < before[-1].at + timedelta(hours=limit.min_hours):
            found.append((one, "interval"))
    return found


def over(order: OrderDocument, known: Iterable[PrnDocument]) -> list[Given]:
    """The givings that were too much or too soon."""
    return [one for one, _ in beyond(order, known)]


def effect_due(order: OrderDocument, document: PrnDocument) -> datetime | None:
    """When it is to be asked how it helped; None: it has been, or what was given was taken back."""
    plan = plan_at(order, document.given.performed) if document.given else None
    limit = plan.as_needed if plan else None
    if limit is None or document.given is None or document.effects:
        return None
    return document.given.performed + timedelta(minutes=limit.effect_minutes)


def _in_force(order: OrderDocument, plan: Plan, now: datetime) -> bool:
    if order.stopped is not None and order.stopped <= now:
        return False
    today = now.astimezone(STOCKHOLM).date()
    return plan.start <= today and (plan.end is None or today <= plan.end)
