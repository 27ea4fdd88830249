"""Which versions of the protocol are spoken here. A phone says its own with every call.

What a phone that is too old has saved stays on it, sealed, and is sent once its app has been updated.
"""

from litestar.datastructures import Headers
from litestar.types import ASGIApp, Receive, Scope, Send

from endpoint.errors import NotReadable
from wire.messages import PROTOCOL

SPOKEN = frozenset({PROTOCOL})
_HEADER = "rapp-protocol"
_FREE = frozenset({"/v1/health", "/v1/ready"})
"""Answered to everybody: they say which version is spoken."""


def spoken(app: ASGIApp) -> ASGIApp:
    """The middleware that refuses calls in another version. A call that names none is read as it comes."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        said = (
            Headers.from_scope(scope).get(_HEADER) if path.startswith("/v1/") and path not in _FREE else None
        )
        if said is not None and said not in {str(one) for one in SPOKEN}:
            names = ", ".join(str(one) for one in sorted(SPOKEN))
            raise NotReadable("protocol", f"this endpoint speaks {names}", field="Rapp-Protocol")
        await app(scope, receive, send)

    return call
