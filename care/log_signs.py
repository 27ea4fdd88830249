"""Systematic signs: what makes an occasion worth a look. A sign is a question, never an accusation."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Literal

from msgspec import Struct

from care.log_likeness import Likeness
from care.log_occasions import WRITE, Line, Occasion
from care.rights import OVERSIGHT
from care.schedule import STOCKHOLM
from care.staff import RoleInUnit

Sign = Literal[
    "own",
    "home",
    "surname",
    "no_role",
    "no_relation",
    "beyond",
    "protected",
    "former",
    "mass",
    "night",
    "day_off",
]
"""own: own record · home: same address or telephone · surname: same surname · no_role: no role anywhere
that day · no_relation: a role, but not in the person's unit · beyond: aktivt val · protected: protected
identity · former: has left since · mass: many persons in a short time · night, day_off: when they wrote
nothing at all."""

AWAY = timedelta(hours=6)
"""(p) Nothing written by them so long before and after: they were hardly at work."""
NIGHT = (22, 6)
"""(p) Local hours."""
CHOICE = timedelta(hours=1)
"""An active choice (aktivt val) opens a person for so long; what is read then is read by it."""
CARE = timedelta(minutes=60)
"""(p) Something written of the same person so close by is care that explains the reading."""
MASS_WITHIN = timedelta(minutes=10)
MASS_LEAST = 8
MASS_TIMES = 3
"""(p) Many: at least 8 persons within 10 minutes, and 3 times what is usual in the unit that month."""


class Worker(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member of staff as the draw needs them: no name, no number."""

    id: str
    roles: tuple[RoleInUnit, ...] = ()
    like: Likeness = Likeness()

    def units(self, day: date) -> set[str]:
        return {held.unit for held in self.roles if held.holds(day)}

    def left(self, by: date) -> bool:
        """Whether every role has ended before a day."""
        return bool(self.roles) and all(held.end is not None and held.end < by for held in self.roles)


class Wrote(Struct, frozen=True, order=True):
    """A member of staff wrote something then, of anybody, anywhere."""

    staff: str
    at: datetime


class Care(Struct, frozen=True, order=True):
    """Something that was written of the person close to an occasion: what kind of thing, and when."""

    at: datetime
    what: str


def signs(
    found: Sequence[Occasion],
    lines: Sequence[Line],
    workers: Mapping[str, Worker],
    protected: frozenset[str],
    wrote: Iterable[Wrote],
    ends: date,
) -> dict[str, tuple[Sign, ...]]:
    """The signs of each occasion by its id. `ends`: the day after the last one that is controlled."""
    acts = care_beside(found, lines)
    hours = _hours(wrote)
    days = {staff: {at.astimezone(STOCKHOLM).date() for at in times} for staff, times in hours.items()}
    chose: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for line in lines:
        if line.act == "beyond":
            chose[line.staff, line.person].append(line.at)
    many = _mass(found, acts)
    said: dict[str, tuple[Sign, ...]] = {}
    for one in found:
        worker = workers.get(one.staff, Worker(id=one.staff))
        shown: list[Sign] = _related(one, worker) + _entitled(one, worker, chose[one.staff, one.person])
        if one.person in protected:
            shown.append("protected")
        if worker.left(ends):
            shown.append("former")
        if one.id in many:
            shown.append("mass")
        said[one.id] = tuple(shown + _away(one, hours.get(one.staff, []), days.get(one.staff, set())))
    return said


def care_beside(found: Iterable[Occasion], lines: Iterable[Line]) -> dict[str, tuple[Care, ...]]:
    """What the same member of staff wrote of the same person within the hour, by the occasion's id."""
    written: dict[tuple[str, str], set[Care]] = defaultdict(set)
    for line in lines:
        if line.act == WRITE:
            written[line.staff, line.person].add(Care(line.at, line.what))
    return {
        one.id: tuple(act for act in sorted(written[one.staff, one.person]) if one.beside(act.at, CARE))
        for one in found
    }


def _related(one: Occasion, worker: Worker) -> list[Sign]:
    kinds: tuple[tuple[Sign, tuple[str, ...]], ...] = (
        ("own", worker.like.own),
        ("home", worker.like.home),
        ("surname", worker.like.surname),
    )
    return [sign for sign, persons in kinds if one.person in persons]


def _entitled(one: Occasion, worker: Worker, chose: Iterable[datetime]) -> list[Sign]:
    held = worker.units(one.first.astimezone(STOCKHOLM).date())
    chosen: list[Sign] = ["beyond"] if "beyond" in one.acts or one.reasons else []
    if not held:
        return ["no_role", *chosen]
    by_choice = chosen or any(at <= one.first <= at + CHOICE for at in chose)
    if one.unit in held or by_choice or not OVERSIGHT.isdisjoint(one.roles):
        return chosen
    return ["no_relation"]


def _hours(wrote: Iterable[Wrote]) -> dict[str, list[datetime]]:
    times: dict[str, set[datetime]] = defaultdict(set)
    for one in wrote:
        times[one.staff].add(one.at)
    return {staff: sorted(each) for staff, each in times.items()}


def _away(one: Occasion, times: list[datetime], days: set[date]) -> list[Sign]:
    """Whoever wrote nothing all month is not told from whoever was away: no sign."""
    if not times:
        return []
    place = bisect_left(times, one.first - AWAY)
    if place < len(times) and times[place] <= one.last + AWAY:
        return []
    local = one.first.astimezone(STOCKHOLM)
    signs: list[Sign] = ["night"] if local.hour >= NIGHT[0] or local.hour < NIGHT[1] else []
    if local.date() not in days:
        signs.append("day_off")
    return signs


def _mass(found: Sequence[Occasion], acts: Mapping[str, tuple[Care, ...]]) -> set[str]:
    """The first occasion of each time somebody opened many records, where no care explains them."""
    by_staff: dict[str, list[Occasion]] = defaultdict(list)
    for one in found:
        if not one.listed and not acts[one.id]:
            by_staff[one.staff].append(one)
    counted: list[tuple[Occasion, int]] = []
    for several in by_staff.values():
        start = 0
        for end, one in enumerate(several):
            while one.first - several[start].first > MASS_WITHIN:
                start += 1
            counted.append((one, len({each.person for each in several[start : end + 1]})))
    if not counted:
        return set()
    many = max(MASS_LEAST, MASS_TIMES * median(count for _, count in counted))
    told: set[str] = set()
    above: dict[str, bool] = {}
    for one, count in counted:
        if count >= many and not above.get(one.staff, False):
            told.add(one.id)
        above[one.staff] = count >= many
    return told
