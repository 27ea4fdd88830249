"""By which authorities the endpoint's certificate is to be believed. Asked for without a session."""

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from endpoint.anchors import state
from endpoint.errors import NotReadable
from endpoint.parts import Parts
from endpoint.problems import PROBLEMS
from wire.anchors import AnchorsSigned

_NONCE_MOST = 64


@get("/anchors", responses=PROBLEMS)
async def anchors(parts: NamedDependency[Parts], nonce: FromQuery[str] = "") -> AnchorsSigned:
    """The anchors of TLS, and the key to seal to: signed, with the asker's nonce."""
    if len(nonce) > _NONCE_MOST:
        raise NotReadable("bad_request", f"at most {_NONCE_MOST} signs", field="nonce")
    return state(parts.settings.anchors, parts.keys, nonce)


trust = Router("/v1", route_handlers=[anchors])
