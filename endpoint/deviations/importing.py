"""Taking in years of old reports: each row once, however often its file is read."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from msgspec import Struct
from msgspec.structs import asdict, astuple
from sqlalchemy import Connection, bindparam, delete, select, update

from care.unit import UnitDocument
from endpoint import documents
from endpoint.database import Database, insert_once
from endpoint.deviations.erasing import erased
from endpoint.deviations.errors import Unreadable, WrongValue
from endpoint.deviations.mapping import Map
from endpoint.deviations.rows import Past, Reader, Units
from endpoint.deviations.schema import past_deviations, past_keys, past_units
from endpoint.deviations.table import Bad, Sheet
from endpoint.keys import Keys

BATCH = 1000
"""Rows a transaction: phones that send meanwhile wait for none longer than that."""
_FIELDS = Past.__struct_fields__


class Fault(Struct, frozen=True):
    """A row that was left out. ``word``: one that a map could explain."""

    line: int
    field: str
    reason: str
    word: str = ""


class Outcome(Struct):
    """What became of the rows. ``gone``: taken out again; ``erased``: of somebody whose reports a decision
    has erased, and not read in again."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    erased: int = 0
    faults: list[Fault] = []
    copies: list[tuple[int, int]] = []

    @property
    def rows(self) -> int:
        return (
            self.new
            + self.changed
            + self.same
            + self.gone
            + self.erased
            + len(self.faults)
            + len(self.copies)
        )


def run(
    database: Database,
    keys: Keys,
    sheet: Sheet,
    map: Map,
    now: datetime,
    provider: str = "",
    dry: bool = False,
    undo: bool = False,
) -> Outcome:
    """Read every row, and keep what it says; what is here already stays as it is. Blocking.

    `provider`: id or name of the vårdgivare whose reports they are, needed where there are several and a unit
    is historical. `dry`: keep nothing. `undo`: take out what the file's rows once brought in. Raises
    Unreadable for a vårdgivare or a unit of the map that is not here.
    """
    known = database.read_now(lambda connection: documents.all_of(connection, UnitDocument))
    if not known:
        raise Unreadable("there are no units here yet: add them first, so that old reports find theirs")
    units = Units(known, _provider(known, provider), map)
    if unmet := units.unmet():
        raise Unreadable(f"map: unit: no unit here is called {', '.join(unmet)}")
    secrets = _secrets(database, keys, {unit.provider for unit in known}, dry)
    reader = Reader(units, map, secrets, now)
    outcome = Outcome()
    reports = _reports(sheet, reader, outcome)
    while some := list(islice(reports, BATCH)):
        if undo:
            _take_out(database, some, outcome, dry)
        else:
            _keep(database, some, outcome, now, dry)
    outcome.copies = reader.copies
    if not dry:
        database.write_now(lambda connection: _settle_units(connection, units))
    return outcome


def _provider(units: Sequence[UnitDocument], given: str) -> str | None:
    """The vårdgivare that is named, or the only one; None: there are several."""
    names = {unit.provider: unit.provider_name for unit in units}
    if not given:
        return next(iter(names)) if len(names) == 1 else None
    found = next((id for id, name in names.items() if given in (id, name)), None)
    if found is None:
        raise Unreadable(
            f"no vårdgivare here is called {given}; there is {', '.join(sorted(names.values()))}"
        )
    return found


def _secrets(database: Database, keys: Keys, providers: set[str], dry: bool) -> dict[str, bytes]:
    """The key of each vårdgivare's hashes, made when first needed, kept under the master key."""

    def made(connection: Connection) -> dict[str, bytes]:
        fresh = [
            {"provider": one, "wrapped": keys.wrap(os.urandom(32), f"past/{one}")}
            for one in sorted(providers)
        ]
        if not dry:
            connection.execute(insert_once(connection, past_keys), fresh)
        rows = connection.execute(select(past_keys).where(past_keys.c.provider.in_(providers)))
        found = {row.provider: keys.unwrap(row.wrapped, f"past/{row.provider}") for row in rows}
        return {one: found.get(one) or os.urandom(32) for one in providers}

    return database.read_now(made) if dry else database.write_now(made)


def _reports(sheet: Sheet, reader: Reader, outcome: Outcome) -> Iterator[Past]:
    for row in sheet.rows():
        if isinstance(row, Bad):
            outcome.faults.append(Fault(row.line, "row", row.reason))
            continue
        try:
            report = reader.read(row)
        except WrongValue as error:
            outcome.faults.append(Fault(row.line, error.field, error.reason, error.word))
            continue
        if report is not None:
            yield report


def _keep(database: Database, some: Sequence[Past], outcome: Outcome, now: datetime, dry: bool) -> None:
    def keep(connection: Connection) -> tuple[int, int, int]:
        held = _held(connection, some)
        taken = erased(connection, {one.person for one in some if one.person})
        left_out = [one for one in some if one.person in taken]
        new = [one for one in some if one.id not in held and one.person not in taken]
        changed = [one for one in some if one.id in held and held[one.id] != astuple(one)]
        if new and not dry:
            values = [{**asdict(one), "imported": now} for one in new]
            connection.execute(insert_once(connection, past_deviations), values)
        if changed and not dry:
            values = [{f"b_{name}": value for name, value in asdict(one).items()} for one in changed]
            query = update(past_deviations).where(past_deviations.c.id == bindparam("b_id"))
            connection.execute(query.values({name: bindparam(f"b_{name}") for name in _FIELDS[1:]}), values)
        return len(new), len(changed), len(left_out)

    new, changed, left_out = database.read_now(keep) if dry else database.write_now(keep)
    outcome.new += new
    outcome.changed += changed
    outcome.erased += left_out
    outcome.same += len(some) - new - changed - left_out


def _take_out(database: Database, some: Sequence[Past], outcome: Outcome, dry: bool) -> None:
    def take_out(connection: Connection) -> int:
        held = list(_held(connection, some))
        if held and not dry:
            connection.execute(delete(past_deviations).where(past_deviations.c.id.in_(held)))
        return len(held)

    gone = database.read_now(take_out) if dry else database.write_now(take_out)
    outcome.gone += gone
    outcome.same += len(some) - gone


def _held(connection: Connection, some: Sequence[Past]) -> dict[bytes, tuple[object, ...]]:
    columns = [past_deviations.c[name] for name in _FIELDS]
    query = select(*columns).where(past_deviations.c.id.in_([one.id for one in some]))
    return {bytes(row[0]): (bytes(row[0]), *row[1:]) for row in connection.execute(query)}


def _settle_units(connection: Connection, units: Units) -> None:
    """The historical units that reports are of: those that came with the file, and none that is empty."""
    for one in units.past.values():
        connection.execute(insert_once(connection, past_units), asdict(one))
    used = select(past_deviations.c.unit)
    connection.execute(delete(past_units).where(past_units.c.id.not_in(used)))
