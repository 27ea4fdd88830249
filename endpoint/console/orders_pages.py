"""The pages of Ordinationer: a unit's persons, a person's orders, one order, and its editor."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, get_args

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import asdict

from care.facts import Body, Ref
from care.order import OrderDocument, OrderPaused, OrderResumed, OrderStopped, PauseCause, Plan
from care.order_filled import fields_of
from care.order_form import FORMS, Fields, plan_of
from care.order_right import requirable
from care.order_state import ahead, as_if, not_over, state
from care.order_words import changes, rows, when
from care.rights import Act
from care.schedule import local
from care.staff import StaffDocument
from endpoint import documents, ordering
from endpoint.audit.log import seen
from endpoint.console import orders
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.orders import Whose
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.console.texts import texts
from endpoint.console.waiting import waiting
from endpoint.parts import Parts
from endpoint.statements import Statement, state_all

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
CAUSES: tuple[PauseCause, ...] = get_args(PauseCause)
WORDS_MOST = 500


@get("/orders")
async def order_units(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    units = reader.allowed(Act.UNIT_READ)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    found = await orders.of_unit(parts.database, chosen.id, reader.now)
    await seen(parts, reader, "orders", Act.UNIT_READ, {one.person.id: chosen.id for one in found})
    imports = bool(reader.units_for(Act.ORDER_PLACE))
    values = await _values(parts, reader)
    return page("orders.html", reader, found=found, units=units, unit=chosen, imports=imports, **values)


@get("/orders/person/{id:str}")
async def orders_of_person(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    whose = await orders.whose(parts.database, reader, id)
    return await _of_person(parts, reader, whose)


@post("/orders/person/{id:str}/pause", guards=[own_forms_only])
async def orders_pause(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    """Pause everything of a person that is the reader's to pause: hospital, växelvård."""
    whose = await orders.whose(parts.database, reader, id, placing=True)
    body = _pause(reader, await sent(request))
    if body is None:
        return await _of_person(parts, reader, whose, {"start": "order.fault.pause"})
    found = await _theirs(parts, reader, whose)
    await _say(parts, reader, [(one, body) for one in found if state(one, reader.now) == "active"])
    return to(f"/console/orders/person/{id}")


