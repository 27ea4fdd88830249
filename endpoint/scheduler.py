"""What the endpoint does by itself, at its times: jobs as data, one leader among the workers.

Every worker looks each minute. Whoever leads does what is due; the others find that somebody leads. The lead
is a lock that goes with the process (an advisory lock on PostgreSQL, a lock on a file beside SQLite), so that
nobody has to take it back from one that died. A lead that is lost unnoticed makes two do the same job: every
job is safe to do twice, to break off and to do again.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, time, timedelta
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Column, Connection, String, Table, delete, select, text
from sqlalchemy.exc import SQLAlchemyError

from care.schedule import STOCKHOLM
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.schema import Moment, metadata

logger = logging.getLogger("rapp.scheduler")
LOOK = timedelta(minutes=1)
TRIED_AGAIN = timedelta(minutes=15)
_LOCK = 0x52415051
_END_S = 5.0

jobs_done = Table(
    "jobs_done",
    metadata,
    Column("job", String, primary_key=True),
    Column("done", Moment, nullable=False),
    Column("failed", Moment),
)
"""``done``: when what came to its end was last begun. ``failed``: when it has last failed since then."""


class Job(Struct, frozen=True):
    """Something to do. ``at``: once a day, from this local time on; None: at every look.

    ``until``: not begun later than this; a night that was missed is passed over, and the next does it all.
    ``long``: it may take minutes, and is done beside those that are looked for each minute.
    ``run(parts, now, since)`` blocks; ``since`` is when it was last begun and came to its end.
    """

    name: str
    run: Callable[[Parts, datetime, datetime], object]
    at: time | None = None
    until: time | None = None
    long: bool = False

    def due(self, since: datetime, now: datetime) -> bool:
        if self.at is None:
            return True
        local, last = now.astimezone(STOCKHOLM), since.astimezone(STOCKHOLM)
        clock = local.time()
        if self.until is not None and not self.at <= clock < self.until:
            return False
        day = local.date() if clock >= self.at else local.date() - timedelta(days=1)
        return (last.date(), last.time()) < (day, self.at)


@contextmanager
def scheduled(parts: Parts, jobs: Sequence[Job]) -> Iterator[None]:
    """Look each minute, in a thread of its own, as long as the context is open; where the setting says so."""
    if not parts.settings.scheduler:
        yield
        return
    over = threading.Event()
    # A daemon: whoever ends the endpoint need not wait for a long job, which goes on at the next start.
    thread = threading.Thread(target=_go_on, args=(parts, jobs, over), name="scheduler", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_END_S)


def _go_on(parts: Parts, jobs: Sequence[Job], over: threading.Event) -> None:
    lead = Lead(parts.database, parts.settings.data)
    beside = Beside(parts, [job for job in jobs if job.long])
    short = [job for job in jobs if not job.long]
    while not over.wait(LOOK.total_seconds()):
        try:
            if lead.held():
                beside.look()
                look(parts, short)
        except Exception:
            # Such as a database that is away: it comes back, and nobody else looks.
            logger.exception("not looking for what is due")
    lead.leave()


class Beside:
    """Long jobs, one look at a time: what waits each minute, such as an SBAR that nobody has read, does not
    wait for them too."""

    def __init__(self, parts: Parts, jobs: Sequence[Job]) -> None:
        self._parts, self._jobs = parts, jobs
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """Begin a look, unless the last is still under way."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="scheduler-long", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            look(self._parts, self._jobs)
        except Exception:
            logger.exception("not looking for what is due")


def look(parts: Parts, jobs: Sequence[Job]) -> list[str]:
    """Do what is due now; what was done. One that fails is tried again later, and stops no other.

    Call it only while leading. Blocking.
    """
    done = []
    for job in jobs:
        now = parts.now()
        since, failed = _last(parts.database, job, now)
        # What is looked for each minute is tried each minute: somebody may be waiting for it.
        rests = job.at is not None and failed is not None and now - failed < TRIED_AGAIN
        if rests or not job.due(since, now):
            continue
        try:
            job.run(parts, now, since)
        except Exception:
            logger.exception("the job %s failed", job.name)
            _note(parts.database, job, since, now)
        else:
            if job.at is not None or failed is not None:
                _note(parts.database, job, now, None)
            done.append(job.name)
    return done


def _last(database: Database, job: Job, now: datetime) -> tuple[datetime, datetime | None]:
    """When it was last done, and failed since. One that is new here counts from now: its hour will come."""
    query = select(jobs_done.c.done, jobs_done.c.failed).where(jobs_done.c.job == job.name)
    row = database.read_now(lambda connection: connection.execute(query).one_or_none())
    if row is None:
        _note(database, job, now, None)
        return now, None
    return row.done, row.failed


def _note(database: Database, job: Job, done: datetime, failed: datetime | None) -> None:
    def write(connection: Connection) -> None:
        connection.execute(delete(jobs_done).where(jobs_done.c.job == job.name))
        connection.execute(jobs_done.insert().values(job=job.name, done=done, failed=failed))

    database.write_now(write)


class Lead:
    """Being the one who does the jobs. It ends with the process, however that ends."""

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._file = data / "scheduler.lock"
        self._connection: Connection | None = None
        self._held: int | None = None

    def held(self) -> bool:
        """Whether this one leads; takes the lead where nobody has it."""
        return self._on_postgres() if self._database.postgres else self._beside_sqlite()

    def leave(self) -> None:
        """Let somebody else lead."""
        if self._connection is not None:
            with suppress(SQLAlchemyError):
                self._connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            # The lock is the session's: back in the pool it might be held on.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _on_postgres(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                self.leave()
            else:
                return True
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection = engine.connect()
        if self._connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            return True
        self._connection.close()
        self._connection = None
        return False

    def _beside_sqlite(self) -> bool:
        if self._held is not None:
            return True
        file = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._held = file
        return True
