"""A worker goes on hearing of what the others commit, whatever happened to its listening."""

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from endpoint import listen
from endpoint.database import Database


@asynccontextmanager
async def background(work: Any) -> Any:
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(listen, "_RETRY_S", 0.001)
    made = Database(f"sqlite:///{tmp_path / 'endpoint.sqlite'}")
    yield made
    made.close()


async def test_a_worker_that_fails_to_look_at_the_file_looks_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, real = [], listen.sqlite3.connect

    def connect(*given: Any, **more: Any) -> Any:
        tries.append(given)
        if len(tries) < 3:
            raise OSError("too many open files")
        return real(*given, **more)

    monkeypatch.setattr(listen.sqlite3, "connect", connect)
    before = database.wake.count
    async with background(listen._look(database)) as task:
        for _ in range(500):
            await asyncio.sleep(0.002)
            if database.wake.count > before or task.done():
                break
        assert database.wake.count > before


async def test_a_worker_that_fails_to_listen_listens_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    async def connect(url: str, **_: Any) -> Any:
        tries.append(url)
        raise ValueError("a notice that is no JSON")

    monkeypatch.setattr(psycopg.AsyncConnection, "connect", connect)
    async with background(listen._listen(database)) as task:
        for _ in range(500):
            await asyncio.sleep(0.002)
            if len(tries) > 2 or task.done():
                break
        assert len(tries) > 2


def test_whether_any_of_some_names_was_woken_since_a_count(database: Database) -> None:
    wake = database.wake
    wake.up(["unit:a"])
    since = wake.count
    assert not wake.any_since(["unit:a", "device:b"], since)
    wake.up(["device:b"])
    assert wake.any_since(["unit:a", "device:b"], since)
    assert not wake.any_since(["unit:a"], since)
    wake.up(["*"])
    assert wake.any_since(["unit:a"], since)
    assert not wake.any_since(["unit:a"], wake.count)


async def test_whoever_sent_it_is_woken_after_the_others(database: Database) -> None:
    wake, woken = database.wake, []

    async def sleeps(phone: str) -> None:
        assert await wake.sleep(["unit:a"], wake.count, 20, phone)
        woken.append(phone)

    asleep = [asyncio.create_task(sleeps(phone)) for phone in ("sender", "reader", "another")]
    await asyncio.sleep(0)
    wake.up(["unit:a"], by={"sender"})
    await asyncio.wait_for(asyncio.gather(*asleep), 10)
    assert woken == ["reader", "another", "sender"]
