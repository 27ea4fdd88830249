"""What every page of log control needs: whose control it is, its rows with names, what a refusal is."""

from datetime import date
from typing import Any

from litestar import Response
from litestar.di import NamedDependency

from care.log_control import SIGNS
from care.rights import Act
from care.unit import UnitDocument
from endpoint.audit.log import seen
from endpoint.console import log_control_shown as shown
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.page import page
from endpoint.console.reader import Reader
from endpoint.console.texts import Texts
from endpoint.console.waiting import waiting
from endpoint.log_control import control, months
from endpoint.log_control.control import Control
from endpoint.log_control.errors import NoSuchControl, OwnReading
from endpoint.parts import Parts

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
PATH = "/console/log_control"
PLACE = "log_control"


def said_month(name: str | None, t: Texts) -> str:
    """oktober 2026."""
    first: date | None = months.first(name or "")
    return f"{t('date.months').split()[first.month - 1]} {first.year}" if first else ""


def unit_of(reader: Reader, id: str) -> UnitDocument:
    found = next((unit for unit in reader.allowed(Act.LOG_REVIEW) if unit.id == id), None)
    if found is None:
        raise NotYours(id)
    return found


async def control_of(parts: Parts, reader: Reader, id: str) -> tuple[Control, UnitDocument]:
    """A control of one of the reader's units. Raises NoSuchPage, also for those of others."""
    units = {unit.id: unit for unit in reader.allowed(Act.LOG_REVIEW)}
    try:
        found = await parts.database.read(lambda connection: control.get(connection, id))
    except NoSuchControl as error:
        raise NoSuchPage(id) from error
    if found.unit not in units:
        raise NoSuchPage(id)
    return found, units[found.unit]


async def rows_of(
    parts: Parts, reader: Reader, found: Control, unit: UnitDocument, only: int | None = None
) -> list[shown.Shown]:
    """The rows with their names; that they are shown is logged as any other reading."""
    rows = await parts.database.read(lambda connection: shown.rows(connection, found, reader, unit))
    if only is not None:
        rows = [one for one in rows if one.number == only]
    persons = {one.person.id: unit.id for one in rows if one.person}
    await seen(parts, reader, PLACE, Act.LOG_REVIEW, persons)
    return rows


async def whole(
    parts: Parts, reader: Reader, name: str, found: Control, unit: UnitDocument, **values: Any
) -> Response[Any]:
    return page(
        name,
        reader,
        here=PLACE,
        control=found,
        unit=unit,
        period=said_month(found.month, reader.t) or reader.t("console.log_control.extra.name"),
        signs=SIGNS,
        counts=await waiting(parts.database, reader),
        **values,
    )


async def change(parts: Parts, work: Any) -> Any:
    """Change a control. What is not there any more, or is nobody's to judge, is told as any other refusal."""
    try:
        return await parts.database.write(work)
    except OwnReading as error:
        raise NotYours(str(error)) from error
    except NoSuchControl as error:
        raise NoSuchPage(str(error)) from error
