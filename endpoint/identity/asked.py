"""Where browsers have been sent to sign in, until they come back: once, in time, and the same browser."""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Column, Connection, LargeBinary, Table, delete

from endpoint.keys import Keys
from endpoint.schema import Moment, metadata
from endpoint.sessions import digest

LASTS = timedelta(minutes=10)

authorizations = Table(
    "authorizations",
    metadata,
    Column("state", LargeBinary, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("expires", Moment, nullable=False),
)
"""``state``: the digest of the parameter. What is under it is encrypted under the master key."""


class Purpose(Struct, frozen=True):
    """What the sign-in is for: a phone's sign-in, or the console."""

    sign_in: str | None = None
    back: str = "/console/"
    again: bool = False

    @property
    def anew(self) -> bool:
        """On a shared phone, the last person's sign-in at the provider must not sign in the next."""
        return self.again or self.sign_in is not None


class Authorization(Struct, frozen=True):
    """One trip to the provider and back."""

    purpose: Purpose
    at: datetime
    browser: bytes
    """The digest of the cookie of the browser that was sent."""
    nonce: str
    verifier: str
    """PKCE (RFC 7636): 64 signs, of which the provider sees the digest first."""

    @property
    def challenge(self) -> str:
        """S256 of the verifier."""
        hashed = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def start(
    connection: Connection, keys: Keys, purpose: Purpose, browser: str, now: datetime
) -> tuple[str, Authorization]:
    """The parameter `state`, and what is kept under it. What nobody came back for is deleted."""
    connection.execute(delete(authorizations).where(authorizations.c.expires < now))
    state = secrets.token_urlsafe(32)
    made = Authorization(purpose, now, digest(browser), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    key = digest(state)
    wrapped = keys.wrap(msgspec.json.encode(made), f"authorization/{key.hex()}")
    connection.execute(authorizations.insert().values(state=key, wrapped=wrapped, expires=now + LASTS))
    return state, made


def take(connection: Connection, keys: Keys, state: str, browser: str, now: datetime) -> Authorization | None:
    """What is kept under `state`, and no more hereafter. None: nothing, too old, or another browser's.

    Another browser's stays: nobody ends somebody else's sign-in by guessing.
    """
    key = digest(state)
    row = connection.execute(
        authorizations.select().where(authorizations.c.state == key, authorizations.c.expires > now)
    ).one_or_none()
    if row is None:
        return None
    found = msgspec.json.decode(keys.unwrap(row.wrapped, f"authorization/{key.hex()}"), type=Authorization)
    if not browser or not secrets.compare_digest(found.browser, digest(browser)):
        return None
    taken = connection.execute(delete(authorizations).where(authorizations.c.state == key))
    return found if taken.rowcount == 1 else None
