"""The calls under /v1/fhir: one resource, a search, what is served."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from care.facts import Ref
from care.person import PersonDocument
from care.rights import Act
from care.sbar import SbarDocument
from care.staff import StaffDocument
from endpoint import documents
from endpoint.aggregates import aggregate_name
from endpoint.audit.log import seen
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.inbox import Case, case_of
from endpoint.console.reader import Reader, reader_of
from endpoint.console.sent import sent
from endpoint.errors import NotAllowed, NotKnown
from endpoint.fhir import capability, keys, resources, tasks, tasks_read
from endpoint.fhir.answers import HANDLERS, answer
from endpoint.fhir.errors import NoSuchThing, NoSuchType
from endpoint.fhir.search import Search, read
from endpoint.fhir.taken import taken_in
from endpoint.limits import token_holds
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Json = dict[str, Any]
Here = NamedDependency[Parts]
Staff = Mapping[str, StaffDocument]


async def provide_journal(request: AnyRequest, parts: NamedDependency[Parts]) -> Reader:
    """The person in whose name the key reads. Raises NotKnown, and NotAllowed when they may not any more."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotKnown("no_session", "Authorization: Bearer <key>")
    now = parts.now()
    key = await parts.database.read(lambda connection: keys.holder(connection, token.strip(), now))
    token_holds(request.scope)
    reader = await reader_of(parts.database, key.staff, now)
    if reader is None or not reader.units_for(Act.NURSE_INBOX_READ):
        raise NotAllowed("no_role", "whoever made the key may not read this today")
    if keys.to_note(key, now):
        await parts.database.write(lambda connection: keys.note_use(connection, key, now))
    request.state.key = key
    return reader


Journal = NamedDependency[Reader]


@get("/metadata")
async def metadata(parts: Here) -> Response[bytes]:
    return answer(capability.statement(parts.settings.base_url))


@get("/{resource:str}")
async def search(
    parts: Here, journal: Journal, request: AnyRequest, resource: FromPath[str]
) -> Response[bytes]:
    return await _search(parts, journal, request, resource, list(request.query_params.multi_items()))


@post("/{resource:str}/_search", status_code=200)
async def search_sent(
    parts: Here, journal: Journal, request: AnyRequest, resource: FromPath[str]
) -> Response[bytes]:
    """The same with the parameters as a form: a personnummer has no business in an address."""
    given = await sent(request)
    return await _search(parts, journal, request, resource, given.pairs)


@get("/{resource:str}/{id:str}")
async def one(
    parts: Here, journal: Journal, request: AnyRequest, resource: FromPath[str], id: FromPath[str]
) -> Response[bytes]:
    if resource == "Patient":
        return answer(await _patient(parts, journal, request, id))
    if resource in tasks.KINDS:
        task = await tasks_read.one(parts, journal, resource, id)
        await _log_persons(parts, journal, request, [task.person])
        return answer(task.resource)
    made = _maker(resource)
    case, staff = await _case(parts, journal, resource, id)
    taken = await _taken_in(parts, [case])
    found = next((one for one in made(case, staff) if one["id"] == id), None)
    if found is None:
        raise NoSuchThing("nothing by that id", "id")
    await _log_persons(parts, journal, request, [case.person] if case.person else [])
    return answer(resources.stamped(found, taken.get(case.id)))


async def _search(
    parts: Parts, journal: Reader, request: AnyRequest, kind: str, given: list[tuple[str, str]]
) -> Response[bytes]:
    if kind not in tasks.KINDS:
        _maker(kind)
    wanted = read(kind, given)
    found: list[tuple[PersonDocument | None, Json]]
    if kind in tasks.KINDS:
        found = [(one.person, one.resource) for one in await tasks_read.search(parts, journal, wanted)]
    else:
        found = await _of_sbars(parts, journal, wanted)
    page = found[wanted.offset : wanted.offset + wanted.count]
    await _log_persons(parts, journal, request, [person for person, _ in page if person])
    url = f"{parts.settings.base_url}/v1/fhir/{kind}"
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    bundle["link"] = [_link("self", url, given, wanted, wanted.offset)]
    if wanted.count and wanted.offset + wanted.count < len(found):
        bundle["link"].append(_link("next", url, given, wanted, wanted.offset + wanted.count))
    if page:
        bundle["entry"] = [
            {"fullUrl": f"{url}/{one['id']}", "resource": one, "search": {"mode": "match"}} for _, one in page
        ]
    return answer(bundle)


