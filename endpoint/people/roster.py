"""Who and what an administrator sees: the units of their vårdgivare, and those who work or have worked there.

Roles at another vårdgivare are never shown, and are carried over unchanged in whatever is stated.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.unit import UnitDocument
from endpoint import documents
from endpoint.people.words import plain


class Roster:
    """The units and the staff of some vårdgivare, as they are on a day. `day`: the local date."""

    def __init__(self, units: Iterable[UnitDocument], staff: Iterable[StaffDocument], day: date) -> None:
        self.units = {unit.id: unit for unit in sorted(units, key=lambda one: one.name.casefold())}
        self.everybody = {one.id: one for one in staff}
        self.day = day

    @cached_property
    def staff(self) -> list[StaffDocument]:
        """Those in sight, by name."""
        found = [one for one in self.everybody.values() if self.knows(one)]
        return sorted(found, key=lambda one: (one.name.casefold(), one.id))

    @cached_property
    def by_identity(self) -> dict[str, StaffDocument]:
        """Everybody on this endpoint who has an identity, by it: one identity is one human being."""
        return {one.identity.casefold(): one for one in self.everybody.values() if one.identity}

    @cached_property
    def unidentified(self) -> dict[str, list[StaffDocument]]:
        """Those in sight who have no identity, by their names as they are compared."""
        found: defaultdict[str, list[StaffDocument]] = defaultdict(list)
        for one in self.staff:
            if not one.identity:
                found[plain(one.name)].append(one)
        return dict(found)

    @property
    def open_units(self) -> list[UnitDocument]:
        return [unit for unit in self.units.values() if not unit.closed]

    def knows(self, staff: StaffDocument) -> bool:
        """Whether somebody works or has worked in one of the units."""
        return any(self.mine(role) for role in staff.roles) or (not staff.roles and staff.unit in self.units)

    def mine(self, role: RoleInUnit) -> bool:
        return role.unit in self.units

    def own(self, staff: StaffDocument | StaffSet) -> tuple[RoleInUnit, ...]:
        """The roles that are held here."""
        return tuple(role for role in staff.roles if self.mine(role))

    def elsewhere(self, staff: StaffDocument | StaffSet) -> tuple[RoleInUnit, ...]:
        """The roles that are held at another vårdgivare: not shown, not touched."""
        return tuple(role for role in staff.roles if not self.mine(role))

    def current(self, staff: StaffDocument | StaffSet) -> list[RoleInUnit]:
        """The roles here that hold today, or will."""
        return [role for role in self.own(staff) if role.end is None or role.end >= self.day]

    def works(self, staff: StaffDocument | StaffSet) -> bool:
        return bool(self.current(staff))

    def last_day(self, staff: StaffDocument | StaffSet) -> date | None:
        """The last day of the last role here; None: until further notice, or no role at all."""
        ends = [role.end for role in self.own(staff)]
        return None if not ends or None in ends else max(end for end in ends if end is not None)


def read(connection: Connection, providers: Collection[str], day: date) -> Roster:
    """The roster of some vårdgivare, within a transaction."""
    units = [one for one in documents.all_of(connection, UnitDocument) if one.provider in providers]
    return Roster(units, documents.all_of(connection, StaffDocument), day)
