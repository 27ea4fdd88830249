"""Personer: finding somebody, the person's page, active choice, responsible nurse, protected identity."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from msgspec import Struct

from care.facts import Body, Ref
from care.person import NurseSet, PlanSet, ProtectedSet, Scale2Set
from care.rights import Act
from endpoint.audit.log import note, of_reader, seen
from endpoint.console import person as one_person
from endpoint.console.errors import NotYours
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.parts import Parts
from endpoint.persons.beyond import LASTS, REASONS, WORDS_MOST, Reason, choose
from endpoint.persons.finding import LEAST, MOST, find, is_own
from endpoint.statements import Statement, state

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
PLAN_MOST, PLAN_BY_MOST = 1000, 120
FINDS = (Act.PERSON_BEYOND, Act.PERSON_NURSE)


class SearchForm(Struct):
    words: str = ""


class BeyondForm(Struct):
    reason: str = ""
    words: str = ""


class NurseForm(Struct):
    nurse: str = ""


class ProtectForm(Struct):
    on: str = ""


class PlanForm(Struct):
    text: str = ""
    decided_by: str = ""


class Scale2Form(Struct):
    on: str = ""
    ordered_by: str = ""


@get("/persons")
async def persons(reader: Me) -> Response[Any]:
    _finds(reader)
    return page(
        "persons.html", reader, here="persons", search=None, least=LEAST, most=MOST, imports=_imports(reader)
    )


@post("/persons", status_code=200, guards=[own_forms_only])
async def persons_found(parts: Here, reader: Me, data: URLEncodedBody[SearchForm]) -> Response[Any]:
    """By POST: a name or a personnummer has no business in an address that the browser remembers."""
    _finds(reader)
    search = await find(parts.database, reader, data.words[:100])
    for act, own in ((Act.UNIT_READ, True), (Act.PERSON_BEYOND, False)):
        listed = {one.person.id: one.unit.id for one in search.found if one.own is own}
        await seen(parts, reader, "persons", act, listed)
    return page(
        "persons.html",
        reader,
        here="persons",
        search=search,
        least=LEAST,
        most=MOST,
        imports=_imports(reader),
    )


@get("/persons/{id:str}")
async def person(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found = await one_person.shown(parts.database, reader, id)
    act = Act.UNIT_READ if found.until is None else Act.PERSON_BEYOND
    await seen(parts, reader, "person", act, {id: found.unit.id})
    return page("person.html", reader, here="persons", shown=found)


@get("/persons/{id:str}/beyond")
async def beyond(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    return await _beyond(parts, reader, id, BeyondForm(), "")


@post("/persons/{id:str}/beyond", status_code=200, guards=[own_forms_only])
async def beyond_chosen(
    parts: Here, reader: Me, id: FromPath[str], data: URLEncodedBody[BeyondForm]
) -> Response[Any]:
    """Make the active choice: logged before anything is shown."""
    found, unit = await one_person.of(parts.database, reader, id)
    if not reader.may(Act.PERSON_BEYOND, unit.id):
        raise NotYours(id)
    reason, words = _reason(data.reason), data.words.strip()[:WORDS_MOST]
    if reason is None:
        return await _beyond(parts, reader, id, data, "reason")
    if reason == "other" and not words:
        return await _beyond(parts, reader, id, data, "words")
    told = f"{reason}: {words}" if words else reason
    entry = of_reader(reader, "person", Act.PERSON_BEYOND, found.id, unit.id, "beyond", told)

    def open_it(connection: Any) -> None:
        choose(connection, reader.staff.id, id, reason, words, reader.now)
        note(connection, [entry], reader.now)

    await parts.database.write(open_it)
    return to(f"/console/persons/{id}")


@post("/persons/{id:str}/nurse", guards=[own_forms_only])
async def responsible(
    parts: Here, reader: Me, id: FromPath[str], data: URLEncodedBody[NurseForm]
) -> Response[Any]:
    """Name the nurse who is responsible; nobody, when none is chosen."""
    shown = await one_person.shown(parts.database, reader, id)
    if not reader.may(Act.PERSON_NURSE, shown.unit.id):
        raise NotYours(id)
    if data.nurse and data.nurse not in {one.id for one in shown.nurses}:
        raise NotYours(data.nurse)
    if data.nurse != shown.person.nurse:
        await _state(parts, reader, NurseSet(nurse=data.nurse), shown)
    return to(f"/console/persons/{id}")


@post("/persons/{id:str}/protected", guards=[own_forms_only])
async def protected(
    parts: Here, reader: Me, id: FromPath[str], data: URLEncodedBody[ProtectForm]
) -> Response[Any]:
    shown = await one_person.shown(parts.database, reader, id)
    if not shown.may_protect:
        raise NotYours(id)
    if bool(data.on) != shown.person.protected:
        await _state(parts, reader, ProtectedSet(on=bool(data.on)), shown)
    return to(f"/console/persons/{id}")


@post("/persons/{id:str}/plan", guards=[own_forms_only])
async def plan(parts: Here, reader: Me, id: FromPath[str], data: URLEncodedBody[PlanForm]) -> Response[Any]:
    """What is to be done for the person instead of the usual advice; empty: as for everybody."""
    shown = await one_person.shown(parts.database, reader, id)
    if not reader.may(Act.PERSON_PLAN, shown.unit.id):
        raise NotYours(id)
    text, by = data.text.strip()[:PLAN_MOST], data.decided_by.strip()[:PLAN_BY_MOST]
    if (text, by) != (shown.person.plan, shown.person.plan_by):
        await _state(parts, reader, PlanSet(text=text, decided_by=by), shown)
    return to(f"/console/persons/{id}#plan")


@post("/persons/{id:str}/scale2", guards=[own_forms_only])
async def scale2(
    parts: Here, reader: Me, id: FromPath[str], data: URLEncodedBody[Scale2Form]
) -> Response[Any]:
    """Scale 2 of NEWS2, which a doctor has ordered for the person; or scale 1 again."""
    shown = await one_person.shown(parts.database, reader, id)
    if not reader.may(Act.PERSON_SCALE2, shown.unit.id):
        raise NotYours(id)
    if bool(data.on) != shown.person.scale2:
        by = data.ordered_by.strip()[:PLAN_BY_MOST]
        await _state(parts, reader, Scale2Set(on=bool(data.on), ordered_by=by), shown)
    return to(f"/console/persons/{id}#plan")


async def _state(parts: Parts, reader: Reader, body: Body, shown: one_person.Shown) -> None:
    about = Statement(body, Ref("person", shown.person.id), shown.unit.id, shown.person.id)
    await state(parts.database, parts.keys, about, reader.staff.id)


async def _beyond(parts: Parts, reader: Reader, id: str, form: BeyondForm, missing: str) -> Response[Any]:
    found, unit = await one_person.of(parts.database, reader, id)
    if not reader.may(Act.PERSON_BEYOND, unit.id):
        raise NotYours(id)
    if is_own(reader, unit.id):
        return to(f"/console/persons/{id}")
    await seen(parts, reader, "beyond", Act.PERSON_BEYOND, {id: unit.id})
    hours = int(LASTS.total_seconds() // 3600)
    return page(
        "beyond.html",
        reader,
        400 if missing else 200,
        here="persons",
        person=found,
        unit=unit,
        reasons=REASONS,
        form=form,
        missing=missing,
        hours=hours,
        most=WORDS_MOST,
    )


def _reason(given: str) -> Reason | None:
    return next((one for one in REASONS if one == given), None)


def _imports(reader: Reader) -> bool:
    """Whether the reader reads in persons from files."""
    return bool(reader.units_for(Act.MASTER_DATA))


def _finds(reader: Reader) -> None:
    if not any(reader.units_for(act) for act in FINDS):
        raise NotYours("persons")


HANDLERS = [persons, persons_found, person, beyond, beyond_chosen, responsible, protected, plan, scale2]
