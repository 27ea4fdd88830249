"""Hearing of what other workers have committed: LISTEN on PostgreSQL, a look at the file on SQLite."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from endpoint.database import Database
from endpoint.publish import CHANNEL
from endpoint.wake import EVERYBODY

logger = logging.getLogger("rapp.endpoint")
_RETRY_S = 2
_LOOK_S = 0.5


@asynccontextmanager
async def listening(database: Database, workers: int) -> AsyncIterator[None]:
    """Wake this process's sleepers for what the others do, as long as the context is open."""
    if database.postgres:
        task = asyncio.create_task(_listen(database))
    elif workers > 1:
        task = asyncio.create_task(_look(database))
    else:
        yield
        return
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(database: Database) -> None:
    url = database.url.replace("postgresql+psycopg://", "postgresql://", 1)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                # What was announced while nobody listened is lost: let everybody look once.
                database.wake.up([EVERYBODY])
                async for notice in connection.notifies():
                    database.wake.up(json.loads(notice.payload))
        except Exception as error:
            # Whatever it was, readers at this worker depend on somebody listening.
            logger.warning("not listening to the database: %r", error)
        await asyncio.sleep(_RETRY_S)


async def _look(database: Database) -> None:
    path = database.url.removeprefix("sqlite:///")
    while True:
        try:
            await _look_until_it_fails(database, path)
        except Exception as error:
            logger.warning("not looking at the database: %r", error)
        await asyncio.sleep(_RETRY_S)


async def _look_until_it_fails(database: Database, path: str) -> None:
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        version = None
        while True:
            found = connection.execute("PRAGMA data_version").fetchone()
            if found != version:
                version = found
                database.wake.up([EVERYBODY])
            await asyncio.sleep(_LOOK_S)
    finally:
        connection.close()
