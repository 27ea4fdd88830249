"""Vid behov: what a person was given as needed over some weeks, why, how it helped, and how near the most."""

from msgspec import Struct

from care.amounts import number
from care.as_needed_use import Use, UseFigures, use_figures, uses
from care.order import AsNeeded, OrderDocument, Plan
from care.order_state import State, state
from care.person import PersonDocument
from care.prn import PrnDocument
from care.staff import StaffDocument
from endpoint import documents
from endpoint.charts import Spec
from endpoint.console.needed_chart import chart
from endpoint.console.overview import Span
from endpoint.console.reader import Reader
from endpoint.console.texts import Texts
from endpoint.database import Database


class Needed(Struct, frozen=True):
    """One order as needed, and how it was used now and in the period before."""

    order: OrderDocument
    plan: Plan
    limit: AsNeeded
    state: State
    uses: list[Use]
    """The latest first."""
    now: UseFigures
    before: UseFigures
    chart: Spec | None


class Page(Struct, frozen=True):
    orders: list[Needed]
    staff: dict[str, StaffDocument]


async def needed(database: Database, reader: Reader, person: PersonDocument, span: Span) -> Page:
    """A person's orders as needed: those used most first. Stopped ones only where something was given."""
    orders = await documents.of_person(database, OrderDocument, person.id)
    known = await documents.of_person(database, PrnDocument, person.id)
    staff = {one.id: one for one in await documents.of_kind(database, StaffDocument)}
    found = [_one(one, known, reader, span) for one in orders]
    shown = [one for one in found if one and (one.uses or one.state not in ("stopped", "ended"))]
    return Page(sorted(shown, key=lambda one: (-one.now.times, one.plan.what, one.order.id)), staff)


def _one(order: OrderDocument, known: list[PrnDocument], reader: Reader, span: Span) -> Needed | None:
    plan = order.plan
    if plan is None or plan.as_needed is None:
        return None
    now = uses(order, known, span.start, span.end)
    before = uses(order, known, span.before.start, span.before.end)
    return Needed(
        order=order,
        plan=plan,
        limit=plan.as_needed,
        state=state(order, reader.now),
        uses=now[::-1],
        now=use_figures(now),
        before=use_figures(before),
        chart=chart(now, span.dates, reader.t),
    )


def since(one: Use, t: Texts) -> str:
    """The interval from the giving before: *4 timmar 20 min*, *3 dagar*; "" where none is known."""
    if one.since is None:
        return ""
    minutes = int(one.since.total_seconds() // 60)
    if minutes >= 48 * 60:
        return t.n("date.days", minutes // (24 * 60))
    hours, rest = divmod(minutes, 60)
    said = [t.n("date.hours", hours)] if hours else []
    said += [t.n("date.minutes", rest)] if rest or not hours else []
    return " ".join(said)


def limits(limit: AsNeeded, t: Texts) -> str:
    """What the order allows, as the phone says it."""
    return t(
        "needed.limits",
        hours=number(limit.min_hours),
        most=number(limit.max_per_24h),
        unit=limit.unit,
    )
