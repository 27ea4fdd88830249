"""Blanking: what an erasure names goes, in the transaction that takes the erasure in.

The row of an erased fact stays, with its id, its hash and its place in its device's count: a phone that sends
the fact again is told that it is known, chains and streams keep their numbers, and no word of it is left.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, update

from care.erasing import erasure
from care.facts import Fact
from endpoint import photos
from endpoint.database import insert_once
from endpoint.deviations.erasing import take_away
from endpoint.schema import facts, quarantine


def blank(connection: Connection, arrived: Iterable[Fact]) -> None:
    """Take away the content that the erasures among some facts name. Call with their aggregates locked."""
    arrived = list(arrived)
    rows = [row for fact in arrived for row in _rows(fact)]
    if not rows:
        return
    take_away(connection, arrived)
    # A fact that was never here, as after a restored backup: should it come yet, it is known and not kept.
    connection.execute(insert_once(connection, facts), rows)
    connection.execute(
        update(facts)
        .where(facts.c.id == bindparam("of"), facts.c.erased.is_(None))
        .values(type="", author=None, person=None, envelope=b"", erased=bindparam("by")),
        [{"of": row["id"], "by": row["erased"]} for row in rows],
    )
    photos.blank(connection, [str(row["id"]) for row in rows])
    connection.execute(
        update(quarantine).where(quarantine.c.fact == bindparam("of")).values(sealed=b""),
        [{"of": row["id"]} for row in rows],
    )


def _rows(fact: Fact) -> list[dict[str, object]]:
    body = erasure(fact)
    return [
        {
            "id": named.id,
            "aggregate": f"{fact.aggregate.kind}/{fact.aggregate.id}",
            "type": "",
            "device": "",
            "seq": 0,
            "unit": fact.unit,
            "hash": bytes.fromhex(named.hash),
            "received": fact.at,
            "envelope": b"",
            "erased": fact.id,
        }
        for named in (body.facts if body else ())
    ]
