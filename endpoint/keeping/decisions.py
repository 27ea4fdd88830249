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

State = Literal["prepared", "done", "cancelled"]


class Decided(Struct, frozen=True):
    """One erasure. ``person`` and ``names`` are there only while it is prepared."""

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
) -> str:
    """Write down what is to be erased of a person; `names` None: all of it. Returns its id."""
    id = uuid7(int(now.timestamp() * 1000), os.urandom(10))
    connection.execute(
        erasures.insert().values(
            id=id,
            unit=unit,
            person=person,
            whole=names is None,
            aggregates=" ".join(names or ()),
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
    return aggregates_of(connection, decided.person) if decided.whole else list(decided.names)


def settle(
    connection: Connection,
    id: str,
    state: Literal["done", "cancelled"],
    by: str,
    now: datetime,
    counts: Mapping[str, int] | None = None,
) -> bool:
    """End it. Whom it was about is forgotten here too. False: somebody had ended it already."""
    values: dict[str, object] = {"counts": _json(counts)} if counts is not None else {}
    done = connection.execute(
        update(erasures)
        .where(erasures.c.id == id, erasures.c.state == "prepared")
        .values(state=state, settled=now, settled_by=by, person=None, aggregates="", **values)
    )
    return done.rowcount == 1


def _json(counts: Mapping[str, int]) -> str:
    return msgspec.json.encode(dict(counts)).decode()


def _decided(row: object) -> Decided:
    columns = row._mapping  # type: ignore[attr-defined]
    values = {name: columns[name] for name in Decided.__struct_fields__ if name not in ("names", "counts")}
    counts = msgspec.json.decode(columns["counts"], type=dict[str, int])
    return Decided(**values, names=tuple(columns["aggregates"].split()), counts=counts)
