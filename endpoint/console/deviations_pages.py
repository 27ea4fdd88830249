"""The pages of reported deviations."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Struct

from care.rights import Act
from endpoint.audit.log import seen
from endpoint.console import deviations
from endpoint.console.gone import gone
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, part, to
from endpoint.console.reader import Reader
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


class ReceivedForm(Struct):
    text: str = ""


@get("/deviations")
async def deviation_list(parts: Here, reader: Me) -> Response[Any]:
    return await _deviations(parts, reader, None)


@get("/deviations/{id:str}")
async def deviation(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    return await _deviations(parts, reader, id)


@get("/deviations/fresh")
async def deviations_fresh(
    parts: Here,
    reader: Me,
    request: AnyRequest,
    open: FromQuery[str] = "",
    chosen: FromQuery[bool] = False,
) -> Response[Any]:
    reader.allowed(Act.DEVIATION_HANDLE)
    found = await _reports(parts, reader)
    counts = await waiting(parts.database, reader, reports=found)
    values = {"reports": found, "open": open, "chosen": chosen, "counts": counts}
    return part("deviations_fresh.html", reader, request.headers.get("if-none-match", ""), **values)


@post("/deviations/{id:str}/received", guards=[own_forms_only])
async def received(
    parts: Here,
    reader: Me,
    id: FromPath[str],
    data: URLEncodedBody[ReceivedForm],
) -> Response[Any]:
    await deviations.receive(parts.database, parts.keys, reader, id, data.text)
    return to(f"/console/deviations/{id}")


async def _reports(parts: Parts, reader: Reader) -> list[deviations.Report]:
    reader.allowed(Act.DEVIATION_HANDLE)
    found = await deviations.reports(parts.database, reader)
    listed = {one.person.id: one.unit.id for one in found if one.person}
    await seen(parts, reader, "deviations", Act.DEVIATION_HANDLE, listed)
    return found


async def _deviations(parts: Parts, reader: Reader, id: str | None) -> Response[Any]:
    found = await _reports(parts, reader)
    shown = found[0] if found and id is None else next((one for one in found if one.case.id == id), None)
    if id is not None and shown is None:
        return await gone(parts, reader, Act.DEVIATION_HANDLE, "deviation", id, "deviations")
    if shown and shown.person:
        await seen(parts, reader, "deviation", Act.DEVIATION_HANDLE, {shown.person.id: shown.unit.id})
    return page(
        "deviations.html",
        reader,
        here="deviations",
        reports=found,
        report=shown,
        open=shown.case.id if shown else "",
        counts=await waiting(parts.database, reader, reports=found),
        chosen=id is not None,
    )


HANDLERS = [deviation_list, deviations_fresh, deviation, received]
