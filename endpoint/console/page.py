"""Drawing a page: templates, texts, icons, and the headers that keep everything foreign out."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.response import Redirect
from msgspec import Struct

from care.locking import lock_day
from care.rights import Act
from care.sbar import COMMON_ORDERS
from care.signing import entered_after, local_day
from care.tasks import TASKS
from endpoint.console import times
from endpoint.console.reader import Reader
from endpoint.console.sbar_trail import ordered
from endpoint.console.texts import texts

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
ASSETS = FOLDER.parents[1] / "assets"
FOLDERS = (STATIC, ASSETS / "fonts", ASSETS / "sounds")
"""Where our own files are that pages fetch."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Pages show health data: nothing is kept by the browser, nothing is fetched from elsewhere."""

_DIGEST = 20

Group = Literal["daily", "quality", "records", "system"]
"""Headings of the navigation. What is daily stays in view on a narrow window; the rest is folded away."""


class Place(Struct, frozen=True):
    """One entry of the navigation: offered to those with any of its acts in any unit."""

    name: str
    icon: str
    group: Group
    act: Act
    also: tuple[Act, ...] = ()
    at: str = ""
    """Where it is, when that is not its name."""

    @property
    def path(self) -> str:
        return f"/console/{self.at or self.name}"


PLACES = (
    Place("inbox", "inbox", "daily", Act.NURSE_INBOX_READ),
    Place("deviations", "flag", "daily", Act.DEVIATION_HANDLE, (Act.SAFETY_READ,)),
    Place("complaints", "reply", "daily", Act.COMPLAINT_HANDLE),
    Place("signing", "check", "daily", Act.UNIT_READ),
    Place(
        "watch",
        "clock",
        "daily",
        Act.NURSE_INBOX_READ,
        (Act.CHIEF_INBOX_READ, Act.MAS_READ, Act.SAS_READ, Act.MASTER_DATA),
    ),
    Place("persons", "person", "daily", Act.PERSON_BEYOND, (Act.PERSON_NURSE,)),
    Place("orders", "edit", "daily", Act.UNIT_READ),
    Place("narcotics", "lock", "daily", Act.UNIT_READ),
    Place("delegations", "seen", "daily", Act.DELEGATION_READ),
    Place("statistics", "chart", "quality", Act.DEVIATION_HANDLE, (Act.CARE_DAYS,), "deviations/figures"),
    Place("overview", "calendar", "quality", Act.UNIT_READ),
    Place("checks", "tasks", "quality", Act.CHECK_DO),
    Place("councils", "people", "quality", Act.COUNCIL_HOLD),
    Place("risks", "warning", "quality", Act.RISK_ANALYSE),
    Place("log_control", "seen", "quality", Act.LOG_REVIEW),
    Place("routines", "paper", "quality", Act.ROUTINE_READ),
    Place("forms", "tasks", "quality", Act.FORM_PUBLISH),
    Place("log", "eye", "records", Act.LOG_EXPORT),
    Place("keeping", "lock", "records", Act.RECORD_EXPORT, (Act.RECORD_ERASE,)),
    Place("staff", "people", "system", Act.MASTER_DATA),
    Place("units", "home", "system", Act.MASTER_DATA),
    Place("phones", "phone", "system", Act.PHONE_MANAGE),
)


def places(reader: Reader) -> list[Place]:
    """The pages that the reader has."""
    return [place for place in PLACES if any(reader.units_for(act) for act in (place.act, *place.also))]


def starts(reader: Reader) -> bool:
    """Whether they begin with what waits for them; whoever gives care begins with that."""
    return any(reader.units_for(act) for act in (Act.LOG_REVIEW, Act.MASTER_DATA))


def page(name: str, reader: Reader | None, status: int = 200, **values: Any) -> Response[str]:
    """A whole page, or a part of one, as an answer."""
    return Response(
        drawn(name, reader, **values), status_code=status, media_type="text/html", headers=HEADERS
    )


def drawn(name: str, reader: Reader | None, **values: Any) -> str:
    """The HTML of a template."""
    t = reader.t if reader else texts("sv")
    now = reader.now if reader else None
    said: dict[str, Callable[..., Any]] = {
        "clock": times.clock,
        "dated": lambda at: times.dated(at, t),
        "day": lambda on: times.day(on, t),
        "day_of": lambda at: times.short_day(at, t),
        "lock_day": lock_day,
        "local_day": local_day,
        "called": lambda task: t(f"task.{task}") if task in TASKS else task,
        "moment": lambda at: times.moment(at, now or at, t),
        "after": entered_after,
        "waited": lambda since: times.waited(since, now or since, t),
    }
    own: dict[str, Any] = {
        "reader": reader,
        "t": t,
        "now": now,
        "today": local_day(now) if now else None,
        "places": places(reader) if reader else [],
        "starts": reader is not None and starts(reader),
        "counts": {},
    }
    return _environment().get_template(name).render({**own, **said, **values})


def part(name: str, reader: Reader, seen: str, **values: Any) -> Response[str]:
    """A part that a page polls for: 304 as long as it would look the same."""
    html = drawn(name, reader, **values)
    if len(seen) == _DIGEST and seen in html:
        return Response("", status_code=304, headers=HEADERS, media_type="text/html")
    return Response(html, media_type="text/html", headers=HEADERS)


def to(path: str) -> Redirect:
    """On to another page of ours, with GET."""
    return Redirect(path, status_code=303, headers=HEADERS)


def digest(html: str) -> str:
    """What a page says in its next poll of what it shows now."""
    return hashlib.sha256(html.encode()).hexdigest()[:_DIGEST]


@cache
def asset(name: str) -> str:
    """The address of a file of ours; it changes when the file does."""
    path = next(folder / name for folder in FOLDERS if (folder / name).exists())
    return f"/console/static/{name}?{hashlib.sha256(path.read_bytes()).hexdigest()[:10]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(asset=asset, digest=digest, ordered=ordered, common_orders=COMMON_ORDERS)
    return environment
