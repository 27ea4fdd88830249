"""Whether what has arrived from a phone is one unbroken chain: numbers left out, and numbers used twice.

Every fact names its number on the device and the hash of the one before. Kept of a device are its stretches:
runs of facts of which each names the one before. A whole chain is one stretch. What is concluded depends on
which facts have arrived, not on the order in which they did; a gap that fills clears itself.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row, bindparam, select, update

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


def recorded(connection: Connection, links: Mapping[str, Sequence[Link]], now: datetime) -> set[str]:
    """Facts that were just taken in, by phone, each for the first time. Before, they may have been set aside.

    The phones of which a number has been found to be used twice that was not before: they are to hear of it.
    """
    return _take(connection, links, _aside(connection, links), now)


def set_aside(connection: Connection, links: Mapping[str, Sequence[Link]], now: datetime) -> None:
    """Facts that are about to be set aside, by phone: they were stated all the same, and leave no gap."""
    known = _aside(connection, links)
    for device, some in links.items():
        hashes = [bytes.fromhex(link.hash) for link in some]
        query = select(facts.c.hash).where(
            facts.c.device == device, facts.c.seq.in_([one.seq for one in some])
        )
        known |= {one.hex() for one in connection.scalars(query.where(facts.c.hash.in_(hashes)))}
    _take(connection, links, known, now)


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
_HELD = _OF_SOME.order_by(chains.c.device).with_for_update()
_KEEP = update(chains).where(chains.c.device == bindparam("of"))
_KEEP = _KEEP.values(stretches=bindparam("stretches"), restored=bindparam("restored"))
_ANY_ASIDE = (
    select(quarantine.c.device).where(quarantine.c.device.in_(bindparam("some", expanding=True))).distinct()
)


def _take(
    connection: Connection, links: Mapping[str, Sequence[Link]], known: set[str], now: datetime
) -> set[str]:
    """Those of them that were not known. Locks the phones' chains in one order."""
    fresh = {
        device: {link.hash: link for link in some if link.hash not in known} for device, some in links.items()
    }
    fresh = {device: some for device, some in fresh.items() if some}
    # Of all of them, new or not: what a phone has sent may be set aside later in the same transaction.
    rows = _held(connection, links.keys(), fresh.keys())
    found, kept = set[str](), []
    for device, some in fresh.items():
        before = _read(rows[device].stretches)
        after = join(before, some.values())
        again = compare(after).twice != compare(before).twice
        found |= {device} if again else set()
        values = {
            "stretches": msgspec.json.encode(after),
            "restored": now if again else rows[device].restored,
        }
        kept.append({"of": device, **values})
    if kept:
        connection.execute(_KEEP, kept)
    return found


def _held(connection: Connection, names: Set[str], needed: Set[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """The rows of phones, locked; of those that are needed made where there are none."""
    if not names:
        return {}
    rows = {row.device: row for row in connection.execute(_HELD, {"some": sorted(names)})}
    if new := sorted(needed - rows.keys()):
        insert_many(connection, chains, [{"device": one, "stretches": b"[]"} for one in new], once=True)
        rows |= {row.device: row for row in connection.execute(_HELD, {"some": new})}
    return rows


def _aside(connection: Connection, links: Mapping[str, Sequence[Link]]) -> set[str]:
    found: set[str] = set()
    for device in connection.scalars(_ANY_ASIDE, {"some": list(links)}):
        hashes = [bytes.fromhex(link.hash) for link in links[device]]
        query = select(quarantine.c.hash).where(quarantine.c.device == device, quarantine.c.hash.in_(hashes))
        found |= {one.hex() for one in connection.scalars(query)}
    return found


def _read(data: bytes) -> list[Stretch]:
    return msgspec.json.decode(data, type=list[Stretch])
