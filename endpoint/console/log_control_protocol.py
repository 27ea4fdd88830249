"""The protocol of a closed control: to read, to print, to download."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from care.unit import UnitDocument
from endpoint.console.errors import NoSuchPage
from endpoint.console.log_control_open import Here, Me, control_of, whole
from endpoint.console.page import HEADERS
from endpoint.console.reader import Reader
from endpoint.log_control import protocol as protocols
from endpoint.log_control.control import Control
from endpoint.parts import Parts


@get("/log_control/{id:str}/protocol")
async def protocol(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """The protocol, to read and to print."""
    found, unit, told = await _protocol(parts, reader, id)
    return await whole(
        parts,
        reader,
        "log_control_protocol.html",
        found,
        unit,
        told=told,
        digest=protocols.fingerprint(found.protocol or b""),
    )


@get("/log_control/{id:str}/protocol/{form:str}")
async def protocol_file(parts: Here, reader: Me, id: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """The protocol as a file: ``csv`` for a spreadsheet, ``json`` with its signature for checking."""
    found, _, told = await _protocol(parts, reader, id)
    if form == "csv":
        content = protocols.as_csv(told, lambda key: reader.t(f"console.log_control.{key}")).encode()
        kind = "text/csv; charset=utf-8"
    elif form == "json":
        content, kind = protocols.with_signature(found, parts.keys), "application/json"
    else:
        raise NoSuchPage(form)
    name = f"loggkontroll-{found.month or found.drawn.date().isoformat()}-{found.id[:8]}.{form}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


async def _protocol(
    parts: Parts, reader: Reader, id: str
) -> tuple[Control, UnitDocument, protocols.Protocol]:
    found, unit = await control_of(parts, reader, id)
    if found.protocol is None:
        raise NoSuchPage(id)
    return found, unit, protocols.read(found.protocol)


HANDLERS = [protocol, protocol_file]
