"""Telefoner: how they are, enrolling one, and closing, losing, finding and moving them."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import segno
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.rights import Act
from endpoint import devices, standing
from endpoint.console import phones_read
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import page, to
from endpoint.console.phones_read import STATES, Phone
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.parts import Parts
from wire.anchors import fingerprint

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
_NAME_MOST = 80
_POSSIBLE = {
    "close": ("open", "silent", "moving"),
    "lose": ("open", "silent", "moving", "closing"),
    "reopen": ("closing", "lost"),
    "move": ("open", "silent", "moving"),
    "key": ("open", "silent"),
}
"""What can be decided of a phone in which state."""
_PATHS = [f"/phones/{{device:str}}/{what}" for what in _POSSIBLE]


@get("/phones")
async def phones(
    parts: Here, reader: Me, unit: FromQuery[str] = "", how: FromQuery[str] = ""
) -> Response[Any]:
    return await _list(parts, reader, unit, how)


@post("/phones/codes", status_code=200, guards=[own_forms_only])
async def code_made(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """A code, shown this once: it is the answer, and stands in no address."""
    given = await sent(request)
    unit, name = given("unit"), given("name")
    units = {one.id: one for one in reader.allowed(Act.PHONE_MANAGE)}
    faults = {} if unit in units else {"unit": "phones.fault.unit"}
    if not 0 < len(name) <= _NAME_MOST:
        faults["name"] = "phones.fault.name"
    if faults:
        return await _list(parts, reader, "", "", faults, unit, name)
    if not reader.may(Act.PHONE_MANAGE, unit):
        raise NotYours(unit)
    code = await parts.database.write(lambda connection: devices.new_code(connection, unit, name, reader.now))
    key = fingerprint(parts.keys.sign_public)
    link = f"{parts.settings.base_url}/console/enrol?key={key}#{code}/{quote(name)}"
    drawn = segno.make(link, error="m").svg_inline(scale=6, border=4, svgclass="qr", omitsize=True)
    until = reader.now + devices.CODE_LASTS
    values: dict[str, Any] = {
        "code": code,
        "link": link,
        "qr": drawn,
        "unit": units[unit],
        "called": name,
        "until": until,
    }
    return page("phones_code.html", reader, here="phones", **values)


@post("/phones/codes/{code:str}/revoke", guards=[own_forms_only])
async def code_revoked(parts: Here, reader: Me, code: FromPath[str]) -> Response[Any]:
    mine = await parts.database.read(lambda connection: phones_read.codes(connection, reader))
    if code not in {one.id for one in mine}:
        raise NoSuchPage(code)
    await parts.database.write(lambda connection: devices.revoke_code(connection, code, reader.now))
    return to("/console/phones")


@get("/phones/{device:str}")
async def phone(parts: Here, reader: Me, device: FromPath[str]) -> Response[Any]:
    found = await _phone(parts, reader, device)
    events = await parts.database.read(lambda connection: phones_read.events(connection, device))
    possible = [what for what, states in _POSSIBLE.items() if found.state in states]
    values: dict[str, Any] = {
        "phone": found,
        "events": events,
        "possible": possible,
        "anchors": parts.settings.anchors.name,
    }
    return page("phone.html", reader, here="phones", **values)


@get("/phones/{device:str}/report")
async def phone_report(parts: Here, reader: Me, device: FromPath[str]) -> Response[Any]:
    """What a lost phone held, to print for the report of the incident."""
    found = await _phone(parts, reader, device)
    events, persons = await parts.database.read(
        lambda connection: (
            phones_read.events(connection, device),
            phones_read.recipients(connection, found.unit.id),
        )
    )
    values: dict[str, Any] = {"phone": found, "events": events, "persons": persons}
    return page("phone_report.html", reader, here="phones", **values)


@get(_PATHS, guards=[just_signed_in])
async def asked(parts: Here, reader: Me, request: AnyRequest, device: FromPath[str]) -> Response[Any]:
    """What happens if it is done, before it is."""
    return _asked(reader, await _phone(parts, reader, device), _what(request))


@post(_PATHS, guards=[own_forms_only, just_signed_in])
async def decided(parts: Here, reader: Me, request: AnyRequest, device: FromPath[str]) -> Response[Any]:
    found, what, given = await _phone(parts, reader, device), _what(request), await sent(request)
    if found.state not in _POSSIBLE[what]:
        # Somebody else, or the phone itself, was there first: its page says how it is now.
        return to(f"/console/phones/{device}")
    unit = given("unit")
    if what == "move" and unit not in {one.id for one in reader.allowed(Act.PHONE_MANAGE)}:
        return _asked(reader, found, what, {"unit": "phones.fault.unit"})
    now, by = reader.now, reader.staff.id
    woken = await parts.database.write(
        lambda connection: _decide(connection, parts, what, device, unit, by, now)
    )
    parts.database.wake.up(woken)
    return to(f"/console/phones/{device}")


@get("/enrol")
async def enrol_page() -> Response[Any]:
    """Where the link in a QR code leads, for whoever has no app open: what to do with it."""
    return page("phones_enrol.html", None, here="")


def _decide(
    connection: Any, parts: Parts, what: str, device: str, unit: str, by: str, now: datetime
) -> frozenset[str]:
    match what:
        case "close":
            woken = standing.close(connection, device, by, now)
        case "lose":
            woken = standing.lose(connection, parts.keys, device, by, now)
        case "reopen":
            woken = standing.reopen(connection, device, by, now)
        case "move":
            woken = standing.move(connection, device, unit, by, now)
        case _:
            woken = standing.renew_key(connection, device, by, now)
    standing.announced(connection, woken)
    return woken


def _asked(reader: Reader, found: Phone, what: str, faults: dict[str, str] | None = None) -> Response[Any]:
    possible = found.state in _POSSIBLE[what]
    units = [(one.id, one.name) for one in reader.allowed(Act.PHONE_MANAGE)]
    values: dict[str, Any] = {
        "phone": found,
        "what": what,
        "possible": possible,
        "units": units,
        "faults": faults or {},
    }
    return page("phone_asked.html", reader, here="phones", **values)


def _what(request: AnyRequest) -> str:
    return request.url.path.rstrip("/").rpartition("/")[2]


async def _phone(parts: Parts, reader: Reader, device: str) -> Phone:
    reader.allowed(Act.PHONE_MANAGE)
    if "\0" in device:
        raise NoSuchPage(device)
    found = await parts.database.read(lambda connection: phones_read.phones(connection, reader, device))
    if not found:
        raise NoSuchPage(device)
    return found[0]


async def _list(
    parts: Parts,
    reader: Reader,
    unit: str,
    state: str,
    faults: dict[str, str] | None = None,
    typed_unit: str = "",
    typed_name: str = "",
) -> Response[Any]:
    units = reader.allowed(Act.PHONE_MANAGE)
    every, codes = await parts.database.read(
        lambda connection: (phones_read.phones(connection, reader), phones_read.codes(connection, reader))
    )
    chosen = unit if unit in {one.id for one in units} else ""
    wanted = state if state in STATES else ""
    # Closed ones are history: shown when they are asked for, or when one is not.
    shown = [
        one
        for one in every
        if (not chosen or one.unit.id == chosen)
        and (one.state == wanted if wanted else one.state != "closed" or one.lately_back)
    ]
    return page(
        "phones.html",
        reader,
        200 if not faults else 422,
        here="phones",
        phones=shown,
        any_at_all=bool(every),
        units=[(one.id, one.name) for one in units],
        unit=chosen,
        state=wanted,
        states=STATES,
        codes=codes,
        faults=faults or {},
        typed_unit=typed_unit,
        typed_name=typed_name,
    )


HANDLERS = [
    phones,
    code_made,
    code_revoked,
    phone,
    phone_report,
    asked,
    decided,
    enrol_page,
]
