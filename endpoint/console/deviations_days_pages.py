"""Vårddygn: person-days of care per unit and month, filled in or sent as a file."""

import re
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from care.rights import Act
from care.unit import UnitDocument
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.console.waiting import waiting
from endpoint.deviations import days, table
from endpoint.deviations.errors import Unreadable
from endpoint.parts import Parts
from endpoint.people.words import plain

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
Values = dict[tuple[str, str], int | None]
PATH = "/console/deviations/figures/days"
_MONTH = re.compile(r"(?:199[0-9]|20[0-9]{2}|21[0-9]{2})-(?:0[1-9]|1[0-2])")
_COLUMNS = {"unit": ("enhet",), "month": ("månad",), "days": ("vårddygn", "dygn")}
_FAULTS_MOST = 50


@get("/deviations/figures/days")
async def days_page(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    return await _shown(parts, reader, _year(request.query_params.get("year", ""), reader))


@post("/deviations/figures/days", guards=[own_forms_only])
async def days_set(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Set the months of one unit; an empty field: not known."""
    reader.allowed(Act.CARE_DAYS)
    given = await sent(request)
    year, unit = _year(given("year"), reader), given("unit")
    found = next((one for one in reader.units_for(Act.CARE_DAYS) if one.id == unit), None)
    values, faults = _typed(given, unit, year)
    if found is None:
        return await _shown(parts, reader, year, ["days.fault.unit"], status=422)
    if faults:
        return await _shown(parts, reader, year, faults, {unit: given})
    await _save(parts, reader, values)
    return to(f"{PATH}?year={year}#unit-{unit}")


@post("/deviations/figures/days/file", guards=[own_forms_only])
async def days_file(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Set months from a table with unit, month and days. Either all of it is right, or nothing is set."""
    mine = reader.allowed(Act.CARE_DAYS)
    year = reader.day.year
    try:
        sheet = table.read(await _upload(request), dict(_COLUMNS), tuple(_COLUMNS), {})
    except Unreadable:
        return await _shown(parts, reader, year, ["days.fault.file"])
    values, wrong = _read(sheet, mine)
    if wrong or not values:
        told = [
            reader.t("days.fault.row", row=line, what=reader.t(what)) for line, what in wrong[:_FAULTS_MOST]
        ]
        return await _shown(parts, reader, year, ["days.fault.nothing_set"], lines=told)
    await _save(parts, reader, values)
    return to(f"{PATH}?year={max(month for _, month in values)[:4]}")


def _typed(given: Sent, unit: str, year: int) -> tuple[Values, list[str]]:
    values: Values = {}
    for month in range(1, 13):
        text = given(f"m{month}")
        count = _number(text)
        if text and count is None:
            return {}, ["days.fault.number"]
        values[unit, f"{year}-{month:02}"] = count
    return values, []


def _read(sheet: table.Sheet, mine: list[UnitDocument]) -> tuple[Values, list[tuple[int, str]]]:
    units: dict[str, list[str]] = {}
    for unit in mine:
        for word in {plain(unit.id), plain(unit.name)}:
            units.setdefault(word, []).append(unit.id)
    values: Values = {}
    wrong = []
    for row in sheet.rows():
        cells = {} if isinstance(row, table.Bad) else row.cells
        named, count = units.get(plain(cells.get("unit", "")), []), _number(cells.get("days", ""))
        if isinstance(row, table.Bad):
            wrong.append((row.line, "days.fault.file"))
        elif len(named) != 1:
            wrong.append((row.line, "days.fault.unit"))
        elif not _MONTH.fullmatch(cells.get("month", "")):
            wrong.append((row.line, "days.fault.month"))
        elif count is None:
            wrong.append((row.line, "days.fault.number"))
        elif values.get((named[0], cells["month"]), count) != count:
            wrong.append((row.line, "days.fault.twice"))
        else:
            values[named[0], cells["month"]] = count
    return values, wrong


def _number(text: str) -> int | None:
    """Person-days, as 1 240 or 1240; None: no such number."""
    digits = re.sub(r"[ \u00a0\u202f]", "", text)
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        return None
    return int(digits) if int(digits) <= days.MOST else None


async def _upload(request: AnyRequest) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return b""
    try:
        file = (await request.form()).get("file")
        return await file.read() if isinstance(file, UploadFile) else b""
    except (HTTPException, UnicodeDecodeError, LookupError, ValueError):
        return b""


async def _save(parts: Parts, reader: Reader, values: Values) -> None:
    by, now = reader.staff.id, reader.now
    await parts.database.write(lambda connection: days.put(connection, values, by, now))


async def _shown(
    parts: Parts,
    reader: Reader,
    year: int,
    faults: list[str] | None = None,
    typed: dict[str, Sent] | None = None,
    lines: list[str] | None = None,
    status: int = 400,
) -> Response[Any]:
    units = reader.allowed(Act.CARE_DAYS)
    ids = [unit.id for unit in units]
    known = await parts.database.read(lambda connection: days.of_year(connection, ids, year))

    def value(unit: str, month: int) -> str:
        if typed and unit in typed:
            return typed[unit](f"m{month}")
        return str(known.get((unit, f"{year}-{month:02}"), ""))

    return page(
        "deviations_days.html",
        reader,
        status if faults else 200,
        here="statistics",
        counts=await waiting(parts.database, reader),
        units=units,
        year=year,
        years=[reader.day.year - back for back in range(6)],
        value=value,
        faults=faults or [],
        lines=lines or [],
        figures_too=bool(reader.units_for(Act.DEVIATION_HANDLE)),
    )


def _year(text: str, reader: Reader) -> int:
    return int(text) if re.fullmatch(r"(?:199|20[0-9]|21[0-9])[0-9]", text) else reader.day.year


HANDLERS = [days_page, days_set, days_file]
