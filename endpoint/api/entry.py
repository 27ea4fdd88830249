"""Enrolling a phone, opening sessions, signing people in."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from endpoint import certify, devices, sessions
from endpoint.api.callers import provide_caller
from endpoint.api.encodings import answered, provide_encoding
from endpoint.errors import NotAllowed, NotNow
from endpoint.identity import sign_ins
from endpoint.limits import Limiter, named
from endpoint.parts import Parts
from endpoint.problems import PROBLEMS
from endpoint.renewal import lasting_of
from endpoint.sessions import Caller
from wire.messages import (
    Certified,
    CertifyRequest,
    Enrolled,
    EnrolRequest,
    Session,
    SessionRequest,
    SignInStarted,
    SignInState,
)


@post("/enrol", status_code=200, responses=PROBLEMS)
async def enrol(data: JSONBody[EnrolRequest], parts: NamedDependency[Parts]) -> Enrolled:
    """Make a phone known, with a code from the console."""
    now = parts.now()
    return await parts.database.write(lambda connection: devices.enrol(connection, parts.keys, data, now))


@post("/session", status_code=200, responses=PROBLEMS)
async def session(
    data: JSONBody[SessionRequest], parts: NamedDependency[Parts], request: Request[Any, Any, Any]
) -> Response[Session]:
    """Show who is calling; a bearer token for an hour. The first answer: it tells which encodings we know."""
    now = parts.now()
    opened = await parts.database.write(
        lambda connection: sessions.open_session(connection, parts.keys, data, now, parts.settings)
    )
    limiter: Limiter = request.app.state.limiter
    limiter.meet(named(f"Bearer {opened.token}"))
    return answered(opened, provide_encoding(request))


@post("/signin", status_code=200, dependencies={"caller": Provide(provide_caller)}, responses=PROBLEMS)
async def start_sign_in(caller: NamedDependency[Caller], parts: NamedDependency[Parts]) -> SignInStarted:
    """Begin a sign-in in the system browser. A device's session suffices."""
    if caller.closing:
        raise NotAllowed("closing_device", "this phone is being closed")
    if parts.provider is None:
        raise NotNow("no_provider", "no identity provider is set up here")
    now = parts.now()
    id, number, expires = await parts.database.write(
        lambda connection: sign_ins.start(connection, caller.device, now)
    )
    return SignInStarted(id=id, url=parts.provider.phone_url(id), number=number, expires=expires)


@get("/signin/{sign_in:str}", dependencies={"caller": Provide(provide_caller)}, responses=PROBLEMS)
async def sign_in_state(
    sign_in: FromPath[str], caller: NamedDependency[Caller], parts: NamedDependency[Parts]
) -> SignInState:
    """How far a sign-in has come."""
    now = parts.now()
    return await parts.database.read(
        lambda connection: sign_ins.state(connection, sign_in, caller.device, now)
    )


@post(
    "/signin/{sign_in:str}/certify",
    status_code=200,
    dependencies={"caller": Provide(provide_caller)},
    responses=PROBLEMS,
)
async def certify_key(
    sign_in: FromPath[str],
    data: JSONBody[CertifyRequest],
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
) -> Certified:
    """Vouch for the person's key on this phone, and hand out the keys of their slot."""
    now = parts.now()
    lasting = lasting_of(parts.settings)
    certified, woken = await parts.database.write(
        lambda connection: certify.certify(connection, parts.keys, caller, sign_in, data, now, lasting)
    )
    parts.database.wake.up(woken)
    return certified


entry = Router("/v1", route_handlers=[enrol, session, start_sign_in, sign_in_state, certify_key])