@post("/orders/person/{id:str}/resume", guards=[own_forms_only])
async def orders_resume(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """The person is back: every pause that holds now, or is to come, is over."""
    whose = await orders.whose(parts.database, reader, id, placing=True)
    said = [
        (one, OrderResumed(pause=pause.fact, at=reader.now))
        for one in await _theirs(parts, reader, whose)
        for pause in not_over(one, reader.now)
    ]
    await _say(parts, reader, said)
    return to(f"/console/orders/person/{id}")


@get("/orders/new")
async def order_new(parts: Here, reader: Me, person: FromQuery[str] = "") -> Response[Any]:
    whose = await orders.whose(parts.database, reader, person, placing=True)
    return await _form(parts, reader, whose, Fields(start=reader.day.isoformat()))


@post("/orders/new", guards=[own_forms_only])
async def order_place(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    given = await sent(request)
    whose = await orders.whose(parts.database, reader, given("person"), placing=True)
    return await _placed(parts, reader, whose, given, None)


@get("/orders/{id:str}")
async def order(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found, whose = await orders.opened(parts.database, reader, id)
    return await _shown(parts, reader, found, whose)


@get("/orders/{id:str}/change")
async def order_edit(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found, whose = await orders.opened(parts.database, reader, id, placing=True)
    assert found.plan is not None
    fields = fields_of(found.plan, when(found.plan, texts("sv")) if found.plan.slots else "")
    return await _form(parts, reader, whose, fields, found)


@post("/orders/{id:str}/change", guards=[own_forms_only])
async def order_change(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    found, whose = await orders.opened(parts.database, reader, id, placing=True)
    return await _placed(parts, reader, whose, await sent(request), found)


@post("/orders/{id:str}/pause", guards=[own_forms_only])
async def order_pause(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    found, whose = await orders.opened(parts.database, reader, id, placing=True)
    body = _pause(reader, await sent(request))
    if body is None:
        return await _shown(parts, reader, found, whose, {"start": "order.fault.pause"})
    await _say(parts, reader, [(found, body)])
    return to(f"/console/orders/{id}")


@post("/orders/{id:str}/resume", guards=[own_forms_only])
async def order_resume(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found, _ = await orders.opened(parts.database, reader, id, placing=True)
    over = [OrderResumed(pause=one.fact, at=reader.now) for one in not_over(found, reader.now)]
    await _say(parts, reader, [(found, body) for body in over])
    return to(f"/console/orders/{id}")


@post("/orders/{id:str}/stop", guards=[own_forms_only])
async def order_stop(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    """It plans nothing from now on. It is never taken up again: a new one is placed instead."""
    found, whose = await orders.opened(parts.database, reader, id, placing=True)
    reason = (await sent(request)).text("reason")[:WORDS_MOST]
    if not reason:
        return await _shown(parts, reader, found, whose, {"reason": "order.fault.reason"})
    if state(found, reader.now) != "stopped":
        await _say(parts, reader, [(found, OrderStopped(at=reader.now, reason=reason))])
    return to(f"/console/orders/{id}")


async def _placed(
    parts: Parts, reader: Reader, whose: Whose, given: Sent, found: OrderDocument | None
) -> Response[Any]:
    """Look at it first, then place it: the same form, with another button."""
    fields = _fields(given)
    plan, wrong = plan_of(fields, found.plan if found else None)
    if plan is not None and not orders.theirs(reader, whose.unit.id, plan):
        wrong = {"requires": "beyond"}
    if plan is None or wrong:
        faults = {field: f"order.fault.{why}" for field, why in wrong.items()}
        return await _form(parts, reader, whose, fields, found, faults)
    if given("do") != "place":
        return await _form(parts, reader, whose, fields, found, preview=True)
    words = given.text("what_changed")[:WORDS_MOST]
    if found is None:
        said = ordering.place(plan, whose.person.id, whose.unit.id, reader.now)
    else:
        said = ordering.change(found, plan, reader.now, words)
    assert isinstance(said, Statement)
    await state_all(parts.database, parts.keys, [said], reader.staff.id)
    return to(f"/console/orders/{said.aggregate.id}")


def _fields(given: Sent) -> Fields:
    values: dict[str, Any] = {}
    for name, empty in asdict(Fields()).items():
        values[name] = bool(given(name)) if isinstance(empty, bool) else given.text(name)
    return Fields(**values)


async def _theirs(parts: Parts, reader: Reader, whose: Whose) -> list[OrderDocument]:
    found = await documents.of_person(parts.database, OrderDocument, whose.person.id)
    return [one for one in found if one.plan and orders.theirs(reader, whose.unit.id, one.plan)]


def _as_if(reader: Reader, whose: Whose, found: OrderDocument | None, plan: Plan) -> OrderDocument:
    return as_if(found, plan, whose.person.id, whose.unit.id, reader.staff.id, reader.now)


def _pause(reader: Reader, given: Sent) -> OrderPaused | None:
    """From now, or from a moment; until one, or until somebody says so. None: it cannot be read."""
    start = _moment(given("start")) if given("start") else reader.now
    end = _moment(given("end")) if given("end") else None
    cause = next((one for one in CAUSES if one == given("cause")), None)
    if start is None or cause is None or (given("end") and (end is None or end <= start)):
        return None
    return OrderPaused(start=start, end=end, cause=cause, reason=given.text("reason")[:WORDS_MOST])


def _moment(text: str) -> datetime | None:
    """A local moment as a form writes it: 2026-03-14T08:00."""
    day, _, clock = text.partition("T")
    try:
        found = local(date.fromisoformat(day), clock)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


async def _say(parts: Parts, reader: Reader, said: Sequence[tuple[OrderDocument, Body]]) -> None:
    statements = [
        Statement(body, Ref("order", order.id), order.unit, order.person)
        for order, body in said
        if order.person
    ]
    await state_all(parts.database, parts.keys, statements, reader.staff.id)


async def _of_person(
    parts: Parts, reader: Reader, whose: Whose, faults: dict[str, str] | None = None
) -> Response[Any]:
    await _log(parts, reader, whose)
    found = await orders.of_person(parts.database, whose.person.id, reader.now)
    values = {"found": found, "when": when, "paused": any(row.state == "paused" for row in found)}
    status = 422 if faults else 200
    return page(
        "orders_person.html",
        reader,
        status,
        whose=whose,
        faults=faults or {},
        **values,
        **await _values(parts, reader),
    )


async def _shown(
    parts: Parts, reader: Reader, found: OrderDocument, whose: Whose, faults: dict[str, str] | None = None
) -> Response[Any]:
    await _log(parts, reader, whose)
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    assert found.plan is not None
    return page(
        "order.html",
        reader,
        422 if faults else 200,
        row=orders.row(found, staff, reader.now),
        whose=whose,
        rows=rows(found.plan, reader.t),
        told=orders.history(found, staff, reader),
        ahead=ahead(found, reader.now),
        mine=whose.places and orders.theirs(reader, whose.unit.id, found.plan),
        not_over=not_over(found, reader.now),
        faults=faults or {},
        **await _values(parts, reader),
    )


async def _form(
    parts: Parts,
    reader: Reader,
    whose: Whose,
    fields: Fields,
    found: OrderDocument | None = None,
    faults: dict[str, str] | None = None,
    preview: bool = False,
) -> Response[Any]:
    await _log(parts, reader, whose)
    earlier = found.plan if found else None
    plan = plan_of(fields, earlier)[0] if preview else None
    roles = reader.staff.roles_in(whose.unit.id, reader.day)
    return page(
        "order_form.html",
        reader,
        422 if faults else 200,
        whose=whose,
        order=found,
        fields=fields,
        faults=faults or {},
        plan=plan,
        ahead=ahead(_as_if(reader, whose, found, plan), reader.now) if plan else None,
        changed=changes(earlier, plan, reader.t) if plan and earlier else [],
        rows=rows(plan, reader.t) if plan and not earlier else [],
        form_options=[(one, reader.t(f"order.form.{one}")) for one in FORMS],
        require_options=[(task, reader.t(f"task.{task}")) for task in requirable(roles)],
        **await _values(parts, reader),
    )


async def _log(parts: Parts, reader: Reader, whose: Whose) -> None:
    act = Act.PERSON_BEYOND if whose.beyond else Act.UNIT_READ
    await seen(parts, reader, "orders", act, {whose.person.id: whose.unit.id})


async def _values(parts: Parts, reader: Reader) -> dict[str, Any]:
    return {
        "here": "orders",
        "counts": await waiting(parts.database, reader),
        "tones": orders.TONES,
        "causes": CAUSES,
    }


HANDLERS = [
    order_units,
    orders_of_person,
    orders_pause,
    orders_resume,
    order_new,
    order_place,
    order,
    order_edit,
    order_change,
    order_pause,
    order_resume,
    order_stop,
]
