"""Loggutdrag: who has seen a record, on the person's request. Making one is itself in the log."""

from datetime import date, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Struct

from care.person import PersonDocument
from care.rights import Act
from care.schedule import STOCKHOLM
from care.unit import UnitDocument
from endpoint import documents
from endpoint.audit import extract
from endpoint.audit.log import seen
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import just_signed_in, own_forms_only
from endpoint.console.page import HEADERS, page
from endpoint.console.reader import Reader
from endpoint.parts import Parts
from endpoint.persons.finding import LEAST, MOST, among

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
USUALLY = timedelta(days=365)


class SearchForm(Struct):
    words: str = ""


class Period(Struct, frozen=True):
    """From and to and including a day. ``faults``: texts by field; then both ends are the usual ones."""

    since: date
    until: date
    typed: dict[str, str]
    faults: dict[str, str]

    @property
    def start(self) -> datetime:
        return _midnight(self.since)

    @property
    def end(self) -> datetime:
        return _midnight(self.until + timedelta(days=1))


@get("/log", guards=[just_signed_in])
async def log(reader: Me) -> Response[Any]:
    reader.allowed(Act.LOG_EXPORT)
    return page("log.html", reader, here="log", search=None, least=LEAST, most=MOST)


@post("/log", status_code=200, guards=[own_forms_only, just_signed_in])
async def log_found(parts: Here, reader: Me, data: URLEncodedBody[SearchForm]) -> Response[Any]:
    """By POST: a name or a personnummer has no business in an address that the browser remembers."""
    search = await among(parts.database, reader.allowed(Act.LOG_EXPORT), data.words[:100])
    listed = {one.person.id: one.unit.id for one in search.found}
    await seen(parts, reader, "persons", Act.LOG_EXPORT, listed)
    return page("log.html", reader, here="log", search=search, least=LEAST, most=MOST)


@get("/log/{id:str}", guards=[just_signed_in])
async def log_person(
    parts: Here, reader: Me, id: FromPath[str], since: FromQuery[str] = "", until: FromQuery[str] = ""
) -> Response[Any]:
    person, unit = await _person(parts, reader, id)
    chosen = _period(reader.day, since, until)
    found = await _lines(parts, reader, person, unit, chosen)
    return page(
        "log_person.html",
        reader,
        400 if chosen.faults else 200,
        here="log",
        person=person,
        unit=unit,
        period=chosen,
        lines=found,
        names=parts.settings.log_names,
    )


@get("/log/{id:str}/file", guards=[just_signed_in])
async def log_file(
    parts: Here, reader: Me, id: FromPath[str], since: FromQuery[str] = "", until: FromQuery[str] = ""
) -> Response[Any]:
    person, unit = await _person(parts, reader, id)
    chosen = _period(reader.day, since, until)
    if chosen.faults:
        raise NoSuchPage(id)
    data = extract.file(await _lines(parts, reader, person, unit, chosen), reader.t)
    # No name in the file's own: it lies among others in a folder.
    named = f"{reader.t('log.file')}-{chosen.since}-{chosen.until}.csv"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{named}"'}
    return Response(data, media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(
    parts: Parts, reader: Reader, person: PersonDocument, unit: UnitDocument, chosen: Period
) -> list[extract.Line]:
    """The extract, logged before it is made."""
    if chosen.faults:
        return []
    await seen(parts, reader, "log", Act.LOG_EXPORT, {person.id: unit.id}, "export")
    units = {one.id: one.name for one in reader.units if one.provider == unit.provider}
    names, t = parts.settings.log_names, reader.t
    return await parts.database.read(
        lambda connection: extract.lines(connection, person, units, chosen.start, chosen.end, names, t)
    )


async def _person(parts: Parts, reader: Reader, id: str) -> tuple[PersonDocument, UnitDocument]:
    units = {one.id: one for one in reader.allowed(Act.LOG_EXPORT)}
    person = await documents.get(parts.database, PersonDocument, id)
    if person is None or person.unit not in units:
        # Which persons there are elsewhere is not told either.
        raise NoSuchPage(id)
    return person, units[person.unit]


def _period(today: date, since: str, until: str) -> Period:
    typed = {"since": since or (today - USUALLY).isoformat(), "until": until or today.isoformat()}
    faults: dict[str, str] = {}
    days: dict[str, date] = {}
    for name, text in typed.items():
        try:
            days[name] = date.fromisoformat(text.strip())
        except ValueError:
            faults[name] = "log.fault.date"
        else:
            if not date(2000, 1, 1) <= days[name] < date(2200, 1, 1):
                faults[name] = "log.fault.date"
    if not faults and days["since"] > days["until"]:
        faults["since"] = "log.fault.order"
    if faults:
        return Period(today - USUALLY, today, typed, faults)
    return Period(days["since"], days["until"], typed, faults)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM)


HANDLERS = (log, log_found, log_person, log_file)
