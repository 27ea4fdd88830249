"""Changing people and units: what may be changed, and never so that nobody may change anything more."""

import os
import time
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from care.facts import Ref
from care.ids import uuid7
from care.person import PersonDocument
from care.rights import OVERSIGHT, Role
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.unit import UnitDocument, UnitSet
from endpoint import documents
from endpoint.people import differences
from endpoint.people.errors import LastAdministrator, NotGivable
from endpoint.people.roster import Roster
from endpoint.schema import devices
from endpoint.statements import Statement

RISKY_ROLES = OVERSIGHT | {Role.ADMINISTRATOR, Role.UNIT_MANAGER}
"""Roles that read or change more than one's own work."""

_DAY = timedelta(days=1)


class InUse(Struct, frozen=True):
    """What stands in the way of closing a unit."""

    phones: int
    persons: int
    staff: int

    def __bool__(self) -> bool:
        return bool(self.phones or self.persons or self.staff)


def new_id() -> str:
    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


def staff_statement(roster: Roster, id: str, after: StaffSet) -> Statement:
    """The statement that makes somebody so. Raises NotGivable for what is not this administrator's to say.

    Roles elsewhere are taken from what stands, never from `after`.
    """
    held = roster.everybody.get(id)
    own = roster.own(after)
    if held is not None and not roster.knows(held) and not own:
        raise NotGivable("staff")
    if not may_set_identity(roster, held, after.identity):
        raise NotGivable("identity")
    body = replace(after, roles=(*(roster.elsewhere(held) if held else ()), *own))
    # A unit of this vårdgivare: the fact stands in its log, not in another's.
    units = [held.unit] if held is not None and held.unit in roster.units else []
    home = next(iter([*units, *(role.unit for role in own)]), "")
    if not home:
        raise NotGivable("role")
    return Statement(body, Ref("staff", id), home)


def may_set_identity(roster: Roster, held: StaffDocument | None, identity: str) -> bool:
    """Whether the identity is free, or already theirs.

    Of somebody who also works for another vårdgivare it stays as it is: who may set it decides who signs in
    as them, there as well.
    """
    before = held.identity if held is not None else ""
    if identity == before:
        return True
    other = roster.by_identity.get(identity.casefold())
    if identity and other is not None and (held is None or other.id != held.id):
        return False
    return held is None or not roster.elsewhere(held)


def check_administered(roster: Roster, after: Mapping[str, StaffSet]) -> None:
    """Raises LastAdministrator when a vårdgivare would be without one from some day, and was not before."""
    before = {id: _administers(one) for id, one in roster.everybody.items()}
    now = before | {id: _administers(one) for id, one in after.items()}
    were, are = list(chain.from_iterable(before.values())), list(chain.from_iterable(now.values()))
    turns = {role.start for role in are} | {role.end + _DAY for role in [*were, *are] if role.end is not None}
    for day in sorted({roster.day} | {day for day in turns if day > roster.day}):
        for provider in {unit.provider for unit in roster.units.values()}:
            units = {unit.id for unit in roster.units.values() if unit.provider == provider}
            if _anybody(were, units, day) and not _anybody(are, units, day):
                raise LastAdministrator(day, provider)


def _administers(staff: StaffDocument | StaffSet) -> list[RoleInUnit]:
    return [role for role in staff.roles if role.role is Role.ADMINISTRATOR]


def _anybody(roles: Iterable[RoleInUnit], units: Collection[str], day: date) -> bool:
    return any(role.unit in units and role.holds(day) for role in roles)


def ended(roster: Roster, held: StaffSet, last: date) -> StaffSet:
    """Somebody whose roles here end with a day at the latest. Those that had not begun by then are none."""
    kept = []
    for role in held.roles:
        if not roster.mine(role) or (role.end is not None and role.end <= last):
            kept.append(role)
        elif role.start <= max(last, roster.day):
            kept.append(replace(role, end=last))
    return replace(held, roles=tuple(kept))


def at_once(roster: Roster) -> date:
    """The last day of what ends now: roles hold to the end of their last day."""
    return roster.day - _DAY


def risky(roster: Roster, before: StaffSet | None, after: StaffSet) -> list[differences.Difference]:
    """What of a change is looked at twice before it is saved: who they sign in as, roles that see much."""
    found = []
    for one in differences.of_staff(before, after, roster.mine):
        given = isinstance(one.after, RoleInUnit) and one.after.role in RISKY_ROLES
        taken = isinstance(one.before, RoleInUnit) and one.before.role is Role.ADMINISTRATOR
        if given or taken or (one.field == "identity" and before is not None and before.identity):
            found.append(one)
    return found


def unit_statement(roster: Roster, id: str, after: UnitSet, providers: Collection[str]) -> Statement:
    """The statement that makes a unit so. Its vårdgivare is fixed the first time."""
    held = roster.units.get(id)
    if held is not None and (held.provider, held.provider_name) != (after.provider, after.provider_name):
        raise NotGivable("provider")
    if after.provider not in providers:
        raise NotGivable("provider")
    return Statement(after, Ref("unit", id), id)


def in_use(connection: Connection, roster: Roster, unit: UnitDocument) -> InUse:
    """Who and what is still in a unit."""
    phones = connection.scalar(
        select(func.count()).where(devices.c.unit == unit.id, devices.c.closed.is_(None))
    )
    persons = [one for one in documents.all_of(connection, PersonDocument) if one.unit == unit.id]
    staff = [one for one in roster.staff if any(role.unit == unit.id for role in roster.current(one))]
    return InUse(phones or 0, len(persons), len(staff))
