"""Rows of staff, as the console reads them (endpoint/people): the same columns, words and dry run."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from msgspec.structs import replace
from sqlalchemy import Connection

from care.signing import local_day
from endpoint.console.texts import texts
from endpoint.database import Database
from endpoint.deviations.errors import Unreadable as NotRead
from endpoint.imports.mapping import Map
from endpoint.imports.rows import Kind, Result
from endpoint.keys import Keys
from endpoint.people import changes, roster, scim_users, table
from endpoint.people.errors import LastAdministrator, Unreadable
from endpoint.people.planning import Plan, differences, plan
from endpoint.people.roster import Roster
from endpoint.people.table import Line
from endpoint.statements import take_turn, write

COLUMNS = tuple(table.COLUMNS)
_LISTED = "\n".join(f"  {name:9} {', '.join(known)}" for name, known in table.COLUMNS.items())
ABOUT = f"""\
Read in staff. One row is one role of one person; docs/people.md says what the columns mean. Nobody is ended
by a list that they are not in: that is done on the console. The columns, and what else they may be called:

{_LISTED}
"""


def run(
    database: Database, keys: Keys, data: bytes, map: Map, provider: str, now: datetime, dry: bool
) -> tuple[list[Result], str]:
    """What becomes of every row, done unless it is dry; and the headings that were passed over. Blocking."""
    try:
        read = scim_users.read_file if scim_users.looks_like(data) else partial(table.read, also=map.columns)
        sheet = read(data)
    except Unreadable as error:
        raise NotRead(texts("en")(error.text, **error.values)) from error
    lines = [_mapped(line, map) for line in sheet.lines]
    passed = f"columns passed over: {', '.join(sheet.passed_over)}\n" if sheet.passed_over else ""
    return state(database, keys, lines, provider, now, dry), passed


def state(
    database: Database, keys: Keys, lines: Sequence[Line], provider: str, now: datetime, dry: bool
) -> list[Result]:
    """What becomes of every line, done in one transaction unless it is dry. Blocking."""

    def take(connection: Connection) -> tuple[list[Result], frozenset[str]]:
        if not dry:
            take_turn(connection)
        here = roster.read(connection, {provider}, local_day(now))
        made = plan(here, lines)
        found = sorted(_results(made, here, lines), key=lambda one: one.line)
        return found, frozenset() if dry else _carry_out(connection, keys, here, made)

    try:
        results, woken = database.read_now(take) if dry else database.write_now(take)
    except LastAdministrator as error:
        raise NotRead(texts("en")("people.fault.last_administrator")) from error
    database.wake.up(woken)
    return results


def _carry_out(connection: Connection, keys: Keys, here: Roster, made: Plan) -> frozenset[str]:
    after = {one.staff or changes.new_id(): one.after for one in made.to_do}
    changes.check_administered(here, after)
    statements = [changes.staff_statement(here, id, one) for id, one in sorted(after.items())]
    return write(connection, keys, statements)[1].woken if statements else frozenset()


def _results(made: Plan, here: Roster, lines: Sequence[Line]) -> Iterator[Result]:
    t = texts("en")
    told: set[int] = set()
    for fault in made.faults:
        reason = t(fault.text) + (f" ({fault.value})" if fault.value else "")
        told.add(fault.row)
        yield Result(fault.row, "faulty", field=fault.field, reason=reason)
    for one in made.outcomes:
        kind: Kind = "changed" if one.kind == "ended" else one.kind
        fields = tuple(dict.fromkeys(of.field for of in differences(one, here))) if one.before else ()
        for row in one.rows:
            told.add(row)
            yield Result(row, kind, one.after.name, fields)
    for line in lines:
        if line.row not in told:
            yield Result(line.row, "faulty", field="row", reason="another row of the same person has a fault")


def _mapped(line: Line, map: Map) -> Line:
    """A line with its words as the map has them."""
    changed = {name: map.word(name, getattr(line, name) or "") or getattr(line, name) for name in map.words}
    return replace(line, **{name: value for name, value in changed.items() if hasattr(line, name)})
