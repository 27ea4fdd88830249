"""What is here already, of the vårdgivare whose rows are read: units, persons, staff, orders, delegations."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import Connection

from care.delegation import DelegationDocument
from care.order import OrderDocument
from care.person import PersonDocument
from care.signing import local_day
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.deviations.errors import Unreadable
from endpoint.imports.personnummer import digits_of
from endpoint.imports.rows import wrong
from endpoint.people.words import plain


class Known:
    """Read within one transaction; each kind when it is first asked for."""

    def __init__(
        self, connection: Connection, provider: str, now: datetime, of: Collection[str] | None = None
    ) -> None:
        """`of`: the units to know; None: all of the vårdgivare's."""
        self.connection, self.provider, self.now = connection, provider, now
        units = documents.all_of(connection, UnitDocument)
        self.units = {
            one.id: one for one in units if one.provider == provider and (of is None or one.id in of)
        }
        self._by_name: defaultdict[str, list[UnitDocument]] = defaultdict(list)
        for one in self.units.values():
            if not one.closed:
                self._by_name[plain(one.name)].append(one)
                self._by_name[one.id].append(one)

    @property
    def day(self) -> date:
        return local_day(self.now)

    def unit(self, column: str, word: str) -> UnitDocument:
        """The open unit that a word names. Raises WrongValue."""
        found = self._by_name.get(word) or self._by_name.get(plain(word)) or []
        if len(found) != 1:
            raise wrong(column, "units" if found else "unit", word, text=word)
        return found[0]

    @cached_property
    def persons(self) -> dict[str, PersonDocument]:
        """Care recipients by personnummer, as digits."""
        found = documents.all_of(self.connection, PersonDocument)
        return {
            digits_of(one.personnummer): one for one in found if one.unit in self.units and one.personnummer
        }

    @cached_property
    def staff(self) -> dict[str, StaffDocument]:
        """Staff by what the sign-in service knows them by."""
        found = documents.all_of(self.connection, StaffDocument)
        return {one.identity.casefold(): one for one in found if one.identity}

    def member(self, column: str, identity: str) -> StaffDocument:
        """Somebody who works here. Raises WrongValue."""
        found = self.staff.get(identity.casefold())
        if found is None or not any(role.unit in self.units for role in found.roles):
            raise wrong(column, "member", identity, text=identity)
        return found

    def order(self, id: str) -> OrderDocument | None:
        return documents.one(self.connection, OrderDocument, id)

    def delegation(self, id: str) -> DelegationDocument | None:
        return documents.one(self.connection, DelegationDocument, id)


def provider_of(connection: Connection, given: str) -> str:
    """The id of the vårdgivare that is named, or of the only one. Raises Unreadable."""
    units = documents.all_of(connection, UnitDocument)
    names = {unit.provider: unit.provider_name for unit in units}
    if not names:
        raise Unreadable("there are no units here yet: add them first")
    if not given and len(names) == 1:
        return next(iter(names))
    found = next((id for id, name in names.items() if given and given in (id, name)), None)
    if found is None:
        raise Unreadable(f"--provider: say which vårdgivare: {', '.join(sorted(names.values()))}")
    return found
