"""The pages of a sign-in with an OpenID Connect provider: before the provider's own, and after."""

import logging
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy import Connection

from care.signing import local_day
from care.staff import StaffDocument
from endpoint.console.page import HEADERS, page
from endpoint.errors import Refused
from endpoint.identity import asked, console_session, people, sign_ins, standing, tokens
from endpoint.identity.asked import Purpose
from endpoint.identity.back import ours
from endpoint.identity.console_session import Vouched
from endpoint.identity.errors import NotHere, NotOurs, SignInError, Unknown, Unreachable
from endpoint.identity.flow import Flow, Returned, Shown, new_browser
from endpoint.identity.standing import Kept
from endpoint.parts import Parts
from endpoint.settings import Settings
from endpoint.using_phones import phone_of

logger = logging.getLogger("rapp.signin")
Here = NamedDependency[Parts]
Way = NamedDependency[Flow]
AnyRequest = Request[Any, Any, Any]


class LogoutForm(Struct):
    logout_token: str = ""


@get("/phone/{sign_in:str}")
async def phone(sign_in: FromPath[str], parts: Here) -> Response[Any]:
    """Before the provider: which phone it is, and the number that both screens show."""
    now = parts.now()
    try:
        row = await parts.database.read(lambda connection: sign_ins.pending(connection, sign_in, now))
    except Refused as error:
        return page("signin_over.html", None, error.status, here="")
    return page("signin_phone.html", None, here="", phone=row.phone, number=row.number, sign_in=sign_in)


@get("/phone/{sign_in:str}/on")
async def phone_on(sign_in: FromPath[str], parts: Here, flow: Way, request: AnyRequest) -> Response[Any]:
    """The numbers match: on to the provider, which asks who it is, whatever the browser remembers.

    From our own page alone: a link that somebody sends must not lead past the number and the phone's name.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return Redirect(f"/signin/phone/{sign_in}", status_code=303, headers=HEADERS)
    now = parts.now()
    try:
        await parts.database.read(lambda connection: sign_ins.pending(connection, sign_in, now))
    except Refused as error:
        return page("signin_over.html", None, error.status, here="")
    return await _send(parts, flow, request, Purpose(sign_in=sign_in))


@post("/phone/{sign_in:str}/not-mine", status_code=200)
async def phone_not_mine(sign_in: FromPath[str], parts: Here) -> Response[Any]:
    """It is not the phone in the person's hand."""
    now = parts.now()
    await parts.database.write(lambda connection: sign_ins.refuse(connection, sign_in, now))
    return page("signin_done.html", None, here="", who="")


@get("/console")
async def console(
    parts: Here,
    flow: Way,
    request: AnyRequest,
    back: FromQuery[str] = "/console/",
    again: FromQuery[bool] = False,
) -> Response[Any]:
    return await _send(parts, flow, request, Purpose(back=ours(back, "/console/"), again=again))


@get("/answer")
async def answer(
    parts: Here,
    flow: Way,
    request: AnyRequest,
) -> Response[Any]:
    """Back from the provider."""
    now, browser, given = (
        parts.now(),
        request.cookies.get(_cookie_name(parts.settings), ""),
        request.query_params,
    )
    state = given.get("state", "")
    returned = Returned(given.get("code", ""), given.get("error", ""), given.get("iss"))
    authorization = await parts.database.write(
        lambda connection: asked.take(connection, parts.keys, state, browser, now)
    )
    if authorization is None:
        raise NotOurs("this browser was not sent, was sent too long ago, or has been back already")
    purpose = authorization.purpose
    try:
        shown = await flow.receive(parts, returned, authorization)
        identity = people.identity_of(shown.claims, flow.settings)
        if purpose.sign_in is not None:
            return await _phone_is_signed_in(parts, purpose.sign_in, identity)
        return await _console_is_signed_in(parts, request, purpose, identity, shown)
    except SignInError as failure:
        request.state.purpose = purpose
        if purpose.sign_in is not None and not isinstance(failure, Unreachable):
            over = purpose.sign_in
            await parts.database.write(lambda connection: sign_ins.refuse(connection, over, now))
        raise


