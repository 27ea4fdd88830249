"""Exchanging keys: a new one to seal to, a new one that the phones' keys are kept under.

Each step leaves a file with which the endpoint works, wherever it is broken off; run again, it goes on.
"""

import os
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Column, Connection, Table, select, update

from endpoint import keys as key_file
from endpoint.ceremony import notes
from endpoint.database import Database
from endpoint.deviations.schema import past_keys
from endpoint.errors import KeyFileError
from endpoint.identity.asked import authorizations
from endpoint.keys import KeyFile, Keys
from endpoint.schema import console_sessions, slot_keys
from wire import seal


class Kept(Struct, frozen=True):
    """A column that is kept under the master key, and how its rows say whose it is."""

    table: Table
    column: Column[bytes]
    belongs_to: str
    """A format of the row's columns."""


KEPT: tuple[Kept, ...] = (
    Kept(slot_keys, slot_keys.c.wrapped, "{device}/{staff}"),
    Kept(console_sessions, console_sessions.c.kept, "console-session/{staff}"),
    Kept(authorizations, authorizations.c.wrapped, "authorization/{state}"),
    Kept(past_keys, past_keys.c.wrapped, "past/{provider}"),
)


def prepare_seal(path: Path, database: Database) -> bytes:
    """Make the next key to seal to. It opens from now on and is offered to nobody. Returns its public half.

    Every worker, on every machine, is given the file and started again before `use_seal`: one that does not
    know the key would set aside what is sealed to it.
    """
    file = key_file.read(path)
    if file.seal_next is None:
        file = replace(file, seal_next=seal.new_key())
        _put(path, file, database)
    assert file.seal_next is not None
    return seal.public_of(file.seal_next)


def use_seal(path: Path, database: Database) -> bytes:
    """Offer the prepared key to phones, at their next contact. What is sealed to older ones still opens."""
    file = key_file.read(path)
    if file.seal_next is None:
        raise KeyFileError("no key is prepared: run rotate-seal first, and start every worker again")
    _put(path, replace(file, seal=(file.seal_next, *file.seal), seal_next=None), database)
    return seal.public_of(file.seal_next)


def exchange_master(path: Path, database: Database) -> int:
    """A new master key; what was kept under the old one is kept under it. Returns how many secrets that was.

    The endpoint is stopped meanwhile: a worker with the old key opens nothing that is kept under the new one.
    """
    file = key_file.read(path)
    if not file.masters_before:
        file = replace(file, master=os.urandom(32), masters_before=(file.master,))
        _put(path, file, database)
    held = Keys(file)
    count = database.write_now(lambda connection: sum(_kept_anew(connection, held, one) for one in KEPT))
    alone = replace(file, masters_before=())
    # Nothing is thrown away before it has been seen to open without the old one.
    database.read_now(lambda connection: open_all(connection, Keys(alone)))
    _put(path, alone, database)
    return count


def open_all(connection: Connection, keys: Keys) -> int:
    """Open everything that is kept under the master key. Returns how many. Raises KeyFileError."""
    return sum(len(list(_opened(connection, keys, one))) for one in KEPT)


def _opened(connection: Connection, keys: Keys, kept: Kept) -> list[tuple[bytes, bytes, str]]:
    found = []
    for row in connection.execute(select(kept.table).where(kept.column.is_not(None))):
        whose = kept.belongs_to.format_map({name: _said(value) for name, value in row._mapping.items()})
        wrapped: bytes = row._mapping[kept.column.name]
        found.append((wrapped, keys.unwrap(wrapped, whose), whose))
    return found


def _kept_anew(connection: Connection, keys: Keys, kept: Kept) -> int:
    found = _opened(connection, keys, kept)
    for wrapped, secret, whose in found:
        fresh = {kept.column.name: keys.wrap(secret, whose)}
        connection.execute(update(kept.table).where(kept.column == wrapped).values(fresh))
    return len(found)


def _said(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def _put(path: Path, file: KeyFile, database: Database) -> None:
    """The file first: a key that the database knows of is always in it. One that is prepared is not noted."""
    key_file.put(path, key_file.encode(file), over=True)
    offered = notes.of(replace(file, seal_next=None))
    database.write_now(lambda connection: notes.note(connection, offered))
