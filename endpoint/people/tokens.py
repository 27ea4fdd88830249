"""The keys of systems: shown once, kept as a digest, each for one vårdgivare and one use."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from msgspec import Struct
from sqlalchemy import Connection, select, update

from endpoint.errors import NotKnown
from endpoint.people.changes import new_id
from endpoint.people.schema import scim_tokens
from endpoint.sessions import digest

NAME_MOST = 60
Use = Literal["staff", "statistics", "machines"]
"""What a key is for: sending who works here (SCIM), reading figures of deviations, reporting what locks and
dispensers see. Never two of them."""
USES: tuple[Use, ...] = get_args(Use)
_USED_EVERY = timedelta(minutes=5)


class Token(Struct, frozen=True):
    """A system and what its key is for. ``closed``: from when it is no longer taken."""

    id: str
    provider: str
    name: str
    made: datetime
    made_by: str
    used: datetime | None
    closed: datetime | None
    use: str


def make(connection: Connection, provider: str, name: str, by: str, now: datetime, use: Use = "staff") -> str:
    """A new key, in clear for the only time."""
    token = secrets.token_urlsafe(32)
    row = {"id": new_id(), "digest": digest(token), "provider": provider, "name": name, "use": use}
    connection.execute(scim_tokens.insert().values(**row, made=now, made_by=by))
    return token


def of_providers(connection: Connection, providers: Collection[str]) -> list[Token]:
    """The systems of some vårdgivare, newest first; those that are closed last."""
    rows = connection.execute(select(scim_tokens).where(scim_tokens.c.provider.in_(providers)))
    return sorted(map(_token, rows), key=lambda one: (one.closed is not None, -one.made.timestamp()))


def close(connection: Connection, providers: Collection[str], id: str, by: str, now: datetime) -> None:
    """From now on nothing is taken from that system."""
    connection.execute(
        update(scim_tokens)
        .where(scim_tokens.c.id == id, scim_tokens.c.provider.in_(providers), scim_tokens.c.closed.is_(None))
        .values(closed=now, closed_by=by)
    )


def holder(connection: Connection, token: str, now: datetime, use: Use = "staff") -> Token:
    """Whose key it is. Raises NotKnown, also for one with another use."""
    c = scim_tokens.c
    row = connection.execute(
        select(scim_tokens).where(c.digest == digest(token), c.closed.is_(None), c.use == use)
    ).one_or_none()
    if row is None:
        raise NotKnown("no_session", "the token is unknown or closed")
    return _token(row)


def is_noted(token: Token, now: datetime) -> bool:
    """Whether it is noted already that it has been used lately."""
    return token.used is not None and now - token.used < _USED_EVERY


def note_use(connection: Connection, token: Token, now: datetime) -> None:
    if not is_noted(token, now):
        connection.execute(update(scim_tokens).where(scim_tokens.c.id == token.id).values(used=now))


def _token(row: Any) -> Token:
    return Token(row.id, row.provider, row.name, row.made, row.made_by, row.used, row.closed, row.use)
