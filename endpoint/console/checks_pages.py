"""The pages of Egenkontroll: a year, who has done theirs, the figures."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from care.rights import Act
from endpoint.console.checks import mine, overview, tasks, year_of
from endpoint.console.checks_figures import as_csv, figured, rows
from endpoint.console.checks_frame import frame
from endpoint.console.errors import NoSuchPage
from endpoint.console.page import HEADERS, page
from endpoint.console.reader import Reader
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
_BACK, _AHEAD = 10, 1
"""Years that can be looked at, before and after this one."""


@get("/checks")
async def unit_year(
    parts: Here,
    reader: Me,
    unit: FromQuery[str] = "",
    year: FromQuery[int] = 0,
    everybody: FromQuery[bool] = False,
) -> Response[Any]:
    """What waits, and one unit's year."""
    units = reader.allowed(Act.CHECK_DO)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    shown = _year(reader, year)
    waits = await (tasks if everybody else mine)(parts.database, reader)
    return page(
        "checks.html",
        reader,
        here="checks",
        tab="year",
        units=units,
        unit=chosen,
        year=shown,
        years=_years(reader, shown),
        rows=await year_of(parts.database, reader, chosen, shown),
        waits=waits,
        everybody=everybody,
        **await frame(parts, reader),
    )


@get("/checks/overview")
async def overview_(parts: Here, reader: Me, year: FromQuery[int] = 0) -> Response[Any]:
    """Units and checks: who has done theirs."""
    units = reader.allowed(Act.CHECK_OVERVIEW)
    shown = _year(reader, year)
    return page(
        "checks_overview.html",
        reader,
        here="checks",
        tab="overview",
        units=units,
        year=shown,
        years=_years(reader, shown),
        table=await overview(parts.database, reader, units, shown),
        **await frame(parts, reader),
    )


@get("/checks/figures")
async def figures_(parts: Here, reader: Me, year: FromQuery[int] = 0) -> Response[Any]:
    """What goes into the patientsäkerhetsberättelse."""
    units = reader.allowed(Act.CHECK_OVERVIEW)
    shown = _year(reader, year)
    found = await figured(parts.database, reader, units, shown)
    return page(
        "checks_figures.html",
        reader,
        here="checks",
        tab="figures",
        year=shown,
        years=_years(reader, shown),
        found=[(one, rows(one, reader.t)) for one in found],
        **await frame(parts, reader),
    )


@get("/checks/figures.csv")
async def figures_csv(parts: Here, reader: Me, year: FromQuery[int] = 0) -> Response[bytes]:
    units = reader.allowed(Act.CHECK_OVERVIEW)
    shown = _year(reader, year)
    found = await figured(parts.database, reader, units, shown)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="egenkontroll-{shown}.csv"'}
    return Response(as_csv(found, shown, reader.t), media_type="text/csv; charset=utf-8", headers=headers)


def _year(reader: Reader, year: int) -> int:
    """The year that is asked for; this one when none is."""
    this = reader.day.year
    if not year:
        return this
    if not this - _BACK <= year <= this + _AHEAD:
        raise NoSuchPage(str(year))
    return year


def _years(reader: Reader, shown: int) -> list[int]:
    """The years beside the one that is shown."""
    this = reader.day.year
    return [one for one in (shown - 1, shown, shown + 1) if this - _BACK <= one <= this + _AHEAD]


HANDLERS = [unit_year, overview_, figures_, figures_csv]
