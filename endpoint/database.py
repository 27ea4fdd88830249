"""The database: one SQLite file, or PostgreSQL. Work runs in threads, each piece in one transaction."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from endpoint.wake import Wake

T = TypeVar("T")
_THREADS = 8
_BUSY_S = 20
_LINE = {
    "connect_timeout": "5",
    "tcp_user_timeout": "15000",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}
"""How long PostgreSQL is waited for where the line to it is dead: 5 s for a connection, 30 s for an answer.
The libraries wait for minutes by themselves, and with every thread. What the address says itself holds."""
_AWAY = (None, "57P01", "57P02", "57P03")
"""PostgreSQL's states when it has not answered itself, shuts down, has crashed, or starts."""
_HIDDEN = True
"""Values stay out of errors, and so out of the log: they are people's care."""


class Database:
    """An open database. ``read`` and ``write`` give a piece of work its connection and transaction."""

    def __init__(self, url: str) -> None:
        self.postgres = url.startswith("postgresql")
        self.url = _patient(url) if self.postgres else url
        self.wake = Wake()
        self.engine = _postgres(self.url) if self.postgres else _sqlite(self.url)
        # SQLite has one writer: queueing here is fair, its own busy handler is not.
        self._turn: Any = nullcontext() if self.postgres else threading.Lock()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="database")

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.thread(lambda: self.read_now(work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await self.thread(lambda: self.write_now(work))

    async def thread(self, work: Callable[[], T]) -> T:
        """Run blocking work beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect() as connection:
            self._begin(connection, "BEGIN")
            return work(connection)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        with self._turn, self.engine.begin() as connection:
            # A transaction that reads first and writes later may find the file changed in between and fail.
            self._begin(connection, "BEGIN IMMEDIATE")
            return work(connection)

    def _begin(self, connection: Connection, how: str) -> None:
        """SQLite's transactions are begun by hand. Not in an event of SQLAlchemy's: where an engine has one,
        each statement looks for more of them, a tenth of what it costs."""
        if not self.postgres:
            connection.exec_driver_sql(how)

    def checkpoint(self) -> None:
        """SQLite: bring what was erased from the log into the file, which overwrites it. Quick."""
        if not self.postgres:
            with self._turn, self.engine.connect() as connection:
                pooled: Any = connection.connection
                pooled.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def rewrite(self) -> bool:
        """Leave nothing in the files of what has been erased. False: a reader stood in the way; ask again.

        SQLite: the file is written anew and its log emptied. PostgreSQL: the tables that hold content are
        written anew, each locked meanwhile; its own log and backups have their times (docs/keeping.md).
        """
        if self.postgres:
            with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                for table in ("facts", "documents", "quarantine", "erasures", "photos", "photo_pieces"):
                    connection.exec_driver_sql(f"VACUUM FULL {table}")
            return True
        with self._turn:
            # Outside of any transaction: SQLAlchemy's own connections begin one at their first word.
            pooled: Any = self.engine.raw_connection()
            try:
                cursor = pooled.cursor()
                cursor.execute("VACUUM")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                pooled.close()
        return not busy

    def close(self) -> None:
        self._threads.shutdown()
        self.engine.dispose()


def away(error: BaseException) -> bool:
    """Whether the database cannot be reached, or is busy: whatever else is asked of it now fails as well."""
    if isinstance(error, OperationalError):
        if isinstance(error.orig, psycopg.Error):
            return error.orig.sqlstate in _AWAY
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return isinstance(error, PoolTimeout)


def insert_once(connection: Connection, table: Table) -> Insert:
    """INSERT ... ON CONFLICT DO NOTHING."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _patient(url: str) -> str:
    """With how long is waited for it."""
    said = make_url(url)
    return said.set(query={**_LINE, **said.query}).render_as_string(hide_password=False)


def _postgres(url: str) -> Engine:
    return create_engine(url, pool_size=_THREADS, max_overflow=2, pool_pre_ping=True, hide_parameters=_HIDDEN)


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": _BUSY_S, "isolation_level": None},
        pool_size=_THREADS + 2,
        hide_parameters=_HIDDEN,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        # What is deleted or replaced is overwritten: records of care are not left in unused pages.
        connection.execute("PRAGMA secure_delete=ON")
        # Pages of the log until it is brought into the file, 32 MB: a page that changes with every push is
        # written there once. What is erased is brought in at once (`checkpoint`).
        connection.execute("PRAGMA wal_autocheckpoint=8000")

    return engine
