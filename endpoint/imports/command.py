"""``python -m endpoint import-persons | import-staff | import-orders | import-delegations | import-fhir``."""

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from endpoint import keys
from endpoint.database import Database
from endpoint.deviations import table
from endpoint.deviations.errors import Unreadable
from endpoint.imports import fhir, mapping, staff
from endpoint.imports.known import provider_of
from endpoint.imports.mapping import Map
from endpoint.imports.rows import Result
from endpoint.imports.running import SORTS, Sort, counts, run
from endpoint.keys import Keys
from endpoint.settings import Settings

Open = Callable[[Settings], Database]
_HELP = {
    "persons": "read in care recipients (CSV)",
    "staff": "read in staff and their roles (CSV, HSA export or SCIM as JSON)",
    "orders": "read in orders (CSV)",
    "delegations": "read in delegations (CSV)",
    "fhir": "read in a FHIR R4 Bundle: Patient, Practitioner(Role), MedicationRequest, ServiceRequest",
}
_SAME = """
FILE is CSV with a heading; ; , or tab between the cells; UTF-8, UTF-16 or Windows-1252. Columns in any order;
others are passed over and named. An empty cell changes nothing, - takes away what was there.

--map FILE explains other headings and words; * is every other word:

  {"columns": {"Pnr": "personnummer"}, "unit": {"Gamla Granen": "Granen"}}

or a table with the columns field, from, to. --dry-run says for every row what would become of it, and states
nothing; --report FILE writes that as CSV, dry or not. Read again, nothing changes: rows are known by their
ids. Rows with a fault are listed (FILE:LINE: column: reason), and the rest goes in.

Ends with 0: all rows are in. 1: some rows were faulty. 2: nothing could be done (file, map or units).
"""


def add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    data: Callable[[argparse.ArgumentParser], None],
    open_database: Open,
) -> None:
    """Add the commands to the endpoint's command line."""
    for name, about in _HELP.items():
        command = commands.add_parser(
            f"import-{name}",
            help=about,
            description=_about(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        data(command)
        command.add_argument("file", type=Path, metavar="FILE")
        if name != "fhir":
            command.add_argument("--map", type=Path, metavar="FILE", help="other headings and words")
        command.add_argument("--provider", default="", help="id or name of the vårdgivare whose they are")
        command.add_argument("--dry-run", action="store_true", help="only say what would be done, by row")
        command.add_argument("--report", type=Path, metavar="FILE", help="what became of each row, as CSV")
        command.set_defaults(run=_runner(name, open_database))


def _about(name: str) -> str:
    if name == "fhir":
        return fhir.ABOUT + _SAME.partition("--dry-run")[1] + _SAME.partition("--dry-run")[2]
    if name == "staff":
        return staff.ABOUT + _SAME
    sort = SORTS[name]
    columns = "\n".join(
        f"  {column:14} {', '.join(known)}{' (needed)' if column in sort.needed else ''}"
        for column, known in sort.columns.items()
    )
    example = ";".join(sort.example) + "\n  " + ";".join(sort.example.values())
    heading = f"Read in {name}. The columns, and what else they may be called:"
    return f"{heading}\n\n{columns}\n\nFor example:\n\n  {example}\n{_SAME}"


def _runner(name: str, open_database: Open) -> Callable[[Settings, argparse.Namespace], int]:
    def command(chosen: Settings, given: argparse.Namespace) -> int:
        now = datetime.now(UTC)
        try:
            data = table.bytes_of(given.file)
            database = open_database(chosen)
            try:
                held = keys.load(chosen.key_file, database)
                provider = database.read_now(lambda connection: provider_of(connection, given.provider))
                results, told = _read(name, data, given, database, held, provider, now)
            finally:
                database.close()
        except Unreadable as error:
            sys.stderr.write(f"{given.file}: {error}\n")
            return 2
        if not results:
            sys.stderr.write(f"{given.file}: no rows below the heading\n")
            return 2
        if given.report:
            _write(given.report, results)
        sys.stdout.writelines(_lines(given.file, results, given.dry_run))
        sys.stdout.write(told + _sum(results, given.dry_run))
        return 1 if any(one.kind == "faulty" for one in results) else 0

    return command


def _read(
    name: str,
    data: bytes,
    given: argparse.Namespace,
    database: Database,
    held: Keys,
    provider: str,
    now: datetime,
) -> tuple[list[Result], str]:
    """What became of every row, and what is to be said beside."""
    if name == "fhir":
        return fhir.run(database, held, data, provider, now, given.dry_run)
    if name == "staff":
        explained = mapping.read(table.bytes_of(given.map), staff.COLUMNS) if given.map else Map()
        return staff.run(database, held, data, explained, provider, now, given.dry_run)
    sort = SORTS[name]
    explained = mapping.read(table.bytes_of(given.map), sort.columns) if given.map else Map()
    sheet = sheet_of(sort, data, explained)
    results = run(database, held, sort, sheet.rows(), explained, provider, now, given.dry_run)
    passed = f"columns passed over: {', '.join(sheet.passed_over)}\n" if sheet.passed_over else ""
    return results, passed


def sheet_of(sort: Sort, data: bytes, map: Map) -> table.Sheet:
    """The table of a file of one sort. Raises Unreadable."""
    return table.read(data, dict(sort.columns), sort.needed, dict(map.columns))


def _lines(file: Path, results: Sequence[Result], dry: bool) -> Iterator[str]:
    for one in results:
        if one.kind == "faulty":
            yield f"{file}:{one.line}: {one.field}: {one.reason}\n"
        elif dry:
            changed = f" ({', '.join(one.fields)})" if one.fields else ""
            yield f"{file}:{one.line}: {one.kind}{changed}\n"


def _sum(results: Sequence[Result], dry: bool) -> str:
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts(results).items()))
    return f"{len(results)} rows: {told}{'; nothing was kept (--dry-run)' if dry else ''}\n"


def _write(file: Path, results: Sequence[Result]) -> None:
    try:
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            writer = csv.writer(out, delimiter=";")
            writer.writerow(["row", "outcome", "changed", "column", "reason"])
            writer.writerows(
                [one.line, one.kind, ", ".join(one.fields), one.field, one.reason] for one in results
            )
    except OSError as error:
        raise Unreadable(f"--report: {error.strerror}") from error
