"""The pages of Statistik: figures of deviations, their files, and the documents that they go into."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from msgspec.structs import replace
from sqlalchemy import Connection

from care.deviation_figures import CATEGORIES, HARMS
from care.rights import Act
from endpoint.console import complaints
from endpoint.console import deviations_figures as figures
from endpoint.console.deviations_figures import Board, named, noticed, tables
from endpoint.console.deviations_figures_files import as_csv, as_xlsx
from endpoint.console.figures_chart import spec
from endpoint.console.figures_said import sentence
from endpoint.console.figures_table import Table, said
from endpoint.console.page import HEADERS, page, to
from endpoint.console.reader import Reader
from endpoint.console.waiting import waiting
from endpoint.deviations import scope as scopes
from endpoint.deviations.query import Query, asked
from endpoint.deviations.scope import Scope
from endpoint.deviations.words import PROFESSIONS, UNIT_TYPE
from endpoint.errors import NotReadable
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
PATH = "/console/deviations/figures"
_YEARS_BACK = 5


@get("/deviations/figures")
async def figures_page(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """A period beside the year before; the running year, where none is asked for."""
    if not reader.units_for(Act.DEVIATION_HANDLE) and reader.units_for(Act.CARE_DAYS):
        return to(f"{PATH}/days")
    given = [(name, value) for name, value in request.query_params.multi_items() if value.strip()]
    fault = ""
    try:
        board = await _board(parts, reader, given)
    except NotReadable as error:
        fault = error.problem.field or ""
        board = await _board(parts, reader, [])
    scope = board.now.scope
    shown = tables(board, reader.t)
    return page(
        "deviations_figures.html",
        reader,
        400 if fault else 200,
        **await _frame(parts, reader, board),
        **await _drawn(request, shown, reader),
        noticed=noticed(board, reader.t),
        fault=fault,
        options=_options(scope, reader),
        years=[reader.day.year - back for back in range(_YEARS_BACK)],
        query_of=lambda **changed: _address(board, changed),
        chosen={name: values[0] for name, values in board.query.filters.items()},
        days_too=bool(reader.units_for(Act.CARE_DAYS)),
    )


@get("/deviations/figures.csv")
async def figures_csv(parts: Here, reader: Me, request: AnyRequest) -> Response[bytes]:
    found = tables(await _board(parts, reader, _given(request)), reader.t)
    return _file("avvikelser.csv", "text/csv; charset=utf-8", as_csv(found, reader.t))


@get("/deviations/figures.xlsx")
async def figures_xlsx(parts: Here, reader: Me, request: AnyRequest) -> Response[bytes]:
    found = tables(await _board(parts, reader, _given(request)), reader.t)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file("avvikelser.xlsx", kind, as_xlsx(found, reader.t))


@get("/deviations/figures/report")
async def figures_report(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """A document to print: tables without small numbers, and the period's text left to fill in."""
    given = _given(request)
    kind = "half" if ("kind", "half") in given else "year"
    period = [one for one in given if one[0] in ("from", "to")] or _just_over(kind, reader.day)
    board = await _board(parts, reader, [*period, ("protect", "1")])
    shown = [one for one in tables(board, reader.t) if one.name != "fall.informed"]
    if reader.units_for(Act.COMPLAINT_HANDLE):
        taken = await complaints.shown(parts.database, reader)
        counted = complaints.table(taken, *figures.both_days(board.query), reader.t)
        shown += [counted] if counted.rows else []
    return page(
        "deviations_report.html",
        reader,
        **await _frame(parts, reader, board),
        **await _drawn(request, shown, reader),
        kind=kind,
        blocks=[f"statistics.report.{kind}.{number}" for number in range(1, 6)],
    )


async def _frame(parts: Parts, reader: Reader, board: Board) -> dict[str, Any]:
    """What the page and the document both say of a period."""
    return {
        "here": "statistics",
        "counts": await waiting(parts.database, reader),
        "path": PATH,
        "board": board,
        "period": figures.period(board.query, reader.t),
        "board_before": figures.period(board.before.query, reader.t),
        "whose": reader.t(f"statistics.report.whose.{_side(board.now.scope)}"),
        "said": lambda value: said(value, reader.t),
    }


async def _drawn(request: AnyRequest, shown: list[Table], reader: Reader) -> dict[str, Any]:
    """The tables with their charts, and what these say."""
    drawings = await request.app.state.charts.drawn([spec(one, reader.t) for one in shown])
    named = {one.name: drawing for one, drawing in zip(shown, drawings, strict=True)}
    sentences = {one.name: sentence(one, named[one.name] is not None, reader.t) for one in shown}
    return {"tables": shown, "charts": named, "sentences": sentences}


def _side(scope: Scope) -> str:
    """Which reports the reader counts: MAS and MAR those of HSL, SAS those of SoL, nurses of persons."""
    read = frozenset(one.of for one in scope.streams or ())
    alone = {frozenset({"mas"}): "hsl", frozenset({"sas"}): "sol", frozenset({"nurse"}): "persons"}
    return alone.get(read, "both")


def _just_over(kind: str, today: date) -> list[tuple[str, str]]:
    """The year, or half of one, that was over last."""
    year = today.year - 1
    if kind == "year":
        return [("from", f"{year}-01-01"), ("to", f"{year}-12-31")]
    if today.month > 6:
        return [("from", f"{today.year}-01-01"), ("to", f"{today.year}-06-30")]
    return [("from", f"{year}-07-01"), ("to", f"{year}-12-31")]


async def _board(parts: Parts, reader: Reader, given: list[tuple[str, str]]) -> Board:
    """Count what a page asks for. Raises NotReadable, NotYours."""

    def count(connection: Connection) -> Board:
        scope = scopes.of_reader(connection, reader)
        protect = any(name == "protect" for name, _ in given)
        scope = replace(scope, protected=protect)
        pairs = [one for one in given if one[0] not in ("protect", "kind")]
        return figures.board(connection, scope, _within(asked(pairs, scope), reader.day), reader.day)

    return await parts.database.read(count)


def _within(query: Query, today: date) -> Query:
    """With both its days: by itself the running year; a single day's other end is its own year's."""
    first = query.first or date((query.last or today).year, 1, 1)
    last = query.last or date(first.year, 12, 31)
    return replace(query, first=first, last=last)


def _given(request: AnyRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.query_params.multi_items() if value.strip()]


def _address(board: Board, changed: dict[str, object]) -> str:
    """The query of this page with some of it changed; None takes a parameter away."""
    query = board.query
    values: dict[str, object] = {"from": query.first, "to": query.last}
    values |= {name: list(found) for name, found in query.filters.items()}
    values |= {"protect": "1"} if board.now.scope.protected else {}
    changed = {name.rstrip("_"): value for name, value in changed.items()}
    return urlencode({name: value for name, value in (values | changed).items() if value is not None}, True)


def _options(scope: Scope, reader: Reader) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers."""

    def offered(dimension: str, values: Any) -> list[tuple[str, str]]:
        return [(value, named(dimension, value, scope, reader.t)) for value in values]

    types = sorted(dict.fromkeys(UNIT_TYPE.values()))
    units = sorted(scope.places, key=lambda id: (scope.places[id].past, scope.places[id].name))
    return {
        "unit": offered("unit", units),
        "unit_type": offered("unit_type", types),
        "category": offered("category", CATEGORIES),
        "harm": offered("harm", HARMS),
        "profession": offered("profession", PROFESSIONS),
    }


def _file(name: str, kind: str, data: bytes) -> Response[bytes]:
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind, headers=headers)


HANDLERS = [figures_page, figures_csv, figures_xlsx, figures_report]
