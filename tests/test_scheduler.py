"""What the endpoint does by itself: at its hour, once, by one worker, and again when it failed."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from care.facts import Ref
from care.sbar import SbarAnswered
from endpoint import scheduler
from endpoint.audit.log import Entry, note
from endpoint.audit.tables import audit_heads
from endpoint.database import Database
from endpoint.errors import SettingError
from endpoint.jobs import JOBS
from endpoint.keeping.erase import Order, erase
from endpoint.parts import Parts
from endpoint.scheduler import TRIED_AGAIN, Job, Lead, jobs_done, look, scheduled
from endpoint.schema import nonces
from endpoint.settings import Settings, from_environment, to_environment
from tests.endpoint_town import Town
from tests.keeping_town import a_town
from tests.postgres import postgres, postgres_url
from tests.statements import AMINA, PERSON, UNIT

__all__ = ["postgres", "postgres_url"]

CASE = "11111111-2222-5333-8444-555555555555"
NIGHT = Job("night", lambda parts, now, since: None, at=time(2, 30))


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of winter in Sweden."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with a_town(tmp_path / "data") as made:
        yield made


class Clock:
    """Parts whose clock is set by hand."""

    def __init__(self, here: Town, at: datetime, **settings: object) -> None:
        self.at = at
        parts = here.parts
        chosen = replace(parts.settings, **settings)
        self.parts = Parts(chosen, parts.database, parts.keys, parts.provider, lambda: self.at)

    def look(self, at: datetime, *jobs: Job) -> list[str]:
        self.at = at
        return look(self.parts, jobs or JOBS)


@pytest.mark.parametrize(
    ("since", "now", "due"),
    [
        (local(21, 2, 31), local(22, 2, 29), False),
        (local(21, 2, 31), local(22, 2, 30), True),
        (local(22, 2, 30), local(22, 2, 31), False),
        (local(22, 2, 30), local(22, 23, 59), False),
        (local(20, 2, 31), local(22, 1, 0), True),  # the night before was missed
        (local(21, 14, 0), local(22, 1, 0), False),  # made up for in the day: the next one is the next night
        # The clocks go forward over 02:30, and go back over it: once in either night.
        (local(28, 2, 31, 3), datetime(2026, 3, 29, 1, 1, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 0, 31, tzinfo=UTC), datetime(2026, 10, 25, 1, 31, tzinfo=UTC), False),
    ],
)
def test_a_daily_job_is_due_once_from_its_hour_on(since: datetime, now: datetime, due: bool) -> None:
    assert NIGHT.due(since, now) is due


def test_what_is_for_the_night_waits_for_the_next_one() -> None:
    job = replace(NIGHT, until=time(4))
    since = local(20, 2, 30)
    found = [job.due(since, local(22, hour, 45)) for hour in (1, 2, 3, 4, 12)]
    assert found == [False, True, True, False, False]


def test_a_job_is_done_once_a_day_and_one_that_is_new_waits_for_its_hour(here: Town) -> None:
    clock = Clock(here, local(20, 12))
    assert clock.look(local(20, 12), NIGHT) == []
    assert clock.look(local(21, 2, 29), NIGHT) == []
    assert clock.look(local(21, 2, 31), NIGHT) == ["night"]
    assert clock.look(local(21, 2, 32), NIGHT) == []
    assert clock.look(local(22, 2, 31), NIGHT) == ["night"]


def test_a_job_that_fails_stops_no_other_and_is_tried_again_later(
    here: Town, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[datetime] = []

    def fail(parts: Parts, now: datetime, since: datetime) -> None:
        tried.append(now)
        if len(tried) < 2:
            raise OSError("the disk is full")

    bad, clock = Job("bad", fail, at=time(1)), Clock(here, local(20, 12))
    clock.look(local(20, 12), bad, NIGHT)
    first = local(21, 2, 31)
    assert clock.look(first, bad, NIGHT) == ["night"]
    assert "the job bad failed" in caplog.text
    row = here.read(lambda c: c.execute(select(jobs_done).where(jobs_done.c.job == "bad")).one())
    assert row.failed == first
    assert clock.look(first + timedelta(minutes=1), bad, NIGHT) == []
    assert clock.look(first + TRIED_AGAIN, bad, NIGHT) == ["bad"]
    assert tried == [first, first + TRIED_AGAIN]
    row = here.read(lambda c: c.execute(select(jobs_done).where(jobs_done.c.job == "bad")).one())
    assert row.failed is None


def test_what_is_looked_for_each_minute_is_tried_each_minute_and_waits_for_no_long_job(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, may_end, begun = [], threading.Event(), threading.Event()

    def fail(parts: Parts, now: datetime, since: datetime) -> None:
        tried.append(now)
        raise OSError("the database is away")

    def wait(parts: Parts, now: datetime, since: datetime) -> None:
        begun.set()
        may_end.wait(20)

    monkeypatch.setattr(scheduler, "LOOK", timedelta(milliseconds=20))
    jobs = [Job("long", wait, long=True), Job("short", fail)]
    chosen = replace(here.parts, settings=replace(here.parts.settings, scheduler=True))
    with scheduled(chosen, jobs):
        assert begun.wait(20)
        until = monotonic() + 20
        while len(tried) < 3 and monotonic() < until:
            sleep(0.02)
        may_end.set()
    assert len(tried) >= 3


def test_what_takes_its_time_is_beside_the_watch() -> None:
    assert {job.name for job in JOBS if not job.long} == {"unanswered", "watch", "reminders", "outgoing"}


def leads(database: Database, folder: Path) -> None:
    one, other = Lead(database, folder), Lead(database, folder)
    assert one.held()
    assert not other.held()
    assert one.held(), "asked again, it is still the same one's"
    one.leave()
    assert other.held()
    assert not one.held()
    other.leave()


def test_one_worker_leads_until_it_ends(here: Town, tmp_path: Path) -> None:
    leads(here.database, tmp_path)


@pytest.mark.postgres
def test_one_worker_leads_on_postgresql_and_a_lost_connection_is_a_lost_lead(
    postgres_url: str, tmp_path: Path
) -> None:
    opened = Database(Settings(data=tmp_path, database_url=postgres_url).database)
    leads(opened, tmp_path)
    one, other = Lead(opened, tmp_path), Lead(opened, tmp_path)
    assert one.held()
    ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    opened.write_now(lambda c: c.exec_driver_sql(ended))
    ends = monotonic() + 10
    while not other.held() and monotonic() < ends:
        sleep(0.05)
    assert other.held()
    assert not one.held()
    other.leave()
    opened.close()


def test_heads_are_signed_the_night_after(here: Town) -> None:
    clock = Clock(here, local(20, 12))
    clock.look(local(20, 12))
    read = Entry(
        at=local(20, 13), staff=AMINA, device="console", unit=UNIT, person=PERSON, act="read", what="inbox",
        role="nurse", law="PDL",
    )  # fmt: skip
    here.database.write_now(lambda c: note(c, [read], local(20, 13)))
    assert "heads" not in clock.look(local(21, 1, 0))
    assert "heads" in clock.look(local(21, 1, 6))
    days = here.read(lambda c: set(c.scalars(select(audit_heads.c.day))))
    assert "2026-11-20" in days


def test_without_decided_terms_only_what_has_ended_goes(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[str] = []
    monkeypatch.setattr("endpoint.keeping.retention.run", lambda *_, **__: swept.append("records"))
    old = local(10, 0)
    here.database.write_now(lambda c: c.execute(nonces.insert().values(device="d", nonce=b"n", expires=old)))
    clock = Clock(here, local(20, 12))
    clock.look(local(20, 12))
    assert "retention" in clock.look(local(21, 2, 31))
    assert swept == []
    assert here.read(lambda c: c.execute(select(nonces)).all()) == []
    decided = Clock(here, local(21, 12), keep="record=12")
    assert "retention" in decided.look(local(22, 2, 31))
    assert swept == ["records"]


def test_the_file_is_written_anew_in_the_night_after_an_erasure_and_in_no_other(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[datetime] = []
    clock = Clock(here, datetime.now(UTC))
    monkeypatch.setattr(Database, "rewrite", lambda self: written.append(clock.at))
    now = datetime.now(UTC)
    night = now.replace(hour=2, minute=45) + timedelta(days=1)
    clock.look(now - timedelta(hours=1))
    clock.look(night)
    assert written == []
    here.database.write_now(lambda c: c.execute(jobs_done.delete()))
    clock.look(now - timedelta(hours=1))
    here.state(SbarAnswered(text="Hej"), Ref("sbar", CASE), UNIT, PERSON)
    erase(here.database, here.parts.keys, [f"sbar/{CASE}"], Order("decision", "IVO 1"))
    assert "rewrite" in clock.look(night)
    assert "rewrite" in clock.look(night + timedelta(days=1))
    assert written == [night]


def test_nobody_looks_where_the_setting_says_so(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endpoint.scheduler.LOOK", timedelta(milliseconds=5))
    looked: list[str] = []
    job = Job("often", lambda parts, now, since: looked.append("often"))
    with scheduled(here.parts, [job]):
        pass
    assert looked == []
    on = Clock(here, datetime.now(UTC), scheduler=True)
    with scheduled(on.parts, [job]):
        ends = monotonic() + 5
        while not looked and monotonic() < ends:
            sleep(0.005)
    assert looked
    found = Lead(here.database, here.parts.settings.data)
    assert found.held(), "whoever ends leaves the lead to others"
    found.leave()


def test_the_setting_is_on_unless_it_is_turned_off_and_reaches_the_workers() -> None:
    for given, on in (({}, True), ({"RAPP_SCHEDULER": "0"}, False)):
        chosen: Settings = from_environment({**given, "RAPP_KEEP": "record=12"})
        assert chosen.scheduler is on
        assert from_environment(to_environment(chosen)) == chosen
    with pytest.raises(SettingError, match="RAPP_KEEP"):
        from_environment({"RAPP_KEEP": "record=2"})
