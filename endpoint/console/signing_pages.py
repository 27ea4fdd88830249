"""The pages of what is signed today."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from care.rights import Act
from care.unit import UnitDocument
from endpoint.audit.log import seen
from endpoint.console.errors import NoSuchPage
from endpoint.console.page import page, part
from endpoint.console.reader import Reader
from endpoint.console.rounds import Rounds, rounds
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/signing")
async def signing(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    units = reader.allowed(Act.UNIT_READ)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    state = await _rounds(parts, reader, chosen)
    counts = await waiting(parts.database, reader)
    return page("signing.html", reader, here="signing", rounds=state, units=units, counts=counts)


@get("/signing/fresh")
async def signing_fresh(parts: Here, reader: Me, request: AnyRequest, unit: FromQuery[str]) -> Response[Any]:
    chosen = next((one for one in reader.allowed(Act.UNIT_READ) if one.id == unit), None)
    if chosen is None:
        raise NoSuchPage(unit)
    state = await _rounds(parts, reader, chosen)
    return part("signing_day.html", reader, request.headers.get("if-none-match", ""), rounds=state)


async def _rounds(parts: Parts, reader: Reader, unit: UnitDocument) -> Rounds:
    state = await rounds(parts.database, reader, unit)
    await seen(parts, reader, "signing", Act.UNIT_READ, {row.person.id: unit.id for row in state.rows})
    return state


HANDLERS = [signing, signing_fresh]
