"""Which names the endpoint answers to: its public address's, and those that its keeper adds (RAPP_HOSTS).

Without a public address any name will do, as in a demo. Health is asked for by load balancers, by address.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from litestar.datastructures import Headers
from litestar.types import ASGIApp, Receive, Scope, Send

from endpoint.errors import NotReadable
from endpoint.settings import Settings

_PROBES = frozenset({"/v1/health", "/v1/ready"})


def names_of(settings: Settings) -> frozenset[str] | None:
    """The names, in lower case and with a port where it is not the scheme's own; None: any."""
    if settings.public_url is None:
        return None
    return frozenset({urlsplit(settings.public_url).netloc.lower(), *settings.hosts})


def known_hosts(settings: Settings) -> Callable[[ASGIApp], ASGIApp]:
    """The middleware that refuses other names: a page of ours under a name of theirs (DNS rebinding)."""
    names = names_of(settings)

    def around(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            if names is not None and scope["path"] not in _PROBES:
                host = Headers.from_scope(scope).get("host", "").lower()
                if host not in names:
                    raise NotReadable("bad_host", "not a name of this endpoint", field="host")
            await app(scope, receive, send)

        return call

    return around
