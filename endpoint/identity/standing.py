"""Whether a session of the console still stands at the provider, who is asked and may tell."""

import logging
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, LargeBinary, Table, delete, update

from endpoint.database import insert_once
from endpoint.errors import KeyFileError
from endpoint.identity.console_session import Session
from endpoint.identity.errors import GrantOver, NotValid, Unreachable
from endpoint.identity.grants import Client, Tokens
from endpoint.identity.metadata import Known
from endpoint.identity.openid_settings import OpenId
from endpoint.identity.tokens import Claims, check_logout_token, check_subject, check_times, signed, time_of
from endpoint.keys import Keys
from endpoint.parts import Parts
from endpoint.schema import Moment, console_sessions, metadata
from endpoint.sessions import digest

logger = logging.getLogger("rapp.signin")
_TRIED_AGAIN = timedelta(minutes=1)
_REMEMBERED = timedelta(days=1)

logout_tokens = Table(
    "logout_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires", Moment, nullable=False),
)
"""Those that have been acted on: each counts once."""


class Kept(Struct, frozen=True):
    """What is kept with a session, encrypted: to ask whether it stands, and to sign out there."""

    subject: str
    id_token: str
    refresh_token: str


def wrap(keys: Keys, staff: str, kept: Kept) -> bytes:
    return keys.wrap(msgspec.json.encode(kept), f"console-session/{staff}")


def unwrap(keys: Keys, session: Session) -> Kept | None:
    """None: nothing is kept, or it was kept under a master key that is no more."""
    if session.kept is None:
        return None
    try:
        opened = keys.unwrap(session.kept, f"console-session/{session.staff}")
    except KeyFileError:
        return None
    return msgspec.json.decode(opened, type=Kept)


async def stands(parts: Parts, settings: OpenId, known: Known, client: Client, session: Session) -> bool:
    """False when the provider stands by the person no more; the session is then over.

    A provider that does not answer ends nobody's work: it is asked again a minute later, and the session's
    own end comes anyway.
    """
    now = parts.now()
    kept = unwrap(parts.keys, session)
    if kept is None:
        # Nobody could ever be asked about it again.
        await _delete(parts, session)
        return False
    if not kept.refresh_token or session.checked > now - settings.check:
        return True
    if not await _mark(parts, session, now, session.checked):
        return True  # another request of the same reader is asking
    try:
        tokens = await client.renew(await known.metadata(), kept.refresh_token, now)
        id_token = await _same_person(tokens, kept, known, settings, now)
    except Unreachable as error:
        logger.warning("the provider does not say whether a session stands: %s", error)
        await _mark(parts, session, now - settings.check + _TRIED_AGAIN, now)
        return True
    except (GrantOver, NotValid) as error:
        logger.info("a session ended at the provider: %s", error)
        await _delete(parts, session)
        return False
    fresh = Kept(kept.subject, id_token, tokens.refresh_token or kept.refresh_token)
    await _keep(parts, session, wrap(parts.keys, session.staff, fresh))
    return True


async def _same_person(tokens: Tokens, kept: Kept, known: Known, settings: OpenId, now: datetime) -> str:
    """The ID token to keep. A fresh one says the same of who it is (OpenID Connect Core 12.2)."""
    if not tokens.id_token:
        return kept.id_token
    claims, _ = await signed(tokens.id_token, known, settings)
    check_subject(claims)
    check_times(claims, settings, now)
    if claims["sub"] != kept.subject:
        raise NotValid("renewed for somebody else")
    return tokens.id_token


async def ended_there(parts: Parts, settings: OpenId, known: Known, token: str) -> int:
    """Act on a logout token: how many sessions it ended. Raises NotValid, Unreachable."""
    now = parts.now()
    claims, _ = await signed(token, known, settings)
    check_logout_token(claims, settings, now)
    return await parts.database.write(lambda connection: _end(connection, claims, now))


def _end(connection: Connection, claims: Claims, now: datetime) -> int:
    connection.execute(delete(logout_tokens).where(logout_tokens.c.expires < now))
    row = {"digest": digest(claims["jti"]), "expires": max(now + _REMEMBERED, time_of(claims, "exp"))}
    if not connection.execute(insert_once(connection, logout_tokens).returning(logout_tokens), [row]).all():
        raise NotValid("this logout token has been used")
    meant = []
    if "sid" in claims:
        meant.append(console_sessions.c.provider_session == claims["sid"])
    if "sub" in claims:
        meant.append(console_sessions.c.subject == claims["sub"])
    return connection.execute(delete(console_sessions).where(*meant)).rowcount


async def _mark(parts: Parts, session: Session, checked: datetime, unless_not: datetime) -> bool:
    """Say when it was last asked, if nobody has meanwhile."""
    query = (
        update(console_sessions)
        .where(console_sessions.c.digest == session.digest, console_sessions.c.checked == unless_not)
        .values(checked=checked)
    )
    return (await parts.database.write(lambda connection: connection.execute(query))).rowcount == 1


async def _delete(parts: Parts, session: Session) -> None:
    query = delete(console_sessions).where(console_sessions.c.digest == session.digest)
    await parts.database.write(lambda connection: connection.execute(query))


async def _keep(parts: Parts, session: Session, wrapped: bytes) -> None:
    query = update(console_sessions).where(console_sessions.c.digest == session.digest).values(kept=wrapped)
    await parts.database.write(lambda connection: connection.execute(query))
