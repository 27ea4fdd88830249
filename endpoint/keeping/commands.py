"""``python -m endpoint erasures`` and ``retention``: for whoever runs the endpoint, and for a scheduler."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from care.unit import UnitDocument
from endpoint import documents, keys
from endpoint.database import Database
from endpoint.keeping import ledger
from endpoint.keeping.retention import Swept, run, sweep_ended
from endpoint.keeping.terms import SETTING, TERMS, keep
from endpoint.settings import Settings

Open = Callable[[Settings], Database]
Data = Callable[[argparse.ArgumentParser], None]


def add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", data: Data, open_database: Open
) -> None:
    """Add the commands to the endpoint's command line."""
    erasures = commands.add_parser("erasures", help="what has been erased, in restored backups too")
    acts = erasures.add_subparsers(required=True, metavar="ACT")
    out = acts.add_parser("export", help="print the ledger: every erasure as it was signed, one a line")
    out.set_defaults(run=lambda chosen, given: _export(open_database(chosen)))
    again = acts.add_parser("apply", help="erase again what a ledger names; safe to run again")
    again.add_argument("file", type=Path, metavar="FILE", help="a ledger, as `erasures export` prints it")
    again.set_defaults(run=lambda chosen, given: _apply(chosen, given.file, open_database(chosen)))
    rewrite = acts.add_parser("rewrite", help="write the database's files anew, without what was erased")
    rewrite.set_defaults(run=lambda chosen, given: _rewrite(open_database(chosen)))

    terms = "\n".join(f"  {one.name:11} {one.years:2} years after {one.counted} ({one.law})" for one in TERMS)
    retention = commands.add_parser("retention", help="erase what is past its time")
    acts = retention.add_subparsers(required=True, metavar="ACT")
    sweep = acts.add_parser(
        "run",
        help="erase it now, or say what would go",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"{terms}\n\nLonger by {SETTING}, such as {SETTING}='record=12 deviation=15'.",
    )
    sweep.add_argument("--dry-run", action="store_true", help="only print how much of what would go")
    sweep.set_defaults(run=lambda chosen, given: _retention(chosen, given.dry_run, open_database))
    ended = acts.add_parser(
        "ended", help="delete only what has ended and is no record: sessions, codes, drafts, what was sent"
    )
    ended.set_defaults(run=lambda chosen, given: _ended(open_database(chosen)))
    for one in (out, again, rewrite, sweep, ended):
        data(one)


def _export(database: Database) -> int:
    lines = database.read_now(lambda connection: ledger.written(connection, ledger.made(connection)))
    database.close()
    sys.stdout.writelines(line.decode() for line in lines)
    return 0


def _apply(chosen: Settings, file: Path, database: Database) -> int:
    try:
        erasures = ledger.read(file)
        held = keys.load(chosen.key_file, database)
        fresh = ledger.apply(database, held, erasures)
    except (OSError, ledger.LedgerError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    finally:
        ledger.keep(database, ledger.path_in(chosen.data))
    database.rewrite()
    database.close()
    sys.stdout.write(f"{len(erasures)} erasures, {fresh} of them new here\n")
    return 0


def _rewrite(database: Database) -> int:
    clean = database.rewrite()
    database.close()
    if not clean:
        sys.stderr.write("a reader stood in the way: run it again at a quiet hour\n")
    return 0 if clean else 1


def _retention(chosen: Settings, dry: bool, open_database: Open) -> int:
    terms = keep(chosen.keep)
    database = open_database(chosen)
    held = keys.load(chosen.key_file, database)
    swept = run(database, held, ledger.path_in(chosen.data), terms, datetime.now(UTC), dry)
    units = database.read_now(lambda connection: documents.all_of(connection, UnitDocument))
    database.close()
    sys.stdout.writelines(_lines(swept, {one.id: one.name for one in units}, dry))
    return 0


def _ended(database: Database) -> int:
    gone = sweep_ended(database, datetime.now(UTC))
    database.close()
    sys.stdout.writelines(_lines(Swept((), gone), {}, dry=False))
    return 0


def _lines(swept: Swept, units: dict[str, str], dry: bool) -> list[str]:
    """How much of what, by unit; nobody's name."""
    verb = "would go" if dry else "went"
    lines = [
        f"{term}\t{units.get(unit, unit)}\t{of}\t{entries} entries {verb}\n"
        for (term, unit), (of, entries) in swept.by_unit().items()
    ]
    lines += [f"{kind}\t\t{number}\trows {verb}\n" for kind, number in swept.rows.items() if number]
    return lines or [f"nothing {verb}\n"]
