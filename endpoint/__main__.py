"""The endpoint's command line: serve, migrate, admin. ``python -m endpoint --help``."""

import argparse
import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from endpoint import anchors, anchors_command, backup, devices, keys, logs, loops, metrics, settings
from endpoint.app import provider_of
from endpoint.audit import command as audit
from endpoint.ceremony import commands as ceremony
from endpoint.ceremony import notes
from endpoint.database import Database
from endpoint.demo.load import load
from endpoint.demo.register import EndpointRegister
from endpoint.deviations import command as deviations
from endpoint.errors import BackupError, KeyFileError, NoSuchRevision, SettingError
from endpoint.imports import command as imports
from endpoint.keeping import commands as keeping
from endpoint.keeping import ledger
from endpoint.log_control import command as log_control
from endpoint.migrate import back_to, migrate
from endpoint.settings import Settings

_ABOUT = """\
Rapp's endpoint: where phones send what they have recorded, and fetch what others have.

  python -m endpoint serve --data /var/lib/rapp --port 8710
  python -m endpoint serve --demo                 invented people, sign-in without proof
  python -m endpoint keys --help                  the endpoint's keys: exchange, back up, restore
  python -m endpoint anchors                      the authorities that phones believe (RAPP_TLS_ANCHORS)
  python -m endpoint import-persons --help        what has its master elsewhere (also -staff, -orders,
                                                  -delegations, -fhir): docs/import.md
  python -m endpoint import-deviations --help     years of reports from the system before
  python -m endpoint migrate [--back-to REVISION]
  python -m endpoint admin backup FILE            a copy of the SQLite database, while it is in use
  python -m endpoint admin enrol-code --unit ID --name "Telefon 3"

The database is an SQLite file in the data folder, or PostgreSQL when DATABASE_URL is set (needed for more
than one machine). The data folder also holds endpoint.keys: without it no sealed fact can be opened and no
phone's keys be handed out again. Back it up, apart from the database. See docs/operations.md.

Environment: RAPP_DATA, DATABASE_URL, RAPP_PUBLIC_URL, RAPP_CERTIFICATE_DAYS, RAPP_WORKERS,
RAPP_DEMO, RAPP_SCHEDULER and RAPP_KEEP for what it does by itself at night (docs/operations.md),
RAPP_CONTACT, and RAPP_OIDC_... for the identity provider (docs/sign-in.md).
"""


