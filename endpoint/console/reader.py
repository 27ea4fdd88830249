"""Who reads the console now, and what care/rights.py lets them see and do."""

from datetime import date, datetime

from msgspec import Struct

from care.complaint import ComplaintDocument
from care.deviation import DeviationDocument
from care.rights import Act, Role, may
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import Stream, granted, streams_of
from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.errors import NotYours
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
    def day(self) -> date:
        return local_day(self.now)

    def roles_with(self, provider: str) -> frozenset[Role]:
        """The roles held today in any unit of a vårdgivare."""
        return self.staff.roles_among({one.id for one in self.units if one.provider == provider}, self.day)

    @property
    def mine(self) -> list[UnitDocument]:
        """The units in which any role is held today."""
        held = set(self.staff.units(self.day))
        return [unit for unit in self.units if unit.id in held]

    def may(self, act: Act, unit: str) -> bool:
        """Whether the act is theirs in a unit. A unit of another vårdgivare is never theirs."""
        found = next((one for one in self.units if one.id == unit), None)
        if found is None:
            return False
        return may(act, self.staff.roles_in(unit, self.day), self.roles_with(found.provider))

    def units_for(self, act: Act) -> list[UnitDocument]:
        """The units in which an act is theirs."""
        return [unit for unit in self.units if self.may(act, unit.id)]

    def allowed(self, act: Act) -> list[UnitDocument]:
        """The units in which an act is theirs. Raises NotYours when there are none."""
        units = self.units_for(act)
        if not units:
            raise NotYours(act)
        return units

    def may_see(self, case: DeviationDocument | ComplaintDocument) -> bool:
        """Whether a case is theirs to handle: it stands in a stream of theirs."""
        act = Act.COMPLAINT_HANDLE if isinstance(case, ComplaintDocument) else Act.DEVIATION_HANDLE
        return self.may(act, case.unit) and not streams_of(case).isdisjoint(handling(self.streams()))

    def streams(self) -> frozenset[Stream]:
        """The streams that are theirs today. Ask once for many cases: it goes through every unit and act."""
        providers = {unit.id: unit.provider for unit in self.units}
        return frozenset(granted(self.staff, self.day, providers))


def handling(streams: frozenset[Stream]) -> frozenset[Stream]:
    """Those streams whose cases are handled, too: the skyddsombud reads, and handles nothing."""
    return frozenset(one for one in streams if one.of != "safety")


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
