"""Figures of deviations: what page, files and JSON show is counted here, and nowhere else."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import Connection

from care.deviation_figures import Happened, Key, Lead, chosen, counted, leads, rate
from care.small_numbers import ALL, LEAST, told
from endpoint.deviations import days
from endpoint.deviations.happened import happened
from endpoint.deviations.query import Query
from endpoint.deviations.scope import Scope


class Counts(Struct, frozen=True):
    """How many reports there are in all, and of each combination. None: a small number that is not told."""

    total: int | None
    groups: Mapping[Key, int | None]


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
        if not self.scope.protected:
            return Counts(len(events), groups)
        cube = told(groups)
        return Counts(cube.get((ALL,) * len(group_by), 0), {key: cube[key] for key in groups})

    def answers(self, counts: Mapping[str, int]) -> dict[str, int | None]:
        """Counts that do not add up to a sum that is told: one report may be in several."""
        return {
            key: None if self.scope.protected and 0 < count < LEAST else count
            for key, count in counts.items()
        }

    def leads(self) -> dict[str, Lead]:
        """How long each step took. Of a few reports, nothing is told where small numbers are not."""
        found = leads(self.events)
        if not self.scope.protected:
            return found
        return {step: one if one.count >= LEAST else Lead(0, None) for step, one in found.items()}

    def rate(self, count: int | None, days: int | None) -> float | None:
        return None if count is None else rate(count, days)


def find(connection: Connection, scope: Scope, query: Query) -> Found:
    """The reports of a query."""
    events = chosen(happened(connection, scope, query.first, query.last), query.filters)
    known = days.of_period(connection, list(scope.places), query.first, query.last)
    return Found(query, scope, events, known)
