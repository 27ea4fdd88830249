"""Loggkontroll: one tap draws a month, each row is judged, a protocol is signed."""

from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Struct
from sqlalchemy import Connection

from care.log_control import SIGNS
from care.rights import Act
from care.unit import UnitDocument
from endpoint.audit.log import seen
from endpoint.console import log_control_shown as shown
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.guard import own_forms_only
from endpoint.console.log_control_due import chiefs_units
from endpoint.console.page import HEADERS, page, to
from endpoint.console.reader import Reader
from endpoint.console.texts import Texts
from endpoint.console.waiting import waiting
from endpoint.log_control import control, drawing, due, investigating, judging, months
from endpoint.log_control import protocol as protocols
from endpoint.log_control.control import Control
from endpoint.log_control.errors import (
    AlreadyClosed,
    NoSuchControl,
    NotDone,
    NoteNeeded,
    OwnReading,
)
from endpoint.parts import Parts

Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
PATH = "/console/log_control"
_PLACE = "log_control"


class DrawForm(Struct):
    unit: str
    month: str


class ExtraForm(Struct):
    unit: str
    days: int = 30


class JudgeForm(Struct):
    decision: str = ""
    note: str = ""


class StepForm(Struct):
    step: str = ""
    outcome: str = ""
    note: str = ""


@get("/log_control")
async def log_control(parts: Here, reader: Me) -> Response[Any]:
    """What is to be done, what is being looked into, what has been done; for the MAS every unit."""
    units, own = _allowed(reader), chiefs_units(reader)
    oversees = reader.units_for(Act.LOG_OVERVIEW)

    def find(connection: Connection) -> dict[str, Any]:
        overview = due.begun(due.standings(connection, oversees or own, reader.now))
        rows = [(unit, [one for one in overview if one.unit is unit]) for unit in oversees or own]
        return {
            "reminders": due.reminders(connection, own, reader.now),
            "overview": rows,
            "months": list(dict.fromkeys(one.month for one in overview)),
            "cases": investigating.of_units(connection, [unit.id for unit in units]),
            "recent": control.recent(connection, [unit.id for unit in units]),
        }

    found = await parts.database.read(find)
    return page(
        "log_control.html",
        reader,
        here=_PLACE,
        units=units,
        names={unit.id: unit.name for unit in units},
        oversees=bool(oversees),
        days=drawing.EXTRA_DAYS,
        said_month=lambda name: said_month(name, reader.t),
        counts=await waiting(parts.database, reader),
        **found,
    )


@post("/log_control", guards=[own_forms_only])
async def draw(parts: Here, reader: Me, data: URLEncodedBody[DrawForm]) -> Response[Any]:
    """One tap: the month is drawn, and the first row stands there."""
    unit, month = _unit(reader, data.unit), months.first(data.month)
    if month is None or month not in months.before(reader.day, due.SHOWN):
        raise NoSuchPage(data.month)
    id = await parts.database.write(
        lambda connection: drawing.draw_month(connection, unit, month, reader.staff.id, reader.now)
    )
    return to(f"{PATH}/{id}")


@post("/log_control/extra", guards=[own_forms_only])
async def draw_extra(parts: Here, reader: Me, data: URLEncodedBody[ExtraForm]) -> Response[Any]:
    unit = _unit(reader, data.unit)
    if data.days not in drawing.EXTRA_DAYS:
        raise NoSuchPage(str(data.days))
    id = await parts.database.write(
        lambda connection: drawing.draw_extra(connection, unit, data.days, reader.staff.id, reader.now)
    )
    return to(f"{PATH}/{id}")


@get("/log_control/{id:str}")
async def review(parts: Here, reader: Me, id: FromPath[str], judged: FromQuery[int] = -1) -> Response[Any]:
    """Every row of a control, and what is left."""
    found, unit = await _control(parts, reader, id)
    rows = await _rows(parts, reader, found, unit)
    return await _page(
        parts,
        reader,
        "log_control_review.html",
        found,
        unit,
        rows=rows,
        explained=judging.explained(found, reader.staff.id) if not found.closed else [],
        left=judging.left(found, reader.staff.id),
        judged=judged,
    )


@get("/log_control/{id:str}/{number:int}")
async def row(
    parts: Here, reader: Me, id: FromPath[str], number: FromPath[int], did: FromQuery[int] = 0
) -> Response[Any]:
    return await _row(parts, reader, id, number, did)


