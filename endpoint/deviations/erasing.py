"""Erasing old reports of somebody by decision (PDL 8:4): they are no facts, and go by the same way.

An erasure is a fact of the aggregate ("past", the keyed hash of the other system's pseudonym, as a UUID). So
it is signed, kept in the ledger, applied again to a restored backup, and stands in the way when the same file
is read in once more.
"""

import uuid
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, func, select

from care.erasing import Named, erasure
from care.facts import Fact
from endpoint.deviations.rows import hash_of_person
from endpoint.deviations.schema import past_deviations, past_keys
from endpoint.keys import Keys
from endpoint.schema import facts

PAST = "past"


def name_of(person: bytes) -> str:
    """The aggregate's name of a person's hash."""
    return f"{PAST}/{uuid.UUID(bytes=person)}"


def find(connection: Connection, keys: Keys, provider: str, reference: str) -> str | None:
    """The aggregate of whom another system called so; None: no report of a vårdgivare's is of them."""
    wrapped = connection.scalar(select(past_keys.c.wrapped).where(past_keys.c.provider == provider))
    if wrapped is None or not reference.strip():
        return None
    person = hash_of_person(keys.unwrap(wrapped, f"past/{provider}"), reference)
    name = name_of(person)
    return name if counts(connection, [name]) else None


def counts(connection: Connection, names: Iterable[str]) -> int:
    """How many reports stand there to be erased."""
    persons = [_person(name) for name in names if is_past(name)]
    query = select(func.count()).where(past_deviations.c.person.in_(persons))
    return connection.scalar(query) or 0 if persons else 0


def is_past(name: str) -> bool:
    return name.startswith(f"{PAST}/")


def named(name: str) -> Named:
    """What an erasure of it names."""
    return Named(name.partition("/")[2], _person(name).hex())


def take_away(connection: Connection, arrived: Iterable[Fact]) -> None:
    """The reports that the erasures among some facts name go."""
    persons = [
        uuid.UUID(fact.aggregate.id).bytes
        for fact in arrived
        if fact.aggregate.kind == PAST and erasure(fact) is not None
    ]
    if persons:
        connection.execute(delete(past_deviations).where(past_deviations.c.person.in_(persons)))


def erased(connection: Connection, persons: Iterable[bytes]) -> set[bytes]:
    """Those whose reports have been erased: they are not read in again."""
    ids: Mapping[str, bytes] = {str(uuid.UUID(bytes=one)): one for one in persons}
    query = select(facts.c.id).where(facts.c.id.in_(list(ids)), facts.c.erased.is_not(None))
    return {ids[id] for id in connection.scalars(query)}


def _person(name: str) -> bytes:
    return uuid.UUID(name.partition("/")[2]).bytes
