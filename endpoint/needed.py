"""What was given as needed in a unit lately: for who watches over limits, and for the day's page."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from care.as_needed import ROLLING
from care.order import OrderDocument
from care.prn import PrnDocument
from care.streams import unit_stream
from endpoint import documents
from endpoint.schema import facts, placed, streams

_LOOKED_AT = 2000
"""So many of the last facts of a unit are looked through: two busy days."""


def given(
    connection: Connection, unit: str, orders: Iterable[OrderDocument], now: datetime
) -> list[PrnDocument]:
    """What was given as needed within two days, found at the end of the unit's stream."""
    if not any(order.plan and order.plan.as_needed for order in orders):
        return []
    query = (
        select(facts.c.aggregate)
        .join(placed, placed.c.fact == facts.c.id)
        .join(streams, streams.c.name == placed.c.stream)
        .where(
            streams.c.name == str(unit_stream(unit)),
            placed.c.position > streams.c.position - _LOOKED_AT,
            facts.c.type == "prn.given",
            facts.c.received > now - 2 * ROLLING,
        )
    )
    names = set(connection.scalars(query))
    return documents.some(connection, PrnDocument, [name.partition("/")[2] for name in names])
