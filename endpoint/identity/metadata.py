"""What a provider says of itself (OpenID Connect Discovery 1.0) and the keys that it signs with (RFC 7517).

Read when needed and kept for an hour. A token under a key that is not among them has the keys read anew,
so that a provider changes keys without telling us; at most every half minute, so that nobody can make us
ask all the time. A provider that is down is not waited for by one after the other: for five seconds after it
did not answer it is not asked, and what it last said of itself stands. Its keys are never used longer.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import httpx
import msgspec
from joserfc.jwk import Key, import_key
from msgspec import Struct

from endpoint.identity.errors import NotValid, Unreachable
from endpoint.identity.openid_settings import OpenId, safe

_KEPT_S = 3600.0
_ANEW_S = 30.0
_TIMEOUT_S = 5.0
_DOWN_S = 5.0
_MOST = 512 * 1024
T = TypeVar("T")


class Metadata(Struct, frozen=True):
    """The part of a provider's metadata that is used. Addresses are checked before they are asked."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    response_types_supported: tuple[str, ...] = ("code",)
    code_challenge_methods_supported: tuple[str, ...] | None = None
    claims_parameter_supported: bool = False
    authorization_response_iss_parameter_supported: bool = False


class _Jwks(Struct):
    keys: list[dict[str, Any]]


class Answer(Struct, frozen=True):
    """What a provider answered: the status, and JSON."""

    status: int
    content: bytes

    def read(self, kind: type[T]) -> T:
        """Raises Unreachable when it does not have that form."""
        try:
            return msgspec.json.decode(self.content, type=kind)
        except (msgspec.DecodeError, ValueError) as error:
            raise Unreachable(f"an answer that cannot be read: {error}") from error


class Reach:
    """Asking the provider: no redirect is followed, no large answer read, nothing waited for long."""

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return httpx.create_ssl_context()

    async def get(self, url: str) -> Answer:
        return await self._ask("GET", url)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        return await self._ask("POST", url, data=dict(form), headers=dict(headers))

    async def _ask(self, method: str, url: str, **more: Any) -> Answer:
        try:
            async with (
                httpx.AsyncClient(verify=self._trusted, timeout=_TIMEOUT_S) as client,
                client.stream(method, url, **more) as response,
            ):
                content = b""
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > _MOST:
                        raise Unreachable(f"{url}: more than {_MOST} bytes")
                return Answer(response.status_code, content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"{url}: {error!r}") from error


class Known:
    """The provider's metadata and keys, as last read. One per process."""

    def __init__(self, settings: OpenId, reach: Reach, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._reach, self._clock = settings, reach, clock
        self._turn = asyncio.Lock()
        self.forget()

    def forget(self) -> None:
        """Read everything anew when next needed."""
        self._metadata: Metadata | None = None
        self._keys: list[Key] = []
        self._metadata_at = self._keys_at = self._anew_at = self._down_at = float("-inf")

    async def metadata(self) -> Metadata:
        async with self._turn:
            if self._metadata is None or self._clock() > self._metadata_at + _KEPT_S:
                await self._renew_metadata()
            assert self._metadata is not None
            return self._metadata

    async def _renew_metadata(self) -> None:
        if self._clock() < self._down_at + _DOWN_S:
            if self._metadata is None:
                raise Unreachable("it did not answer a moment ago")
            return
        try:
            self._metadata = await self._read_metadata()
            self._metadata_at = self._clock()
        except Unreachable:
            self._down_at = self._clock()
            if self._metadata is None:
                raise

    async def key(self, kid: str | None, algorithm: str) -> Key:
        """The key that a token names. Raises NotValid when the provider has none by that name."""
        address = (await self.metadata()).jwks_uri
        async with self._turn:
            if self._clock() > self._keys_at + _KEPT_S:
                await self._read_keys(address)
            found = self._fitting(kid, algorithm)
            if found is None and self._clock() > self._anew_at + _ANEW_S:
                self._anew_at = self._clock()
                await self._read_keys(address)
                found = self._fitting(kid, algorithm)
        if found is None:
            raise NotValid(f"signed under a key that the provider does not show: {kid!r}, {algorithm}")
        return found

    def _fitting(self, kid: str | None, algorithm: str) -> Key | None:
        """Without a name, only where there is no choice (OpenID Connect Core 10.1)."""
        kind = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm == "EdDSA" else "EC"}[algorithm[0]]
        fits = [key for key in self._keys if key.key_type == kind and key.alg in (None, algorithm)]
        if kid is not None:
            fits = [key for key in fits if key.kid == kid]
        return fits[0] if len(fits) == 1 else None

    async def _read_metadata(self) -> Metadata:
        issuer = self._settings.issuer
        answer = await self._reach.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if answer.status != 200:
            raise Unreachable(f"{issuer}: its configuration was answered with {answer.status}")
        found = answer.read(Metadata)
        if found.issuer != issuer:
            raise NotValid(f"RAPP_OIDC_ISSUER is {issuer!r}, the provider calls itself {found.issuer!r}")
        addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        for url in (*addresses, found.end_session_endpoint):
            if url and not (safe(url) and (url.startswith("https:") or issuer.startswith("http:"))):
                raise NotValid(f"the provider names an address that is not https: {url}")
        if "code" not in found.response_types_supported:
            raise NotValid("the provider does not know the authorization code flow")
        methods = found.code_challenge_methods_supported
        if methods is not None and "S256" not in methods:
            raise NotValid("the provider does not know PKCE with S256")
        return found

    async def _read_keys(self, address: str) -> None:
        answer = await self._reach.get(address)
        if answer.status != 200:
            raise Unreachable(f"{address}: answered with {answer.status}")
        self._keys = [key for one in answer.read(_Jwks).keys if (key := _signing(one)) is not None]
        self._keys_at = self._clock()


def _signing(shown: dict[str, Any]) -> Key | None:
    """A public key to check signatures with; None: for something else, secret, or of a kind unknown here."""
    if shown.get("kty") not in ("RSA", "EC", "OKP") or shown.get("use", "sig") != "sig":
        return None
    try:
        return import_key(shown)
    except Exception:
        # One key that cannot be read must not take the others with it.
        return None
