"""Narkotika: the ledgers of a unit with their checks done and late, and one ledger to read and print."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from care.amounts import number
from care.ledger import Check, Ledger, checks, ledgers
from care.person import PersonDocument
from care.rights import Act
from care.staff import StaffDocument
from care.stock import StockDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit.log import seen
from endpoint.console import orders
from endpoint.console.errors import NoSuchPage
from endpoint.console.overview_pages import units_of, values
from endpoint.console.page import page
from endpoint.console.reader import Reader
from endpoint.parts import Parts

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


class Row(Struct, frozen=True):
    """One ledger, and the counts that it is to have: each month, or each quarter, as the unit has set."""

    ledger: Ledger
    person: PersonDocument
    checks: list[Check]

    @property
    def late(self) -> int:
        return sum(one.state == "late" for one in self.checks)

    @property
    def key(self) -> str:
        """Names it in an address."""
        return self.ledger.pages[0].rows[0].entry.fact if self.ledger.pages[0].rows else ""


@get("/narcotics")
async def narcotics(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    """What differs first, then what is late to be counted."""
    units, chosen = units_of(reader, unit)
    rows = await _rows(parts, reader, chosen)
    await seen(parts, reader, "narcotics", Act.UNIT_READ, {one.person.id: chosen.id for one in rows})
    return page(
        "narcotics.html",
        reader,
        rows=sorted(rows, key=lambda one: (one.ledger.differs is None, not one.late, one.person.name)),
        units=units,
        unit=chosen,
        every=chosen.settings.narcotic_check_months,
        **await _values(parts, reader),
    )


@get("/narcotics/{id:str}")
async def narcotic_ledger(
    parts: Here, reader: Me, id: FromPath[str], ledger: FromQuery[str] = ""
) -> Response[Any]:
    """A person's ledger of one preparation, month by month, with the balance carried over."""
    whose = await orders.whose(parts.database, reader, id)
    act = Act.PERSON_BEYOND if whose.beyond else Act.UNIT_READ
    await seen(parts, reader, "narcotics", act, {id: whose.unit.id})
    rows = [one for one in await _rows(parts, reader, whose.unit) if one.person.id == id]
    chosen = next((one for one in rows if one.key == ledger), rows[0] if rows and not ledger else None)
    if chosen is None:
        raise NoSuchPage(id)
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    return page(
        "narcotics_ledger.html",
        reader,
        row=chosen,
        rows=rows,
        whose=whose,
        staff=staff,
        every=whose.unit.settings.narcotic_check_months,
        **await _values(parts, reader),
    )


async def _rows(parts: Parts, reader: Reader, unit: UnitDocument) -> list[Row]:
    found = ledgers(await documents.of_unit(parts.database, StockDocument, unit.id))
    persons = {one.id: one for one in await documents.of_unit(parts.database, PersonDocument, unit.id)}
    return [
        Row(one, persons[one.person], checks(one, unit.settings.narcotic_check_months, reader.day))
        for one in found
        if one.person in persons
    ]


async def _values(parts: Parts, reader: Reader) -> dict[str, Any]:
    return await values(parts, reader) | {"here": "narcotics", "number": number}


HANDLERS = [narcotics, narcotic_ledger]
