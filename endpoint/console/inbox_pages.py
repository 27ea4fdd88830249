"""The pages of the nurses' inbox."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Struct

from care.rights import Act
from care.sbar import CHECK_MINUTES, OUTCOMES
from care.staff import StaffDocument
from endpoint import documents
from endpoint.audit.log import seen
from endpoint.console import answering, journal
from endpoint.console.gone import gone
from endpoint.console.guard import own_forms_only
from endpoint.console.inbox import Case, cases, one_case
from endpoint.console.page import page, part, to
from endpoint.console.reader import Reader
from endpoint.console.sbar import Detail, detail
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


class AnswerForm(Struct):
    orders: list[str] | str = []
    text: str = ""
    again: str = ""


class CloseForm(Struct):
    outcome: str = ""
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
    said = await answering.answer(parts.database, parts.keys, reader, id, orders, data.text, data.again)
    return to(f"/console/inbox/{id}" + ("" if said else "?empty=true#answer"))


@get("/inbox/{id:str}/journal")
async def for_journal(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """The case as text to copy or print. It leaves Rapp: each time is a row of the log."""
    reader.allowed(Act.NURSE_INBOX_READ)
    case = await one_case(parts.database, reader, id)
    if case is None:
        return await gone(parts, reader, Act.NURSE_INBOX_READ, "sbar", id, "inbox")
    if case.person:
        await seen(parts, reader, "sbar", Act.NURSE_INBOX_READ, {case.person.id: case.unit.id}, "export")
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    return page("journal.html", reader, here="inbox", case=case, text=journal.text(case, staff))


@post("/inbox/{id:str}/close", guards=[own_forms_only])
async def close(
    parts: Here,
    reader: Me,
    id: FromPath[str],
    data: URLEncodedBody[CloseForm],
) -> Response[Any]:
    await answering.close(parts.database, parts.keys, reader, id, data.outcome, data.text)
    return to(f"/console/inbox/{id}")


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
        minutes=CHECK_MINUTES,
        outcomes=OUTCOMES,
        counts=await waiting(parts.database, reader, cases=found),
        empty=empty,
    )


async def _cases(parts: Parts, reader: Reader) -> list[Case]:
    reader.allowed(Act.NURSE_INBOX_READ)
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


HANDLERS = [inbox, inbox_fresh, inbox_case, acknowledge, answer, close, for_journal]
