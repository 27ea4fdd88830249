"""Who is reminded of log control, and of how much."""

from sqlalchemy import Connection

from care.rights import Act, Role
from care.unit import UnitDocument
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.log_control import due


def chiefs_units(reader: Reader) -> list[UnitDocument]:
    """The units whose control is the reader's own task."""
    return [unit for unit in reader.units if Role.UNIT_MANAGER in reader.staff.roles_in(unit.id, reader.day)]


async def left(database: Database, reader: Reader) -> int:
    """Months that a chief has not controlled; for who oversees, what has been left to them."""
    own = chiefs_units(reader)
    oversees = [unit.id for unit in reader.units_for(Act.LOG_OVERVIEW)]

    def count(connection: Connection) -> int:
        handed = due.open_cases(connection, oversees, handed=True) if oversees else 0
        return len(due.reminders(connection, own, reader.now)) + handed if own else handed

    return await database.read(count) if own or oversees else 0
