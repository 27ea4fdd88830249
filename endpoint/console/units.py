"""Enheter: what they are called, whom their phones call at which hour, and what is set for them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct
from msgspec.structs import replace

from care.schedule import STOCKHOLM
from care.staff import StaffDocument
from care.unit import OnCall, UnitDocument, UnitSet
from endpoint.console import unit_form
from endpoint.console.administering import Turn, base, decide, providers, roster_of
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.oncall import Strip, strip
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.console.told import call_told, role_told, told
from endpoint.console.unit_form import KINDS, LIMITS, MODES, TABLES, Row, UnitForm
from endpoint.parts import Parts
from endpoint.people import changes
from endpoint.people.differences import RISKY_UNIT, of_unit
from endpoint.people.history import of_a_unit
from endpoint.people.roster import Roster

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


class Table(Struct, frozen=True):
    """One on-call table on a page."""

    name: str
    calls: list[str]
    strip: Strip
    now: OnCall | None


@get("/units")
async def units(parts: Here, reader: Me) -> Response[Any]:
    roster = await roster_of(parts, reader)
    found = [(unit, _tables(unit, reader)[0]) for unit in roster.units.values()]
    return page("units.html", reader, here="units", units=found)


@get("/units/new")
async def unit_new(reader: Me) -> Response[Any]:
    mine = providers(reader)
    form = unit_form.of_unit(_nothing(mine), "")
    return _form(reader, form, None)


@post("/units/new", guards=[own_forms_only])
async def unit_made(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    given, mine = await sent(request), providers(reader)
    form = unit_form.read(given)
    before = _nothing(mine, form.provider)
    after = None if _adds_row(given, form) else unit_form.checked(form, before)
    if after is None:
        return _form(reader, form, None)
    made = changes.new_id()

    def make(turn: Turn) -> bool:
        if not _free_name(turn.roster, after.name, None):
            return False
        turn.say([changes.unit_statement(turn.roster, made, after, mine)])
        return True

    if not await decide(parts, reader, make):
        form.faults["name"] = "units.fault.name_taken"
        return _form(reader, form, None)
    return to(f"/console/units/{made}")


@get("/units/{id:str}")
async def unit(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    roster = await roster_of(parts, reader)
    found = _unit(roster, id)
    use = await parts.database.read(lambda connection: changes.in_use(connection, roster, found))
    return page(
        "unit.html", reader, here="units", unit=found, tables=_tables(found, reader), use=use, limits=LIMITS
    )


@get("/units/{id:str}/edit")
async def unit_edit(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found = _unit(await roster_of(parts, reader), id)
    return _form(reader, unit_form.of_unit(found.as_set, base(found.as_set)), found)


@post("/units/{id:str}/edit", guards=[own_forms_only])
async def unit_changed(parts: Here, reader: Me, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    """Save; what the phones dial is shown once more before it is."""
    given = await sent(request)
    roster = await roster_of(parts, reader)
    found = _unit(roster, id)
    form = unit_form.read(given)
    more = _adds_row(given, form) or given("act") == "change"
    after = None if more else unit_form.checked(form, found.as_set)
    if after is None:
        return _form(reader, form, found)
    if not _free_name(roster, after.name, id):
        form.faults["name"] = "units.fault.name_taken"
        return _form(reader, form, found)
    risky = [one for one in of_unit(found.as_set, after) if one.field in RISKY_UNIT]
    if risky and given("act") != "confirm":
        return page(
            "review.html",
            reader,
            here="units",
            title=found.name,
            why="units.review.why",
            changes=told(of_unit(found.as_set, after), roster, reader.t),
            hidden=given.hidden,
            action=f"/console/units/{id}/edit",
        )

    def change(turn: Turn) -> bool:
        if base(_unit(turn.roster, id).as_set) != form.base:
            return False
        if after != found.as_set:
            turn.say([changes.unit_statement(turn.roster, id, after, providers(reader))])
        return True

    if not await decide(parts, reader, change):
        form.faults["base"] = "people.fault.changed"
        form.base = base(found.as_set)
        return _form(reader, form, found)
    return to(f"/console/units/{id}")


@post("/units/{id:str}/closed", guards=[own_forms_only])
async def unit_closed(parts: Here, reader: Me, id: FromPath[str], request: AnyRequest) -> Response[Any]:
    """Close a unit that nobody is in any more, or open it again."""
    given = await sent(request)

    def close(turn: Turn) -> None:
        found = _unit(turn.roster, id)
        closing = bool(given("closed"))
        if closing == found.closed or (closing and changes.in_use(turn.connection, turn.roster, found)):
            return
        after = replace(found.as_set, closed=closing)
        turn.say([changes.unit_statement(turn.roster, id, after, providers(reader))])

    await decide(parts, reader, close)
    return to(f"/console/units/{id}")


@get("/units/{id:str}/history")
async def unit_history(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    roster = await roster_of(parts, reader)
    found = _unit(roster, id)
    past = await of_a_unit(parts.database, roster, id)
    shown = [(one, told(one.changes, roster, reader.t)) for one in past]
    return page(
        "history.html", reader, here="units", title=found.name, back=f"/console/units/{id}", past=shown
    )


@get("/units/{id:str}/staff")
async def unit_staff(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """Those who work in a unit, on one paper."""
    roster = await roster_of(parts, reader)
    found = _unit(roster, id)
    rows = [(one, lines) for one in roster.staff if (lines := _roles_there(one, id, roster, reader))]
    return page("unit_staff.html", reader, here="units", unit=found, rows=rows)


def _roles_there(staff: StaffDocument, unit: str, roster: Roster, reader: Reader) -> list[str]:
    return [role_told(role, roster, reader.t) for role in roster.current(staff) if role.unit == unit]


def _tables(unit: UnitDocument, reader: Reader) -> list[Table]:
    return [
        Table(
            name,
            [call_told(call, reader.t) for call in calls],
            strip(calls, _local(reader)),
            unit.on_call(_local(reader)) if name == "nurse" else None,
        )
        for name, calls in (("nurse", unit.nurse), ("fallback", unit.fallback))
    ]


def _local(reader: Reader) -> str:
    return f"{reader.now.astimezone(STOCKHOLM):%H:%M}"


def _unit(roster: Roster, id: str) -> UnitDocument:
    found = roster.units.get(id)
    if found is None:
        raise NoSuchPage(id)
    return found


def _nothing(mine: dict[str, str], provider: str = "") -> UnitSet:
    """A unit that is yet to be, of one of the reader's own vårdgivare."""
    own = provider if provider in mine else next(iter(mine))
    return UnitSet(name="", kind="residential", provider=own, provider_name=mine[own])


