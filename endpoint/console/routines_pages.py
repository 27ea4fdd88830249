"""The pages of Rutiner."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.rights import Act
from care.routine import RoutineDocument
from care.routine_text import read as blocks
from endpoint.console import routines
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/routines")
async def routine_list(parts: Here, reader: Me) -> Response[Any]:
    reader.allowed(Act.ROUTINE_READ)
    found = await routines.listed(parts.database, reader)
    return page("routines.html", reader, found=found, **await _values(parts, reader))


@get("/routines/new")
async def routine_new(parts: Here, reader: Me) -> Response[Any]:
    units = tuple(unit.id for unit in reader.allowed(Act.ROUTINE_PUBLISH))
    return await _form(parts, reader, routines.from_today(reader.day, routines.Fields(units=units)))


@post("/routines/new", guards=[own_forms_only])
async def routine_make(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    return await _publish(parts, reader, request, None)


@get("/routines/{id:str}")
async def routine(parts: Here, reader: Me, id: FromPath[str], version: FromQuery[int] = 0) -> Response[Any]:
    """A routine as it holds now, or one of its versions."""
    return await _routine(parts, reader, await routines.opened(parts.database, reader, id), version)


@get("/routines/{id:str}/edit")
async def routine_edit(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found = await routines.mine(parts.database, reader, id)
    fields = routines.from_today(reader.day, routines.fields_from(found))
    return await _form(parts, reader, fields, routine=found)


@post("/routines/{id:str}/edit", guards=[own_forms_only])
async def routine_change(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    return await _publish(parts, reader, request, await routines.mine(parts.database, reader, id))


@post("/routines/{id:str}/review", guards=[own_forms_only])
async def routine_review(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    found = await routines.mine(parts.database, reader, id)
    again = (await sent(request))("review_by")
    if await routines.review(parts, reader, found, again):
        return to(f"/console/routines/{id}")
    return await _routine(parts, reader, found, 0, 422, again)


@get("/routines/{id:str}/withdraw")
async def routine_withdraw_ask(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found = await routines.mine(parts.database, reader, id)
    return page("routine_withdraw.html", reader, routine=found, **await _values(parts, reader))


@post("/routines/{id:str}/withdraw", guards=[own_forms_only])
async def routine_withdraw(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    found = await routines.mine(parts.database, reader, id)
    await routines.withdraw(parts, reader, found, (await sent(request)).text("reason"))
    return to("/console/routines")


async def _routine(
    parts: Parts,
    reader: Reader,
    found: RoutineDocument,
    number: int,
    status: int = 200,
    again: str | None = None,
) -> Response[Any]:
    numbered = next((one for one in found.versions if one.number == number), None)
    shown = numbered or found.on(reader.day) or found.latest
    assert shown is not None
    return page(
        "routine.html",
        reader,
        status,
        routine=found,
        shown=shown,
        blocks=blocks(shown.body.text),
        state=found.state(reader.day),
        mine=routines.may_change(reader, found),
        units={unit.id: unit for unit in reader.units},
        again=again,
        **await _values(parts, reader),
    )


async def _publish(
    parts: Parts, reader: Reader, request: AnyRequest, found: RoutineDocument | None
) -> Response[Any]:
    """Look at it first, then publish: the same form, with another button."""
    given = await sent(request)
    fields = routines.fields_of(given.pairs)
    units = {unit.id: unit for unit in reader.allowed(Act.ROUTINE_PUBLISH)}
    who = await routines.owners(parts.database, reader, units)
    published, wrong = routines.read(fields, units, who)
    if published is None:
        return await _form(parts, reader, fields, found, wrong, status=422)
    if given("do") != "publish":
        return await _form(parts, reader, fields, found, preview=True)
    id = await routines.publish(parts, reader, published, found)
    return to(f"/console/routines/{id}")


async def _form(
    parts: Parts,
    reader: Reader,
    fields: routines.Fields,
    routine: RoutineDocument | None = None,
    wrong: dict[str, str] | None = None,
    preview: bool = False,
    status: int = 200,
) -> Response[Any]:
    units = reader.allowed(Act.ROUTINE_PUBLISH)
    known = await routines.listed(parts.database, reader)
    return page(
        "routine_edit.html",
        reader,
        status,
        routine=routine,
        fields=fields,
        wrong=wrong or {},
        preview=blocks(fields.text) if preview else [],
        units=units,
        owners=await routines.owners(parts.database, reader, {unit.id for unit in units}),
        areas=sorted({one.version.area for one in known}),
        **await _values(parts, reader),
    )


async def _values(parts: Parts, reader: Reader) -> dict[str, Any]:
    return {
        "here": "routines",
        "counts": await waiting(parts.database, reader),
        "tones": routines.TONES,
        "publish_too": bool(reader.units_for(Act.ROUTINE_PUBLISH)),
    }


HANDLERS = [
    routine_list,
    routine_new,
    routine_make,
    routine,
    routine_edit,
    routine_change,
    routine_review,
    routine_withdraw_ask,
    routine_withdraw,
]
