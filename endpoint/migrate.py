"""Bringing the database's tables to the form that this version of the code needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from endpoint.database import Database

_LOCK = 0x52415050
"""Any number that all workers share: on PostgreSQL one migrates, the others wait and find it done."""


def migrate(database: Database, to: str = "head") -> None:
    """Apply every migration that is missing, up to one. Safe to run from several workers at once."""
    database.write_now(lambda connection: _upgrade(connection, to))


def _upgrade(connection: Connection, to: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
