"""Whether a first sync has brought all that Idag shows, long before it has brought the unit's history."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from care import occasion
from care.as_needed import ROLLING
from care.delegation import DelegationDocument
from care.errors import ScheduleError
from care.facts import Ref
from care.order import OrderDocument
from care.prn import PrnDocument
from care.schedule import planned
from care.streams import Stream
from care.today import AHEAD, BACK
from endpoint import documents
from endpoint.aggregates import aggregate_name
from endpoint.many import among
from endpoint.schema import documents as table
from endpoint.schema import facts, placed
from wire.messages import Day

FRESH = timedelta(minutes=5)
"""For so long a phone may take its list for whole: no longer than one is without news that has a network."""
EARLIER = timedelta(hours=1)
"""So much further back than Idag goes: for phones whose clocks are slow."""


def whole_day(connection: Connection, stream: str, cut: int, reached: int, now: datetime) -> Day | None:
    """What the list of a unit rests on is here once aggregates have come that last changed at `reached` or
    later, up to `cut`; None: some of it is yet to come."""
    whose = Stream.parse(stream)
    if whose.of != "unit":
        return None
    as_of = min(now, _next_said(connection, stream, cut) or now)
    day = Day(start=as_of - BACK - EARLIER, end=as_of + AHEAD + FRESH)
    names = _read_by(connection, whose.id, day, as_of)
    last = func.max(placed.c.position)
    query = (
        select(facts.c.aggregate)
        .join(placed, placed.c.fact == facts.c.id)
        .where(among(connection, facts.c.aggregate, names), placed.c.stream == stream)
        .where(placed.c.position <= cut)
        .group_by(facts.c.aggregate)
        .having(last < reached)
        .limit(1)
    )
    return None if connection.execute(query).first() else day


def _next_said(connection: Connection, stream: str, cut: int) -> datetime | None:
    """When the first fact after the cut came: up to then, the cut is all that there was."""
    query = select(facts.c.received).join(placed, placed.c.fact == facts.c.id)
    return connection.scalar(query.where(placed.c.stream == stream, placed.c.position == cut + 1))


def _read_by(connection: Connection, unit: str, day: Day, at: datetime) -> list[str]:
    """The aggregates of what is done: planned doses around now and whatever may have used up a delegation for
    one occasion, and what was given as needed in two days."""
    orders = documents.in_unit(connection, OrderDocument, unit)
    doses: set[str] = set()
    for order in orders:
        try:
            doses |= {dose.id for dose in planned(order, day.start, day.end)}
        except ScheduleError:
            # Such an order shows no doses on the phone either.
            continue
    rested = occasion.rested(occasion.for_one(documents.all_of(connection, DelegationDocument), at), orders)
    names = {aggregate_name(Ref("dose", id)) for id in doses | rested.doses.keys()}
    lately = select(facts.c.aggregate).where(
        facts.c.unit == unit, facts.c.received > at - 2 * ROLLING, facts.c.type == "prn.given"
    )
    names |= set(connection.scalars(lately))
    if rested.needed:
        persons = {order.person for order in rested.needed.values()}
        theirs = select(table.c.aggregate).where(
            table.c.kind == PrnDocument.kind, table.c.person.in_(persons)
        )
        names |= set(connection.scalars(theirs))
    return sorted(names)