@post("/log_control/{id:str}/{number:int}", status_code=200, guards=[own_forms_only])
async def judge(
    parts: Here, reader: Me, id: FromPath[str], number: FromPath[int], data: URLEncodedBody[JudgeForm]
) -> Response[Any]:
    """Judge one row, or take it back, and on to the next one."""
    await _control(parts, reader, id)
    by, now = reader.staff.id, reader.now
    if data.decision not in ("entitled", "investigate", "take_back"):
        raise NoSuchPage(data.decision)
    decision: control.Decision = "entitled" if data.decision == "entitled" else "investigate"
    try:
        if data.decision == "take_back":
            await _write(parts, lambda connection: judging.take_back(connection, id, number))
            return to(f"{PATH}/{id}/{number}")
        await _write(
            parts,
            lambda connection: judging.decide(connection, id, number, decision, data.note, by, now),
        )
    except NoteNeeded:
        return await _row(parts, reader, id, number, 0, fault=True)
    except AlreadyClosed:
        return to(f"{PATH}/{id}")
    found, _ = await _control(parts, reader, id)
    left = judging.left(found, by)
    following = next((one for one in left if one > number), left[0] if left else None)
    return to(f"{PATH}/{id}/{following}?did={number}" if following else f"{PATH}/{id}")


@post("/log_control/{id:str}/explained", guards=[own_forms_only])
async def judge_explained(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """Behörig for every row that care in the same hour explains; each is recorded by itself."""
    await _control(parts, reader, id)
    try:
        count = await _write(
            parts, lambda connection: judging.decide_explained(connection, id, reader.staff.id, reader.now)
        )
    except AlreadyClosed:
        return to(f"{PATH}/{id}")
    return to(f"{PATH}/{id}?judged={count}")


@get("/log_control/{id:str}/close")
async def closing(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """What happens when it is closed."""
    found, unit = await _control(parts, reader, id)
    left = judging.left(found, reader.staff.id)
    if found.closed or left:
        return to(f"{PATH}/{id}")
    return await _page(parts, reader, "log_control_close.html", found, unit)


@post("/log_control/{id:str}/close", guards=[own_forms_only])
async def close(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    await _control(parts, reader, id)
    try:
        await _write(
            parts, lambda connection: judging.close(connection, parts.keys, id, reader.staff, reader.now)
        )
    except (NotDone, AlreadyClosed):
        return to(f"{PATH}/{id}")
    return to(f"{PATH}/{id}/protocol")


@get("/log_control/{id:str}/protocol")
async def protocol(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """The protocol, to read and to print."""
    found, unit, told = await _protocol(parts, reader, id)
    return await _page(
        parts,
        reader,
        "log_control_protocol.html",
        found,
        unit,
        told=told,
        digest=protocols.fingerprint(found.protocol or b""),
    )


@get("/log_control/{id:str}/protocol/{form:str}")
async def protocol_file(parts: Here, reader: Me, id: FromPath[str], form: FromPath[str]) -> Response[Any]:
    """The protocol as a file: ``csv`` for a spreadsheet, ``json`` with its signature for checking."""
    found, _, told = await _protocol(parts, reader, id)
    if form == "csv":
        content = protocols.as_csv(told, lambda key: reader.t(f"console.log_control.{key}")).encode()
        kind = "text/csv; charset=utf-8"
    elif form == "json":
        content, kind = protocols.with_signature(found, parts.keys), "application/json"
    else:
        raise NoSuchPage(form)
    name = f"loggkontroll-{found.month or found.drawn.date().isoformat()}-{found.id[:8]}.{form}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


@get("/log_control/{id:str}/case/{number:int}")
async def case(parts: Here, reader: Me, id: FromPath[str], number: FromPath[int]) -> Response[Any]:
    return await _case(parts, reader, id, number, StepForm(), "")


@post("/log_control/{id:str}/case/{number:int}", status_code=200, guards=[own_forms_only])
async def step(
    parts: Here, reader: Me, id: FromPath[str], number: FromPath[int], data: URLEncodedBody[StepForm]
) -> Response[Any]:
    """Say what has been done with a row that needed investigation."""
    await _control(parts, reader, id)
    if data.step not in (*investigating.STEPS, "closed"):
        return await _case(parts, reader, id, number, data, "step")
    taken: Any = data.step
    try:
        await _write(
            parts,
            lambda connection: investigating.add(
                connection, id, number, taken, data.note, reader.staff.id, reader.now, data.outcome
            ),
        )
    except NoteNeeded:
        missing = "outcome" if taken == "closed" and data.outcome not in investigating.OUTCOMES else "note"
        return await _case(parts, reader, id, number, data, missing)
    except AlreadyClosed:
        pass
    return to(f"{PATH}/{id}/case/{number}")


def said_month(name: str | None, t: Texts) -> str:
    """oktober 2026."""
    first: date | None = months.first(name or "")
    return f"{t('date.months').split()[first.month - 1]} {first.year}" if first else ""


def _allowed(reader: Reader) -> list[UnitDocument]:
    units = reader.units_for(Act.LOG_REVIEW)
    if not units:
        raise NotYours(Act.LOG_REVIEW)
    return units


def _unit(reader: Reader, id: str) -> UnitDocument:
    found = next((unit for unit in _allowed(reader) if unit.id == id), None)
    if found is None:
        raise NotYours(id)
    return found


async def _control(parts: Parts, reader: Reader, id: str) -> tuple[Control, UnitDocument]:
    """A control of one of the reader's units. Raises NoSuchPage, also for those of others."""
    units = {unit.id: unit for unit in _allowed(reader)}
    try:
        found = await parts.database.read(lambda connection: control.get(connection, id))
    except NoSuchControl as error:
        raise NoSuchPage(id) from error
    if found.unit not in units:
        raise NoSuchPage(id)
    return found, units[found.unit]


async def _protocol(
    parts: Parts, reader: Reader, id: str
) -> tuple[Control, UnitDocument, protocols.Protocol]:
    found, unit = await _control(parts, reader, id)
    if found.protocol is None:
        raise NoSuchPage(id)
    return found, unit, protocols.read(found.protocol)


async def _rows(
    parts: Parts, reader: Reader, found: Control, unit: UnitDocument, only: int | None = None
) -> list[shown.Shown]:
    """The rows with their names; that they are shown is logged as any other reading."""
    rows = await parts.database.read(lambda connection: shown.rows(connection, found, reader, unit))
    if only is not None:
        rows = [one for one in rows if one.number == only]
    persons = {one.person.id: unit.id for one in rows if one.person}
    await seen(parts, reader, _PLACE, Act.LOG_REVIEW, persons)
    return rows


async def _row(
    parts: Parts, reader: Reader, id: str, number: int, did: int, fault: bool = False
) -> Response[Any]:
    found, unit = await _control(parts, reader, id)
    rows = await _rows(parts, reader, found, unit, number)
    if not rows:
        raise NoSuchPage(f"{id}/{number}")
    before = found.row(did) if 1 <= did <= len(found.rows) and did != number else None
    return await _page(
        parts,
        reader,
        "log_control_row.html",
        found,
        unit,
        one=rows[0],
        before=before if before and before.decision else None,
        fault=fault,
        left=judging.left(found, reader.staff.id),
        most=judging.NOTE_MOST,
    )


async def _case(
    parts: Parts, reader: Reader, id: str, number: int, form: StepForm, missing: str
) -> Response[Any]:
    found, unit = await _control(parts, reader, id)
    try:
        one = await parts.database.read(lambda connection: investigating.one(connection, id, number))
    except NoSuchControl as error:
        raise NoSuchPage(f"{id}/{number}") from error
    if not one.steps:
        raise NoSuchPage(f"{id}/{number}")
    rows = await _rows(parts, reader, found, unit, number)
    names = await parts.database.read(
        lambda connection: shown.names(connection, {taken.by for taken in one.steps})
    )
    return await _page(
        parts,
        reader,
        "log_control_case.html",
        found,
        unit,
        case=one,
        one=rows[0],
        names=names,
        form=form,
        missing=missing,
        steps=investigating.STEPS,
        outcomes=investigating.OUTCOMES,
        most=investigating.NOTE_MOST,
    )


async def _page(
    parts: Parts, reader: Reader, name: str, found: Control, unit: UnitDocument, **values: Any
) -> Response[Any]:
    return page(
        name,
        reader,
        here=_PLACE,
        control=found,
        unit=unit,
        period=said_month(found.month, reader.t) or reader.t("console.log_control.extra.name"),
        signs=SIGNS,
        counts=await waiting(parts.database, reader),
        **values,
    )


async def _write(parts: Parts, work: Any) -> Any:
    """Change a control. What is not there any more, or is nobody's to judge, is told as any other refusal."""
    try:
        return await parts.database.write(work)
    except OwnReading as error:
        raise NotYours(str(error)) from error
    except NoSuchControl as error:
        raise NoSuchPage(str(error)) from error


HANDLERS = [
    log_control,
    draw,
    draw_extra,
    review,
    row,
    judge,
    judge_explained,
    closing,
    close,
    protocol,
    protocol_file,
    case,
    step,
]
