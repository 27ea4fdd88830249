"""The console's addresses. Mount with ``create_app(settings, [console])``."""

from mimetypes import guess_type
from pathlib import Path
from typing import Annotated, Any

from litestar import Request, Response, Router, get, post
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Struct

from care.rights import Act
from endpoint.console import answering, deviations
from endpoint.console.errors import ConsoleError, NoSuchPage, NotYours
from endpoint.console.guard import not_found, own_forms_only, refused, signed_in, unexpected
from endpoint.console.inbox import Case, cases
from endpoint.console.page import HEADERS, STATIC, page, part, places
from endpoint.console.reader import Reader
from endpoint.console.rounds import rounds
from endpoint.console.sbar import detail
from endpoint.identity import console_session
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
FONTS = Path(__file__).parents[2] / "assets" / "fonts"


class AnswerForm(Struct):
    orders: list[str] = []
    text: str = ""


class ReceivedForm(Struct):
    text: str = ""


Form = RequestEncodingType.URL_ENCODED


@get("/")
async def first(reader: Reader) -> Response[Any]:
    """The first page that the reader has; somebody without any is told so."""
    mine = places(reader)
    return _to(mine[0].path) if mine else page("nothing.html", reader, here="")


@get("/sign-in")
async def sign_in(parts: Parts) -> Response[Any]:
    """On to the identity provider."""
    if parts.provider is None:
        return page("sign_in.html", None, 503, here="")
    return _to(parts.provider.console_url("/console/"))


@post("/sign-out")
async def sign_out(parts: Parts, request: AnyRequest) -> Response[Any]:
    gone = await console_session.end(parts.database, parts.settings, request)
    answer = page("signed_out.html", None, here="")
    answer.set_cookie(gone)
    return answer


@get("/inbox")
async def inbox(parts: Parts, reader: Reader) -> Response[Any]:
    return await _inbox(parts, reader, None)


@get("/inbox/{id:str}")
async def inbox_case(parts: Parts, reader: Reader, id: str, empty: bool = False) -> Response[Any]:
    return await _inbox(parts, reader, id, empty)


@get("/inbox/fresh")
async def inbox_fresh(
    parts: Parts, reader: Reader, request: AnyRequest, open: str = "", chosen: bool = False
) -> Response[Any]:
    """The list and the open case's state, for the page to keep itself fresh."""
    found = await _cases(parts, reader)
    shown = next((case for case in found if case.id == open), None)
    full = await detail(parts.database, reader, shown) if shown else None
    values = {"cases": found, "open": shown, "chosen": chosen, "detail": full}
    return part("inbox_fresh.html", reader, request.headers.get("if-none-match", ""), **values)


@post("/inbox/{id:str}/acknowledge", guards=[own_forms_only])
async def acknowledge(parts: Parts, reader: Reader, id: str) -> Response[Any]:
    await answering.acknowledge(parts.database, parts.keys, reader, id)
    return _to(f"/console/inbox/{id}")


@post("/inbox/{id:str}/answer", guards=[own_forms_only])
async def answer(
    parts: Parts, reader: Reader, id: str, data: Annotated[AnswerForm, Body(media_type=Form)]
) -> Response[Any]:
    said = await answering.answer(parts.database, parts.keys, reader, id, data.orders, data.text)
    return _to(f"/console/inbox/{id}" + ("" if said else "?empty=true#answer"))


@get("/deviations")
async def deviation_list(parts: Parts, reader: Reader) -> Response[Any]:
    return await _deviations(parts, reader, None)


@get("/deviations/{id:str}")
async def deviation(parts: Parts, reader: Reader, id: str) -> Response[Any]:
    return await _deviations(parts, reader, id)


@get("/deviations/fresh")
async def deviations_fresh(
    parts: Parts, reader: Reader, request: AnyRequest, open: str = "", chosen: bool = False
) -> Response[Any]:
    found = await deviations.reports(parts.database, reader)
    values = {"reports": found, "open": open, "chosen": chosen}
    return part("deviations_fresh.html", reader, request.headers.get("if-none-match", ""), **values)


@post("/deviations/{id:str}/received", guards=[own_forms_only])
async def received(
    parts: Parts, reader: Reader, id: str, data: Annotated[ReceivedForm, Body(media_type=Form)]
) -> Response[Any]:
    await deviations.receive(parts.database, parts.keys, reader, id, data.text)
    return _to(f"/console/deviations/{id}")


@get("/signing")
async def signing(parts: Parts, reader: Reader, unit: str = "") -> Response[Any]:
    units = _allowed(reader, Act.UNIT_READ)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    state = await rounds(parts.database, reader, chosen)
    return page("signing.html", reader, here="signing", rounds=state, units=units)


@get("/signing/fresh")
async def signing_fresh(parts: Parts, reader: Reader, request: AnyRequest, unit: str) -> Response[Any]:
    chosen = next((one for one in _allowed(reader, Act.UNIT_READ) if one.id == unit), None)
    if chosen is None:
        raise NoSuchPage(unit)
    state = await rounds(parts.database, reader, chosen)
    return part("signing_day.html", reader, request.headers.get("if-none-match", ""), rounds=state)


@get("/static/{name:str}")
async def static(name: str) -> Response[bytes]:
    """Our own files: style, htmx, icons, fonts."""
    known = {path.name: path for folder in (STATIC, FONTS) for path in folder.iterdir()}
    path = known.get(name)
    if path is None or path.suffix == ".py":
        raise NoSuchPage(name)
    kind = guess_type(name)[0] or "application/octet-stream"
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(path.read_bytes(), media_type=kind, headers=headers)


async def _inbox(parts: Parts, reader: Reader, id: str | None, empty: bool = False) -> Response[Any]:
    found = await _cases(parts, reader)
    shown = found[0] if found and id is None else next((case for case in found if case.id == id), None)
    if id is not None and shown is None:
        raise NoSuchPage(id)
    return page(
        "inbox.html",
        reader,
        here="inbox",
        cases=found,
        open=shown,
        chosen=id is not None,
        detail=await detail(parts.database, reader, shown) if shown else None,
        orders=answering.ORDERS,
        empty=empty,
    )


async def _cases(parts: Parts, reader: Reader) -> list[Case]:
    _allowed(reader, Act.NURSE_INBOX_READ)
    return await cases(parts.database, reader)


async def _deviations(parts: Parts, reader: Reader, id: str | None) -> Response[Any]:
    _allowed(reader, Act.DEVIATION_HANDLE)
    found = await deviations.reports(parts.database, reader)
    shown = found[0] if found and id is None else next((one for one in found if one.case.id == id), None)
    if id is not None and shown is None:
        raise NoSuchPage(id)
    return page(
        "deviations.html",
        reader,
        here="deviations",
        reports=found,
        report=shown,
        open=shown.case.id if shown else "",
        chosen=id is not None,
    )


def _allowed(reader: Reader, act: Act) -> list[Any]:
    """The units in which the act is theirs. Raises NotYours when there are none."""
    units = reader.units_for(act)
    if not units:
        raise NotYours(act)
    return units


def _to(path: str) -> Redirect:
    return Redirect(path, status_code=303, headers=HEADERS)


console = Router(
    "/console",
    route_handlers=[
        first,
        sign_in,
        sign_out,
        inbox,
        inbox_fresh,
        inbox_case,
        acknowledge,
        answer,
        deviation_list,
        deviations_fresh,
        deviation,
        received,
        signing,
        signing_fresh,
        static,
    ],
    dependencies={"reader": Provide(signed_in)},
    exception_handlers={ConsoleError: refused, HTTPException: not_found, Exception: unexpected},
    include_in_schema=False,
)
