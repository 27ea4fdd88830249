"""Who may come in, and what is shown when something is refused."""

import logging
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from endpoint.console.errors import ConsoleError, FromElsewhere, NoSuchPage, NotSignedIn
from endpoint.console.page import HEADERS, page, to
from endpoint.console.reader import Reader, reader_of
from endpoint.identity import console_session
from endpoint.parts import Parts

logger = logging.getLogger("rapp.console")
AnyRequest = Request[Any, Any, Any]


async def signed_in(parts: NamedDependency[Parts], request: AnyRequest) -> Reader:
    """The reader of this request. Raises NotSignedIn."""
    now = parts.now()
    staff = await console_session.read(parts.database, request, now)
    reader = await reader_of(parts.database, staff, now) if staff else None
    if reader is None:
        raise NotSignedIn(request.url.path)
    # A refusal further in is told in the reader's own language.
    request.state.reader = reader
    return reader


def own_forms_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
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
    wants_part = request.headers.get("hx-request") == "true"
    if isinstance(error, NotSignedIn):
        if wants_part:
            # Only the part is replaced: an answer that is half written must not be reloaded away.
            return page("session_over.html", None)
        return to("/console/sign-in")
    if wants_part:
        return Response("", status_code=error.status, headers=HEADERS, media_type="text/html")
    reader: Reader | None = getattr(request.state, "reader", None)
    return page("error.html", reader, error.status, text=error.text, here="")


def not_found(request: AnyRequest, error: HTTPException) -> Response[Any]:
    if error.status_code < 500:
        return refused(request, NoSuchPage(request.url.path))
    return unexpected(request, error)


def unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    logger.error("%s %s", request.method, request.url.path, exc_info=error)
    return refused(request, ConsoleError())
