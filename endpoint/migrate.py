"""Bringing the database's tables to the form that this version of the code needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from endpoint.database import Database
from endpoint.errors import NoSuchRevision

_LOCK = 0x52415050
"""Any number that all workers share: on PostgreSQL one migrates, the others wait and find it done."""


def migrate(database: Database, to: str = "head") -> None:
    """Apply every migration that is missing, up to one. Safe to run from several workers at once."""
    database.write_now(lambda connection: command.upgrade(_config(connection), to))


def back_to(database: Database, revision: str) -> None:
    """Take migrations back until the tables are as of a revision, such as "0015". Facts and documents stay;
    what only later tables hold goes. Raises NoSuchRevision."""

    def back(connection: Connection) -> None:
        config = _config(connection)
        known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
        if revision not in known:
            raise NoSuchRevision(f"{revision}: there is {', '.join(sorted(known))}")
        command.downgrade(config, revision)

    database.write_now(back)


def _config(connection: Connection) -> Config:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
