"""What delegations are used for: who of a unit can do what today, and what was signed after a revocation."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select

from care.able import AT_WORK, Reach, able
from care.delegation import DelegationDocument
from care.dose import DoseGiven
from care.errors import BodyError
from care.facts import Fact, body_of
from care.person import PersonDocument
from care.prn import PrnGiven
from care.rights import CARE
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents, occasions
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.schema import facts
from wire.envelope import envelope


class Can(Struct, frozen=True):
    """One of the unit's staff, and what they may do here today: task to "own", "all" or "some" persons."""

    staff: StaffDocument
    at_work: bool
    tasks: dict[str, Reach]


async def shift(database: Database, reader: Reader, unit: UnitDocument) -> list[Can]:
    """Who of a unit can do which task now; those who have signed something lately first."""
    now, day = reader.now, reader.day
    every = [one for one in await documents.of_kind(database, DelegationDocument) if unit.id in one.units]
    spent = await database.read(lambda connection: occasions.used(connection, every, now))
    held = [one for one in every if one.valid(now) and one.id not in spent]
    seen = await database.read(lambda connection: _at_work(connection, unit.id, now - AT_WORK))
    found = [
        Can(staff, staff.id in seen, able(staff, unit.id, day, held))
        for staff in await documents.of_kind(database, StaffDocument)
        if CARE & staff.roles_in(unit.id, day)
    ]
    return sorted(
        found, key=lambda one: (not one.at_work, one.staff.licensed_in(unit.id, day), one.staff.name)
    )


def _at_work(connection: Connection, unit: str, since: datetime) -> set[str | None]:
    query = (
        select(facts.c.author)
        .where(facts.c.unit == unit, facts.c.received >= since)
        .where(facts.c.type.startswith("dose.") | facts.c.type.startswith("prn."))
    )
    return set(connection.scalars(query.distinct()))


Given = DoseGiven | PrnGiven
_GIVEN = ("dose.given", "prn.given")


class SignedAfter(Struct, frozen=True):
    """What was given on a revoked delegation. ``known``: the revocation had been stated when it was."""

    person: PersonDocument | None
    body: Given
    received: datetime
    known: bool


async def signed_after(database: Database, one: DelegationDocument) -> list[SignedAfter]:
    """What its holder signed with it from when it was revoked on, by when it was done: the phone did not know
    yet, or it was said all the same. It stands as done without a valid delegation."""
    return await database.read(lambda connection: _signed_after(connection, one))


def _signed_after(connection: Connection, one: DelegationDocument) -> list[SignedAfter]:
    if one.revoked is None:
        return []
    query = (
        select(facts.c.envelope, facts.c.received)
        .where(facts.c.unit.in_(one.units), facts.c.received >= one.revoked)
        .where(facts.c.author == one.holder, facts.c.type.in_(_GIVEN), facts.c.erased.is_(None))
    )
    found: list[tuple[Fact, Given, datetime]] = []
    for data, received in connection.execute(query):
        fact = envelope(data).fact()
        body = _given(fact)
        if body and body.delegation == one.id and body.performed >= one.revoked:
            found.append((fact, body, received))
    ids = {fact.person for fact, _, _ in found if fact.person}
    people = {person.id: person for person in documents.some(connection, PersonDocument, ids)}
    stated = one.revoke_stated or one.revoked
    signed = [
        SignedAfter(people.get(fact.person or ""), body, received, fact.time >= stated)
        for fact, body, received in found
    ]
    return sorted(signed, key=lambda each: each.body.performed)


def _given(fact: Fact) -> Given | None:
    try:
        body = body_of(fact)
    except BodyError:
        return None
    return body if isinstance(body, DoseGiven | PrnGiven) else None
