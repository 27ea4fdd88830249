"""Sessions of the console: kept here, named by a cookie, ended by whoever signed in or by time."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from sqlalchemy import Connection, delete, select

from endpoint.database import Database
from endpoint.schema import console_sessions
from endpoint.sessions import digest
from endpoint.settings import Settings

COOKIE = "rapp_console"
LASTS = timedelta(hours=10)
"""A shift and its handover."""


async def create(database: Database, settings: Settings, staff: str, now: datetime) -> Cookie:
    """A session for a person; the cookie goes into the answer. Those that have ended are deleted."""
    token = secrets.token_urlsafe(32)
    row = {"digest": digest(token), "staff": staff, "expires": now + LASTS}

    def begin(connection: Connection) -> None:
        connection.execute(delete(console_sessions).where(console_sessions.c.expires < now))
        connection.execute(console_sessions.insert(), row)

    await database.write(begin)
    return _cookie(settings, token, int(LASTS.total_seconds()))


async def read(database: Database, request: ASGIConnection[Any, Any, Any, Any], now: datetime) -> str | None:
    """The id of the person who is signed in; None: nobody."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    query = select(console_sessions.c.staff).where(
        console_sessions.c.digest == digest(token), console_sessions.c.expires > now
    )
    return await database.read(lambda connection: connection.scalar(query))


async def end(database: Database, settings: Settings, request: ASGIConnection[Any, Any, Any, Any]) -> Cookie:
    """End the session; the cookie that goes into the answer takes the other away."""
    token = request.cookies.get(COOKIE, "")
    query = delete(console_sessions).where(console_sessions.c.digest == digest(token))
    await database.write(lambda connection: connection.execute(query))
    return _cookie(settings, "", 0)


def _cookie(settings: Settings, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.secure,
    )
