"""When the endpoint last took in a fact of something. The phones' own times may lie far behind it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from endpoint.parts import Parts
from endpoint.schema import facts

_AT_A_TIME = 500


async def taken_in(parts: Parts, aggregates: Iterable[str]) -> dict[str, datetime]:
    """By the names of aggregates ("sbar/<id>")."""
    names = list(aggregates)

    def latest(connection: Connection) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for start in range(0, len(names), _AT_A_TIME):
            some = names[start : start + _AT_A_TIME]
            query = select(facts.c.aggregate, func.max(facts.c.received)).where(facts.c.aggregate.in_(some))
            found |= {row[0]: row[1] for row in connection.execute(query.group_by(facts.c.aggregate))}
        return found

    return await parts.database.read(latest)
