"""When an order's doses are due, in Europe/Stockholm, through summer time and re-timing."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from care.errors import ScheduleError
from care.ids import dose_id
from care.order import OrderDocument, Plan, Slot, Version
from care.recurrence import recurrence

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)


class Planned(Struct, frozen=True):
    """One dose that an order plans. ``id`` is its aggregate's id, the same on every phone."""

    id: str
    order: str
    person: str
    day: date
    slot: str
    at: datetime
    """In UTC, like the window."""
    opens: datetime
    closes: datetime
    plan: Plan
    by: str
    """Who wrote the version."""
    version: str
    """The fact of the order's version."""


def planned(order: OrderDocument, start: datetime, end: datetime) -> list[Planned]:
    """The doses planned at or after `start` and before `end`, by time. Paused and stopped ones are left out.

    Raises ScheduleError when the order's rule or a time of day cannot be read.
    """
    if not order.versions or order.person is None:
        return []
    found: list[Planned] = []
    day = start.astimezone(STOCKHOLM).date() - DAY
    last = end.astimezone(STOCKHOLM).date() + DAY
    while day <= last:
        found += [dose for dose in on_day(order, day) if start <= dose.at < end]
        day += DAY
    return sorted(found, key=lambda dose: (dose.at, dose.id))


def on_day(order: OrderDocument, day: date) -> list[Planned]:
    """The doses of one local date.

    Walks the versions in their order. A version plans a slot from the moment it takes effect: a dose that is
    still ahead then keeps its identity and gets its new time, one whose time has passed stays as it was. A
    slot that a version leaves out is dropped from then on.
    """
    due: dict[str, Planned] = {}
    for version in order.versions:
        today = {slot.id: slot for slot in version.plan.slots} if falls_on(version.plan, day) else {}
        due = {slot: dose for slot, dose in due.items() if slot in today or dose.at < version.effective}
        for slot in today.values():
            dose = _dose(order, version, day, slot)
            planned_before = due.get(slot.id)
            still_ahead = planned_before is not None and planned_before.at >= version.effective
            if still_ahead or dose.at >= version.effective:
                due[slot.id] = dose
    return [dose for dose in due.values() if _in_force(order, dose.at)]


def _in_force(order: OrderDocument, at: datetime) -> bool:
    return not (order.stopped and at >= order.stopped) and order.paused_at(at) is None


def _dose(order: OrderDocument, version: Version, day: date, slot: Slot) -> Planned:
    # In UTC: two local times of one zone are compared by what the clock on the wall says, which an October
    # night says twice.
    at = local(day, slot.time).astimezone(UTC)
    try:
        opens, closes = at - timedelta(minutes=slot.before), at + timedelta(minutes=slot.after)
    except OverflowError as error:
        raise ScheduleError(f"window of {slot.time!r}: {error}") from error
    return Planned(
        id=dose_id(order.id, day, slot.id),
        order=order.id,
        person=order.person or "",
        day=day,
        slot=slot.id,
        at=at,
        opens=opens,
        closes=closes,
        plan=version.plan.on(day, slot),
        by=version.by,
        version=version.fact,
    )


def local(day: date, clock: str) -> datetime:
    """A local date and "HH:MM" as a moment. On a night with two of it the first; with none, an hour later.

    Raises ScheduleError when the clock time cannot be read.
    """
    try:
        wall = datetime.combine(day, time.fromisoformat(clock), tzinfo=STOCKHOLM)
    except ValueError as error:
        raise ScheduleError(f"time of day {clock!r}: {error}") from error
    # Through UTC and back: a 02:30 that the March night skips becomes the 03:30 that exists.
    return datetime.fromtimestamp(wall.timestamp(), tz=STOCKHOLM)


def falls_on(plan: Plan, day: date) -> bool:
    """Whether a plan has doses on a local date. Raises ScheduleError when its rule cannot be read."""
    if day < plan.start or (plan.end is not None and day > plan.end):
        return False
    return plan.days == "FREQ=DAILY" or recurrence(plan.days, plan.start).names(day)
