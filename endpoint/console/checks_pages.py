"""The pages of Egenkontroll."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.rights import Act
from endpoint.console import checks_doing as doing_
from endpoint.console import checks_plans as plans_
from endpoint.console.checks import ROLES, TONES, mine, overview, path_of, plans, tasks, year_of
from endpoint.console.checks_figures import as_csv, figured, rows
from endpoint.console.errors import NoSuchPage, NotYours
from endpoint.console.forms.catalogue import catalogue
from endpoint.console.forms.sheet import Sheet, read, sheet
from endpoint.console.forms.typed import Typed, names
from endpoint.console.guard import own_forms_only
from endpoint.console.page import HEADERS, page, to
from endpoint.console.reader import Reader
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
_BACK, _AHEAD = 10, 1
"""Years that can be looked at, before and after this one."""


@get("/checks")
async def unit_year(
    parts: Here,
    reader: Me,
    unit: FromQuery[str] = "",
    year: FromQuery[int] = 0,
    everybody: FromQuery[bool] = False,
) -> Response[Any]:
    """What waits, and one unit's year."""
    units = _allowed(reader, Act.CHECK_DO)
    chosen = next((one for one in units if one.id == unit), None if unit else units[0])
    if chosen is None:
        raise NoSuchPage(unit)
    shown = _year(reader, year)
    waits = await (tasks if everybody else mine)(parts.database, reader)
    return page(
        "checks.html",
        reader,
        here="checks",
        tab="year",
        units=units,
        unit=chosen,
        year=shown,
        years=_years(reader, shown),
        rows=await year_of(parts.database, reader, chosen, shown),
        waits=waits,
        everybody=everybody,
        **await _values(parts, reader),
    )


@get("/checks/overview")
async def overview_(parts: Here, reader: Me, year: FromQuery[int] = 0) -> Response[Any]:
    """Units and checks: who has done theirs."""
    units = _allowed(reader, Act.CHECK_OVERVIEW)
    shown = _year(reader, year)
    return page(
        "checks_overview.html",
        reader,
        here="checks",
        tab="overview",
        units=units,
        year=shown,
        years=_years(reader, shown),
        table=await overview(parts.database, reader, units, shown),
        **await _values(parts, reader),
    )


@get("/checks/figures")
async def figures_(parts: Here, reader: Me, year: FromQuery[int] = 0) -> Response[Any]:
    """What goes into the patientsäkerhetsberättelse."""
    units = _allowed(reader, Act.CHECK_OVERVIEW)
    shown = _year(reader, year)
    found = await figured(parts.database, reader, units, shown)
    return page(
        "checks_figures.html",
        reader,
        here="checks",
        tab="figures",
        year=shown,
        years=_years(reader, shown),
        found=[(one, rows(one, reader.t)) for one in found],
        **await _values(parts, reader),
    )


@get("/checks/figures.csv")
async def figures_csv(parts: Here, reader: Me, year: FromQuery[int] = 0) -> Response[bytes]:
    units = _allowed(reader, Act.CHECK_OVERVIEW)
    shown = _year(reader, year)
    found = await figured(parts.database, reader, units, shown)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="egenkontroll-{shown}.csv"'}
    return Response(as_csv(found, shown, reader.t), media_type="text/csv; charset=utf-8", headers=headers)


@get("/checks/results/{plan:str}/{unit:str}/{day:str}")
async def do(
    parts: Here,
    reader: Me,
    plan: FromPath[str],
    unit: FromPath[str],
    day: FromPath[str],
    correct: FromQuery[bool] = False,
) -> Response[Any]:
    """The form of one check; its result once it has been done."""
    doing = await doing_.opened(parts, reader, plan, unit, day)
    done = doing.result is not None and bool(doing.result.given)
    if done and not correct:
        return page(
            "checks_result.html",
            reader,
            here="checks",
            doing=doing,
            shown=await doing_.shown(parts.database, doing),
            before=await doing_.before(parts.database, reader, doing),
            **await _values(parts, reader),
        )
    draft = await doing_.begun(parts, reader, doing)
    typed = draft.typed if draft else doing_.answered_typed(doing)
    drawn = sheet(doing.form, typed, reader.t.language)
    return await _form(parts, reader, doing, drawn, kept=draft.saved if draft else None)


@post("/checks/results/{plan:str}/{unit:str}/{day:str}", guards=[own_forms_only])
async def sign(
    parts: Here, reader: Me, request: AnyRequest, plan: FromPath[str], unit: FromPath[str], day: FromPath[str]
) -> Response[Any]:
    doing = await doing_.opened(parts, reader, plan, unit, day)
    typed, seen, sent = await _typed(request, doing)
    wrong = await doing_.sign(parts, reader, doing, typed, seen, dict(sent).get("reason", ""))
    if wrong is None:
        return to(doing.path)
    return await _form(
        parts, reader, doing, wrong, status=422, kept=reader.now, reason=dict(sent).get("reason", "")
    )


