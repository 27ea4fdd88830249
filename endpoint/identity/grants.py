"""Changing a code, or a refresh token, for tokens at the provider (RFC 6749 4.1.3 and 6)."""

import base64
import secrets
from datetime import datetime
from pathlib import Path
from urllib.parse import quote_plus

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from msgspec import Struct

from endpoint.errors import SettingError
from endpoint.identity.errors import Declined, GrantOver, Unreachable
from endpoint.identity.metadata import Metadata, Reach
from endpoint.identity.openid_settings import OpenId

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_S = 60


class Tokens(Struct, frozen=True):
    """What the provider gave. The access token is used for nothing: no resource of the provider is read."""

    access_token: str = ""
    id_token: str = ""
    refresh_token: str = ""


class _Failure(Struct):
    error: str
    error_description: str = ""


class Client:
    """This endpoint, as the provider knows it."""

    def __init__(self, settings: OpenId, reach: Reach) -> None:
        self._settings, self._reach = settings, reach
        self.key = _private_key(settings.private_key_file) if settings.private_key_file else None

    async def redeem(
        self, metadata: Metadata, code: str, verifier: str, redirect: str, now: datetime
    ) -> Tokens:
        """Tokens for a code. Raises Declined when the provider does not (or no longer) take it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect,
        }
        try:
            return await self._ask(metadata, form, now)
        except GrantOver as error:
            raise Declined(f"the code was not taken: {error}") from error

    async def renew(self, metadata: Metadata, refresh_token: str, now: datetime) -> Tokens:
        """Fresh tokens. Raises GrantOver when the provider stands by the person no more."""
        return await self._ask(metadata, {"grant_type": "refresh_token", "refresh_token": refresh_token}, now)

    async def _ask(self, metadata: Metadata, form: dict[str, str], now: datetime) -> Tokens:
        more, headers = self._proof(metadata, now)
        answer = await self._reach.post(metadata.token_endpoint, form | more, headers)
        if answer.status == 200:
            return answer.read(Tokens)
        if not 400 <= answer.status < 500:
            raise Unreachable(f"{metadata.token_endpoint}: answered with {answer.status}")
        failure = answer.read(_Failure)
        said = f"{failure.error} {failure.error_description}"
        if failure.error == "invalid_grant":
            raise GrantOver(said)
        # Everything else is between the provider and us (RFC 6749 5.2): it says nothing of the person.
        raise Unreachable(f"the provider does not take our request: {said}")

    def _proof(self, metadata: Metadata, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
        """What shows that it is this client: more of the form, and headers."""
        headers = {"Accept": "application/json"}
        if self.key is None:
            pair = f"{quote_plus(self._settings.client_id)}:{quote_plus(self._settings.secret)}"
            basic = base64.b64encode(pair.encode()).decode()
            return {}, headers | {"Authorization": f"Basic {basic}"}
        at, key = int(now.timestamp()), self.key
        claims = {
            "iss": self._settings.client_id,
            "sub": self._settings.client_id,
            "aud": metadata.token_endpoint,
            "jti": secrets.token_urlsafe(16),
            "iat": at,
            "exp": at + _ASSERTION_S,
        }
        algorithm = algorithm_of(key)
        header = {"alg": algorithm, "kid": str(key.thumbprint())}
        assertion = jwt.encode(header, claims, key, algorithms=[algorithm])
        return {
            "client_id": self._settings.client_id,
            "client_assertion_type": _ASSERTION,
            "client_assertion": assertion,
        }, headers


def algorithm_of(key: RSAKey | ECKey | OKPKey) -> str:
    if isinstance(key, RSAKey):
        return "PS256"
    if isinstance(key, OKPKey):
        return "EdDSA"
    return {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[key.curve_name]


def _private_key(path: Path) -> RSAKey | ECKey | OKPKey:
    """A key from a PEM or JWK file. Raises SettingError."""
    name = "RAPP_OIDC_PRIVATE_KEY_FILE"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingError(name, f"{path} cannot be read") from error
    if path.stat().st_mode & 0o077:
        raise SettingError(name, f"{path} is readable by others; chmod 600 it")
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            key = kind.import_key(msgspec.json.decode(data) if data.lstrip().startswith(b"{") else data)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if key.is_private:
            return key
    raise SettingError(name, f"{path} holds no private key in PEM or JWK")
