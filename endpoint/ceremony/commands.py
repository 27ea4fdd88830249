"""``python -m endpoint keys ...``: list, rotate-seal, -master and -phones, backup, restore, restore-check."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from endpoint import keys as key_file
from endpoint import slot_keys
from endpoint.ceremony import backup, exchange, notes
from endpoint.database import Database
from endpoint.errors import KeyFileError
from endpoint.migrate import migrate
from endpoint.settings import Settings

_ABOUT = """\
The endpoint's keys: who may do this, and how, is in docs/operations.md (two people, a sealed copy).

The passphrase is asked for on the terminal, or read from --passphrase-file; never from the command line.
"""
Subparsers = Any


def add(commands: Subparsers, data: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the commands. `data` adds the option that names the data folder."""
    parser = commands.add_parser(
        "keys",
        help="list, exchange, back up and restore the endpoint's keys",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    def act(name: str, run: Callable[..., int], about: str) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = acts.add_parser(name, help=about)
        data(one)
        one.set_defaults(run=run)
        return one

    act("list", _list, "the public halves of all keys, and since when")
    rotate = act("rotate-seal", _rotate_seal, "prepare a new key to seal to; with --use, offer it to phones")
    rotate.add_argument("--use", action="store_true", help="after every worker has been started again")
    act("rotate-master", _rotate_master, "a new key for what the database keeps; the endpoint is stopped")
    phones = act(
        "rotate-phones", _rotate_phones, "phones encrypt anew what they hold, from their next renewal"
    )
    phones.add_argument("--phone", help="the id of one phone; otherwise all")
    for name, run, about in (
        ("backup", _backup, "write the key file, encrypted under a passphrase, to a new file"),
        ("restore", _restore, "put the keys of a backup in place, where no key file is"),
        ("restore-check", _restore_check, "prove that a backup opens this database"),
    ):
        one = act(name, run, about)
        one.add_argument("file", type=Path, help="the backup")
        one.add_argument(
            "--passphrase-file", type=Path, help="read the passphrase from the file's first line"
        )


def _list(chosen: Settings, given: argparse.Namespace) -> int:
    file, database = key_file.read(chosen.key_file), _database(chosen)
    since = {one.public: one.noted for one in database.read_now(notes.noted)}
    signs, offered = notes.of(file)[:2]
    uses = {signs: "signs", offered: "opens, phones seal to it"}
    for one in notes.of(file):
        at = since.get(one.public)
        use = uses.get(one, "signed before" if one.purpose == "sign" else "opens")
        _say(f"{one.purpose:5} {one.public.hex()}  since {at:%Y-%m-%d}  {use}" if at else f"{one}  {use}")
    _say(f"master key: in use{', being exchanged' if file.masters_before else ''}")
    database.close()
    return 0


def _rotate_seal(chosen: Settings, given: argparse.Namespace) -> int:
    database = _database(chosen)
    if given.use:
        public = exchange.use_seal(chosen.key_file, database)
        _say(f"Phones are given {public.hex()} at their next contact. Start the workers again, and back up.")
    else:
        public = exchange.prepare_seal(chosen.key_file, database)
        _say(f"Prepared {public.hex()}. Give {chosen.key_file.name} to every machine and start all workers")
        _say("again; then run this once more with --use.")
    database.close()
    return 0


def _rotate_master(chosen: Settings, given: argparse.Namespace) -> int:
    database = _database(chosen)
    count = exchange.exchange_master(chosen.key_file, database)
    _say(f"{count} secrets are kept under the new master key. Give {chosen.key_file.name} to every machine,")
    _say("start the endpoint, make a new backup, and destroy the older ones.")
    database.close()
    return 0


def _rotate_phones(chosen: Settings, given: argparse.Namespace) -> int:
    database = _database(chosen)
    count = database.write_now(lambda connection: slot_keys.exchange_soon(connection, given.phone))
    _say(f"{count} keys are exchanged when each person's certificate is next renewed, or at a sign-in.")
    database.close()
    return 0


def _backup(chosen: Settings, given: argparse.Namespace) -> int:
    data = backup.seal_up(key_file.read(chosen.key_file), _passphrase(given, twice=True), datetime.now(UTC))
    _put(given.file, data)
    _say(f"{given.file} holds the keys. Try it at once: python -m endpoint keys restore-check {given.file}")
    return 0


def _restore(chosen: Settings, given: argparse.Namespace) -> int:
    file = backup.open_up(_bytes(given.file), _passphrase(given))
    chosen.data.mkdir(parents=True, exist_ok=True)
    _put(chosen.key_file, key_file.encode(file))
    _say(f"{chosen.key_file} is in place. At its start the endpoint says whether any key is lacking.")
    return 0


def _restore_check(chosen: Settings, given: argparse.Namespace) -> int:
    data = _bytes(given.file)
    file = backup.open_up(data, _passphrase(given))
    database = _database(chosen)
    proof = database.read_now(lambda connection: backup.prove(connection, file, backup.read(data).made))
    database.close()
    _say(f"Made {proof.made}. It opens all {proof.opened} secrets of this database,")
    _say(f"and has signed the endpoint's last {proof.verified} facts.")
    for one in proof.lacking:
        _say(f"LACKING: {one}. What phones have sealed to it would not open. Make a new backup.")
    return 1 if proof.lacking else 0


def _database(chosen: Settings) -> Database:
    database = Database(chosen.database)
    migrate(database)
    return database


def _passphrase(given: argparse.Namespace, twice: bool = False) -> str:
    if given.passphrase_file:
        return _bytes(given.passphrase_file).decode().split("\n", 1)[0].rstrip("\r")
    first = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != first:
        raise KeyFileError("the two are not the same")
    return first


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error


def _put(path: Path, data: bytes) -> None:
    os.umask(0o077)
    try:
        key_file.put(path, data)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}. Nothing was written over") from error


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
