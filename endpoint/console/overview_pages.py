"""The pages of Översikt: a unit's week, a person's week."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.rights import Act
from care.unit import UnitDocument
from endpoint.audit.log import seen
from endpoint.console import orders, overview
from endpoint.console.errors import NoSuchPage
from endpoint.console.page import page
from endpoint.console.reader import Reader
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
TONES = {
    "on_time": ("done", "done"),
    "early": ("quiet", "clock"),
    "late": ("late", "clock"),
    "withheld": ("late", "cross"),
    "missed": ("danger", "warning"),
    "unknown": ("offline", "unknown"),
    "open": ("quiet", "clock"),
    "twice": ("danger", "twice"),
}
"""The tone and the icon of each mark; its word is ``overview.mark.<mark>``."""


@get("/overview")
async def overview_unit(
    parts: Here, reader: Me, unit: FromQuery[str] = "", first: FromQuery[str] = "", days: FromQuery[str] = ""
) -> Response[Any]:
    units, chosen = units_of(reader, unit)
    span = overview.span(first, days, reader.day)
    found = await overview.overview(parts.database, reader, chosen, span)
    await seen(parts, reader, "overview", Act.UNIT_READ, {one.person.id: chosen.id for one in found.persons})
    return page("overview.html", reader, found=found, units=units, **await values(parts, reader))


@get("/overview/person/{id:str}")
async def overview_person(
    parts: Here, reader: Me, id: FromPath[str], first: FromQuery[str] = ""
) -> Response[Any]:
    whose = await orders.whose(parts.database, reader, id)
    act = Act.PERSON_BEYOND if whose.beyond else Act.UNIT_READ
    await seen(parts, reader, "overview", act, {id: whose.unit.id})
    span = overview.span(first, "7", reader.day)
    found = await overview.person_grid(parts.database, reader, whose.person, whose.unit, span)
    return page(
        "overview_person.html", reader, found=found, whose=whose, span=span, **await values(parts, reader)
    )


def units_of(reader: Reader, unit: str) -> tuple[list[UnitDocument], UnitDocument]:
    """The units whose tasks the reader reads, and the chosen one. Raises NoSuchPage."""
    units = reader.allowed(Act.UNIT_READ)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    return units, chosen


async def values(parts: Parts, reader: Reader) -> dict[str, Any]:
    return {
        "here": "overview",
        "counts": await waiting(parts.database, reader),
        "tones": TONES,
        "lengths": overview.LENGTHS,
        "reads_machines": bool(reader.units_for(Act.MACHINE_READ)),
    }


HANDLERS = [overview_unit, overview_person]