@post("/checks/results/{plan:str}/{unit:str}/{day:str}/draft", guards=[own_forms_only])
async def draft(
    parts: Here, reader: Me, request: AnyRequest, plan: FromPath[str], unit: FromPath[str], day: FromPath[str]
) -> Response[Any]:
    """Keep what has been typed. With scripts it comes at each change, and questions come and go."""
    doing = await doing_.opened(parts, reader, plan, unit, day)
    typed, seen, _ = await _typed(request, doing)
    await doing_.keep(parts, reader, doing, typed)
    if request.headers.get("hx-request") != "true":
        return to("/console/checks?unit=" + doing.unit.id)
    drawn = sheet(doing.form, typed, reader.t.language)
    changed = [item for item in drawn.steered() if (item.link_id in drawn.shown) != (item.link_id in seen)]
    return page("checks_kept.html", reader, sheet=drawn, changed=changed, kept=reader.now)


@get("/checks/plans")
async def plan_list(parts: Here, reader: Me) -> Response[Any]:
    units = _allowed(reader, Act.CHECK_PLAN)
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
        **await _values(parts, reader),
    )


@post("/checks/plans/adopt", guards=[own_forms_only])
async def adopt(parts: Here, reader: Me) -> Response[Any]:
    """Take over the proposed calendar."""
    _allowed(reader, Act.CHECK_PLAN)
    await plans_.adopt(parts, reader)
    return to("/console/checks/plans")


@get("/checks/plans/new")
async def plan_new(parts: Here, reader: Me) -> Response[Any]:
    units = _allowed(reader, Act.CHECK_PLAN)
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
    return page("checks_plan_end.html", reader, here="checks", check=check, **await _values(parts, reader))


@post("/checks/plans/{id:str}/end", guards=[own_forms_only])
async def plan_end(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    await plans_.end(parts, reader, await plans_.mine(parts.database, reader, id))
    return to("/console/checks/plans")


def _often(reader: Reader, rule: str) -> str:
    months = plans_.months_of(rule)
    return reader.t(f"console.plans.every.{months}") if months in plans_.EVERY else rule


async def _plan_save(parts: Parts, reader: Reader, request: AnyRequest, id: str | None) -> Response[Any]:
    units = {unit.id: unit for unit in _allowed(reader, Act.CHECK_PLAN)}
    check = await plans_.mine(parts.database, reader, id) if id else None
    sent = [(name, str(value)) for name, value in (await request.form()).multi_items()]
    fields = plans_.fields_of(sent)
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
        units=_allowed(reader, Act.CHECK_PLAN),
        roles=ROLES,
        every=plans_.EVERY,
        sides=plans_.SIDES,
        **await _values(parts, reader),
    )


async def _form(
    parts: Parts, reader: Reader, doing: doing_.Doing, drawn: Sheet, status: int = 200, **more: Any
) -> Response[Any]:
    values = {"kept": None, "reason": ""} | more | await _values(parts, reader)
    before = await doing_.before(parts.database, reader, doing)
    return page(
        "checks_do.html", reader, status, here="checks", doing=doing, sheet=drawn, before=before, **values
    )


async def _typed(
    request: AnyRequest, doing: doing_.Doing
) -> tuple[Typed, frozenset[str], list[tuple[str, str]]]:
    """What was sent: the answers, which questions were on the page, and the rest."""
    sent = [(name, str(value)) for name, value in (await request.form()).multi_items()]
    known = {field: link_id for link_id, field in names(doing.form).items()}
    seen = frozenset(known[value] for name, value in sent if name == "shown" and value in known)
    return read(doing.form, sent), seen, sent


async def _values(parts: Parts, reader: Reader) -> dict[str, Any]:
    """What every page of these shows."""
    return {
        "counts": await waiting(parts.database, reader),
        "tones": TONES,
        "path_of": path_of,
        "plans_too": bool(reader.units_for(Act.CHECK_PLAN)),
        "overview_too": bool(reader.units_for(Act.CHECK_OVERVIEW)),
    }


def _year(reader: Reader, year: int) -> int:
    """The year that is asked for; this one when none is."""
    this = reader.day.year
    if not year:
        return this
    if not this - _BACK <= year <= this + _AHEAD:
        raise NoSuchPage(str(year))
    return year


def _years(reader: Reader, shown: int) -> list[int]:
    """The years beside the one that is shown."""
    this = reader.day.year
    return [one for one in (shown - 1, shown, shown + 1) if this - _BACK <= one <= this + _AHEAD]


def _allowed(reader: Reader, act: Act) -> list[Any]:
    """The units in which the act is theirs. Raises NotYours when there are none."""
    units = reader.units_for(act)
    if not units:
        raise NotYours(act)
    return units


HANDLERS = [
    unit_year,
    overview_,
    figures_,
    figures_csv,
    do,
    sign,
    draft,
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
