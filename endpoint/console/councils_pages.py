"""The pages of kvalitetsråd."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from care.rights import Act
from endpoint.audit.log import seen
from endpoint.console import case_said, councils
from endpoint.console.councils import Agenda, Council
from endpoint.console.errors import NotFilledIn
from endpoint.console.guard import own_forms_only
from endpoint.console.handled_pages import frame, people, worked_on
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
NOTHING = Sent({})


@get("/councils")
async def council_list(parts: Here, reader: Me) -> Response[Any]:
    reader.allowed(Act.COUNCIL_HOLD)
    found = await councils.listed(parts.database, reader)
    return page("councils.html", reader, found=found, **await _frame(parts, reader))


@get("/councils/new")
async def council_new(parts: Here, reader: Me) -> Response[Any]:
    return await _new(parts, reader)


@post("/councils/new", guards=[own_forms_only])
async def council_make(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    given = await sent(request)
    units = {unit.id for unit in reader.allowed(Act.COUNCIL_HOLD)}
    try:
        body = councils.calling(given, units)
    except NotFilledIn as fault:
        return await _new(parts, reader, given, fault.text)
    return to(f"/console/councils/{await councils.call(parts, reader, body)}")


@get("/councils/{id:str}")
async def council(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """A council: its agenda as it stands, its minutes and decisions; made to work on and to print."""
    return await _council(parts, reader, await councils.opened(parts.database, reader, id))


def _saying(name: str) -> HTTPRouteHandler:
    @post(f"/councils/{{id:str}}/{name}", guards=[own_forms_only], name=f"council-{name}")
    async def say(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
        found, given = await councils.opened(parts.database, reader, id), await sent(request)
        who = {one.id for one in await people(parts, reader, found.units)}
        taken = await councils.agenda(parts.database, reader, found)
        others = {one.case.id for one in taken.cases}
        asked = case_said.Asked(given, found.handling, who, reader.day, others)
        try:
            await councils.say(parts, reader, found, name, asked)
        except NotFilledIn as fault:
            return await _council(parts, reader, found, given, (name, fault.text))
        return to(f"/console/councils/{id}")

    return say


async def _council(
    parts: Parts,
    reader: Reader,
    found: Council,
    given: Sent = NOTHING,
    wrong: tuple[str, str] = ("", ""),
) -> Response[Any]:
    taken: Agenda = await councils.agenda(parts.database, reader, found)
    listed = {one.person.id: one.unit.id for one in taken.cases if one.person}
    await seen(parts, reader, "council", Act.COUNCIL_HOLD, listed)
    return page(
        "council.html",
        reader,
        422 if wrong[0] else 200,
        council=found,
        called=found.called,
        agenda=taken,
        of_case={one.case.id: one for one in taken.cases},
        mine=councils.may_change(reader, found),
        given=given,
        wrong=wrong,
        **await worked_on(parts, reader, found.units, councils.entries(found)),
        **await _frame(parts, reader),
    )


async def _new(parts: Parts, reader: Reader, given: Sent = NOTHING, wrong: str = "") -> Response[Any]:
    reader.allowed(Act.COUNCIL_HOLD)
    return page(
        "council_new.html",
        reader,
        422 if wrong else 200,
        given=given,
        wrong=wrong,
        **await _frame(parts, reader),
    )


async def _frame(parts: Parts, reader: Reader) -> dict[str, Any]:
    return await frame(parts, reader, "councils", Act.COUNCIL_HOLD)


HANDLERS = [
    council_list,
    council_new,
    council_make,
    council,
    *(_saying(name) for name in councils.SAYINGS),
]
