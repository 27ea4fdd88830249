"""A copy of the database while it is in use, and what is done once one has been put back."""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, bindparam, select, update

from endpoint.database import Database
from endpoint.errors import BackupError
from endpoint.schema import streams


def copy(database: Database, file: Path) -> int:
    """Copy an SQLite database into a new file, whole and as of one moment; its size in bytes.

    It is read again and checked. Raises BackupError; on PostgreSQL, whose own tools do it.
    """
    if database.postgres:
        raise BackupError("PostgreSQL: use pg_dump --format=custom, or a base backup with its log")
    source = database.engine.url.database or ""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(file)) as written:
            read.backup(written, pages=2000, sleep=0.01)
            written.execute("PRAGMA journal_mode=DELETE")
            [(found,)] = written.execute("PRAGMA integrity_check").fetchall()[:1]
    except FileExistsError as error:
        raise BackupError(f"{file} is there already: nothing is written over") from error
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{file}: {error}") from error
    if found != "ok":
        raise BackupError(f"{file}: {found}")
    return file.stat().st_size


def put_back(database: Database) -> int:
    """Give every stream a new epoch, since positions may now stand for other facts; how many streams.

    Phones then read each anew, and keep what they have not sent.
    """

    def renew(connection: Connection) -> int:
        names = list(connection.scalars(select(streams.c.name)))
        rows = [{"of": name, "new": secrets.token_hex(4)} for name in names]
        if rows:
            connection.execute(
                update(streams).where(streams.c.name == bindparam("of")).values(epoch=bindparam("new")), rows
            )
        return len(rows)

    return database.write_now(renew)
