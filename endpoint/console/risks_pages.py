"""The pages of risk analyses."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from care.deviation import DeviationDocument
from care.rights import Act
from care.risk import PROBABILITIES, SEVERITIES
from endpoint import documents
from endpoint.console import case_said, risks
from endpoint.console.errors import NotFilledIn
from endpoint.console.guard import own_forms_only
from endpoint.console.handled_pages import frame, people, worked_on
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.risk_limits import in_force
from endpoint.console.risks import Analysis
from endpoint.console.sent import Sent, sent
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
NOTHING = Sent({})


@get("/risks")
async def risk_list(parts: Here, reader: Me) -> Response[Any]:
    reader.allowed(Act.RISK_ANALYSE)
    found = await risks.listed(parts.database, reader)
    sets = bool(reader.units_for(Act.RISK_LIMITS))
    return page("risks.html", reader, found=found, sets_limits=sets, **await _frame(parts, reader))


@get("/risks/new")
async def risk_new(parts: Here, reader: Me) -> Response[Any]:
    return await _new(parts, reader)


@post("/risks/new", guards=[own_forms_only])
async def risk_make(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    given = await sent(request)
    units = {unit.id for unit in reader.allowed(Act.RISK_ANALYSE)}
    try:
        body = risks.described(case_said.Asked(given, case_said.NO_HANDLING, (), reader.day), units)
    except NotFilledIn as fault:
        return await _new(parts, reader, given, fault.text)
    return to(f"/console/risks/{await risks.begin(parts, reader, body)}")


@get("/risks/{id:str}")
async def risk_analysis(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """An analysis: a page to work on, and to print."""
    return await _analysis(parts, reader, await risks.opened(parts.database, reader, id))


def _saying(name: str) -> HTTPRouteHandler:
    @post(f"/risks/{{id:str}}/{name}", guards=[own_forms_only], name=f"risk-{name}")
    async def say(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
        analysis, given = await risks.opened(parts.database, reader, id), await sent(request)
        who = {one.id for one in await people(parts, reader, analysis.units)}
        limits = (await in_force(parts.database, reader))[analysis.unit]
        asked = case_said.Asked(given, analysis.handling, who, reader.day, limits=limits)
        try:
            await risks.say(parts, reader, analysis, name, asked)
        except NotFilledIn as fault:
            return await _analysis(parts, reader, analysis, given, (name, fault.text))
        return to(f"/console/risks/{id}")

    return say


async def _analysis(
    parts: Parts,
    reader: Reader,
    analysis: Analysis,
    given: Sent = NOTHING,
    wrong: tuple[str, str] = ("", ""),
) -> Response[Any]:
    linked = [
        case
        for unit in analysis.units
        for case in await documents.of_unit(parts.database, DeviationDocument, unit)
        if any((one.kind, one.to) == ("risk-analysis", analysis.id) for one in case.handling.links)
        and reader.may_see(case)
    ]
    limits = (await in_force(parts.database, reader))[analysis.unit]
    return page(
        "risk.html",
        reader,
        422 if wrong[0] else 200,
        limits=limits,
        band=limits.band,
        severities=SEVERITIES,
        probabilities=PROBABILITIES,
        analysis=analysis,
        about=analysis.about,
        mine=risks.may_change(reader, analysis),
        linked=linked,
        given=given,
        wrong=wrong,
        **await worked_on(parts, reader, analysis.units, risks.entries(analysis)),
        **await _frame(parts, reader),
    )


async def _new(parts: Parts, reader: Reader, given: Sent = NOTHING, wrong: str = "") -> Response[Any]:
    reader.allowed(Act.RISK_ANALYSE)
    return page(
        "risk_new.html",
        reader,
        422 if wrong else 200,
        given=given,
        wrong=wrong,
        **await _frame(parts, reader),
    )


async def _frame(parts: Parts, reader: Reader) -> dict[str, Any]:
    return await frame(parts, reader, "risks", Act.RISK_ANALYSE)


HANDLERS = [
    risk_list,
    risk_new,
    risk_make,
    risk_analysis,
    *(_saying(name) for name in risks.SAYINGS),
]
