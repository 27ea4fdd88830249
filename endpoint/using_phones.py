"""Who may have a code on which phone, and what that phone takes.

On a phone of a unit where care is given: whoever reads what the unit shares. On a phone of an office
(kansli): those who answer for quality in the vårdgivare; it takes nothing that a unit shares, whoever has it.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection

from care.rights import Act, Role, may
from care.signing import local_day
from care.staff import StaffDocument
from care.streams import ON_OFFICE_PHONES, Stream
from care.unit import UnitDocument
from endpoint import documents


class PhoneOf(Struct, frozen=True):
    """Where a phone belongs."""

    unit: str
    office: tuple[str, ...] | None = None
    """Of an office: the units of its vårdgivare."""

    def may_use(self, staff: StaffDocument, now: datetime) -> bool:
        """Whether somebody may have a code on it today."""
        day = local_day(now)
        if self.office is None:
            return may(Act.UNIT_READ, staff.roles_in(self.unit, day), frozenset())
        return may(Act.OFFICE_PHONE, frozenset(), staff.roles_among(self.office, day))

    def works_here(self, staff: StaffDocument, now: datetime) -> bool:
        """Whether somebody has, or will have, a role with which one may use it."""
        day, roles = local_day(now), _roles(self.office is not None)
        return any(staff.works_from(unit, roles, day) for unit in self.office or (self.unit,))

    def takes(self, streams: Iterable[Stream]) -> list[Stream]:
        """What of somebody's streams comes to it."""
        return [one for one in streams if self.office is None or one.of in ON_OFFICE_PHONES]


def phone_of(connection: Connection, unit: str) -> PhoneOf:
    """What a phone of a unit is."""
    return phone_at(connection, unit, documents.one(connection, UnitDocument, unit))


def phone_at(connection: Connection, unit: str, found: UnitDocument | None) -> PhoneOf:
    """The same, where the unit has been read already."""
    if found is None or not found.is_office:
        return PhoneOf(unit)
    return phone_among(documents.all_of(connection, UnitDocument), unit)


def phone_among(units: Iterable[UnitDocument], unit: str) -> PhoneOf:
    """The same, where all units have been read already."""
    known = {one.id: one for one in units}
    found = known.get(unit)
    if found is None or not found.is_office:
        return PhoneOf(unit)
    return PhoneOf(unit, tuple(sorted(one.id for one in known.values() if one.provider == found.provider)))


def _roles(office: bool) -> frozenset[Role]:
    if office:
        return frozenset(role for role in Role if may(Act.OFFICE_PHONE, frozenset(), frozenset({role})))
    return frozenset(role for role in Role if may(Act.UNIT_READ, frozenset({role}), frozenset()))
