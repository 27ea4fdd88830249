"""Who may come in, and what is shown when something is refused."""

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from endpoint import logs
from endpoint.console.errors import ConsoleError, FromElsewhere, NoSuchPage, NotSignedIn, SignInAgain
from endpoint.console.page import HEADERS, page, to
from endpoint.console.reader import Reader, reader_of
from endpoint.errors import Refused, TooOften
from endpoint.identity import console_session
from endpoint.limits import token_holds
from endpoint.parts import Parts

logger = logging.getLogger("rapp.console")
AnyRequest = Request[Any, Any, Any]
AnyConnection = ASGIConnection[Any, Any, Any, Any]


async def signed_in(parts: NamedDependency[Parts], request: AnyRequest) -> Reader:
    """The reader of this request. Raises NotSignedIn."""
    now = parts.now()
    session = await console_session.read(parts.database, parts.settings, request, now)
    if session and parts.provider and not await parts.provider.still_stands(parts, session):
        session = None
    reader = await reader_of(parts.database, session.staff, now) if session else None
    if reader is None:
        raise NotSignedIn(_page_of(request))
    token_holds(request.scope)
    # A refusal further in is told in the reader's own language.
    request.state.reader = reader
    return reader


async def just_signed_in(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """For what cannot be taken back: the sign-in is no older than 10 minutes. Raises SignInAgain.

    Put it on the page with the form too (GET), so that nothing is filled in before it is asked for:
    ``@get("/x", guards=[just_signed_in])`` and ``@post("/x", guards=[own_forms_only, just_signed_in])``.
    """
    parts: Parts = connection.app.state.parts
    now = parts.now()
    session = await console_session.read(parts.database, parts.settings, connection, now)
    if session is None:
        raise NotSignedIn(_page_of(connection))
    if session.signed_in < now - console_session.JUST:
        raise SignInAgain(_page_of(connection))


def _page_of(connection: AnyConnection) -> str:
    """The page to come back to: the one that was asked for, or the one whose form was sent."""
    if connection.scope.get("method") in ("GET", "HEAD") and not _wants_part(connection):
        return connection.url.path + (f"?{connection.url.query}" if connection.url.query else "")
    came_from = urlsplit(connection.headers.get("referer", ""))
    if came_from.netloc != connection.headers.get("host"):
        return "/console/"
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _wants_part(connection: AnyConnection) -> bool:
    return connection.headers.get("hx-request") == "true"


def own_forms_only(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Only the console's own pages may send forms (RFC 6454 Origin, Fetch Metadata). Raises FromElsewhere."""
    if connection.scope.get("method") in ("GET", "HEAD"):
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise FromElsewhere(site)
        return
    origin = connection.headers.get("origin") or connection.headers.get("referer") or ""
    if urlsplit(origin).netloc != connection.headers.get("host"):
        raise FromElsewhere(origin)


def refused(request: AnyRequest, error: ConsoleError) -> Response[Any]:
    """A page that says what happened, what is safe and what to do. Without a session: on to sign in."""
    wants_part = _wants_part(request)
    if isinstance(error, NotSignedIn | SignInAgain):
        again = isinstance(error, SignInAgain)
        if wants_part:
            # Only the part is replaced: an answer that is half written must not be reloaded away.
            return page("session_over.html", None)
        if request.method in ("GET", "HEAD"):
            return to(_sign_in(error.back, again))
        # Not a redirect: browsers let no form end at the provider, which is another site (CSP form-action).
        return page("sign_in_again.html", None, error.status, text=error.text, on=_sign_in(error.back, again))
    reader: Reader | None = getattr(request.state, "reader", None)
    by = reader.staff.id if reader else ""
    logs.refusal(request.scope, error.status, error.text.removeprefix("console.error."), by)
    if wants_part:
        return Response("", status_code=error.status, headers=HEADERS, media_type="text/html")
    return page("error.html", reader, error.status, text=error.text, here="")


def turned_away(request: AnyRequest, error: Refused) -> Response[Any]:
    """A page for what the endpoint itself refuses, whoever sends it: too often, too large, another host."""
    logs.refusal(request.scope, error.status, error.problem.code)
    text = "console.error.too_often" if isinstance(error, TooOften) else "console.error.not_taken"
    if _wants_part(request):
        answer = Response("", status_code=error.status, headers=HEADERS, media_type="text/html")
    else:
        answer = page("error.html", None, error.status, text=text, here="")
    if error.problem.retry_after is not None:
        answer.headers["Retry-After"] = str(error.problem.retry_after)
    return answer


def _sign_in(back: str, again: bool) -> str:
    return f"/console/sign-in?{urlencode({'back': back} | ({'again': 'true'} if again else {}))}"


def not_found(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if error.status_code < 500:
        return refused(request, NoSuchPage(request.url.path))
    return unexpected(request, error)


def unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    logger.error("%s %s", request.method, request.scope.get("path_template"), exc_info=error)
    return refused(request, ConsoleError())
