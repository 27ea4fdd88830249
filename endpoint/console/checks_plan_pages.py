"""The pages on which the year of checks is planned."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from care.rights import Act
from endpoint.console import checks_plans as plans_
from endpoint.console.checks import ROLES, plans
from endpoint.console.checks_frame import frame
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]


@get("/checks/plans")
async def plan_list(parts: Here, reader: Me) -> Response[Any]:
    units = reader.allowed(Act.CHECK_PLAN)
    found = await plans(parts.database, {unit.id for unit in units})
    forms = await catalogue(parts.database, {unit.id for unit in reader.units})
    return page(
        "checks_plans.html",
        reader,
        here="checks",
        tab="plans",
        plans=[(one, plans_.may_change(reader, one)) for one in found],
        offers=await plans_.offers(parts.database, reader),
        forms=forms.current,
        every=lambda rule: _often(reader, rule),
        units={unit.id: unit for unit in reader.units},
        **await frame(parts, reader),
    )


@post("/checks/plans/adopt", guards=[own_forms_only])
async def adopt(parts: Here, reader: Me) -> Response[Any]:
    """Take over the proposed calendar."""
    reader.allowed(Act.CHECK_PLAN)
    await plans_.adopt(parts, reader)
    return to("/console/checks/plans")


@get("/checks/plans/new")
async def plan_new(parts: Here, reader: Me) -> Response[Any]:
    units = reader.allowed(Act.CHECK_PLAN)
    fields = plans_.Fields(
        units=tuple(unit.id for unit in units),
        first={unit.id: reader.day.isoformat() for unit in units},
        role=ROLES[1],
    )
    return await _plan_form(parts, reader, fields)


@post("/checks/plans/new", guards=[own_forms_only])
async def plan_make(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    return await _plan_save(parts, reader, request, None)


@get("/checks/plans/{id:str}")
async def plan_open(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    check = await plans_.mine(parts.database, reader, id)
    return await _plan_form(parts, reader, plans_.fields_from(check), check=check)


@post("/checks/plans/{id:str}", guards=[own_forms_only])
async def plan_change(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    return await _plan_save(parts, reader, request, id)


@post("/checks/plans/{id:str}/pause", guards=[own_forms_only])
async def plan_pause(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    await plans_.pause(parts, reader, await plans_.mine(parts.database, reader, id))
    return to(f"/console/checks/plans/{id}")


@post("/checks/plans/{id:str}/resume", guards=[own_forms_only])
async def plan_resume(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    await plans_.resume(parts, reader, await plans_.mine(parts.database, reader, id))
    return to(f"/console/checks/plans/{id}")


@get("/checks/plans/{id:str}/end")
async def plan_end_ask(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    check = await plans_.mine(parts.database, reader, id)
    return page("checks_plan_end.html", reader, here="checks", check=check, **await frame(parts, reader))


@post("/checks/plans/{id:str}/end", guards=[own_forms_only])
async def plan_end(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    await plans_.end(parts, reader, await plans_.mine(parts.database, reader, id))
    return to("/console/checks/plans")


def _often(reader: Reader, rule: str) -> str:
    months = plans_.months_of(rule)
    return reader.t(f"console.plans.every.{months}") if months in plans_.EVERY else rule


async def _plan_save(parts: Parts, reader: Reader, request: AnyRequest, id: str | None) -> Response[Any]:
    units = {unit.id: unit for unit in reader.allowed(Act.CHECK_PLAN)}
    check = await plans_.mine(parts.database, reader, id) if id else None
    fields = plans_.fields_of((await sent(request)).pairs)
    forms = await catalogue(parts.database, {unit.id for unit in reader.units})
    elsewhere = check.plan.page if check and check.plan else ""
    planned, wrong = plans_.read(fields, units, forms, reader.day, elsewhere)
    if planned is None:
        return await _plan_form(parts, reader, fields, wrong, check, 422)
    await plans_.plan(parts, reader, planned, id)
    return to("/console/checks/plans")


async def _plan_form(
    parts: Parts,
    reader: Reader,
    fields: plans_.Fields,
    wrong: dict[str, str] | None = None,
    check: Any = None,
    status: int = 200,
) -> Response[Any]:
    forms = await catalogue(parts.database, {unit.id for unit in reader.units})
    return page(
        "checks_plan.html",
        reader,
        status,
        here="checks",
        check=check,
        fields=fields,
        wrong=wrong or {},
        forms=forms.about_nobody,
        units=reader.allowed(Act.CHECK_PLAN),
        roles=ROLES,
        every=plans_.EVERY,
        sides=plans_.SIDES,
        **await frame(parts, reader),
    )


HANDLERS = [
    plan_list,
    adopt,
    plan_new,
    plan_make,
    plan_open,
    plan_change,
    plan_pause,
    plan_resume,
    plan_end_ask,
    plan_end,
]