def _free_name(roster: Roster, name: str, id: str | None) -> bool:
    """Units are found by their names in imports: two of the same name would be one too many."""
    return all(unit.name.casefold() != name.casefold() or unit.id == id for unit in roster.open_units)


def _adds_row(given: Sent, form: UnitForm) -> bool:
    """Whether the button that adds a line to a table was pressed: the form comes back with one more."""
    table = given("act").removeprefix("add-")
    if table not in TABLES or not given("act").startswith("add-"):
        return False
    getattr(form, table).append(Row())
    return True


def _form(reader: Reader, form: UnitForm, unit: UnitDocument | None) -> Response[Any]:
    for table in TABLES:
        rows: list[Row] = getattr(form, table)
        if not rows or not rows[-1].blank:
            rows.append(Row())
    strips = {table: strip(unit_form.typed_calls(form, table), _local(reader)) for table in TABLES}
    return page(
        "unit_form.html",
        reader,
        400 if form.faults else 200,
        here="units",
        form=form,
        unit=unit,
        kinds=KINDS,
        modes=MODES,
        limits=LIMITS,
        tables=TABLES,
        strips=strips,
        providers=providers(reader),
    )


HANDLERS = [
    units,
    unit_new,
    unit_made,
    unit,
    unit_edit,
    unit_changed,
    unit_closed,
    unit_history,
    unit_staff,
]
