"""Files that are read in on the console: tried first, then read in, in batches that whoever waits can follow.

A file's rows are kept until they have been read in, at most a day, and shown to the one who sent it alone.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal, cast

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from care.ids import is_uuid
from endpoint.deviations.errors import Unreadable
from endpoint.deviations.table import Bad, Row
from endpoint.imports import fhir
from endpoint.imports.command import sheet_of
from endpoint.imports.mapping import Map
from endpoint.imports.rows import Kind, Result
from endpoint.imports.running import SORTS
from endpoint.imports.tables import import_lists
from endpoint.people import scim_users
from endpoint.people.changes import new_id
from endpoint.people.table import BYTES_MOST, ROWS_MOST

KEPT = timedelta(days=1)
SILENT = timedelta(minutes=2)
"""Work that has told nothing for so long has been broken off, as when the endpoint ended."""
State = Literal["checking", "shown", "carrying", "done"]
"""Being tried; tried, and waiting; being read in; read in."""


class Line(Struct, frozen=True, omit_defaults=True):
    """A row as it waits: its cells, or why it is none."""

    line: int
    cells: dict[str, str] = {}
    reason: str = ""
    why: str = ""
    values: Mapping[str, object] = {}
    field: str = "row"

    @property
    def row(self) -> Row | Bad:
        if self.reason:
            return Bad(self.line, self.reason, self.why, self.values, self.field)
        return Row(self.line, self.cells)


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What becomes of a row, as it is kept: without names."""

    line: int
    kind: Kind
    fields: tuple[str, ...] = ()
    field: str = ""
    reason: str = ""
    why: str = ""
    values: Mapping[str, object] = {}

    @classmethod
    def of(cls, one: Result) -> "Outcome":
        return cls(one.line, one.kind, one.fields, one.field, one.reason, one.why, dict(one.values))


class Waiting(Struct, frozen=True):
    """A file. ``done``: rows that are through, of ``total``, in what its state is doing."""

    id: str
    by: str
    sort: str
    provider: str
    name: str
    passed_over: tuple[str, ...]
    total: int
    state: State
    moved: datetime
    done: int
    outcomes: list[Outcome]

    def broken_off(self, now: datetime) -> bool:
        return self.state in ("checking", "carrying") and self.moved < now - SILENT


def read(sort: str, data: bytes) -> tuple[list[Line], list[str]]:
    """The rows of a file of one sort, CSV or FHIR, and what was passed over. Raises Unreadable."""
    if len(data) > BYTES_MOST:
        raise Unreadable(
            f"more than {BYTES_MOST} bytes", "people.file.too_large", {"most": BYTES_MOST // 1024 // 1024}
        )
    rows: Iterable[Row | Bad]
    if scim_users.looks_like(data):
        types = fhir.OF_SORT.get(sort)
        if types is None:
            raise Unreadable(f"{sort}: not in FHIR", "import.file.not_in_fhir")
        bundle = fhir.Bundle(data)
        rows, passed = bundle.rows(*types), bundle.others(types)
    else:
        sheet = sheet_of(SORTS[sort], data, Map())
        rows, passed = sheet.rows(), list(sheet.passed_over)
    lines = [_line(row) for row in rows]
    if len(lines) > ROWS_MOST:
        raise Unreadable(f"more than {ROWS_MOST} rows", "people.file.too_many", {"most": ROWS_MOST})
    if not lines:
        why = "import.file.none_of_it" if passed and scim_users.looks_like(data) else "people.file.no_rows"
        raise Unreadable("no rows", why, {"types": ", ".join(passed)})
    return lines, passed


def keep(
    connection: Connection,
    by: str,
    sort: str,
    provider: str,
    name: str,
    read: tuple[list[Line], list[str]],
    now: datetime,
) -> str:
    """Keep a file's rows for whoever sent it; its id. Their earlier one of the sort is forgotten."""
    lines, passed = read
    c = import_lists.c
    connection.execute(delete(import_lists).where(((c.by == by) & (c.sort == sort)) | (c.made < now - KEPT)))
    id = new_id()
    connection.execute(
        import_lists.insert().values(
            id=id,
            by=by,
            sort=sort,
            provider=provider,
            name=name,
            made=now,
            passed_over="\n".join(passed),
            total=len(lines),
            state="checking",
            moved=now,
            done=0,
            rows=msgspec.json.encode(lines),
            results=b"[]",
        )
    )
    return id


def one(connection: Connection, by: str, sort: str, id: str, now: datetime) -> Waiting | None:
    """The file of that id, to the one who sent it alone; None: there is none any more."""
    if not is_uuid(id):
        return None
    c = import_lists.c
    row = connection.execute(
        select(import_lists).where(c.id == id, c.by == by, c.sort == sort, c.made >= now - KEPT)
    ).one_or_none()
    if row is None:
        return None
    passed = tuple(part for part in row.passed_over.split("\n") if part)
    outcomes = msgspec.json.decode(row.results, type=list[Outcome])
    return Waiting(
        row.id, row.by, row.sort, row.provider, row.name, passed, row.total, cast(State, row.state),
        row.moved, row.done, outcomes,
    )  # fmt: skip


def rows(connection: Connection, id: str) -> list[Line]:
    """What a file says; nothing once it has been read in, or is forgotten."""
    held = connection.scalar(select(import_lists.c.rows).where(import_lists.c.id == id))
    return msgspec.json.decode(held, type=list[Line]) if held else []


def begin(connection: Connection, waiting: Waiting, now: datetime) -> bool:
    """Whether it is for this call to read it in: once, and again where that was broken off."""
    c = import_lists.c
    ready = (c.state == "shown") | ((c.state == "carrying") & (c.moved < now - SILENT))
    done = connection.execute(
        update(import_lists).where(c.id == waiting.id, ready).values(state="carrying", moved=now, done=0)
    )
    return done.rowcount == 1


def went(connection: Connection, id: str, done: int, now: datetime) -> None:
    """So many rows are through."""
    connection.execute(update(import_lists).where(import_lists.c.id == id).values(done=done, moved=now))


def tried(connection: Connection, id: str, found: Iterable[Result], now: datetime) -> None:
    """It has been tried: this is what would become of its rows."""
    _settle(connection, id, "shown", found, now, {})


def finish(connection: Connection, id: str, found: Iterable[Result], now: datetime) -> None:
    """It has been read in. What it said is forgotten, what became of its rows is kept."""
    _settle(connection, id, "done", found, now, {"rows": b"", "name": ""})


def forget(connection: Connection, by: str, sort: str, id: str) -> None:
    c = import_lists.c
    if is_uuid(id):
        connection.execute(delete(import_lists).where(c.id == id, c.by == by, c.sort == sort))


def _settle(
    connection: Connection,
    id: str,
    state: State,
    found: Iterable[Result],
    now: datetime,
    more: Mapping[str, object],
) -> None:
    results = msgspec.json.encode([Outcome.of(one) for one in found])
    values = {"state": state, "results": results, "moved": now, **more}
    connection.execute(update(import_lists).where(import_lists.c.id == id).values(**values))


def _line(row: Row | Bad) -> Line:
    if isinstance(row, Bad):
        return Line(row.line, {}, row.reason, row.why, dict(row.values), row.field)
    return Line(row.line, {name: text for name, text in row.cells.items() if text and name[0] != " "})
