"""``python -m endpoint audit``: sign what is due, verify all of it. For a scheduler, and for who controls."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from endpoint import keys
from endpoint.audit import heads
from endpoint.audit.verify import verify
from endpoint.database import Database
from endpoint.settings import Settings

Open = Callable[[Settings], Database]
Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    data: Callable[[argparse.ArgumentParser], None],
    open_database: Open,
) -> None:
    """Add the commands to the endpoint's command line."""
    audit = commands.add_parser("audit", help="the log of who has read and written what (docs/audit.md)")
    acts = audit.add_subparsers(required=True, metavar="ACT")

    made = acts.add_parser("heads", help="sign the heads of days that are over, and print them, one a line")
    data(made)
    made.add_argument(
        "--since",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="print all heads from this day on (otherwise those signed now)",
    )
    made.set_defaults(run=lambda chosen, given: _heads(chosen, given, open_database(chosen)))

    whole = acts.add_parser("verify", help="compute the log anew; ends with 1 when anything is wrong")
    data(whole)
    whole.add_argument(
        "--heads",
        type=Path,
        metavar="FILE",
        help="heads that were kept elsewhere, as `audit heads` prints them; - is standard input",
    )
    whole.add_argument("--all", action="store_true", help="name all that is wrong, not the first alone")
    whole.set_defaults(run=lambda chosen, given: _verify(chosen, given, open_database(chosen)))


def _heads(chosen: Settings, given: argparse.Namespace, database: Database) -> int:
    held = keys.load(chosen.key_file, database)
    now = datetime.now(UTC)
    made = database.write_now(lambda connection: heads.make_due(connection, held.sign_private, now))
    if given.since is not None:
        made = database.read_now(lambda connection: heads.since(connection, given.since))
    database.close()
    sys.stdout.writelines(f"{heads.line(one)}\n" for one in made)
    return 0


def _verify(chosen: Settings, given: argparse.Namespace, database: Database) -> int:
    try:
        kept = heads.of_lines(_lines(given.heads)) if given.heads else []
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{given.heads}: {error}\n")
        return 2
    held = keys.load(chosen.key_file, database)
    found = verify(database, held.sign_publics, datetime.now(UTC), kept)
    database.close()
    for broken in found.broken if given.all else found.broken[:1]:
        sys.stdout.write(f"{broken}\n")
    more = len(found.broken) - 1
    if more > 0 and not given.all:
        sys.stdout.write(f"and {more} more (--all)\n")
    state = "broken" if found.broken else "whole"
    sys.stdout.write(f"{state}: {found.rows} rows, {found.chains} chains, {found.heads} signed heads\n")
    return 1 if found.broken else 0


def _lines(path: Path) -> list[str]:
    return (sys.stdin.read() if str(path) == "-" else path.read_text()).splitlines()
