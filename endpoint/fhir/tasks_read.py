"""Finding orders and signatures for a journal system, within what its person may read today."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import select

from care.dose import DoseDocument
from care.facts import Ref
from care.order import OrderDocument
from care.person import PersonDocument
from care.prn import PrnDocument
from care.rights import Act
from care.staff import StaffDocument
from endpoint import documents
from endpoint.aggregates import aggregate_name
from endpoint.console.reader import Reader
from endpoint.fhir import tasks
from endpoint.fhir.errors import BadSearch, NoSuchThing
from endpoint.fhir.resources import Json, stamped
from endpoint.fhir.search import Search
from endpoint.fhir.taken import taken_in
from endpoint.parts import Parts
from endpoint.schema import facts

Signed = DoseDocument | PrnDocument


class Found(Struct, frozen=True):
    """A resource, whose it is and of which aggregate."""

    person: PersonDocument
    aggregate: str
    resource: Json


async def search(parts: Parts, journal: Reader, wanted: Search) -> list[Found]:
    """What a search finds of one person, the latest first. Raises BadSearch when no person is named: what was
    signed is read of somebody, not gone through."""
    if not wanted.person and not wanted.personnummer:
        raise BadSearch("whose? patient or patient.identifier must be given", "patient")
    found: list[Found] = []
    for person in await _persons(parts, journal, wanted):
        found += await _of(parts, journal, person, wanted.kind)
    found = await _stamped(parts, found)
    held = [one for one in found if wanted.holds(one.resource)]
    return sorted(held, key=lambda one: (tasks.said_at(one.resource), one.resource["id"]), reverse=True)


async def one(parts: Parts, journal: Reader, kind: str, id: str) -> Found:
    """One resource by its id. Raises NoSuchThing."""
    order = await documents.get(parts.database, OrderDocument, id) if kind in tasks.REQUESTS else None
    whose = order.person if order else None
    if kind in tasks.DONE:
        query = select(facts.c.person).where(facts.c.id == id, facts.c.erased.is_(None))
        whose = await parts.database.read(lambda connection: connection.scalar(query))
    person = await documents.get(parts.database, PersonDocument, whose) if whose else None
    if person is None or person.gone or not journal.may(Act.NURSE_INBOX_READ, person.unit):
        raise NoSuchThing("nothing by that id", "id")
    found = [one for one in await _of(parts, journal, person, kind) if one.resource["id"] == id]
    if not found:
        raise NoSuchThing("nothing by that id", "id")
    return (await _stamped(parts, found))[0]


async def _persons(parts: Parts, journal: Reader, wanted: Search) -> list[PersonDocument]:
    """The person that is named, where the reader may read them."""
    if wanted.person:
        known = [await documents.get(parts.database, PersonDocument, wanted.person)]
    else:
        units = journal.units_for(Act.NURSE_INBOX_READ)
        known = [
            one for unit in units for one in await documents.of_unit(parts.database, PersonDocument, unit.id)
        ]
    return [
        one
        for one in known
        if one is not None
        and not one.gone
        and journal.may(Act.NURSE_INBOX_READ, one.unit)
        and wanted.personnummer in ("", one.personnummer.replace("-", ""))
    ]


async def _of(parts: Parts, journal: Reader, person: PersonDocument, kind: str) -> list[Found]:
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    orders = await documents.of_person(parts.database, OrderDocument, person.id)
    if kind in tasks.REQUESTS:
        return [
            Found(person, _name(one), tasks.request(one, person, staff.get(one.by), journal.now))
            for one in orders
            if one.plan is not None and tasks.request_kind(one.plan) == kind
        ]
    known = {one.id: one for one in orders}
    signed: Iterable[Signed] = [
        *await documents.of_person(parts.database, DoseDocument, person.id),
        *await documents.of_person(parts.database, PrnDocument, person.id),
    ]
    return [
        Found(person, _name(one), resource)
        for one in signed
        if one.order in known
        for resource in tasks.done(one, known[one.order], person, staff)
        if resource["resourceType"] == kind
    ]


async def _stamped(parts: Parts, found: list[Found]) -> list[Found]:
    taken = await taken_in(parts, {one.aggregate for one in found})
    return [
        Found(one.person, one.aggregate, stamped(one.resource, taken.get(one.aggregate))) for one in found
    ]


def _name(document: OrderDocument | Signed) -> str:
    return aggregate_name(Ref(document.kind, document.id))
