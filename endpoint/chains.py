"""Whether what has arrived from a phone is one unbroken chain: numbers left out, and numbers used twice.

Every fact names its number on the device and the hash of the one before. Kept of a device are its stretches:
runs of facts of which each names the one before. A whole chain is one stretch. What is concluded depends on
which facts have arrived, not on the order in which they did; a gap that fills clears itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, select, update

from care.facts import Fact
from endpoint.many import insert_many
from endpoint.schema import chains, facts, quarantine
from wire.envelope import Envelope
from wire.messages import ChainEnd

MOST = 500
"""Stretches that are kept apart of one device. Where there are more, the gaps between the lowest count as
filled."""
_HASH = 64
_FAR = 500_000
"""A phone that does not know how its chain ended goes on a million numbers on: that leap is one gap."""


class Link(Struct, frozen=True):
    """A fact's place in the chain of its device; hashes in hex."""

    seq: int
    hash: str
    prev: str | None


class Stretch(Struct, frozen=True, array_like=True):
    """Facts from number ``first`` to ``last``; ``prev``: what the first of them names, ``end``: the hash of
    the last."""

    first: int
    last: int
    prev: str | None
    end: str

    @property
    def begins_anew(self) -> bool:
        """Whether the phone did not know what came before."""
        return self.prev is None and self.first > 1


class Compared(Struct, frozen=True):
    """What the facts of a device say together."""

    seq: int = 0
    """The highest number, and the hash of its fact in hex."""
    hash: str = ""
    missing: int = 0
    """Facts that others come after, and that have not arrived."""
    twice: tuple[int, int] | None = None
    """The lowest and the highest number that two facts have: the phone's file was put back as it once was.
    One of the two may not have arrived, and be known from the fact that names it."""
    anew: int = 0
    """How often the phone did not know how its chain ended, and began a new stretch."""
    restored: datetime | None = None
    """When a number that was used twice was last found."""

    @property
    def end(self) -> ChainEnd:
        return ChainEnd(seq=self.seq, hash=self.hash, twice=self.twice[1] if self.twice else 0)


def link_of(fact: Fact, envelope: Envelope) -> Link:
    """Where a fact stands, and what it says stands before it."""
    return Link(fact.seq, envelope.hash.hex(), fact.prev[:_HASH] if fact.prev else None)


def recorded(connection: Connection, device: str, links: Sequence[Link], now: datetime) -> bool:
    """Facts that were just taken in, each for the first time. Before, they may have been set aside.

    Whether a number has been found to be used twice that was not before: the phone is to hear of it.
    """
    return _take(connection, device, links, _aside(connection, device, links), now)


def set_aside(connection: Connection, device: str, links: Sequence[Link], now: datetime) -> None:
    """Facts that are about to be set aside: they were stated all the same, and leave no gap."""
    hashes = [bytes.fromhex(link.hash) for link in links]
    query = select(facts.c.hash).where(facts.c.device == device, facts.c.seq.in_([one.seq for one in links]))
    held = {one.hex() for one in connection.scalars(query.where(facts.c.hash.in_(hashes)))}
    _take(connection, device, links, held | _aside(connection, device, links), now)


def compared(connection: Connection, devices: Sequence[str]) -> dict[str, Compared]:
    """Each device by its id; those of which nothing has arrived are left out."""
    rows = connection.execute(_OF_SOME, {"some": devices})
    return {row.device: replace(compare(_read(row.stretches)), restored=row.restored) for row in rows}


def join(stretches: Sequence[Stretch], links: Iterable[Link]) -> list[Stretch]:
    """The stretches with facts that are not in them yet."""
    found = list(stretches)
    for link in links:
        one = Stretch(link.seq, link.seq, link.prev, link.hash)
        for before in found:
            if before.last == link.seq - 1 and before.end == link.prev:
                found.remove(before)
                one = replace(one, first=before.first, prev=before.prev)
                break
        for after in found:
            if after.first == link.seq + 1 and after.prev == link.hash:
                found.remove(after)
                one = replace(one, last=after.last, end=after.end)
                break
        found.append(one)
    found.sort(key=lambda one: (one.first, one.last, one.end))
    while len(found) > MOST:
        low, high = found[:2]
        found[:2] = [replace(low, last=high.last, end=high.end)]
    return found


def compare(stretches: Sequence[Stretch]) -> Compared:
    """What a device's stretches say."""
    missing, reached = 0, 0
    again: list[int] = []
    for one in sorted(stretches, key=lambda one: (one.first, one.prev is not None)):
        gap = one.first - reached - 1
        if gap < 0:
            again += [one.first, min(one.last, reached)]
        elif gap > 0 and not one.begins_anew:
            missing += gap if gap < _FAR else 1
        elif gap == 0 and one.prev and reached:
            # What stands before it is not what it names.
            again.append(reached)
        reached = max(reached, one.last)
    ends = [one.end for one in stretches if one.last == reached]
    twice = (min(again), max(again)) if again else None
    anew = sum(one.begins_anew for one in stretches)
    return Compared(reached, min(ends, default=""), missing, twice, anew)


# Asked with every push: put together once.
_OF_SOME = select(chains).where(chains.c.device.in_(bindparam("some", expanding=True)))
_HELD = select(chains).where(chains.c.device == bindparam("of")).with_for_update()
_KEEP = update(chains).where(chains.c.device == bindparam("of"))
_KEEP = _KEEP.values(stretches=bindparam("stretches"), restored=bindparam("restored"))
_ANY_ASIDE = select(quarantine.c.device).where(quarantine.c.device == bindparam("of")).limit(1)


def _take(connection: Connection, device: str, links: Sequence[Link], known: set[str], now: datetime) -> bool:
    fresh = {link.hash: link for link in links if link.hash not in known}
    if not fresh:
        return False
    row = connection.execute(_HELD, {"of": device}).one_or_none()
    if row is None:
        insert_many(connection, chains, [{"device": device, "stretches": b"[]"}], once=True)
        row = connection.execute(_HELD, {"of": device}).one()
    before = _read(row.stretches)
    after = join(before, fresh.values())
    again = compare(after).twice != compare(before).twice
    values = {"stretches": msgspec.json.encode(after), "restored": now if again else row.restored}
    connection.execute(_KEEP, {"of": device, **values})
    return again


def _aside(connection: Connection, device: str, links: Sequence[Link]) -> set[str]:
    if connection.scalar(_ANY_ASIDE, {"of": device}) is None:
        return set()
    hashes = [bytes.fromhex(link.hash) for link in links]
    query = select(quarantine.c.hash).where(quarantine.c.device == device, quarantine.c.hash.in_(hashes))
    return {one.hex() for one in connection.scalars(query)}


def _read(data: bytes) -> list[Stretch]:
    return msgspec.json.decode(data, type=list[Stretch])