async def _of_sbars(
    parts: Parts, journal: Reader, wanted: Search
) -> list[tuple[PersonDocument | None, Json]]:
    made = _maker(wanted.kind)
    cases, staff = await _cases(parts, journal, wanted)
    taken = await _taken_in(parts, cases)
    all_made = (
        (case, resources.stamped(one, taken.get(case.id))) for case in cases for one in made(case, staff)
    )
    return [(case.person, one) for case, one in all_made if wanted.holds(one)]


def _link(relation: str, url: str, given: list[tuple[str, str]], wanted: Search, offset: int) -> Json:
    """Where a part of the answer is. Never with a personnummer: whoever sent one sends it again."""
    kept = [(name, value) for name, value in given if not name.startswith(("_count", "_offset", "patient."))]
    kept += [("_count", str(wanted.count)), ("_offset", str(offset))]
    return {"relation": relation, "url": f"{url}?{urlencode(kept)}"}


Maker = Callable[[Case, Staff], Iterable[Json]]
_MADE: dict[str, Maker] = {
    "QuestionnaireResponse": lambda case, _: [resources.questionnaire_response(case)],
    "Observation": lambda case, _: resources.vital_signs(case),
    "Communication": resources.communications,
}


def _maker(kind: str) -> Maker:
    if kind not in _MADE:
        raise NoSuchType(f"served are {', '.join((*_MADE, *tasks.KINDS, 'Patient'))}", "type")
    return _MADE[kind]


async def _patient(parts: Parts, journal: Reader, request: AnyRequest, id: str) -> Json:
    person = await documents.get(parts.database, PersonDocument, id)
    if person is None or person.gone or not journal.may(Act.NURSE_INBOX_READ, person.unit):
        raise NoSuchThing("nothing by that id", "id")
    await seen(parts, journal, "fhir", Act.NURSE_INBOX_READ, {id: person.unit}, device=_device(request))
    return resources.patient(person)


async def _case(parts: Parts, journal: Reader, kind: str, id: str) -> tuple[Case, Staff]:
    """The SBAR that a resource is made of; which one is in its id, or is looked for."""
    sbar = await documents.get(parts.database, SbarDocument, id.partition(".")[0])
    cases, staff = await _cases(parts, journal, Search(kind), sbar if sbar else None)
    for case in cases:
        if sbar is not None or any(reply.fact == id for reply in (case.sbar.replies if case.sbar else [])):
            return case, staff
    raise NoSuchThing("nothing by that id", "id")


async def _cases(
    parts: Parts, journal: Reader, wanted: Search, only: SbarDocument | None = None
) -> tuple[list[Case], Staff]:
    """The SBARs of the units where the person may read them, the latest first."""
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    found: list[Case] = []
    units = journal.units_for(Act.NURSE_INBOX_READ)
    known = (await catalogue(parts.database, [unit.id for unit in units])).of
    for unit in units:
        persons = {one.id: one for one in await documents.of_unit(parts.database, PersonDocument, unit.id)}
        if only is not None:
            sbars = [only] if only.unit == unit.id and not only.gone else []
        elif wanted.person:
            of_them = await documents.of_person(parts.database, SbarDocument, wanted.person)
            sbars = [one for one in of_them if one.unit == unit.id]
        else:
            sbars = await documents.of_unit(parts.database, SbarDocument, unit.id)
        of_whom = [one for one in sbars if _of(wanted, persons.get(one.person or ""))]
        found += [case_of(one, unit, persons, staff, {}, known) for one in of_whom if one.recorded]
    return sorted(found, key=lambda case: (case.since, case.id), reverse=True), staff


async def _taken_in(parts: Parts, cases: Sequence[Case]) -> dict[str, datetime]:
    """When the endpoint last took in a fact of each case, by the case."""
    refs = {aggregate_name(Ref("sbar", case.id)): case.id for case in cases}
    return {refs[name]: at for name, at in (await taken_in(parts, refs)).items()}


def _of(wanted: Search, person: PersonDocument | None) -> bool:
    digits = person.personnummer.replace("-", "") if person else ""
    return not wanted.personnummer or digits == wanted.personnummer


async def _log_persons(
    parts: Parts, journal: Reader, request: AnyRequest, persons: Iterable[PersonDocument]
) -> None:
    whom = {person.id: person.unit for person in persons}
    await seen(parts, journal, "fhir", Act.NURSE_INBOX_READ, whom, device=_device(request))


def _device(request: AnyRequest) -> str:
    return f"fhir:{request.state.key.id}"


fhir = Router(
    "/v1/fhir",
    route_handlers=[metadata, search, search_sent, one],
    dependencies={"journal": Provide(provide_journal)},
    exception_handlers=HANDLERS,
    include_in_schema=False,
)
