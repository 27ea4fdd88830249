"""The console's front door: signing in and out, and our own files."""

from mimetypes import guess_type
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.page import FOLDERS, HEADERS, page, to
from endpoint.identity import console_session
from endpoint.identity.back import ours
from endpoint.parts import Parts


@get("/sign-in")
async def sign_in(
    parts: NamedDependency[Parts], back: FromQuery[str] = "/console/", again: FromQuery[bool] = False
) -> Response[Any]:
    """On to the identity provider, and then back to a page of ours."""
    if parts.provider is None:
        return page("sign_in.html", None, 503, here="")
    return to(parts.provider.console_url(ours(back, "/console/"), again))


@post("/sign-out", guards=[own_forms_only])
async def sign_out(parts: NamedDependency[Parts], request: Request[Any, Any, Any]) -> Response[Any]:
    """Our session ends first; then, where there is one, the provider's."""
    session = await console_session.read(parts.database, parts.settings, request, parts.now())
    gone = await console_session.end(parts.database, parts.settings, request)
    on = await parts.provider.sign_out_url(parts, session) if session and parts.provider else None
    # A page and not a redirect: browsers let no form end on another site (CSP form-action).
    answer = page("signed_out.html", None, here="", on=on)
    answer.set_cookie(gone)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@get("/signed-out")
async def signed_out() -> Response[Any]:
    """Back from the provider's sign-out."""
    return page("signed_out.html", None, here="", on=None)


@get("/static/{name:str}")
async def static(name: FromPath[str]) -> Response[bytes]:
    """Our own files: style, htmx, icons, fonts, the sound."""
    known = {path.name: path for folder in FOLDERS for path in folder.iterdir()}
    path = known.get(name)
    if path is None or path.suffix == ".py":
        raise NoSuchPage(name)
    kind = guess_type(name)[0] or "application/octet-stream"
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(path.read_bytes(), media_type=kind, headers=headers)
