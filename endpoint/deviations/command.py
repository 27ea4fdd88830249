"""``python -m endpoint import-deviations``: years of reports from the system before."""

import argparse
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from care.deviation_figures import CATEGORIES, HARMS
from endpoint import keys
from endpoint.database import Database
from endpoint.deviations import importing, mapping, table
from endpoint.deviations.errors import Unreadable
from endpoint.deviations.importing import Outcome
from endpoint.deviations.mapping import Map
from endpoint.deviations.words import PROFESSIONS, UNIT_TYPE
from endpoint.settings import Settings

Open = Callable[[Settings], Database]


def _listed(words: Sequence[str]) -> str:
    """Words over several lines, beneath one another in the list of columns."""
    return textwrap.fill(", ".join(words), 84, subsequent_indent=" " * 23, break_on_hyphens=False)


_ABOUT = f"""\
Read in reports of deviations from the system before, so that figures can be compared from the first day.

FILE is CSV with a heading; ; , or tab between the cells; UTF-8, UTF-16 or Windows-1252. The columns, in any
order (others are passed over):

  occurred_at          when it happened. Empty: not known, it is then counted on the day of the report
  reported_at          when it was reported. Needed
  unit                 the unit's name or id. Needed
  unit_type            {", ".join(sorted(set(UNIT_TYPE.values())))}. Empty: as the unit's
  category             {_listed(CATEGORIES)}. Needed
  subcategory          any word; those of medicine have codes (missed, double, ...)
  harm                 {", ".join(HARMS)}. Empty: unknown
  reporter_profession  {_listed(PROFESSIONS)}. Empty: unknown
  person_ref           whom it concerns, as the other system's pseudonym. Only a keyed hash of it is kept

Codes may also be Swedish words (Läkemedel, Lindrig, Undersköterska, Särskilt boende). Times may be
2024-03-05 14:30, 2024-03-05T14:30:00+01:00, 2024-03-05, 20240305 or 5 mars 2024 kl. 14.30. Without a zone
they are Swedish time. In the hour that an October night has twice it is the first, unless the order of the
two times says otherwise; a time in the hour that a March night lacks is a fault. 05/03/2024 is refused:
March or May.

--map FILE explains other headings and words; * is every other word:

  {{"columns": {{"Händelsedatum": "occurred_at"}},
   "category": {{"Fallskada": "fall", "Läkemedel, missad": "medicine/missed", "*": "other"}},
   "unit": {{"Gamla Björken": "Björken", "Eken": "historical"}}}}

or a table with the columns field, from, to. A unit that is not here is a fault, until the map says which it
is now, or that it is historical: then it is counted under its old name, and read by MAS, MAR and SAS alone.

Rows with a fault are listed (FILE:LINE: column: reason), and the rest goes in. Read again, nothing changes;
with another map, the rows follow it. A row that repeats an earlier one, the time of day of its report too, is
taken once. What is read in is marked as such in all figures: nobody here has signed it.

Ends with 0: all rows are in. 1: some rows were faulty. 2: nothing could be done (file, map or units).
"""


def add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    data: Callable[[argparse.ArgumentParser], None],
    open_database: Open,
) -> None:
    """Add the command to the endpoint's command line."""
    command = commands.add_parser(
        "import-deviations",
        help="read in old reports of deviations (CSV)",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    data(command)
    command.add_argument("file", type=Path, metavar="FILE", help="the reports")
    command.add_argument("--map", type=Path, metavar="FILE", help="what another system's words are here")
    command.add_argument("--provider", default="", help="id or name of the vårdgivare whose they are")
    command.add_argument("--dry-run", action="store_true", help="only say what would be done")
    command.add_argument("--undo", action="store_true", help="take out again what this file brought in")
    command.set_defaults(run=lambda chosen, given: _run(chosen, given, open_database))


def _run(chosen: Settings, given: argparse.Namespace, open_database: Open) -> int:
    try:
        explained = mapping.read(table.bytes_of(given.map)) if given.map else Map()
        sheet = table.read(
            table.bytes_of(given.file), dict(mapping.COLUMNS), mapping.NEEDED, dict(explained.columns)
        )
        database = open_database(chosen)
        try:
            held = keys.load(chosen.key_file, database)
            now = datetime.now(UTC)
            done = importing.run(
                database, held, sheet, explained, now, given.provider, given.dry_run, given.undo
            )
        finally:
            database.close()
    except Unreadable as error:
        sys.stderr.write(f"{given.file}: {error}\n")
        return 2
    if not done.rows:
        sys.stderr.write(f"{given.file}: no rows below the heading\n")
        return 2
    sys.stdout.writelines(_lines(given.file, done))
    if sheet.passed_over:
        sys.stdout.write(f"columns passed over: {', '.join(sheet.passed_over)}\n")
    sys.stdout.write(_sum(done, sheet.coding, given.dry_run))
    return 1 if done.faults else 0


def _lines(file: Path, done: Outcome) -> list[str]:
    lines = [f"{file}:{one.line}: {one.field}: {one.reason}\n" for one in done.faults]
    lines += [f"{file}:{line}: the same as line {first}, taken once\n" for line, first in done.copies]
    unknown = Counter((one.field, one.word) for one in done.faults if one.word)
    lines += [
        f'not known: {field} "{word}", rows: {count}\n' for (field, word), count in unknown.most_common()
    ]
    return lines


def _sum(done: Outcome, coding: str, dry: bool) -> str:
    counts = {
        "new": done.new,
        "changed": done.changed,
        "taken out": done.gone,
        "unchanged": done.same,
        "erased by decision, not read in": done.erased,
        "copies": len(done.copies),
        "faulty": len(done.faults),
    }
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{done.rows} rows ({coding}): {told}{'; nothing was kept (--dry-run)' if dry else ''}\n"
