"""Going through the rows of an import: what becomes of each, and stating it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from itertools import groupby, islice
from types import MappingProxyType

from msgspec import Struct
from sqlalchemy import Connection

from endpoint.database import Database
from endpoint.deviations.errors import WrongValue
from endpoint.deviations.table import Bad, Row
from endpoint.imports import delegations, orders, persons
from endpoint.imports.known import Known
from endpoint.imports.mapping import Map
from endpoint.imports.rows import Cells, Result, Said
from endpoint.keys import Keys
from endpoint.statements import take_turn, write

BATCH = 200
"""Rows a transaction: phones that send meanwhile wait for none longer than that."""


class Sort(Struct, frozen=True):
    """One sort of rows: its columns with the headings they are known by, and what a row becomes."""

    columns: dict[str, tuple[str, ...]]
    needed: tuple[str, ...]
    example: dict[str, str]
    result: Callable[[Cells, Known, set[str]], Result]


SORTS = MappingProxyType(
    {
        name: Sort(of.COLUMNS, of.NEEDED, of.EXAMPLE, of.result)
        for name, of in (("persons", persons), ("orders", orders), ("delegations", delegations))
    }
)


def run(
    database: Database,
    keys: Keys,
    sort: Sort,
    rows: Iterable[Row | Bad],
    map: Map,
    provider: str,
    now: datetime,
    dry: bool = False,
    author: str = "",
    units: Collection[str] | None = None,
    told: Callable[[list[Result]], None] = lambda found: None,
) -> list[Result]:
    """Read every row, and state what is new in it. Blocking. `author`: who does it; "": the endpoint.

    `dry`: state nothing. `units`: those whose rows they may be; None: the vårdgivare's. `told`: called with
    the results of each batch, once it is through. A row with a fault is left out, and says why.
    """
    results: list[Result] = []
    seen: set[str] = set()
    waiting = iter(rows)
    while some := list(islice(waiting, BATCH)):

        def take(connection: Connection, some: list[Row | Bad] = some) -> tuple[list[Result], frozenset[str]]:
            if not dry:
                take_turn(connection)
            known = Known(connection, provider, now, units)
            found = [_result(sort, row, map, known, seen) for row in some]
            return found, frozenset() if dry else _state(connection, keys, found, author)

        found, woken = database.read_now(take) if dry else database.write_now(take)
        database.wake.up(woken)
        told(found)
        results += found
    return results


def counts(results: Sequence[Result]) -> dict[str, int]:
    """How many rows of each kind."""
    return dict(Counter(one.kind for one in results))


def faulty(row: Bad) -> Result:
    """What becomes of a row that cannot be read as one."""
    return Result(row.line, "faulty", field=row.field, reason=row.reason, why=row.why, values=row.values)


def _result(sort: Sort, row: Row | Bad, map: Map, known: Known, seen: set[str]) -> Result:
    if isinstance(row, Bad):
        return faulty(row)
    try:
        return sort.result(Cells(row, map), known, seen)
    except WrongValue as error:
        return Result(
            row.line, "faulty", field=error.field, reason=error.reason, why=error.why, values=error.values
        )


def _state(connection: Connection, keys: Keys, results: Sequence[Result], by: str) -> frozenset[str]:
    woken: frozenset[str] = frozenset()
    said = [one for result in results for one in result.said]
    for author, some in groupby(said, key=lambda one: _author(one, by)):
        woken |= write(connection, keys, [one.statement for one in some], author)[1].woken
    return woken


def _author(said: Said, by: str) -> str:
    """Whoever the row names as its author; otherwise who reads it in."""
    return by if by and said.author == "endpoint" else said.author
