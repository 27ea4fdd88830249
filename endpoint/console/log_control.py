"""Loggkontroll: what is to be done, and drawing it with one tap."""

from typing import Any

from litestar import Response, get, post
from litestar.params import URLEncodedBody
from msgspec import Struct
from sqlalchemy import Connection

from care.rights import Act
from endpoint.console import log_control_cases, log_control_judging, log_control_protocol
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.log_control_due import chiefs_units
from endpoint.console.log_control_open import PATH, PLACE, Here, Me, said_month, unit_of
from endpoint.console.page import page, to
from endpoint.console.waiting import waiting
from endpoint.log_control import control, drawing, due, investigating, months


class DrawForm(Struct):
    unit: str
    month: str


class ExtraForm(Struct):
    unit: str
    days: int = 30


@get("/log_control")
async def log_control(parts: Here, reader: Me) -> Response[Any]:
    """What is to be done, what is being looked into, what has been done; for the MAS every unit."""
    units, own = reader.allowed(Act.LOG_REVIEW), chiefs_units(reader)
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
        here=PLACE,
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
    unit, month = unit_of(reader, data.unit), months.first(data.month)
    if month is None or month not in months.over(reader.now, due.SHOWN):
        raise NoSuchPage(data.month)
    there = await parts.database.read(lambda connection: control.of_month(connection, unit.id, data.month))
    if there:
        return to(f"{PATH}/{there}")
    drawn = await parts.database.read(
        lambda connection: drawing.draw_month(connection, unit, month, reader.staff.id, reader.now)
    )
    return to(f"{PATH}/{await parts.database.write(lambda connection: drawing.keep(connection, drawn))}")


@post("/log_control/extra", guards=[own_forms_only])
async def draw_extra(parts: Here, reader: Me, data: URLEncodedBody[ExtraForm]) -> Response[Any]:
    unit = unit_of(reader, data.unit)
    if data.days not in drawing.EXTRA_DAYS:
        raise NoSuchPage(str(data.days))
    drawn = await parts.database.read(
        lambda connection: drawing.draw_extra(connection, unit, data.days, reader.staff.id, reader.now)
    )
    return to(f"{PATH}/{await parts.database.write(lambda connection: drawing.keep(connection, drawn))}")


HANDLERS = [
    log_control,
    draw,
    draw_extra,
    *log_control_judging.HANDLERS,
    *log_control_protocol.HANDLERS,
    *log_control_cases.HANDLERS,
]
