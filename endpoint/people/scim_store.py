"""What another system asks of the staff of one vårdgivare, within a transaction."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, delete, select

from care.facts import ENDPOINT, Ref
from care.rights import Role
from care.signing import local_day
from care.staff import RoleInUnit, StaffDocument, StaffSet
from endpoint import documents
from endpoint.database import insert_once
from endpoint.keys import Keys
from endpoint.people import changes, roster, scim_users
from endpoint.people.differences import of_staff
from endpoint.people.errors import LastAdministrator, NotGivable, ScimError
from endpoint.people.planning import Outcome, becomes, outcome
from endpoint.people.reading import Entry, Fault, read
from endpoint.people.roles import merged
from endpoint.people.roster import Roster
from endpoint.people.schema import scim_deleted
from endpoint.people.tokens import Token
from endpoint.statements import Statement, take_turn, write

_FILTER = re.compile(r"\s*(\w+)\s+eq\s+(?:\"([^\"]*)\"|(true|false))\s*", re.IGNORECASE)


class Store:
    """One call of one system. `woken`: whom to wake once the transaction is through."""

    def __init__(
        self, connection: Connection, keys: Keys, system: Token, now: datetime, writes: bool
    ) -> None:
        if writes:
            take_turn(connection)
        self.connection = connection
        self.keys = keys
        self.system = system
        self.roster: Roster = roster.read(connection, {system.provider}, local_day(now))
        self.woken: frozenset[str] = frozenset()
        gone = select(scim_deleted.c.staff).where(scim_deleted.c.provider == system.provider)
        self.gone = set(connection.scalars(gone))

    def found(self, filter: str) -> list[StaffDocument]:
        """Everybody who is not deleted, or those whom a filter names. Raises ScimError."""
        here = [one for one in self.roster.staff if one.id not in self.gone]
        if not filter.strip():
            return here
        match = _FILTER.fullmatch(filter)
        if match is None:
            raise ScimError(400, "one comparison with eq is understood", "invalidFilter")
        name, value = match[1].lower(), match[2] if match[2] is not None else match[3].lower()
        if name not in ("username", "id", "displayname", "active", "externalid"):
            raise ScimError(400, f"no filter on {match[1]}", "invalidFilter")
        return [one for one in here if self._fits(one, name, value.casefold())]

    def _fits(self, one: StaffDocument, name: str, value: str) -> bool:
        match name:
            case "username":
                return (one.identity or one.id).casefold() == value
            case "id":
                return one.id == value
            case "displayname":
                return one.name.casefold() == value
            case "active":
                return str(self.roster.works(one)).lower() == value
        return False  # externalId is not kept

    def one(self, id: str) -> StaffDocument:
        """Somebody by id. Raises ScimError: another vårdgivare's is not there either."""
        found = self.roster.everybody.get(id)
        if found is None or id in self.gone or not self.roster.knows(found):
            raise ScimError(404, "no such user")
        return found

    def create(self, user: Mapping[str, Any]) -> StaffDocument:
        """Somebody new. One who was deleted and comes again is who they were."""
        entry = self._entry(user)
        held = self.roster.by_identity.get(entry.identity.casefold())
        if held is not None and self.roster.knows(held):
            if held.id not in self.gone:
                raise ScimError(409, "userName is taken", "uniqueness")
            return self._save(held.id, self._after(held, entry, user, True))
        made = self._followed(outcome(self.roster, entry, self._source))
        return self._save(made.staff or changes.new_id(), self._service(made.after, user, True))

    def replace(self, id: str, user: Mapping[str, Any]) -> StaffDocument:
        """Somebody as the system says that they are. Roles that it names none of stay."""
        held = self.one(id)
        return self._save(id, self._after(held, self._entry(user, held), user, None))

    def delete(self, id: str) -> None:
        """They work here no longer, and are not found by the system again. What they did stays theirs."""
        held = self.one(id)
        self._save(id, changes.ended(self.roster, held.as_set, changes.at_once(self.roster)))
        row = {"provider": self.system.provider, "staff": id}
        self.connection.execute(insert_once(self.connection, scim_deleted), row)

    @property
    def _source(self) -> str:
        return f"scim:{self.system.name}"

    def _entry(self, user: Mapping[str, Any], held: StaffDocument | None = None) -> Entry:
        lines = scim_users.lines(user)
        if held is not None and lines[0].identity == held.id:
            # Who has no identity is shown by their id: said back, it gives none.
            if not held.identity:
                raise ScimError(400, "userName: an HSA-id or employee id is needed", "invalidValue")
            lines = [replace(line, identity=held.identity) for line in lines]
        entries, faults = read(self.roster, lines)
        if faults or not entries:
            raise _wrong(faults[0] if faults else Fault(1, "identity", "people.fault.identity_needed"))
        entry = entries[0]
        held_roles = {(role.role, role.unit) for role in self.roster.current(held)} if held else set()
        for one in entry.wanted:
            if one.role is Role.ADMINISTRATOR and (one.role, one.unit) not in held_roles:
                raise ScimError(400, "roles: administrator is given on the console alone", "invalidValue")
        return entry

    def _after(
        self, held: StaffDocument, entry: Entry, user: Mapping[str, Any], active: bool | None
    ) -> StaffSet:
        made = self._followed(becomes(self.roster, entry, self._source, held))
        after = made.after
        if entry.wanted:
            unnamed = set(merged(self.roster.own(held), entry.wanted, self.roster.day).unnamed)
            gone = tuple(
                role
                for role in self.roster.current(after)
                if role in unnamed and role.role is not Role.ADMINISTRATOR
            )
            rest = tuple(role for role in after.roles if role not in gone)
            last = changes.at_once(self.roster)
            ended = changes.ended(self.roster, replace(after, roles=gone), last)
            after = replace(after, roles=(*rest, *ended.roles))
        return self._service(after, user, active)

    def _service(self, after: StaffSet, user: Mapping[str, Any], active: bool | None) -> StaffSet:
        """In service or not, as the system says; what has ended may be taken up again."""
        said = scim_users.active_of(user)
        said = active if said is None else said
        if said is False:
            return changes.ended(self.roster, after, changes.at_once(self.roster))
        if said is True and not self.roster.works(after):
            return _taken_up(self.roster, after)
        return after

    def _followed(self, found: Outcome | Fault) -> Outcome:
        if isinstance(found, Fault):
            raise _wrong(found)
        return found

    def _save(self, id: str, after: StaffSet) -> StaffDocument:
        held = self.roster.everybody.get(id)
        before = held.as_set if held is not None else None
        if before is not None and before.identity != after.identity and _administers(before):
            # Who may say whom an administrator signs in as, is one.
            raise ScimError(403, "userName: an administrator's is set on the console alone")
        try:
            changes.check_administered(self.roster, {id: after})
            said = changes.staff_statement(self.roster, id, replace(after, source=self._source))
        except LastAdministrator as error:
            raise ScimError(403, "the last administrator stays: give somebody else the role first") from error
        except NotGivable as error:
            raise ScimError(409, f"{error.field} is taken or not yours to change", "uniqueness") from error
        if before is None or of_staff(before, after, self.roster.mine):
            self.woken |= self._write(said)
        self.connection.execute(
            delete(scim_deleted).where(
                scim_deleted.c.provider == self.system.provider, scim_deleted.c.staff == id
            )
        )
        found = documents.one(self.connection, StaffDocument, id)
        if found is None:
            raise ScimError(404, f"no such user: {Ref('staff', id)}")
        return found

    def _write(self, said: Statement) -> frozenset[str]:
        return write(self.connection, self.keys, [said], ENDPOINT)[1].woken


def _administers(staff: StaffSet) -> bool:
    return any(role.role is Role.ADMINISTRATOR for role in staff.roles)


def _taken_up(here: Roster, after: StaffSet) -> StaffSet:
    """Somebody whose last roles here begin again today."""
    last = here.last_day(after)
    again = [
        RoleInUnit(role.role, role.unit, here.day)
        for role in here.own(after)
        if last is not None
        and role.end == last
        and not here.units[role.unit].closed
        and role.role is not Role.ADMINISTRATOR
    ]
    return replace(after, roles=(*after.roles, *again))


def _wrong(fault: Fault) -> ScimError:
    words = fault.text.rpartition(".")[2].replace("_", " ")
    value = f": {fault.value}" if fault.value else ""
    kind = "uniqueness" if fault.text.endswith("identity_taken") else "invalidValue"
    return ScimError(409 if kind == "uniqueness" else 400, f"{fault.field}: {words}{value}", kind)
