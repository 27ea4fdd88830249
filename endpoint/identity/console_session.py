"""Sessions of the console: kept here, named by a cookie, ended by their owner, by idleness, by time."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from endpoint.database import Database
from endpoint.schema import console_sessions
from endpoint.sessions import digest
from endpoint.settings import Settings

AnyConnection = ASGIConnection[Any, Any, Any, Any]

LASTS = timedelta(hours=10)
"""A shift and its handover. No session outlives it, however busy."""
IDLE = timedelta(minutes=60)
"""After this long without an act of the reader's own. What a page fetches by itself is none."""
JUST = timedelta(minutes=10)
"""How old a sign-in may be for acts that cannot be taken back."""
_TOUCH = timedelta(minutes=1)


class Session(Struct, frozen=True):
    """A session that stands."""

    digest: bytes
    staff: str
    signed_in: datetime
    """When the person last showed the provider who they are."""
    checked: datetime
    kept: bytes | None
    """What the provider keeps with it, wrapped."""


class Vouched(Struct, frozen=True):
    """What an identity provider says of a session that it began."""

    signed_in: datetime
    subject: str
    session: str | None
    kept: bytes


def cookie_name(settings: Settings) -> str:
    """``__Host-``: set by this host alone, over https, for all of it (RFC 6265bis 4.1.3.2)."""
    return "__Host-rapp_console" if settings.secure else "rapp_console"


async def create(
    database: Database,
    settings: Settings,
    staff: str,
    now: datetime,
    vouched: Vouched | None = None,
    instead_of: AnyConnection | None = None,
) -> Cookie:
    """A new session for a person, and never one that was there before; the cookie goes into the answer.

    The one that `instead_of` came with ends, and those whose time is out are deleted.
    """
    token = secrets.token_urlsafe(32)
    row = {
        "digest": digest(token),
        "staff": staff,
        "expires": now + LASTS,
        "signed_in": vouched.signed_in if vouched else now,
        "seen": now,
        "checked": now,
        "subject": vouched.subject if vouched else None,
        "provider_session": vouched.session if vouched else None,
        "kept": vouched.kept if vouched else None,
    }
    before = digest(instead_of.cookies.get(cookie_name(settings), "")) if instead_of else b""

    def begin(connection: Connection) -> None:
        over = or_(console_sessions.c.expires < now, console_sessions.c.digest == before)
        connection.execute(delete(console_sessions).where(over))
        connection.execute(console_sessions.insert(), row)

    await database.write(begin)
    return _cookie(settings, token, int(LASTS.total_seconds()))


async def read(
    database: Database, settings: Settings, request: AnyConnection, now: datetime
) -> Session | None:
    """The session of a request; None: nobody is signed in. What the reader does keeps it from idling."""
    token = request.cookies.get(cookie_name(settings))
    if not token:
        return None
    own = console_sessions.c.digest == digest(token)
    query = select(console_sessions).where(own, *standing(now))
    row = await database.read(lambda connection: connection.execute(query).one_or_none())
    if row is None:
        return None
    if row.seen < now - _TOUCH and not _by_itself(request):
        touched = update(console_sessions).where(own).values(seen=now)
        await database.write(lambda connection: connection.execute(touched))
    return Session(row.digest, row.staff, row.signed_in, row.checked, row.kept)


def standing(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What is true of sessions that are not over."""
    return console_sessions.c.expires > now, console_sessions.c.seen > now - IDLE


async def end(database: Database, settings: Settings, request: AnyConnection) -> Cookie:
    """End the session; the cookie that goes into the answer takes the other away."""
    token = request.cookies.get(cookie_name(settings), "")
    query = delete(console_sessions).where(console_sessions.c.digest == digest(token))
    await database.write(lambda connection: connection.execute(query))
    return _cookie(settings, "", 0)


def _by_itself(request: AnyConnection) -> bool:
    """Whether an open page asks anew what it shows (htmx), without anybody being there."""
    return request.headers.get("hx-request") == "true" and request.scope.get("method") == "GET"


def _cookie(settings: Settings, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=cookie_name(settings),
        value=value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.secure,
    )
