"""The seam to an identity provider. The demo's is one; OpenID Connect will be another."""

from collections.abc import Sequence
from typing import Protocol

from litestar.types import ControllerRouterHandler


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
