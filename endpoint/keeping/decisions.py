"""Erasures by decision: one person prepares, another confirms; that it was done is kept, without content."""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select, update

from care.ids import uuid7
from endpoint.keeping.erase import aggregates_of
from endpoint.keeping.tables import erasures

State = Literal["prepared", "confirmed", "done", "cancelled"]
"""confirmed: it is being carried out, and nobody can call it off any more."""


class Decided(Struct, frozen=True):
    """One erasure. ``person`` and ``names`` are there until it is done.

    ``counts``: what was to go while it is prepared, what has gone since it was confirmed.
    """

    id: str
    unit: str
    person: str | None
    whole: bool
    names: tuple[str, ...]
    decision: str
    prepared: datetime
    prepared_by: str
    state: State
    settled: datetime | None
    settled_by: str | None
    counts: dict[str, int]

    @property
    def facts(self) -> int:
        return sum(self.counts.values())


def prepare(
    connection: Connection,
    unit: str,
    person: str,
    names: Sequence[str] | None,
    decision: str,
    counts: Mapping[str, int],
    by: str,
    now: datetime,
    also: Sequence[str] = (),
) -> str:
    """Write down what is to be erased of a person; `names` None: all of it. Returns its id.

    `also`: what goes with it and does not name them, as old reports that were read in.
    """
    id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
    connection.execute(
        erasures.insert().values(
            id=id,
            unit=unit,
            person=person,
            whole=names is None,
            aggregates=" ".join((*(names or ()), *also)),
            decision=decision,
            prepared=now,
            prepared_by=by,
            state="prepared",
            counts=_json(counts),
        )
    )
    return id


def one(connection: Connection, id: str) -> Decided | None:
    row = connection.execute(select(erasures).where(erasures.c.id == id)).one_or_none()
    return _decided(row) if row else None


def of_units(connection: Connection, units: Collection[str]) -> list[Decided]:
    """The erasures of some units, last prepared first."""
    query = select(erasures).where(erasures.c.unit.in_(units)).order_by(erasures.c.prepared.desc())
    return [_decided(row) for row in connection.execute(query)]


def names_now(connection: Connection, decided: Decided) -> list[str]:
    """What it takes as things stand: of a whole person also what has come since it was prepared."""
    if not decided.person:
        return []
    every = aggregates_of(connection, decided.person) if decided.whole else []
    return [*every, *decided.names]


def confirmed(connection: Connection) -> list[Decided]:
    """What is being carried out, or was when the endpoint ended; the first confirmed first."""
    query = select(erasures).where(erasures.c.state == "confirmed").order_by(erasures.c.settled)
    return [_decided(row) for row in connection.execute(query)]


def confirm(connection: Connection, id: str, by: str, now: datetime) -> bool:
    """From now on it is carried out. False: somebody had settled it already."""
    return _settle(connection, id, state="confirmed", settled=now, settled_by=by, counts=_json({}))


def cancel(connection: Connection, id: str, by: str, now: datetime) -> bool:
    """Nothing is erased, and whom it was about is forgotten here. False: somebody had settled it already."""
    return _settle(connection, id, state="cancelled", settled=now, settled_by=by, person=None, aggregates="")


def went(connection: Connection, id: str, counts: Mapping[str, int]) -> None:
    """Add what has just gone."""
    query = select(erasures.c.counts).where(erasures.c.id == id).with_for_update()
    before = msgspec.json.decode(connection.execute(query).scalar_one(), type=dict[str, int])
    kinds = sorted(before.keys() | counts.keys())
    total = {kind: before.get(kind, 0) + counts.get(kind, 0) for kind in kinds}
    connection.execute(update(erasures).where(erasures.c.id == id).values(counts=_json(total)))


def finish(connection: Connection, id: str) -> None:
    """All of it has gone. Whom it was about is forgotten here too."""
    connection.execute(
        update(erasures)
        .where(erasures.c.id == id, erasures.c.state == "confirmed")
        .values(state="done", person=None, aggregates="")
    )


def _settle(connection: Connection, id: str, **values: object) -> bool:
    done = connection.execute(
        update(erasures).where(erasures.c.id == id, erasures.c.state == "prepared").values(values)
    )
    return done.rowcount == 1


def _json(counts: Mapping[str, int]) -> str:
    return msgspec.json.encode(dict(counts)).decode()


def _decided(row: object) -> Decided:
    columns = row._mapping  # type: ignore[attr-defined]
    values = {name: columns[name] for name in Decided.__struct_fields__ if name not in ("names", "counts")}
    counts = msgspec.json.decode(columns["counts"], type=dict[str, int])
    return Decided(**values, names=tuple(columns["aggregates"].split()), counts=counts)
