"""A large unit for the first sync: forty residents, their orders, and four weeks of signed doses."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from bench.ground import AMINA, NOTE, TESFAY, UNIT
from care.dose import DoseGiven
from care.facts import Ref
from care.order import OrderDocument, OrderPlaced, Plan, Slot
from care.person import PersonSet
from care.rights import Role
from care.schedule import Planned, planned
from care.staff import RoleInUnit, StaffSet
from care.unit import UnitSet
from endpoint import documents, keys
from endpoint.database import Database
from endpoint.settings import Settings
from endpoint.statements import Statement as Said
from endpoint.statements import write
from storage import Statement
from tests.endpoint_server import Server

BUSY = "99999999-9999-5999-8999-999999999999"
PERSONS = 40
_ORDERS = 5
"""Of each resident."""
_SLOTS = tuple(Slot(f"s{hour}", f"{hour:02}:00") for hour in (7, 12, 16, 21))
DAYS = timedelta(days=28)
"""What is over for longer leaves a unit's phones, and is not sent to a new one."""


class Busy:
    """Made at a running endpoint, in its own words."""

    def __init__(self, server: Server) -> None:
        self._settings = Settings(data=server.data)
        self.until = datetime.now(UTC) - timedelta(minutes=5)
        """What was planned before is signed."""

    def ordered(self) -> list[OrderDocument]:
        """The unit, its staff, residents and orders."""
        placed = datetime.now(UTC) - timedelta(days=60)
        day = placed.date()
        unit = UnitSet(name="Stora huset", kind="residential", provider="p", provider_name="Kommunen")
        said = [Said(unit, Ref("unit", BUSY), BUSY)]
        # They go on working where the demo has them, too.
        roles = tuple(RoleInUnit(Role.CARER, one, day) for one in (UNIT, BUSY))
        for staff in (AMINA, TESFAY):
            body = StaffSet(name="Anna", title="assistant_nurse", roles=roles)
            said.append(Said(body, Ref("staff", staff), BUSY))
        for n in range(PERSONS):
            person = str(uuid4())
            body = PersonSet(name=f"Person {n}", personnummer="19121212-1212", born=date(1912, 12, 12))
            said.append(Said(body, Ref("person", person), BUSY, person))
            for of in range(_ORDERS):
                plan = Plan(what=f"Apodos {of}", form="pouch", amount="1 påse", slots=_SLOTS, start=day)
                order = Ref("order", str(uuid4()))
                said.append(Said(OrderPlaced(plan=plan, effective=placed), order, BUSY, person))
        database = Database(self._settings.database)
        try:
            held = keys.load(self._settings.key_file, database)
            database.write_now(lambda connection: write(connection, held, said))
            return database.read_now(lambda connection: documents.in_unit(connection, OrderDocument, BUSY))
        finally:
            database.close()

    def signed(self, orders: list[OrderDocument], facts: int) -> list[Statement]:
        """The last so many doses that were planned, oldest first, each signed."""
        since = self.until - DAYS
        doses = [dose for order in orders for dose in planned(order, since, self.until)]
        doses.sort(key=lambda dose: (dose.at, dose.id))
        if len(doses) < facts:
            raise ValueError(f"{facts} facts: four weeks of this unit are {len(doses)}")
        return [_given(dose) for dose in doses[-facts:]]


def _given(dose: Planned) -> Statement:
    body = DoseGiven(
        order=dose.order,
        planned=dose.at,
        performed=dose.at,
        amount="1 påse",
        order_fact=dose.version,
        note=NOTE,
    )
    return Statement(body, Ref("dose", dose.id), BUSY, dose.person)
