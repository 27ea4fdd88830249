"""The way to an OpenID Connect provider and back: authorization code flow with PKCE."""

import json
import secrets
from urllib.parse import urlencode

from msgspec import Struct

from endpoint.identity import asked, console_session, standing, tokens
from endpoint.identity.asked import Authorization, Purpose
from endpoint.identity.console_session import Session
from endpoint.identity.errors import Declined, NotOurs, NotValid, Unreachable
from endpoint.identity.grants import Client, Tokens
from endpoint.identity.metadata import Known, Metadata, Reach
from endpoint.identity.openid_settings import OpenId
from endpoint.identity.tokens import Asked, Claims
from endpoint.parts import Parts

_LATER = frozenset({"server_error", "temporarily_unavailable"})


class Returned(Struct, frozen=True):
    """The parameters with which a browser comes back (RFC 6749 4.1.2, RFC 9207)."""

    code: str
    error: str
    iss: str | None


class Shown(Struct, frozen=True):
    """What the provider has shown of a person, checked."""

    claims: Claims
    tokens: Tokens

    @property
    def session(self) -> str | None:
        """The provider's name for its session with that browser."""
        sid = self.claims.get("sid")
        return sid if isinstance(sid, str) and sid else None


class Flow:
    """One provider by its settings. Nothing is asked of it until somebody signs in."""

    def __init__(self, settings: OpenId, base_url: str) -> None:
        self.settings, self._base_url = settings, base_url
        reach = Reach()
        self.known = Known(settings, reach)
        self.client = Client(settings, reach)

    @property
    def redirect_uri(self) -> str:
        return f"{self._base_url}/signin/answer"

    async def sign_out_url(self, parts: Parts, session: Session) -> str | None:
        """RP-Initiated Logout 1.0: the provider's page, and from there back to ours."""
        kept = standing.unwrap(parts.keys, session)
        if kept is None:
            return None
        try:
            page = (await self.known.metadata()).end_session_endpoint
        except (Unreachable, NotValid):
            return None
        there = {
            "id_token_hint": kept.id_token,
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": f"{self._base_url}/console/signed-out",
        }
        return f"{page}{'&' if '?' in page else '?'}{urlencode(there)}" if page else None

    async def send(self, parts: Parts, purpose: Purpose, browser: str) -> str:
        """Where a browser goes to sign in."""
        metadata = await self.known.metadata()
        now = parts.now()
        state, made = await parts.database.write(
            lambda connection: asked.start(connection, parts.keys, purpose, browser, now)
        )
        page = metadata.authorization_endpoint
        return f"{page}{'&' if '?' in page else '?'}{urlencode(self._request(metadata, state, made))}"

    async def receive(self, parts: Parts, returned: Returned, authorization: Authorization) -> Shown:
        """What the provider says of whoever comes back. Raises SignInError."""
        metadata = await self.known.metadata()
        self._check_sender(metadata, returned)
        if returned.error:
            kind = Unreachable if returned.error in _LATER else Declined
            raise kind(f"the provider answered {returned.error!r}")
        if not returned.code:
            raise NotOurs("neither a code nor an error")
        given = await self.client.redeem(
            metadata, returned.code, authorization.verifier, self.redirect_uri, parts.now()
        )
        if not given.id_token:
            raise NotValid("no ID token came for the code")
        claims, algorithm = await tokens.signed(given.id_token, self.known, self.settings)
        at = authorization.at
        since = at if authorization.purpose.anew else at - console_session.LASTS
        wanted = Asked(authorization.nonce, at, since)
        tokens.check_id_token(claims, algorithm, wanted, given.access_token, self.settings, parts.now())
        return Shown(claims, given)

    def _check_sender(self, metadata: Metadata, returned: Returned) -> None:
        """RFC 9207: an answer of another provider must not be taken for this one's (mix-up)."""
        if returned.iss is None and metadata.authorization_response_iss_parameter_supported:
            raise NotValid("the parameter iss is missing from the answer")
        if returned.iss is not None and returned.iss != self.settings.issuer:
            raise NotValid(f"the answer is from {returned.iss!r}")

    def _request(self, metadata: Metadata, state: str, made: Authorization) -> dict[str, str]:
        lasts = int(console_session.LASTS.total_seconds())
        request = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": made.nonce,
            "code_challenge": made.challenge,
            "code_challenge_method": "S256",
            # Also makes the provider say when the person signed in.
            "max_age": "0" if made.purpose.anew else str(lasts),
        }
        if made.purpose.anew:
            request["prompt"] = "login"
        if self.settings.acr:
            request["acr_values"] = " ".join(self.settings.acr)
        if metadata.claims_parameter_supported:
            names = (self.settings.identity_claim, *(one.partition("=")[0] for one in self.settings.required))
            wanted = {name: {"essential": True} for name in names if name != "sub"}
            if wanted:
                request["claims"] = json.dumps({"id_token": wanted}, separators=(",", ":"))
        return request


def new_browser() -> str:
    """A cookie by which a browser that was sent is known when it comes back."""
    return secrets.token_urlsafe(32)
