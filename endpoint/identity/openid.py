"""An OpenID Connect provider, such as SITHS by way of Inera, or Keycloak. docs/sign-in.md."""

from collections.abc import Sequence
from urllib.parse import urlencode

from litestar.types import ControllerRouterHandler

from endpoint.identity import standing
from endpoint.identity.console_session import Session
from endpoint.identity.flow import Flow
from endpoint.identity.openid_pages import pages
from endpoint.identity.openid_settings import OpenId
from endpoint.parts import Parts


class OpenIdProvider:
    """A provider by its settings, under this endpoint's address."""

    def __init__(self, settings: OpenId, base_url: str) -> None:
        self.flow = Flow(settings, base_url)
        self._base_url = base_url

    def phone_url(self, sign_in: str) -> str:
        return f"{self._base_url}/signin/phone/{sign_in}"

    def console_url(self, back: str, again: bool = False) -> str:
        return f"/signin/console?{urlencode({'back': back} | ({'again': 'true'} if again else {}))}"

    def handlers(self) -> Sequence[ControllerRouterHandler]:
        return [pages(self.flow)]

    async def still_stands(self, parts: Parts, session: Session) -> bool:
        flow = self.flow
        return await standing.stands(parts, flow.settings, flow.known, flow.client, session)

    async def sign_out_url(self, parts: Parts, session: Session) -> str | None:
        return await self.flow.sign_out_url(parts, session)
