"""``python -m endpoint log-control``: draw a control again, and check a protocol. For whoever doubts."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from endpoint.database import Database
from endpoint.log_control import protocol
from endpoint.log_control.drawing import redraw
from endpoint.log_control.errors import NoSuchControl
from endpoint.settings import Settings
from wire.errors import SignatureError

Open = Callable[[Settings], Database]


def add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    data: Callable[[argparse.ArgumentParser], None],
    open_database: Open,
) -> None:
    """Add the commands to the endpoint's command line."""
    controls = commands.add_parser("log-control", help="the monthly control of the log (docs/log-control.md)")
    acts = controls.add_subparsers(required=True, metavar="ACT")

    again = acts.add_parser(
        "redraw", help="draw a control again from log and seed; ends with 1 if it differs"
    )
    data(again)
    again.add_argument("id", metavar="ID", help="the control's id, as in its address and its protocol")
    again.set_defaults(run=lambda chosen, given: _redraw(open_database(chosen), given.id))

    check = acts.add_parser("check", help="check the signature of a protocol that was downloaded")
    check.add_argument("file", type=Path, help="the file with its signature (.json)")
    check.add_argument("--public", help="the endpoint's public key, hexadecimal; otherwise the file's own")
    check.set_defaults(run=lambda _, given: _check(given.file, given.public))


def _redraw(database: Database, id: str) -> int:
    try:
        found = database.read_now(lambda connection: redraw(connection, id))
    except NoSuchControl:
        sys.stderr.write(f"there is no control {id}\n")
        return 2
    finally:
        database.close()
    sys.stdout.write(f"log: {'as it was' if found.log else 'not what it was drawn from'}\n")
    sys.stdout.write(f"draw: {found.rows} rows, {'the same' if found.draw else 'others than were shown'}\n")
    return 0 if found.same else 1


def _check(file: Path, public: str | None) -> int:
    try:
        told = msgspec.json.decode(file.read_bytes(), type=protocol.Signed)
        protocol.verify(bytes.fromhex(public) if public else told.public, told.protocol, told.signature)
        found = protocol.read(told.protocol)
    except (OSError, ValueError, SignatureError) as error:
        sys.stderr.write(f"{file}: {error}\n")
        return 1
    sys.stdout.write(f"signed by {told.public.hex()}: {found.unit_name}, {found.month or found.since}\n")
    return 0
