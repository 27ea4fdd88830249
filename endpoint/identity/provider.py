"""The seam to an identity provider: OpenID Connect's, or the demo's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from litestar.types import ControllerRouterHandler

if TYPE_CHECKING:
    from endpoint.identity.console_session import Session
    from endpoint.parts import Parts


class Provider(Protocol):
    """Knows people, and shows the pages on which they say who they are."""

    def phone_url(self, sign_in: str) -> str:
        """The page that the phone opens in the system browser."""

    def console_url(self, back: str, again: bool = False) -> str:
        """The page that signs somebody in to the console, and then goes to `back` (a path of ours).

        `again`: the person shows who they are anew, whatever their browser remembers.
        """

    def handlers(self) -> Sequence[ControllerRouterHandler]:
        """The provider's own pages."""

    async def still_stands(self, parts: Parts, session: Session) -> bool:
        """Whether the provider still stands by a session of the console. False: it has been ended."""

    async def sign_out_url(self, parts: Parts, session: Session) -> str | None:
        """Where the browser goes to end the provider's own session too; None: there is no such thing."""
