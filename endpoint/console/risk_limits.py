"""Gränser för risk: the limits of the risk matrix, set by those who answer for a whole vårdgivare."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from care.facts import Ref
from care.rights import Act
from care.risk import LIMITS, PROBABILITIES, SEVERITIES, Limits, product
from care.risk_limits import LimitsVersion, RiskLimitsDocument, RiskLimitsSet, limits_id
from care.staff import StaffDocument
from endpoint import documents
from endpoint.console.errors import NotFilledIn
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent, sent
from endpoint.console.waiting import waiting
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
REASON_MOST = 1000
PRODUCTS = sorted({product(one, other) for one in SEVERITIES for other in PROBABILITIES} - {1})
_NOTHING = Sent({})


class Own(Struct, frozen=True):
    """One vårdgivare whose limits are the reader's to set. ``unit``: the one that their fact is of."""

    id: str
    name: str
    unit: str
    limits: Limits
    versions: list[LimitsVersion]


async def in_force(database: Database, reader: Reader) -> Mapping[str, Limits]:
    """The limits of each of the reader's units, by its id."""
    found = {one.provider: one.limits for one in await documents.of_kind(database, RiskLimitsDocument)}
    return {unit.id: found.get(unit.provider, LIMITS) for unit in reader.units}


@get("/risks/limits")
async def limits_page(parts: Here, reader: Me) -> Response[Any]:
    return await _page(parts, reader)


@post("/risks/limits", guards=[own_forms_only])
async def limits_set(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Set them. What was assessed before keeps the limits that it was assessed with."""
    reader.allowed(Act.RISK_LIMITS)
    given = await sent(request)
    own = next((one for one in await _own(parts, reader) if one.id == given("provider")), None)
    if own is None:
        reader.allowed(Act.RISK_LIMITS)
        return await _page(parts, reader, given, "risk_limits.wrong.provider")
    try:
        body = _read(given, own)
    except NotFilledIn as fault:
        return await _page(parts, reader, given, fault.text)
    if body.limits != own.limits:
        said = Statement(body, Ref("risk-limits", limits_id(own.id)), own.unit)
        await state(parts.database, parts.keys, said, reader.staff.id)
    return to("/console/risks/limits")


def _read(given: Sent, own: Own) -> RiskLimitsSet:
    medium, high = (_one_of(given(name), PRODUCTS) for name in ("medium", "high"))
    severe = _one_of(given("severe"), list(SEVERITIES))
    if medium > high:
        raise NotFilledIn("risk_limits.wrong.order")
    reason = given.text("reason")[:REASON_MOST]
    if not reason:
        raise NotFilledIn("handling.wrong.reason")
    return RiskLimitsSet(provider=own.id, limits=Limits(medium, high, severe), reason=reason)


def _one_of(text: str, numbers: list[int]) -> int:
    found = next((one for one in numbers if str(one) == text), None)
    if found is None:
        raise NotFilledIn("risk_limits.wrong.number")
    return found


async def _own(parts: Parts, reader: Reader) -> list[Own]:
    held = {one.provider: one for one in await documents.of_kind(parts.database, RiskLimitsDocument)}
    found: dict[str, Own] = {}
    for unit in reader.units_for(Act.RISK_LIMITS):
        document = held.get(unit.provider)
        home = document.unit if document else unit.id
        limits, versions = (document.limits, document.versions) if document else (LIMITS, [])
        found.setdefault(unit.provider, Own(unit.provider, unit.provider_name, home, limits, versions))
    return list(found.values())


async def _page(parts: Parts, reader: Reader, given: Sent = _NOTHING, wrong: str = "") -> Response[Any]:
    reader.allowed(Act.RISK_LIMITS)
    return page(
        "risk_limits.html",
        reader,
        422 if wrong else 200,
        here="risks",
        counts=await waiting(parts.database, reader),
        own=await _own(parts, reader),
        given=given,
        wrong=wrong,
        products=PRODUCTS,
        severities=SEVERITIES,
        probabilities=PROBABILITIES,
        names={one.id: one.name for one in await documents.of_kind(parts.database, StaffDocument)},
    )


HANDLERS = [limits_page, limits_set]
