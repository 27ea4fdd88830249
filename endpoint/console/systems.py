"""Andra system: which may send staff by SCIM or read figures, with which key, and taking the key back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from endpoint.console.administering import providers, roster_of
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.parts import Parts
from endpoint.people import tokens
from endpoint.people.tokens import Token
from endpoint.people.words import is_name

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
PATHS: dict[tokens.Use, str] = {
    "staff": "/scim/v2",
    "statistics": "/v1/statistics/deviations",
    "machines": "/v1/machines/events",
}
"""Where a system calls, by what its key is for."""
BACK = "/console/staff/systems"


@get("/staff/systems", guards=[just_signed_in])
async def systems(parts: Here, reader: Me) -> Response[Any]:
    return await _shown(parts, reader)


@post("/staff/systems", status_code=200, guards=[own_forms_only, just_signed_in])
async def system_made(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Make a key. It is shown here and now, and never again."""
    given, mine = await sent(request), providers(reader)
    name, provider = given("name"), given("provider") or next(iter(mine))
    use = next((one for one in tokens.USES if one == (given("use") or tokens.USES[0])), None)
    if not is_name(name) or len(name) > tokens.NAME_MOST or provider not in mine or use is None:
        return await _shown(parts, reader, name, "people.fault.name")
    by, now = reader.staff.id, reader.now
    token = await parts.database.write(
        lambda connection: tokens.make(connection, provider, name, by, now, use)
    )
    url = f"{parts.settings.base_url}{PATHS[use]}"
    return page("system_made.html", reader, here="staff", system=name, token=token, url=url, back=BACK)


@get("/staff/systems/{id:str}/close", guards=[just_signed_in])
async def system_close(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found = next((one for one in await _systems(parts, reader) if one.id == id), None)
    if found is None:
        raise NoSuchPage(id)
    return page("system_close.html", reader, here="staff", system=found)


@post("/staff/systems/{id:str}/close", guards=[own_forms_only, just_signed_in])
async def system_closed(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    mine = providers(reader)
    if all(one.id != id for one in await _systems(parts, reader)):
        raise NoSuchPage(id)
    by, now = reader.staff.id, reader.now
    await parts.database.write(lambda connection: tokens.close(connection, mine, id, by, now))
    return to(BACK)


async def _systems(parts: Parts, reader: Reader) -> list[Token]:
    mine = providers(reader)
    return await parts.database.read(lambda connection: tokens.of_providers(connection, mine))


async def _shown(parts: Parts, reader: Reader, name: str = "", fault: str = "") -> Response[Any]:
    roster = await roster_of(parts, reader)
    found = await _systems(parts, reader)
    by = {one.id: one.name for one in roster.staff}
    return page(
        "systems.html",
        reader,
        400 if fault else 200,
        here="staff",
        systems=[(one, by.get(one.made_by, "")) for one in found],
        providers=providers(reader),
        typed=name,
        faults={"name": fault} if fault else {},
        uses=tokens.USES,
    )


HANDLERS = [systems, system_made, system_close, system_closed]
