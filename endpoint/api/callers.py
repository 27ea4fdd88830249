"""Who calls: the bearer token of a session, read into a Caller for every call that asks for one."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from endpoint import sessions
from endpoint.errors import NotKnown
from endpoint.limits import token_holds
from endpoint.parts import Parts
from endpoint.sessions import Caller

AnyRequest = Request[Any, Any, Any]


def provide_parts(request: AnyRequest) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def provide_caller(request: AnyRequest, parts: NamedDependency[Parts]) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotKnown("no_session", "Authorization: Bearer <token>", field="authorization")
    now = parts.now()
    found = await parts.database.read(lambda connection: sessions.caller(connection, token.strip(), now))
    token_holds(request.scope)
    return found
