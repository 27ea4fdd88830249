"""What a provider signs, and when it holds: ID tokens (OpenID Connect Core 3.1.3.7) and logout tokens.

Every check is here, in the order in which it is made, and raises NotValid or TooWeak with its reason.
"""

import base64
import hashlib
import hmac
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from msgspec import Struct

from endpoint.identity.errors import NotValid, TooWeak
from endpoint.identity.metadata import Known
from endpoint.identity.openid_settings import OpenId

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Claims = dict[str, Any]


class Asked(Struct, frozen=True):
    """What was asked for, and so has to be in the answer."""

    nonce: str
    at: datetime
    """When the browser was sent to the provider."""
    since: datetime
    """The earliest that the person may have shown who they are (`max_age`): `at`, where they had to anew."""


async def signed(token: str, known: Known, settings: OpenId) -> tuple[Claims, str]:
    """The claims of a token that the provider has signed for this client, and the algorithm.

    Checked: algorithm, key, signature, iss, aud and azp. Times and meaning are for the caller.
    """
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise NotValid("not a signed token") from error
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in settings.algorithms:
        raise NotValid(f"algorithm {algorithm!r} is not among those agreed")
    if kid is not None and not isinstance(kid, str):
        raise NotValid("kid is no text")
    key = await known.key(kid, algorithm)
    try:
        claims = jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError) as error:
        raise NotValid(f"the signature does not hold: {error}") from error
    if claims.get("iss") != settings.issuer:
        raise NotValid(f"issued by {claims.get('iss')!r}")
    _for_us(claims, settings.client_id)
    return claims, algorithm


def check_id_token(
    claims: Claims, algorithm: str, asked: Asked, access_token: str, settings: OpenId, now: datetime
) -> None:
    """Everything else about an ID token that came for an authorization code."""
    check_subject(claims)
    check_times(claims, settings, now)
    if time_of(claims, "iat") < asked.at - settings.skew - timedelta(seconds=1):
        raise NotValid("issued before it was asked for")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), asked.nonce.encode()):
        raise NotValid("nonce: not the one that was asked with")
    _check_access_token(claims, algorithm, access_token)
    signed_in = time_of(claims, "auth_time")
    if signed_in > now + settings.skew:
        raise NotValid("auth_time is ahead of now")
    # auth_time has whole seconds.
    if signed_in < asked.since - settings.skew - timedelta(seconds=1):
        raise TooWeak("auth_time: the provider used an older sign-in than it was asked for")
    _check_level(claims, settings)


def check_times(claims: Claims, settings: OpenId, now: datetime) -> None:
    """exp, iat and nbf. Raises NotValid."""
    if time_of(claims, "exp") <= now - settings.skew:
        raise NotValid("expired")
    if time_of(claims, "iat") > now + settings.skew:
        raise NotValid("issued ahead of now")
    if "nbf" in claims and time_of(claims, "nbf") > now + settings.skew:
        raise NotValid("does not hold yet")


def check_subject(claims: Claims) -> None:
    """sub: at most 255 characters (Core 2). Raises NotValid."""
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        raise NotValid("sub is missing or not readable")


def check_logout_token(claims: Claims, settings: OpenId, now: datetime) -> None:
    """A logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). Raises NotValid."""
    check_times(claims, settings, now)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise NotValid("no logout token: events")
    if "nonce" in claims:
        raise NotValid("no logout token: nonce")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise NotValid("jti is missing")
    named = [claims.get(name) for name in ("sub", "sid") if name in claims]
    if not named or not all(isinstance(one, str) and one for one in named):
        raise NotValid("names neither a person nor a session")


def lacking(claims: Claims, required: Collection[str]) -> str | None:
    """The first of the required claims (``name`` or ``name=value``) that is not there; None: all are."""
    for one in required:
        name, wanted, value = one.partition("=")
        held = claims.get(name)
        held = held if isinstance(held, list) else [held]
        if not any(str(each) == value if wanted else each not in (None, "", {}) for each in held):
            return one
    return None


def _for_us(claims: Claims, client_id: str) -> None:
    audience = claims.get("aud")
    audience = audience if isinstance(audience, list) else [audience]
    if client_id not in audience:
        raise NotValid(f"meant for {audience!r}")
    if claims.get("azp", client_id) != client_id or (len(audience) > 1 and "azp" not in claims):
        raise NotValid(f"azp: {claims.get('azp')!r}")


def _check_access_token(claims: Claims, algorithm: str, access_token: str) -> None:
    """at_hash, where there is one: the left half of the access token's digest."""
    if "at_hash" not in claims:
        return
    digest = _HASHES.get(algorithm[-3:], hashlib.sha512)(access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if claims["at_hash"] != half:
        raise NotValid("at_hash: of another access token")


def _check_level(claims: Claims, settings: OpenId) -> None:
    if settings.acr and claims.get("acr") not in settings.acr:
        raise TooWeak(f"acr is {claims.get('acr')!r}, one of {' '.join(settings.acr)} is needed")
    ways = claims.get("amr")
    if settings.amr and not (isinstance(ways, list) and set(settings.amr) & {str(way) for way in ways}):
        raise TooWeak(f"amr is {ways!r}, one of {' '.join(settings.amr)} is needed")


def time_of(claims: Claims, name: str) -> datetime:
    """A claim that holds a time (seconds since 1970). Raises NotValid."""
    value = claims.get(name)
    try:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(value)
        return _EPOCH + timedelta(seconds=value)
    except (ValueError, OverflowError) as error:
        raise NotValid(f"{name} is missing or no time") from error
