"""Who reads the console now, and what care/rights.py lets them see and do."""

from datetime import datetime

from msgspec import Struct

from care.deviation import DeviationDocument
from care.rights import Act, Role, may, scopes
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import granted, streams_of
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.texts import Texts, texts
from endpoint.database import Database


class Reader(Struct, frozen=True):
    """A signed-in member of staff at a moment. `units` are all of the same vårdgivare, in name order."""

    staff: StaffDocument
    now: datetime
    units: tuple[UnitDocument, ...]

    @property
    def t(self) -> Texts:
        return texts(self.staff.language)

    @property
    def anywhere(self) -> frozenset[Role]:
        """The roles held today in any unit."""
        day = local_day(self.now)
        return frozenset(held.role for held in self.staff.roles if held.holds(day))

    @property
    def mine(self) -> list[UnitDocument]:
        """The units in which any role is held today."""
        held = set(self.staff.units(local_day(self.now)))
        return [unit for unit in self.units if unit.id in held]

    def may(self, act: Act, unit: str) -> bool:
        """Whether the act is theirs in a unit. A unit of another vårdgivare is never theirs."""
        if unit not in {one.id for one in self.units}:
            return False
        return may(act, self.staff.roles_in(unit, local_day(self.now)), self.anywhere)

    def units_for(self, act: Act) -> list[UnitDocument]:
        """The units in which an act is theirs."""
        return [unit for unit in self.units if self.may(act, unit.id)]

    def may_see(self, deviation: DeviationDocument) -> bool:
        """Whether a case is theirs to handle: it stands in a stream of theirs, or answer for the whole."""
        if not self.may(Act.DEVIATION_HANDLE, deviation.unit):
            return False
        mine = frozenset(granted(self.staff, local_day(self.now)))
        whole = "provider" in scopes(Act.DEVIATION_HANDLE, self.anywhere)
        return whole or not mine.isdisjoint(streams_of(deviation))


async def reader_of(database: Database, staff_id: str, now: datetime) -> Reader | None:
    """The reader with this id, or None when they hold no role any more."""
    staff = await documents.get(database, StaffDocument, staff_id)
    if staff is None or not staff.units(local_day(now)):
        return None
    everywhere = await documents.of_kind(database, UnitDocument)
    mine = set(staff.units(local_day(now)))
    providers = {unit.provider for unit in everywhere if unit.id in mine}
    units = [unit for unit in everywhere if unit.provider in providers]
    return Reader(staff, now, tuple(sorted(units, key=lambda unit: unit.name)))
