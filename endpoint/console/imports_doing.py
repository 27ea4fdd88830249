"""Trying a file and reading it in for a reader of the console: what is theirs to read in, in whose name."""

import logging
from collections.abc import Callable, Mapping

from msgspec.structs import replace
from sqlalchemy import Connection

from care.facts import ENDPOINT
from care.order import OrderChanged, OrderPlaced
from care.order_right import may_order
from care.rights import Act
from care.unit import UnitDocument
from endpoint.audit.log import note, of_reader
from endpoint.console.errors import NotYours
from endpoint.console.reader import Reader
from endpoint.imports import lists
from endpoint.imports.known import Known
from endpoint.imports.lists import Outcome, Waiting
from endpoint.imports.mapping import Map
from endpoint.imports.personnummer import digits_of
from endpoint.imports.rows import Cells, Result, Said, wrong
from endpoint.imports.running import SORTS, Sort, run
from endpoint.parts import Parts

logger = logging.getLogger("rapp.imports")
PLACE = "import"
ACTS: dict[str, tuple[Act, ...]] = {
    "persons": (Act.MASTER_DATA,),
    "orders": (Act.ORDER_PLACE, Act.MASTER_DATA),
    "delegations": (Act.DELEGATION_ISSUE,),
}
"""Who reads a sort in, and for which units. Orders have their master elsewhere: whoever is legitimerad reads
in those of their profession, an administrator all; a delegation is read in by its own issuer."""


def units(reader: Reader, sort: str) -> list[UnitDocument]:
    """The units whose rows are the reader's to read in. Raises NotYours when there are none."""
    found = [unit for unit in reader.units if any(reader.may(act, unit.id) for act in ACTS[sort])]
    if not found:
        raise NotYours(ACTS[sort][0])
    return found


def sorts(reader: Reader) -> list[str]:
    """What the reader may read in."""
    return [sort for sort, acts in ACTS.items() if any(reader.units_for(act) for act in acts)]


def place(reader: Reader, sort: str) -> str:
    """The console's place that the pages of a sort belong to: where the reader has none of it, Personer."""
    return sort if sort == "delegations" or reader.units_for(Act.UNIT_READ) else "persons"


def try_out(parts: Parts, reader: Reader, waiting: Waiting) -> None:
    """Work out what would become of every row, and log whom that tells of. Blocking; nothing is stated."""

    done, about = 0, dict[str, str]()

    def told(found: list[Result]) -> None:
        nonlocal done
        done += len(found)
        entries = [
            of_reader(reader, PLACE, _act(reader, waiting.sort, unit), person, unit)
            for person, unit in about.items()
        ]
        about.clear()

        def log(connection: Connection) -> None:
            note(connection, entries, parts.now())
            lists.went(connection, waiting.id, done, parts.now())

        parts.database.write_now(log)

    try:
        found = _run(parts, reader, waiting, _guarded(reader, waiting.sort, about), told, dry=True)
        parts.database.write_now(lambda c: lists.tried(c, waiting.id, found, parts.now()))
    except Exception:
        # Nobody is there to be told; the page says that it was broken off.
        logger.exception("the trial of a file was broken off")


def carry_out(parts: Parts, reader: Reader, waiting: Waiting) -> None:
    """Read in what was shown; a row of which something else would become now is left out. Blocking."""

    done, shown = 0, {one.line: one for one in waiting.outcomes}

    def told(found: list[Result]) -> None:
        nonlocal done
        done += len(found)
        parts.database.write_now(lambda c: lists.went(c, waiting.id, done, parts.now()))

    try:
        found = _run(parts, reader, waiting, _guarded(reader, waiting.sort, {}, shown), told, dry=False)
        parts.database.write_now(lambda c: lists.finish(c, waiting.id, found, parts.now()))
    except Exception:
        logger.exception("the reading in of a file was broken off")


def _run(
    parts: Parts,
    reader: Reader,
    waiting: Waiting,
    sort: Sort,
    told: Callable[[list[Result]], None],
    dry: bool,
) -> list[Result]:
    lines = parts.database.read_now(lambda connection: lists.rows(connection, waiting.id))
    mine = {unit.id for unit in units(reader, waiting.sort)}
    rows = (line.row for line in lines)
    by, now = reader.staff.id, parts.now()
    return run(parts.database, parts.keys, sort, rows, Map(), waiting.provider, now, dry, by, mine, told)


def _guarded(
    reader: Reader, name: str, about: dict[str, str], shown: Mapping[int, Outcome] | None = None
) -> Sort:
    """The sort, with nothing in it that is not the reader's to say.

    `about`: whom the rows tell of, with their units, is added to it. `shown`: what was to become of each row.
    """
    sort = SORTS[name]

    def result(cells: Cells, known: Known, seen: set[str]) -> Result:
        # A fault tells of somebody too: that they are here, and where.
        person = known.persons.get(digits_of(cells.word("personnummer")))
        if person is not None and person.unit:
            about[person.id] = person.unit
        found = sort.result(cells, known, seen)
        about.update(found.persons)
        for one in found.said:
            _check(reader, known, one)
        if shown is not None and found.kind != "unchanged":
            before = shown.get(found.line)
            if before is None or (before.kind, before.fields) != (found.kind, found.fields):
                raise wrong("row", "changed_since")
        return found

    return replace(sort, result=result)


def _check(reader: Reader, known: Known, said: Said) -> None:
    """Raises WrongValue for what somebody else has to say."""
    body, unit = said.statement.body, said.statement.unit
    if said.author not in (ENDPOINT, reader.staff.id):
        raise wrong("issuer", "not_yours")
    if isinstance(body, OrderPlaced | OrderChanged) and not reader.may(Act.MASTER_DATA, unit):
        held = known.order(said.statement.aggregate.id)
        plans = [body.plan, *([held.plan] if held and held.plan else [])]
        roles = reader.staff.roles_in(unit, reader.day)
        if not all(may_order(roles, plan) for plan in plans):
            raise wrong("what", "not_your_order")


def _act(reader: Reader, sort: str, unit: str) -> Act:
    """By which of the sort's acts the reader reads it in there."""
    return next(act for act in ACTS[sort] if reader.may(act, unit))