_IDLE_S = 30
"""How long a connection may rest between two requests. Longer than a phone keeps one (httpx: 5 s): who closes
first must be who asks, or a request meets a door that is just closing, and its answer never comes."""
_FINISH_S = 15
"""So long may calls that were begun take to end, once the endpoint is to stop; long-polls end at once."""
_HEAD_MOST = 64 * 1024
"""Bytes of a request's first line and headers. A pull may name 500 cursors, 48 KiB."""


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        chosen = settings.overridden(settings.from_environment(), **_settings(given))
        result: int = given.run(chosen, given)
    except (BackupError, KeyFileError, NoSuchRevision, SettingError, ledger.LedgerError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return result


def _serve(chosen: Settings, given: argparse.Namespace) -> int:
    provider_of(chosen)  # what is wrong with it is said before anything is made
    os.environ.update(settings.to_environment(chosen))
    database = _prepare(chosen)
    if chosen.demo:
        # Before any worker starts: two that load at once would sign every dose twice.
        register = EndpointRegister(database, keys.load(chosen.key_file, database))
        asyncio.run(load(register, datetime.now(UTC)))
    database.close()
    for sentence in anchors.ending(chosen.anchors, datetime.now(UTC)):
        sys.stderr.write(f"{sentence}\n")
    metrics.together(chosen.data, chosen.workers)
    loops.serve(
        loops.Holding(
            "endpoint.served:app",
            factory=True,
            loop="endpoint.loops:Listening",
            host=chosen.host,
            port=chosen.port,
            workers=chosen.workers,
            log_level=given.log,
            log_config=logs.configuration(given.log, given.log_form),
            access_log=False,
            server_header=False,
            # Whatever else is installed: h11 takes nothing that two readers could read in two ways.
            http="h11",
            h11_max_incomplete_event_size=_HEAD_MOST,
            proxy_headers=bool(chosen.trusted_proxies),
            forwarded_allow_ips=chosen.trusted_proxies,
            timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=_FINISH_S,
        )
    )
    return 0


def _migrate(chosen: Settings, given: argparse.Namespace) -> int:
    if given.back_to is None:
        _prepare(chosen).close()
        return 0
    database = Database(chosen.database)
    try:
        back_to(database, given.back_to)
    finally:
        database.close()
    return 0


def _backup(chosen: Settings, given: argparse.Namespace) -> int:
    database = Database(chosen.database)
    try:
        size = backup.copy(database, given.file)
    finally:
        database.close()
    sys.stdout.write(f"{given.file}: {size} bytes, read again and whole\n")
    return 0


def _put_back(chosen: Settings, given: argparse.Namespace) -> int:
    database = _prepare(chosen)
    try:
        count = backup.put_back(database)
    finally:
        database.close()
    sys.stdout.write(f"{count} streams are read anew by every phone\n")
    return 0


def _enrol_code(chosen: Settings, given: argparse.Namespace) -> int:
    database = _prepare(chosen)
    now = datetime.now(UTC)
    code = database.write_now(lambda connection: devices.new_code(connection, given.unit, given.name, now))
    database.close()
    sys.stdout.write(f"{code}\n")
    return 0


def _prepare(chosen: Settings) -> Database:
    os.umask(0o077)  # the database is records of people's care
    chosen.data.mkdir(parents=True, exist_ok=True)
    database = Database(chosen.database)
    held = keys.load(chosen.key_file, database)
    migrate(database)
    database.write_now(lambda connection: notes.check(connection, held))
    ledger.settle(database, held, ledger.path_in(chosen.data))
    return database


def _settings(given: argparse.Namespace) -> dict[str, object]:
    names = Settings.__struct_fields__
    return {name: value for name, value in vars(given).items() if name in names}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m endpoint", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="migrate, then answer phones and browsers")
    _data(serve)
    serve.add_argument("--host", help="address to listen on (127.0.0.1; TLS ends in front of it)")
    serve.add_argument("--port", type=int, help="port to listen on (8710)")
    serve.add_argument(
        "--public-url", help="how phones and browsers reach it, such as https://rapp.example.se"
    )
    serve.add_argument("--workers", type=int, help="processes (1); more pays off on PostgreSQL")
    serve.add_argument(
        "--demo", action="store_true", default=None, help="load Provkommun and let anybody sign in as anybody"
    )
    serve.add_argument("--log", default="warning", choices=["error", "warning", "info", "debug"])
    serve.add_argument(
        "--log-form", default="lines", choices=["lines", "json"], help="how its log is written (lines)"
    )
    serve.set_defaults(run=_serve)

    tables = commands.add_parser("migrate", help="bring the database's tables up to date, and end")
    _data(tables)
    tables.add_argument(
        "--back-to",
        metavar="REVISION",
        help="as of an earlier version, such as 0015; what only later tables hold goes: make a backup first",
    )
    tables.set_defaults(run=_migrate)

    audit.add(commands, _data, _prepare)

    log_control.add(commands, _data, _prepare)

    keeping.add(commands, _data, _prepare)

    imports.add(commands, _data, _prepare)

    deviations.add(commands, _data, _prepare)

    ceremony.add(commands, _data)

    anchors_command.add(commands, _data)

    admin = commands.add_parser("admin", help="what else is done from the console")
    acts = admin.add_subparsers(required=True, metavar="ACT")
    code = acts.add_parser("enrol-code", help="print a code that enrols one phone, within 30 minutes")
    _data(code)
    code.add_argument("--unit", required=True, help="id of the unit that the phone belongs to")
    code.add_argument("--name", required=True, help='what the phone is called, such as "Telefon 3"')
    code.set_defaults(run=_enrol_code)
    made = acts.add_parser("backup", help="copy the SQLite database into FILE, while it is in use")
    _data(made)
    made.add_argument("file", type=Path, metavar="FILE", help="a new file")
    made.set_defaults(run=_backup)
    back = acts.add_parser("put-back", help="after a backup was put back: phones read every stream anew")
    _data(back)
    back.set_defaults(run=_put_back)
    return parser


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder for keys and database (./data)")


if __name__ == "__main__":
    sys.exit(main())
