"""The same substance in another order: paracetamol as Alvedon and as Panodil.

Limits are of an order, and differ: what another order gave is a warning with what was given when, never a
block. Substances are told apart by their ATC codes (WHO, fifth level). What this phone does not know, it does
not warn of: whoever shows it says how old the knowledge is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from care.as_needed import ROLLING, givings, plan_at, total
from care.dose import DoseDocument
from care.order import AsNeeded, OrderDocument, Plan
from care.prn import PrnDocument

_ROUNDING = 1e-6

Warn = Literal["interval", "most", "not_summed"]
"""Too soon after the other; together more than the most in 24 hours; given, and not to be added up."""


class Other(Struct, frozen=True):
    """What another order of the same substance gave. ``quantity``: in ``unit``; None: not said."""

    order: str
    what: str
    amount: str
    at: datetime
    quantity: float | None = None
    unit: str = ""


class Same(Struct, frozen=True):
    """What others gave in the last 24 hours, or within the interval, the latest first; what there is to warn
    of; and the sum with this order's own, where all of it can be added up."""

    others: tuple[Other, ...]
    warns: tuple[Warn, ...]
    total: float | None = None


def same(
    order: OrderDocument,
    orders: Iterable[OrderDocument],
    needed: Iterable[PrnDocument],
    doses: Iterable[DoseDocument],
    now: datetime,
) -> Same | None:
    """What is to be said before an order is given as needed at a moment; None: nothing."""
    plan = plan_at(order, now) or order.plan
    limit = plan.as_needed if plan else None
    if plan is None or limit is None or not plan.substance:
        return None
    given = list(needed)
    since = now - max(ROLLING, timedelta(hours=limit.min_hours))
    alike = {
        one.id: one for one in orders if one.id != order.id and one.person == order.person and _has(one, plan)
    }
    found = [*_as_needed(alike, given, plan), *_planned(alike, doses, plan)]
    others = sorted(
        (one for one in found if one.at > since), key=lambda one: (one.at, one.order), reverse=True
    )
    if not others:
        return None
    own = total(givings(order, given), now)
    together = _together(limit, own, others, now)
    warns: list[Warn] = []
    if others[0].at > now - timedelta(hours=limit.min_hours):
        warns.append("interval")
    if together is None:
        warns.append("not_summed")
    elif together + limit.dose > limit.max_per_24h + _ROUNDING:
        warns.append("most")
    return Same(tuple(others), tuple(warns), together)


def _has(order: OrderDocument, plan: Plan) -> bool:
    """Whether any version of an order is of the plan's substance: an earlier one may have been given."""
    return any(version.plan.substance == plan.substance for version in order.versions)


def _as_needed(
    alike: Mapping[str, OrderDocument], given: Iterable[PrnDocument], plan: Plan
) -> Iterable[Other]:
    for document in given:
        order = alike.get(document.order)
        for one in document.done if order else ():
            then = (plan_at(order, one.performed) or order.plan) if order else None
            if then and then.substance == plan.substance:
                quantity = one.quantity if one.quantity > 0 else None
                yield Other(
                    document.order, then.what, one.amount, one.performed, quantity, document.unit_of_limit
                )


def _planned(
    alike: Mapping[str, OrderDocument], doses: Iterable[DoseDocument], plan: Plan
) -> Iterable[Other]:
    for document in doses:
        order = alike.get(document.order)
        for one in document.done if order else ():
            then = (plan_at(order, one.performed) or order.plan) if order else None
            if then and then.substance == plan.substance:
                yield Other(document.order, then.what, one.amount or then.amount, one.performed)


def _together(limit: AsNeeded, own: float, others: Iterable[Other], now: datetime) -> float | None:
    """This order's own and the others' of the last 24 hours; None: one of them says no amount in its unit."""
    lately = [one for one in others if one.at > now - ROLLING]
    if any(one.quantity is None or one.unit != limit.unit for one in lately):
        return None
    return own + sum(one.quantity or 0 for one in lately)
