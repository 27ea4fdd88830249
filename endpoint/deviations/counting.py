"""Figures of deviations: what page, files and JSON show is counted here, and nowhere else."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Connection

from care.deviation_figures import Acted, Happened, Key, Lead, acted, chosen, counted, leads, rate
from care.small_numbers import ALL, LEAST, summed, told
from endpoint.deviations import days
from endpoint.deviations.happened import happened
from endpoint.deviations.query import Query
from endpoint.deviations.scope import Scope


class Counts(Struct, frozen=True):
    """How many reports there are of each combination; ``sums``: with every sum over them (`ALL`) too.

    None: a small number that is not told, or one that would tell it.
    """

    groups: Mapping[Key, int | None]
    sums: Mapping[Key, int | None]

    @property
    def total(self) -> int | None:
        return next((count for key, count in self.sums.items() if all(value == ALL for value in key)), 0)


class Found(Struct, frozen=True):
    """The reports that were asked for, of the units that were asked for. ``days``: vårddygn by unit."""

    query: Query
    scope: Scope
    events: Sequence[Happened]
    days: Mapping[str, int]

    @property
    def units(self) -> list[str]:
        """Those that are asked for: all, or the ones that the filters leave."""
        types = self.query.filters.get("unit_type")
        wanted = self.query.filters.get("unit") or tuple(self.scope.places)
        return [one for one in wanted if not types or self.scope.places[one].kind in types]

    @property
    def imported(self) -> int | None:
        """How many of them were read in from the system before."""
        count = sum(one.imported for one in self.events)
        rest = len(self.events) - count
        small = self.scope.protected and (0 < count < LEAST or 0 < rest < LEAST)
        return None if small else count

    @property
    def all_days(self) -> int | None:
        """The person-days of all units that are asked for and are still there; None: not all are known."""
        here = [one for one in self.units if not self.scope.places[one].past]
        past = {one.unit for one in self.events if self.scope.places[one.unit].past}
        if past or not here or any(one not in self.days for one in here):
            return None
        return sum(self.days[one] for one in here)

    def of(self, group_by: Sequence[str], events: Sequence[Happened] | None = None) -> Counts:
        """Count by some dimensions; `events`: some of the reports, as those of falls."""
        events = self.events if events is None else events
        groups = counted(events, group_by)
        sums = told(groups) if self.scope.protected else summed(groups)
        return Counts({key: sums[key] for key in groups}, sums)

    def answers(self, counts: Mapping[str, int]) -> dict[str, int | None]:
        """The answers to a question. Each report has one of most of them, so that they add up to its sum."""
        if not self.scope.protected:
            return dict(counts)
        sums = told({(code,): count for code, count in counts.items()})
        return {code: sums[code,] for code in counts}

    def leads(self) -> dict[str, Lead]:
        """How long each step took. Of a few reports, nothing is told where small numbers are not."""
        found = leads(self.events)
        if not self.scope.protected:
            return found
        return {step: one if one.count >= LEAST else Lead(0, None) for step, one in found.items()}

    def acted(self, events: Sequence[Happened] | None = None) -> dict[str, int | None]:
        """The actions of these reports, by the names of `Acted`.

        Where small numbers are not told, one is told where neither it nor what it leaves is small.
        """
        found = acted(self.events if events is None else events)
        wholes = (found.planned, found.planned, found.done, found.done)
        told = dict(zip(Acted.__struct_fields__, zip(astuple(found), wholes, strict=True), strict=True))
        small = {
            name
            for name, (count, whole) in told.items()
            if self.scope.protected and (0 < count < LEAST or 0 < whole - count < LEAST)
        }
        return {name: None if name in small else count for name, (count, _) in told.items()}

    def rate(self, count: int | None, days: int | None) -> float | None:
        return None if count is None else rate(count, days)


def find(connection: Connection, scope: Scope, query: Query) -> Found:
    """The reports of a query."""
    return find_all(connection, scope, query, [(query.first, query.last)])[0]


def find_all(
    connection: Connection, scope: Scope, query: Query, periods: Sequence[tuple[date | None, date | None]]
) -> list[Found]:
    """The reports of a query in several periods, read once."""
    firsts, lasts = ([one[at] for one in periods] for at in (0, 1))
    since = None if None in firsts else min(one for one in firsts if one)
    until = None if None in lasts else max(one for one in lasts if one)
    events = chosen(happened(connection, scope, since, until), query.filters)
    found = []
    for first, last in periods:
        start, end = (first or date.min).isoformat(), (last or date.max).isoformat()
        within = [one for one in events if start <= one.day <= end]
        known = days.of_period(connection, list(scope.places), first, last)
        found.append(Found(Query(first, last, query.filters, query.group_by), scope, within, known))
    return found
