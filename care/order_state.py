"""How an order stands at a moment, and what it plans in the days ahead: the console and the phone read the
same."""

from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from care.errors import ScheduleError
from care.order import OrderDocument, Pause, Plan, Version
from care.schedule import DAY, Planned, local, planned
from care.signing import local_day

AHEAD_DAYS = 7
State = Literal["active", "coming", "paused", "ended", "stopped"]
"""Gäller, börjar senare, pausad, har slutat, utsatt. In the order in which a list shows them."""
GOING: tuple[State, ...] = ("active", "coming", "paused")


def state(order: OrderDocument, now: datetime) -> State:
    """How an order stands at a moment. It must have a plan."""
    plan = order.plan
    assert plan is not None
    day = local_day(now)
    if order.stopped and order.stopped <= now:
        return "stopped"
    if plan.end is not None and plan.end < day:
        return "ended"
    if order.paused_at(now):
        return "paused"
    return "coming" if day < plan.start else "active"


def not_over(order: OrderDocument, now: datetime) -> list[Pause]:
    """The pauses that hold now or are still to come: what is ended when they are taken away."""
    return [pause for pause in order.pauses if pause.fact and (pause.end is None or pause.end > now)]


class DayAhead(Struct, frozen=True):
    day: date
    doses: tuple[Planned, ...]


def ahead(order: OrderDocument, now: datetime, days: int = AHEAD_DAYS) -> list[DayAhead] | None:
    """What an order plans from now on, day by day; None when its rule cannot be read."""
    first = local_day(now)
    try:
        doses = planned(order, now, local(first + days * DAY, "00:00"))
    except ScheduleError:
        return None
    return [
        DayAhead(day, tuple(dose for dose in doses if local_day(dose.at) == day))
        for day in (first + timedelta(days=number) for number in range(days))
    ]


def as_if(
    order: OrderDocument | None, plan: Plan, person: str, unit: str, by: str, now: datetime
) -> OrderDocument:
    """The order as it would be with a plan that is not stated yet: for its preview."""
    version = Version(plan, now, by, "")
    return OrderDocument(
        id=order.id if order else str(UUID(int=0)),
        unit=unit,
        person=person,
        versions=[*order.versions, version] if order else [version],
        pauses=order.pauses if order else [],
        stopped=order.stopped if order else None,
    )
