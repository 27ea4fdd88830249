"""The demo's identity provider: a page with everybody's name, and no proof of anything.

It refuses to exist outside the demo.
"""

import gettext
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from sqlalchemy import Connection

from care.ids import is_uuid
from care.signing import local_day
from care.staff import StaffDocument
from endpoint import documents
from endpoint.errors import DemoOnlyError, NotReadable, Refused
from endpoint.identity import console_session, sign_ins
from endpoint.identity.back import ours
from endpoint.identity.console_session import Session
from endpoint.parts import Parts
from endpoint.settings import Settings
from endpoint.using_phones import phone_of

_TEXTS = Path(__file__).parents[2] / "assets" / "texts"
_CONSOLE = "/demo/console-signin"
_OWN_FORMS = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


class Choice(Struct, frozen=True):
    """The form's answer: who it is said to be; empty: none of them."""

    staff: str = ""
    back: str = "/"


class DemoProvider:
    """Knows the demo's staff. Raises DemoOnlyError outside the demo."""

    def __init__(self, settings: Settings) -> None:
        if not settings.demo:
            raise DemoOnlyError("the demo's sign-in exists in the demo alone")
        self._base_url = settings.base_url

    def phone_url(self, sign_in: str) -> str:
        return f"{self._base_url}/demo/signin/{sign_in}"

    def console_url(self, back: str, again: bool = False) -> str:
        # It asks every time: there is nothing more to ask for again.
        return f"{_CONSOLE}?{urlencode({'back': back})}"

    async def still_stands(self, parts: Parts, session: Session) -> bool:
        return True

    async def sign_out_url(self, parts: Parts, session: Session) -> str | None:
        return None

    def handlers(self) -> Sequence[ControllerRouterHandler]:
        return [phone_page, phone_choice, console_page, console_choice]


@get("/demo/signin/{sign_in:str}", include_in_schema=False)
async def phone_page(sign_in: FromPath[str], parts: NamedDependency[Parts]) -> Response[str]:
    """Who may use the phone; its name; the number that both screens show."""
    now = parts.now()

    def look(connection: Connection) -> tuple[Any, list[StaffDocument]]:
        row = sign_ins.pending(connection, sign_in, now)
        here = phone_of(connection, row.unit)
        staff = [one for one in _by_name(connection) if here.may_use(one, now)]
        return row, staff

    try:
        row, staff = await parts.database.read(look)
    except Refused as error:
        return _page("demo_over.html", error.status)
    return _page("demo_phone.html", phone=row.phone, number=row.number, staff=staff)


@post("/demo/signin/{sign_in:str}", status_code=200, include_in_schema=False)
async def phone_choice(
    sign_in: FromPath[str], data: URLEncodedBody[Choice], parts: NamedDependency[Parts]
) -> Response[str]:
    """Somebody pressed a name, or none of them."""
    now = parts.now()

    def choose(connection: Connection) -> StaffDocument | None:
        unit = sign_ins.pending(connection, sign_in, now).unit
        staff = documents.one(connection, StaffDocument, data.staff) if is_uuid(data.staff) else None
        if staff is None or not phone_of(connection, unit).may_use(staff, now):
            sign_ins.refuse(connection, sign_in, now)
            return None
        sign_ins.choose(connection, sign_in, staff.id, now)
        return staff

    try:
        chosen = await parts.database.write(choose)
    except Refused as error:
        return _page("demo_over.html", error.status)
    return _page("demo_done.html", name=chosen.name if chosen else "")


@get(_CONSOLE, include_in_schema=False)
async def console_page(parts: NamedDependency[Parts], back: FromQuery[str] = "/") -> Response[str]:
    """Everybody who holds a role today."""
    day = local_day(parts.now())
    staff = await parts.database.read(_by_name)
    return _page("demo_console.html", staff=[one for one in staff if one.units(day)], back=ours(back))


@post(_CONSOLE, status_code=303, include_in_schema=False)
async def console_choice(
    data: URLEncodedBody[Choice], parts: NamedDependency[Parts], request: Request[Any, Any, Any]
) -> Redirect:
    """Sign somebody in to the console."""
    known = is_uuid(data.staff)
    staff = await documents.get(parts.database, StaffDocument, data.staff) if known else None
    if staff is None:
        raise NotReadable("unknown_staff", "nobody by that id", field="staff")
    cookie = await console_session.create(
        parts.database, parts.settings, staff.id, parts.now(), instead_of=request
    )
    return Redirect(ours(data.back), cookies=[cookie], status_code=303)


def _by_name(connection: Connection) -> list[StaffDocument]:
    return sorted(documents.all_of(connection, StaffDocument), key=lambda one: one.name)


def _page(template: str, status: int = 200, **values: object) -> Response[str]:
    nonce = secrets.token_urlsafe(16)
    shown = _templates.get_template(template).render(**values, nonce=nonce)
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; {_OWN_FORMS}"
    headers = {"Content-Security-Policy": policy}
    return Response(shown, media_type=MediaType.HTML, status_code=status, headers=headers)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )
    texts = gettext.translation("rapp", _TEXTS, ["sv"], fallback=True)
    environment.install_gettext_translations(texts)  # type: ignore[attr-defined]
    return environment


_templates = _environment()
