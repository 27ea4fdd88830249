"""Whose reports somebody may count: those that they may open, and the old ones that would stand there."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import Connection, select

from care.deviation import SIDES, Category, DeviationDocument
from care.rights import Act
from care.streams import Stream, deviation_streams, granted, streams_of
from care.unit import UnitDocument
from endpoint.console.reader import Reader
from endpoint.deviations.schema import past_units

_CASES = frozenset({"chief", "nurse", "mas", "sas", "safety"})
"""The streams in which cases are read to be handled."""


class Place(Struct, frozen=True):
    """A unit as figures name it. ``past``: one that only old reports name."""

    id: str
    name: str
    kind: str
    past: bool = False


class Scope(Struct, frozen=True):
    """``streams``: those whose cases are counted; None: all of the units. ``protected``: no small numbers.

    Small numbers are told to those who may open the single reports anyway, and to nobody else.
    """

    places: Mapping[str, Place]
    streams: frozenset[Stream] | None
    protected: bool

    def sees(self, unit: str, category: Category, concerns: bool) -> bool:
        """Whether a report is counted. `concerns`: it names a care recipient, or a danger."""
        if unit not in self.places:
            return False
        return self._reads(deviation_streams(unit, SIDES[category], concerns))

    def opens(self, case: DeviationDocument) -> bool:
        """Whether a report that was written here is counted."""
        return case.unit in self.places and self._reads(streams_of(case))

    def _reads(self, to: frozenset[Stream]) -> bool:
        return self.streams is None or not to.isdisjoint(self.streams)


def of_reader(connection: Connection, reader: Reader) -> Scope:
    """What a reader of the console may count. Raises NotYours when there is nothing."""
    reader.allowed(Act.DEVIATION_HANDLE)
    before = _past(connection, {unit.provider for unit in reader.units})
    providers = {unit.id: unit.provider for unit in reader.units} | {
        place.id: provider for place, provider in before
    }
    streams = frozenset(one for one in granted(reader.staff, reader.day, providers) if one.of in _CASES)
    read = {one.id for one in streams}
    places = [*_here(reader.units), *(place for place, _ in before)]
    return Scope({one.id: one for one in places if one.id in read}, streams, protected=False)


def of_provider(connection: Connection, provider: str, units: Sequence[UnitDocument]) -> Scope:
    """What is told of a whole vårdgivare to somebody who may open no report of it."""
    places = [
        *_here([unit for unit in units if unit.provider == provider]),
        *(place for place, _ in _past(connection, {provider})),
    ]
    return Scope({one.id: one for one in places}, None, protected=True)


def _here(units: Collection[UnitDocument]) -> list[Place]:
    return [Place(unit.id, unit.name, unit.unit_kind) for unit in units]


def _past(connection: Connection, providers: Collection[str]) -> list[tuple[Place, str]]:
    rows = connection.execute(select(past_units).where(past_units.c.provider.in_(list(providers))))
    return [(Place(row.id, row.name, row.kind, past=True), row.provider) for row in rows]
