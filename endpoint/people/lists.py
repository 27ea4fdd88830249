"""Lists of staff: shown as a dry run, kept for a day, carried out once, exactly as they were shown."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, select

from care.ids import is_uuid
from care.staff import StaffSet
from endpoint.keys import Keys
from endpoint.people import changes
from endpoint.people.errors import Changed
from endpoint.people.planning import Plan, plan
from endpoint.people.roster import Roster
from endpoint.people.schema import staff_lists
from endpoint.people.table import Line, Sheet
from endpoint.statements import Statement, write

KEPT = timedelta(days=1)


class Kept(Struct, frozen=True):
    """A list that waits. ``whole``: it is said to hold everybody."""

    id: str
    name: str
    whole: bool
    made: datetime
    passed_over: tuple[str, ...]
    lines: list[Line]


def keep(connection: Connection, by: str, name: str, whole: bool, sheet: Sheet, now: datetime) -> str:
    """Keep a list for whoever sent it; its id. Their earlier one is forgotten."""
    connection.execute(
        delete(staff_lists).where((staff_lists.c.by == by) | (staff_lists.c.made < now - KEPT))
    )
    id = changes.new_id()
    connection.execute(
        staff_lists.insert().values(
            id=id,
            by=by,
            name=name,
            whole=whole,
            made=now,
            passed_over="\n".join(sheet.passed_over),
            lines=msgspec.json.encode(sheet.lines),
        )
    )
    return id


def kept(connection: Connection, by: str, id: str, now: datetime) -> Kept | None:
    """The list of that id, to the one who sent it alone; None: there is none any more."""
    if not is_uuid(id):
        return None
    row = connection.execute(
        select(staff_lists).where(
            staff_lists.c.id == id, staff_lists.c.by == by, staff_lists.c.made >= now - KEPT
        )
    ).one_or_none()
    if row is None:
        return None
    over = tuple(one for one in row.passed_over.split("\n") if one)
    return Kept(row.id, row.name, row.whole, row.made, over, msgspec.json.decode(row.lines, type=list[Line]))


def forget(connection: Connection, by: str, id: str) -> None:
    if is_uuid(id):
        connection.execute(delete(staff_lists).where(staff_lists.c.id == id, staff_lists.c.by == by))


def carry_out(
    connection: Connection,
    keys: Keys,
    roster: Roster,
    by: str,
    shown: Kept,
    digest: str,
    ticked: Collection[str],
) -> tuple[Plan, frozenset[str]]:
    """Do what was shown, and end those who were ticked; what is to be woken comes along.

    Raises Changed when it is no longer what was shown, and LastAdministrator. Call with the turn taken.
    """
    made = plan(roster, shown.lines, shown.whole)
    if made.digest != digest:
        raise Changed(digest)
    after: dict[str, StaffSet] = {one.staff or changes.new_id(): one.after for one in made.to_do}
    after |= {one.staff: one.after for one in made.missing if one.staff in ticked}
    changes.check_administered(roster, after)
    statements: list[Statement] = [
        changes.staff_statement(roster, id, one) for id, one in sorted(after.items())
    ]
    forget(connection, by, shown.id)
    if not statements:
        return made, frozenset()
    return made, write(connection, keys, statements, by)[1].woken
