"""The console's addresses. Mount with ``create_app(settings, [console])``."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Struct

from care.rights import Act
from care.unit import UnitDocument
from endpoint.audit.log import seen
from endpoint.console import (
    answering,
    checks_pages,
    deviations,
    keeping,
    keeping_export,
    log_control,
    my_sign_ins,
    persons,
    phones,
    routines_pages,
    staff,
    staff_import,
    systems,
    units,
)
from endpoint.console.errors import ConsoleError, NoSuchPage, NotYours
from endpoint.console.front import sign_in, sign_out, signed_out, static
from endpoint.console.gone import gone
from endpoint.console.guard import not_found, own_forms_only, refused, signed_in, turned_away, unexpected
from endpoint.console.inbox import Case, cases
from endpoint.console.log import HANDLERS as LOG
from endpoint.console.page import page, part, to
from endpoint.console.reader import Reader
from endpoint.console.rounds import Rounds, rounds
from endpoint.console.sbar import Detail, detail
from endpoint.console.start import first
from endpoint.console.waiting import waiting
from endpoint.errors import Refused
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


class AnswerForm(Struct):
    orders: list[str] | str = []
    text: str = ""


class ReceivedForm(Struct):
    text: str = ""


@get("/inbox")
async def inbox(parts: Here, reader: Me) -> Response[Any]:
    return await _inbox(parts, reader, None)


@get("/inbox/{id:str}")
async def inbox_case(
    parts: Here,
    reader: Me,
    id: FromPath[str],
    empty: FromQuery[bool] = False,
) -> Response[Any]:
    return await _inbox(parts, reader, id, empty)


@get("/inbox/fresh")
async def inbox_fresh(
    parts: Here,
    reader: Me,
    request: AnyRequest,
    open: FromQuery[str] = "",
    chosen: FromQuery[bool] = False,
) -> Response[Any]:
    """The list and the open case's state, for the page to keep itself fresh."""
    found = await _cases(parts, reader)
    shown = next((case for case in found if case.id == open), None)
    full = await _detail(parts, reader, shown)
    counts = await waiting(parts.database, reader, cases=found)
    values = {"cases": found, "open": shown, "chosen": chosen, "detail": full, "counts": counts}
    return part("inbox_fresh.html", reader, request.headers.get("if-none-match", ""), **values)


@post("/inbox/{id:str}/acknowledge", guards=[own_forms_only])
async def acknowledge(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    await answering.acknowledge(parts.database, parts.keys, reader, id)
    return to(f"/console/inbox/{id}")


@post("/inbox/{id:str}/answer", guards=[own_forms_only])
async def answer(
    parts: Here,
    reader: Me,
    id: FromPath[str],
    data: URLEncodedBody[AnswerForm],
) -> Response[Any]:
    # One ticked box arrives as a word, several as a list.
    orders = [data.orders] if isinstance(data.orders, str) else data.orders
    said = await answering.answer(parts.database, parts.keys, reader, id, orders, data.text)
    return to(f"/console/inbox/{id}" + ("" if said else "?empty=true#answer"))


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
    _allowed(reader, Act.DEVIATION_HANDLE)
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


@get("/signing")
async def signing(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    units = _allowed(reader, Act.UNIT_READ)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    state = await _rounds(parts, reader, chosen)
    counts = await waiting(parts.database, reader)
    return page("signing.html", reader, here="signing", rounds=state, units=units, counts=counts)


@get("/signing/fresh")
async def signing_fresh(parts: Here, reader: Me, request: AnyRequest, unit: FromQuery[str]) -> Response[Any]:
    chosen = next((one for one in _allowed(reader, Act.UNIT_READ) if one.id == unit), None)
    if chosen is None:
        raise NoSuchPage(unit)
    state = await _rounds(parts, reader, chosen)
    return part("signing_day.html", reader, request.headers.get("if-none-match", ""), rounds=state)


async def _inbox(parts: Parts, reader: Reader, id: str | None, empty: bool = False) -> Response[Any]:
    found = await _cases(parts, reader)
    shown = found[0] if found and id is None else next((case for case in found if case.id == id), None)
    if id is not None and shown is None:
        return await gone(parts, reader, Act.NURSE_INBOX_READ, "sbar", id, "inbox")
    return page(
        "inbox.html",
        reader,
        here="inbox",
        cases=found,
        open=shown,
        chosen=id is not None,
        detail=await _detail(parts, reader, shown),
        orders=answering.ORDERS,
        counts=await waiting(parts.database, reader, cases=found),
        empty=empty,
    )


async def _cases(parts: Parts, reader: Reader) -> list[Case]:
    _allowed(reader, Act.NURSE_INBOX_READ)
    found = await cases(parts.database, reader)
    listed = {case.person.id: case.unit.id for case in found if case.person}
    await seen(parts, reader, "inbox", Act.NURSE_INBOX_READ, listed)
    return found


async def _detail(parts: Parts, reader: Reader, case: Case | None) -> Detail | None:
    """The open case in full; None when there is none."""
    if case is None:
        return None
    if case.person:
        what = "sbar" if case.sbar else "deviation"
        await seen(parts, reader, what, Act.NURSE_INBOX_READ, {case.person.id: case.unit.id})
    return await detail(parts.database, reader, case)


async def _rounds(parts: Parts, reader: Reader, unit: UnitDocument) -> Rounds:
    state = await rounds(parts.database, reader, unit)
    await seen(parts, reader, "signing", Act.UNIT_READ, {row.person.id: unit.id for row in state.rows})
    return state


async def _reports(parts: Parts, reader: Reader) -> list[deviations.Report]:
    _allowed(reader, Act.DEVIATION_HANDLE)
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


def _allowed(reader: Reader, act: Act) -> list[Any]:
    """The units in which the act is theirs. Raises NotYours when there are none."""
    units = reader.units_for(act)
    if not units:
        raise NotYours(act)
    return units


console = Router(
    "/console",
    route_handlers=[
        first,
        sign_in,
        sign_out,
        signed_out,
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
        *LOG,
        *my_sign_ins.HANDLERS,
        *persons.HANDLERS,
        *systems.HANDLERS,
        *staff_import.HANDLERS,
        *staff.HANDLERS,
        *units.HANDLERS,
        *phones.HANDLERS,
        *log_control.HANDLERS,
        *keeping.HANDLERS,
        *keeping_export.HANDLERS,
        *checks_pages.HANDLERS,
        *routines_pages.HANDLERS,
    ],
    dependencies={"reader": Provide(signed_in)},
    exception_handlers={
        ConsoleError: refused,
        Refused: turned_away,
        HTTPException: not_found,
        Exception: unexpected,
    },
    include_in_schema=False,
)
