"""What the pages of an administrator share: whose data they are, and how a change of them is saved."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from care.facts import Body
from care.rights import Act
from endpoint.console.errors import NotYours
from endpoint.console.reader import Reader
from endpoint.parts import Parts
from endpoint.people import roster as rosters
from endpoint.people.roster import Roster
from endpoint.statements import Statement, take_turn, write

T = TypeVar("T")


class Turn:
    """One transaction of an administrator: how things stand in it, and what is stated on that ground."""

    def __init__(self, connection: Connection, parts: Parts, reader: Reader, roster: Roster) -> None:
        self.connection = connection
        self.roster = roster
        self.parts = parts
        self.reader = reader
        self.woken: set[str] = set()

    def say(self, said: Sequence[Statement]) -> None:
        if said:
            self.wake(write(self.connection, self.parts.keys, said, self.reader.staff.id)[1].woken)

    def wake(self, names: Iterable[str]) -> None:
        """Whom to wake once the transaction is through."""
        self.woken.update(names)


def providers(reader: Reader) -> dict[str, str]:
    """The vårdgivare that the reader administers: names by id. Raises NotYours when there are none."""
    found = {unit.provider: unit.provider_name for unit in reader.units_for(Act.MASTER_DATA)}
    if not found:
        raise NotYours(Act.MASTER_DATA)
    return found


async def roster_of(parts: Parts, reader: Reader) -> Roster:
    """The units and staff that the reader administers."""
    mine = providers(reader)
    return await parts.database.read(lambda connection: rosters.read(connection, mine, reader.day))


async def decide(parts: Parts, reader: Reader, work: Callable[[Turn], T]) -> T:
    """Decide and state while nobody else does. What `work` raises undoes all of it."""
    mine = providers(reader)

    def done(connection: Connection) -> tuple[T, set[str]]:
        take_turn(connection)
        turn = Turn(connection, parts, reader, rosters.read(connection, mine, reader.day))
        return work(turn), turn.woken

    result, woken = await parts.database.write(done)
    parts.database.wake.up(woken)
    return result


def base(body: Body | None) -> str:
    """Names how a thing stood when its form was drawn. Saved over anything else, it is looked at again."""
    return hashlib.sha256(msgspec.json.encode(body)).hexdigest()[:24]
