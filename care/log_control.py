"""Loggkontroll: which occasions of a month a chief is shown. Same input, same seed: same draw, anywhere.

The draw ranks occasions by HMAC-SHA256(seed, label || 0x00 || occasion id), the label being the sign's name
or "random"; no random generator takes part, so anybody with the log and the recorded seed can draw again and
compare. docs/log-control.md has it in full.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from care.log_occasions import WRITE, Line, Occasion, digested, distinct, occasions
from care.log_signs import Care, Sign, Worker, Wrote, care_beside, signs

METHOD = 1
"""Version of what is drawn and how. A draw on record is checked by the method that it names."""

SIGNS: tuple[Sign, ...] = get_args(Sign)
"""Every systematic sign, the one that most needs an answer first."""
TIMES: tuple[Sign, ...] = ("night", "day_off")


class Sizes(Struct, frozen=True, kw_only=True):
    """How much is drawn. All are proposals for the MAS to approve (p)."""

    random_least: int = 10
    random_percent: int = 5
    """Of the month's occasions; the larger of the two, and no more than `random_most`."""
    random_most: int = 30
    sign_most: int = 10
    """Of one sign. What is above it is counted in the protocol."""
    time_most: int = 5
    """Of a sign that only tells of the time: night, day_off."""
    pair_most: int = 2
    """Of one sign between the same member of staff and the same person."""


class Month(Struct, frozen=True, kw_only=True):
    """Everything that a draw is made from: ids and times, no names. Half-open: `end` is the day after."""

    unit: str
    start: date
    end: date
    lines: tuple[Line, ...]
    """What was recorded in the period."""
    workers: tuple[Worker, ...]
    protected: tuple[str, ...] = ()
    wrote: tuple[Wrote, ...] = ()
    """When the same people wrote anything, in other units too."""
    sizes: Sizes = Sizes()


class Row(Struct, frozen=True, kw_only=True):
    """One occasion that was drawn. No signs: by chance."""

    number: int
    occasion: Occasion
    signs: tuple[Sign, ...]
    care: tuple[Care, ...]


class Count(Struct, frozen=True):
    """How many occasions had a sign, and how many of them were drawn for it."""

    sign: Sign
    found: int
    drawn: int


class Sample(Struct, frozen=True, kw_only=True):
    rows: tuple[Row, ...]
    counts: tuple[Count, ...]
    lines: int
    occasions: int
    by_chance: int

    @property
    def digest(self) -> str:
        """Hex SHA-256 over number and occasion of each row: what two draws are compared by."""
        told = [(row.number, row.occasion.id, row.signs) for row in self.rows]
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def local_month(day: date) -> tuple[date, date]:
    """The first day of a day's month, and of the next one."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def canonical(month: Month) -> bytes:
    """The input as JSON, the same for the same input in whatever order it came. Its SHA-256 is recorded."""

    def sorted_by_bytes(several: Sequence[Struct]) -> tuple[Struct, ...]:
        return tuple(sorted(set(several), key=msgspec.json.encode))

    workers = tuple(
        replace(one, roles=tuple(sorted(set(one.roles), key=msgspec.json.encode))) for one in month.workers
    )
    return msgspec.json.encode(
        replace(
            month,
            lines=tuple(replace(line, at=line.at.astimezone(UTC)) for line in distinct(month.lines)),
            workers=sorted_by_bytes(workers),
            protected=tuple(sorted(set(month.protected))),
            wrote=sorted_by_bytes([replace(one, at=one.at.astimezone(UTC)) for one in month.wrote]),
        )
    )


def read(data: bytes) -> Month:
    """The input again, as `canonical` wrote it."""
    return msgspec.json.decode(data, type=Month)


def draw(month: Month, seed: bytes) -> Sample:
    """Draw the sample: of every sign, and by chance among the rest."""
    known = digested(month.lines)
    lines, found = list(known.values()), occasions(known)
    workers = {one.id: one for one in month.workers}
    wrote = {*month.wrote, *(Wrote(line.staff, line.at) for line in lines if line.act == WRITE)}
    said = signs(found, lines, workers, frozenset(month.protected), wrote, month.end)
    care = care_beside(found, lines)
    chosen: set[str] = set()
    counts: list[Count] = []
    for sign in SIGNS:
        having = [one for one in found if sign in said[one.id]]
        taken = _take(sign, having, care, month.sizes, seed)
        chosen |= taken
        counts.append(Count(sign, len(having), len(taken)))
    chance = _by_chance([one for one in found if one.id not in chosen], len(found), month.sizes, seed)
    drawn = sorted(
        (one for one in found if one.id in chosen | chance), key=lambda one: _place(one, said[one.id])
    )
    rows = tuple(
        Row(number=number, occasion=one, signs=said[one.id], care=care[one.id])
        for number, one in enumerate(drawn, 1)
    )
    return Sample(
        rows=rows, counts=tuple(counts), lines=len(lines), occasions=len(found), by_chance=len(chance)
    )


def rank(seed: bytes, label: str, occasion: str) -> bytes:
    """An occasion's place in a draw: nobody can steer it, everybody can check it."""
    return hmac.digest(seed, label.encode() + b"\0" + occasion.encode(), "sha256")


def _take(
    sign: Sign, having: list[Occasion], care: dict[str, tuple[Care, ...]], sizes: Sizes, seed: bytes
) -> set[str]:
    """Those without care close by before those with it, opened records before lists, then by rank."""
    order = sorted(having, key=lambda one: (bool(care[one.id]), one.listed, rank(seed, sign, one.id)))
    pairs: Counter[tuple[str, str]] = Counter()
    taken: set[str] = set()
    for one in order:
        if len(taken) == (sizes.time_most if sign in TIMES else sizes.sign_most):
            break
        if pairs[one.staff, one.person] < sizes.pair_most:
            pairs[one.staff, one.person] += 1
            taken.add(one.id)
    return taken


def _by_chance(rest: list[Occasion], everything: int, sizes: Sizes, seed: bytes) -> set[str]:
    share = -(-everything * sizes.random_percent // 100)
    wanted = min(sizes.random_most, max(sizes.random_least, share))
    order = sorted(rest, key=lambda one: (one.listed, rank(seed, "random", one.id)))
    return {one.id for one in order[:wanted]}


def _place(one: Occasion, shown: tuple[Sign, ...]) -> tuple[int, str, str, datetime, str]:
    """In which order a chief meets them: by the first sign, the same two people together, chance last."""
    first = SIGNS.index(shown[0]) if shown else len(SIGNS)
    return first, one.staff, one.person, one.first, one.id
