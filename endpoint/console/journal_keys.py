"""Journalsystem: the keys with which a journal system reads SBARs in the reader's own name."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from care.rights import Act
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.fhir import keys
from endpoint.parts import Parts
from endpoint.people.words import is_name

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/inbox/systems", guards=[just_signed_in])
async def journal_keys(parts: Here, reader: Me) -> Response[Any]:
    return await _shown(parts, reader)


@post("/inbox/systems", status_code=200, guards=[own_forms_only, just_signed_in])
async def key_made(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Make a key. It is shown here and now, and never again."""
    reader.allowed(Act.NURSE_INBOX_READ)
    name, staff, now = (await sent(request))("name"), reader.staff.id, reader.now
    if not is_name(name) or len(name) > keys.NAME_MOST:
        return await _shown(parts, reader, name, "people.fault.name")
    token = await parts.database.write(lambda connection: keys.make(connection, staff, name, now))
    url = f"{parts.settings.base_url}/v1/fhir"
    back = "/console/inbox/systems"
    return page("system_made.html", reader, here="inbox", system=name, token=token, url=url, back=back)


@post("/inbox/systems/{id:str}/close", guards=[own_forms_only])
async def key_closed(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """Take one's own key back."""
    reader.allowed(Act.NURSE_INBOX_READ)
    staff, now = reader.staff.id, reader.now
    await parts.database.write(lambda connection: keys.close(connection, staff, id, now))
    return to("/console/inbox/systems")


async def _shown(parts: Parts, reader: Reader, name: str = "", fault: str = "") -> Response[Any]:
    reader.allowed(Act.NURSE_INBOX_READ)
    staff = reader.staff.id
    found = await parts.database.read(lambda connection: keys.of_staff(connection, staff))
    return page(
        "journal_keys.html",
        reader,
        400 if fault else 200,
        here="inbox",
        keys=found,
        days=keys.LASTS.days,
        typed=name,
        faults={"name": fault} if fault else {},
        url=f"{parts.settings.base_url}/v1/fhir",
    )


HANDLERS = [journal_keys, key_made, key_closed]
