"""Läkemedelsskåp och givare: openings beside the doses around them, and what dispensers have reported."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct

from care.cabinet import CabinetDocument, DispenserDocument
from care.openings import AFTER, BEFORE, Held, given_of, held_against
from care.order import OrderDocument
from care.person import PersonDocument
from care.prn import PrnDocument
from care.rights import Act
from care.schedule import DAY
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit.log import seen
from endpoint.console import overview
from endpoint.console.errors import NoSuchPage
from endpoint.console.overview_pages import values
from endpoint.console.page import page
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.parts import Parts

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


class Machines(Struct, frozen=True):
    """What the machines of a unit have seen over a span."""

    held: Held
    dispensers: list[DispenserDocument]
    persons: dict[str, PersonDocument]
    staff: dict[str, StaffDocument]


@get("/overview/machines")
async def machines(
    parts: Here, reader: Me, unit: FromQuery[str] = "", first: FromQuery[str] = ""
) -> Response[Any]:
    units = reader.allowed(Act.MACHINE_READ)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    span = overview.span(first, "7", reader.day)
    found = await _machines(parts.database, reader, chosen, span)
    whom = {one.document.person for one in found.held.openings if one.document.person}
    whom |= {one.person for one in found.held.without_opening}
    whom |= {one.person for one in found.dispensers if one.person}
    await seen(parts, reader, "machines", Act.MACHINE_READ, dict.fromkeys(whom, chosen.id))
    return page(
        "machines.html",
        reader,
        found=found,
        span=span,
        unit=chosen,
        units=units,
        **await values(parts, reader),
    )


async def _machines(database: Database, reader: Reader, unit: UnitDocument, span: overview.Span) -> Machines:
    orders = await documents.of_unit(database, OrderDocument, unit.id)
    # What lies just outside the span belongs to what is in it; a dose may be given hours from its time.
    near = await overview.material(database, reader.now, unit, orders, span.start - DAY, span.end + DAY)
    needed = await documents.of_unit(database, PrnDocument, unit.id)
    given = [
        one
        for one in given_of(near.cells, needed, {one.id: one for one in orders})
        if span.start - AFTER <= one.signature.performed < span.end + BEFORE
    ]
    cabinets = [
        one
        for one in await documents.of_unit(database, CabinetDocument, unit.id)
        if one.at is not None and span.start - BEFORE <= one.at < span.end + AFTER
    ]
    dispensers = [
        one
        for one in await documents.of_unit(database, DispenserDocument, unit.id)
        if one.at is not None and span.start <= one.at < span.end
    ]
    persons = await documents.of_unit(database, PersonDocument, unit.id)
    staff = await documents.of_kind(database, StaffDocument)
    return Machines(
        held=held_against(cabinets, given).within(span.start, span.end),
        dispensers=sorted(dispensers, key=lambda one: (one.outcome != "not_taken", one.id)),
        persons={one.id: one for one in persons},
        staff={one.id: one for one in staff},
    )


HANDLERS = [machines]