@post("/ended", status_code=200)
async def ended(data: URLEncodedBody[LogoutForm], parts: Here, flow: Way) -> Response[Any]:
    """Back-channel logout: the provider says that a session is over there."""
    headers = {"Cache-Control": "no-store"}
    try:
        count = await standing.ended_there(parts, flow.settings, flow.known, data.logout_token)
    except Unreachable as error:
        logger.warning("a logout token could not be checked: %s", error)
        return Response({"error": "unavailable"}, status_code=503, headers=headers)
    except SignInError as error:
        logger.warning("a logout token was refused: %s", error)
        return Response({"error": "invalid_request"}, status_code=400, headers=headers)
    logger.info("%d sessions ended by the provider", count)
    return Response(b"", headers=headers)


@get("/keys")
async def keys(flow: Way) -> Response[Any]:
    """The public key of private_key_jwt, for a provider that fetches it (jwks_uri)."""
    key = flow.client.key
    shown = [key.as_dict(private=False, kid=key.thumbprint(), use="sig")] if key else []
    return Response({"keys": shown})


async def _send(parts: Parts, flow: Flow, request: AnyRequest, purpose: Purpose) -> Response[Any]:
    request.state.purpose = purpose
    name = _cookie_name(parts.settings)
    browser = request.cookies.get(name) or new_browser()
    there = await flow.send(parts, purpose, browser)
    cookie = Cookie(
        key=name,
        value=browser,
        max_age=int(asked.LASTS.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=parts.settings.secure,
    )
    return Redirect(there, status_code=303, headers=HEADERS, cookies=[cookie])


async def _phone_is_signed_in(parts: Parts, sign_in: str, identity: str) -> Response[Any]:
    now = parts.now()

    def choose(connection: Connection) -> StaffDocument:
        unit = sign_ins.pending(connection, sign_in, now).unit
        staff = people.by_identity(connection, identity)
        if not phone_of(connection, unit).may_use(staff, now):
            raise NotHere("holds no role today with which one uses this phone")
        sign_ins.choose(connection, sign_in, staff.id, now)
        return staff

    try:
        staff = await parts.database.write(choose)
    except Refused as error:
        return page("signin_over.html", None, error.status, here="")
    logger.info("%s signed in on a phone", staff.id)
    return page("signin_done.html", None, here="", who=staff.name)


async def _console_is_signed_in(
    parts: Parts, request: AnyRequest, purpose: Purpose, identity: str, shown: Shown
) -> Response[Any]:
    now = parts.now()
    staff = await parts.database.read(lambda connection: people.by_identity(connection, identity))
    if not staff.units(local_day(now)):
        raise NotHere("holds no role today")
    subject, given = shown.claims["sub"], shown.tokens
    kept = standing.wrap(parts.keys, staff.id, Kept(subject, given.id_token, given.refresh_token))
    vouched = Vouched(tokens.time_of(shown.claims, "auth_time"), subject, shown.session, kept)
    cookie = await console_session.create(
        parts.database, parts.settings, staff.id, now, vouched, instead_of=request
    )
    logger.info("%s signed in to the console", staff.id)
    return Redirect(purpose.back, status_code=303, headers=HEADERS, cookies=[cookie])


def failed(request: AnyRequest, error: SignInError) -> Response[Any]:
    """A page that says what happened, and how to begin again."""
    logger.warning("a sign-in failed: %s: %s", type(error).__name__, error)
    parts: Parts = request.app.state.parts
    purpose: Purpose | None = getattr(request.state, "purpose", None)
    return page(
        "signin_failed.html",
        None,
        error.status,
        here="",
        text=error.text,
        again=_again(purpose, error),
        identity=error.identity if isinstance(error, Unknown) else "",
        phone=purpose is not None and purpose.sign_in is not None,
        contact=parts.settings.contact,
    )


def _again(purpose: Purpose | None, error: SignInError) -> str | None:
    """Where to begin again; None: on the phone, or nobody knows where it began."""
    if purpose is None:
        return None
    if purpose.sign_in is not None:
        return f"/signin/phone/{purpose.sign_in}" if isinstance(error, Unreachable) else None
    # Not by what the provider remembers: that would be the same person, identified in the same way.
    return "/console/sign-in" if isinstance(error, Unreachable) else "/console/sign-in?again=true"


def pages(flow: Flow) -> Router:
    """The pages, for one provider."""
    return Router(
        "/signin",
        route_handlers=[phone, phone_on, phone_not_mine, console, answer, ended, keys],
        dependencies={"flow": Provide(lambda: flow, sync_to_thread=False)},
        exception_handlers={SignInError: failed},
        include_in_schema=False,
    )


def _cookie_name(settings: Settings) -> str:
    return "__Host-rapp_signin" if settings.secure else "rapp_signin"
