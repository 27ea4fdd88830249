"""The reader's own sign-ins on the console: where they are still signed in, and ending the others."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct
from sqlalchemy import delete, select

from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.identity import console_session
from endpoint.parts import Parts
from endpoint.schema import console_sessions

_PAGE = "/console/my-sign-ins"


class SignIn(Struct, frozen=True):
    """A session that stands. `here`: it is this browser's."""

    signed_in: datetime
    seen: datetime
    here: bool


@get("/my-sign-ins")
async def mine(
    parts: NamedDependency[Parts], reader: NamedDependency[Reader], request: Request[Any, Any, Any]
) -> Response[Any]:
    own = await console_session.read(parts.database, parts.settings, request, reader.now)
    query = (
        select(console_sessions)
        .where(console_sessions.c.staff == reader.staff.id, *console_session.standing(reader.now))
        .order_by(console_sessions.c.seen.desc())
    )
    rows = await parts.database.read(lambda connection: connection.execute(query).all())
    found = [SignIn(row.signed_in, row.seen, own is not None and row.digest == own.digest) for row in rows]
    return page("my_sign_ins.html", reader, here="my-sign-ins", sign_ins=found)


@post("/my-sign-ins/end-others", guards=[own_forms_only, just_signed_in])
async def end_others(
    parts: NamedDependency[Parts], reader: NamedDependency[Reader], request: Request[Any, Any, Any]
) -> Response[Any]:
    """Whoever sits at another computer in the reader's name is signed out there."""
    own = await console_session.read(parts.database, parts.settings, request, reader.now)
    query = delete(console_sessions).where(
        console_sessions.c.staff == reader.staff.id,
        console_sessions.c.digest != (own.digest if own else b""),
    )
    await parts.database.write(lambda connection: connection.execute(query))
    return to(_PAGE)


HANDLERS = (mine, end_others)
