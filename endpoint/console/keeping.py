"""Keeping: what is held of a person is handed out, or erased after a decision by two people."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from care.erasing import DECISION_MOST
from care.person import PersonDocument
from care.rights import Act
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit.log import note, of_reader, seen
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.deviations.erasing import find as find_past
from endpoint.keeping import decisions
from endpoint.keeping.carrying_out import begin
from endpoint.keeping.decisions import Decided
from endpoint.keeping.erase import aggregates_of, counts
from endpoint.keeping.held import Piece, late, pieces
from endpoint.parts import Parts
from endpoint.persons.finding import LEAST, MOST, among

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
PLACE = "keeping"


@get("/keeping")
async def overview(parts: Here, reader: Me) -> Response[Any]:
    return await _overview(parts, reader, None)


@post("/keeping", status_code=200, guards=[own_forms_only])
async def found(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Names are looked for with POST: no name stands in an address or a log of addresses."""
    given = await sent(request)
    search = await among(parts.database, units(reader), given("words"))
    await seen(parts, reader, PLACE, Act.RECORD_EXPORT, {one.person.id: one.unit.id for one in search.found})
    return await _overview(parts, reader, search)


@get("/keeping/persons/{id:str}", guards=[just_signed_in])
async def person(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    return await _person(parts, reader, id)


@post("/keeping/persons/{id:str}/erase", guards=[own_forms_only, just_signed_in])
async def prepare(parts: Here, reader: Me, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    """Write down what a decision names. Nothing is erased before somebody else has confirmed it."""
    given = await sent(request)
    about, unit = await of(parts, reader, id, Act.RECORD_ERASE)
    held = await parts.database.read(lambda connection: pieces(connection, id))
    decision, whole, keys = given("decision"), given("what") == "whole", set(given.all("piece"))
    chosen = [one for one in held if one.key in keys]
    past = await parts.database.read(
        lambda connection: find_past(connection, parts.keys, unit.provider, given("past"))
    )
    faults: dict[str, str] = {}
    if given("past") and past is None:
        faults["past"] = "keeping.fault.past"
    if not decision or len(decision) > DECISION_MOST:
        faults["decision"] = "keeping.fault.decision"
    if not whole and not chosen and not past:
        faults["what"] = "keeping.fault.what"
    if faults:
        typed = {"decision": decision, "what": given("what"), "pieces": keys, "past": given("past")}
        return await _person(parts, reader, id, typed, faults)
    names = None if whole else [name for one in chosen for name in one.names]
    also = [past] if past else []

    def write(connection: Any) -> str:
        every = names if names is not None else aggregates_of(connection, id)
        taken = counts(connection, [*every, *also])
        return decisions.prepare(
            connection, unit.id, about.id, names, decision, taken, reader.staff.id, reader.now, also
        )

    return to(f"/console/keeping/erasures/{await parts.database.write(write)}")


@get("/keeping/erasures/{id:str}", guards=[just_signed_in])
async def erasure(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """What goes, what stays, who has prepared it and who may confirm it."""
    decided = await _decided(parts, reader, id)
    about = await documents.get(parts.database, PersonDocument, decided.person) if decided.person else None
    if about and not about.gone:
        await seen(parts, reader, PLACE, Act.RECORD_ERASE, {about.id: decided.unit})

    def look(connection: Any) -> tuple[dict[str, int], list[Piece]]:
        names = decisions.names_now(connection, decided)
        held = pieces(connection, decided.person) if decided.person and not decided.whole else []
        return counts(connection, names), [one for one in held if set(one.names) <= set(names)]

    now, parts_of_it = await parts.database.read(look)
    return page(
        "keeping_erasure.html",
        reader,
        here=PLACE,
        erasure=decided,
        person=about,
        unit=_unit(reader, decided.unit),
        staff=await _staff(parts),
        taken=now if decided.state == "prepared" else decided.counts,
        left=sum(now.values()),
        own=decided.prepared_by == reader.staff.id,
        pieces=parts_of_it,
    )


@post("/keeping/erasures/{id:str}/confirm", guards=[own_forms_only, just_signed_in])
async def confirm(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """Have it erased. Only somebody else than whoever prepared it may. Raises NotYours."""
    decided = await _decided(parts, reader, id)
    if decided.prepared_by == reader.staff.id:
        raise NotYours(id)
    whom = decided.person or ""
    logged = of_reader(
        reader, PLACE, Act.RECORD_ERASE, whom, decided.unit, kind="erase", reason=decided.decision
    )

    def write(connection: Any) -> bool:
        settled = decisions.confirm(connection, id, reader.staff.id, reader.now)
        if settled:
            note(connection, [logged], reader.now)
        return settled

    back = to(f"/console/keeping/erasures/{id}")
    if await parts.database.write(write):
        # Beside the work of others; should it be broken off, the scheduler goes on with it.
        back.background = BackgroundTask(parts.database.thread, lambda: begin(parts))
    return back


@post("/keeping/erasures/{id:str}/cancel", guards=[own_forms_only])
async def cancel(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """Nothing is erased. Anybody who may erase may say so."""
    await _decided(parts, reader, id)
    await parts.database.write(
        lambda connection: decisions.cancel(connection, id, reader.staff.id, reader.now)
    )
    return to("/console/keeping")


def units(reader: Reader, act: Act = Act.RECORD_EXPORT) -> list[UnitDocument]:
    """The units in which the act is the reader's. Raises NotYours when there are none."""
    mine = reader.units_for(act)
    if not mine:
        raise NotYours(act)
    return mine


async def of(
    parts: Parts, reader: Reader, id: str, act: Act = Act.RECORD_EXPORT
) -> tuple[PersonDocument, UnitDocument]:
    """A person of a unit in which the act is the reader's. Raises NotYours, NoSuchPage."""
    mine = units(reader, act)
    found = await documents.get(parts.database, PersonDocument, id)
    unit = next((one for one in mine if found and one.id == found.unit), None)
    if found is None or unit is None:
        raise NoSuchPage(id)
    if found.gone:
        # Something may have come in of them since: that is held too.
        come = await parts.database.read(lambda connection: late(connection, [unit.id]))
        if id not in {one.person for one in come}:
            raise NoSuchPage(id)
    return found, unit


async def _person(
    parts: Parts,
    reader: Reader,
    id: str,
    typed: dict[str, Any] | None = None,
    faults: dict[str, str] | None = None,
) -> Response[Any]:
    about, unit = await of(parts, reader, id)
    await seen(parts, reader, PLACE, Act.RECORD_EXPORT, {about.id: unit.id})

    def look(connection: Any) -> tuple[list[Piece], dict[str, int]]:
        return pieces(connection, id), counts(connection, aggregates_of(connection, id))

    held, taken = await parts.database.read(look)
    return page(
        "keeping_person.html",
        reader,
        here=PLACE,
        person=about,
        unit=unit,
        pieces=held,
        taken=taken,
        may_erase=reader.may(Act.RECORD_ERASE, unit.id),
        most=DECISION_MOST,
        typed=typed or {"decision": "", "what": "", "pieces": set(), "past": ""},
        faults=faults or {},
    )


async def _overview(parts: Parts, reader: Reader, search: Any) -> Response[Any]:
    mine = units(reader)
    ids = [one.id for one in mine]
    every = await parts.database.read(lambda connection: decisions.of_units(connection, ids))
    return page(
        "keeping.html",
        reader,
        here=PLACE,
        search=search,
        least=LEAST,
        most=MOST,
        waiting=[one for one in every if one.state in ("prepared", "confirmed")],
        settled=[one for one in every if one.state == "done"],
        units={one.id: one for one in mine},
        late=await parts.database.read(lambda connection: late(connection, ids)),
        staff=await _staff(parts),
    )


async def _decided(parts: Parts, reader: Reader, id: str) -> Decided:
    mine = {one.id for one in units(reader, Act.RECORD_ERASE)}
    decided = await parts.database.read(lambda connection: decisions.one(connection, id))
    if decided is None or decided.unit not in mine:
        raise NoSuchPage(id)
    return decided


def _unit(reader: Reader, id: str) -> UnitDocument:
    return next(one for one in reader.units if one.id == id)


async def _staff(parts: Parts) -> dict[str, StaffDocument]:
    return {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}


HANDLERS = (overview, found, person, prepare, erasure, confirm, cancel)
