"""Signing lists to print, and entering afterwards what was signed on them (kontinuitetsplan)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.amounts import number
from care.delegation import DelegationDocument
from care.person import PersonDocument
from care.rights import Act
from care.schedule import local
from endpoint import documents, occasions
from endpoint.audit.log import seen
from endpoint.console import orders, overview, paper, paper_needed
from endpoint.console.errors import NotYours
from endpoint.console.guard import own_forms_only
from endpoint.console.orders import Whose
from endpoint.console.overview_pages import units_of, values
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.parts import Parts
from endpoint.statements import state_all

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/overview/paper")
async def paper_lists(
    parts: Here,
    reader: Me,
    unit: FromQuery[str] = "",
    person: FromQuery[str] = "",
    first: FromQuery[str] = "",
) -> Response[Any]:
    """A page of paper for each person: a week from the day that is asked for, today when none is."""
    span = overview.span(first or reader.day.isoformat(), "7", reader.day)
    if person:
        whose = await orders.whose(parts.database, reader, person)
        here, persons = whose.unit, [whose.person]
    else:
        _, here = units_of(reader, unit)
        found = await documents.of_unit(parts.database, PersonDocument, here.id)
        persons = sorted(
            (one for one in found if not one.gone), key=lambda one: (one.room.zfill(5), one.name)
        )
    made = await paper.sheets(parts.database, here, persons, span, reader.now)
    shown = {one.person.id: here.id for one in made}
    await seen(parts, reader, "signing_list", Act.UNIT_READ, shown, "export")
    signs = reader.may(Act.DOSE_SIGN, here.id)
    shown_with = await values(parts, reader) | {"number": number, "signs": signs}
    return page("paper.html", reader, sheets=made, span=span, unit=here, **shown_with)


@get("/overview/paper/{id:str}")
async def paper_entry(parts: Here, reader: Me, id: FromPath[str], day: FromQuery[str] = "") -> Response[Any]:
    whose = await _signing(parts, reader, id)
    return await _form(parts, reader, whose, day)


@post("/overview/paper/{id:str}", guards=[own_forms_only])
async def paper_entered(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    """Enter what was signed on paper: by whom, when; their right is judged at that time."""
    whose = await _signing(parts, reader, id)
    given = await sent(request)
    day = paper.day_of(given("day"), reader)
    found = await paper.unsigned(parts.database, whose.person, day, reader.now)
    staff = await paper.signers(parts.database, whose.unit.id, day)
    entries = paper.read(found, given, staff, reader.now)
    offered = await paper_needed.offered(parts.database, whose.person, day)
    needed = paper_needed.read(offered, given, staff, day, reader.now)
    nothing = not any(one.outcome for one in entries) and not any(one.typed for one in needed)
    wrong = any(one.fault for one in entries) or any(one.fault for one in needed)
    if nothing or wrong:
        return await _form(parts, reader, whose, day.isoformat(), entries, needed)
    held = [
        one
        for one in await documents.of_kind(parts.database, DelegationDocument)
        if whose.unit.id in one.units
    ]
    around = local(day, "12:00")
    spent = await parts.database.read(lambda connection: occasions.used(connection, held, around))
    said = paper.statements(entries, whose.unit.id, staff, held, spent)
    said += paper_needed.statements(needed, whose.unit.id, day, staff, held, spent)
    await state_all(parts.database, parts.keys, said, reader.staff.id)
    if any(one.typed for one in needed):  # the next giving of the same paper is entered there
        return to(f"/console/overview/paper/{id}?day={day.isoformat()}")
    return to(f"/console/overview/person/{id}?first={day.isoformat()}")


async def _signing(parts: Parts, reader: Reader, id: str) -> Whose:
    """A person for whom the reader may sign. Raises NoSuchPage or NotYours."""
    whose = await orders.whose(parts.database, reader, id)
    if whose.beyond or not reader.may(Act.DOSE_SIGN, whose.unit.id):
        raise NotYours(id)
    await seen(parts, reader, "overview", Act.DOSE_SIGN, {id: whose.unit.id})
    return whose


async def _form(
    parts: Parts,
    reader: Reader,
    whose: Whose,
    day: str,
    entries: list[paper.Entry] | None = None,
    needed: list[paper_needed.NeededEntry] | None = None,
) -> Response[Any]:
    on = paper.day_of(day, reader)
    if entries is None or needed is None:
        found = await paper.unsigned(parts.database, whose.person, on, reader.now)
        entries = [paper.Entry(cell) for cell in found]
        needed = await paper_needed.offered(parts.database, whose.person, on)
        status = 200
    else:
        status = 422
    return page(
        "paper_entry.html",
        reader,
        status,
        whose=whose,
        on=on,
        typed=entries,
        staff=await paper.signers(parts.database, whose.unit.id, on),
        outcomes=paper.OUTCOMES,
        reasons=paper.REASONS,
        number=number,
        needed=needed,
        needs=paper_needed.NEEDS,
        nothing=status == 422
        and not any(one.outcome for one in entries)
        and not any(one.typed for one in needed),
        **await values(parts, reader),
    )


HANDLERS = [paper_lists, paper_entry, paper_entered]
