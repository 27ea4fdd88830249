"""``GET /v1/statistics/deviations``: the figures of the console's page, for computers."""

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency
from msgspec import Struct
from sqlalchemy import Connection

from care.unit import UnitDocument
from endpoint import documents
from endpoint.console.errors import NotSignedIn, NotYours
from endpoint.console.guard import signed_in
from endpoint.deviations import scope as scopes
from endpoint.deviations.counting import Found, find
from endpoint.deviations.query import asked
from endpoint.deviations.scope import Scope
from endpoint.errors import NotAllowed, NotKnown
from endpoint.limits import token_holds
from endpoint.parts import Parts
from endpoint.people import tokens
from endpoint.problems import PROBLEMS

AnyRequest = Request[Any, Any, Any]


class LeadTime(Struct, frozen=True):
    """How many reports have the step, and the median time to it. ``reported``: from occurrence to report."""

    count: int
    median_minutes: int | None


class Statistics(Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """``groups``: each combination that there is any of, with its ``count``; null: not told (small numbers).

    Grouped by unit they have ``unit_name`` too, and by unit alone ``days`` and ``per_1000_days``.
    """

    since: str | None
    until: str | None
    filters: dict[str, list[str]]
    group_by: list[str]
    small_numbers_hidden: bool
    total: int | None
    imported: int | None
    days: int | None
    per_1000_days: float | None
    actions: dict[str, int | None]
    """Planned, done, done by the day that was set, done with a good effect; of cases handled here."""
    lead_times: dict[str, LeadTime]
    groups: list[dict[str, str | int | float | None]]


@get("/statistics/deviations", responses=PROBLEMS)
async def statistics(request: AnyRequest, parts: NamedDependency[Parts]) -> Statistics:
    """Count deviations. With a console session: of whoever is signed in; with a system's key: protected."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        try:
            reader = await signed_in(parts, request)
        except NotSignedIn:
            raise NotKnown("no_session", "a console session, or Authorization: Bearer <key>") from None

        def scoped(connection: Connection) -> Scope:
            return scopes.of_reader(connection, reader)
    else:
        key = await _key(request, parts, authorization)

        def scoped(connection: Connection) -> Scope:
            units = documents.all_of(connection, UnitDocument)
            return scopes.of_provider(connection, key.provider, units)

    pairs = list(request.query_params.multi_items())

    def count(connection: Connection) -> Statistics:
        scope = scoped(connection)
        return _told(find(connection, scope, asked(pairs, scope)))

    try:
        return await parts.database.read(count)
    except NotYours:
        raise NotAllowed("not_permitted", "deviations are not yours to count") from None


async def _key(request: AnyRequest, parts: Parts, authorization: str) -> tokens.Token:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotKnown("no_session", "Authorization: Bearer <key>", field="authorization")
    now = parts.now()
    shown = token.strip()
    found = await parts.database.read(lambda connection: tokens.holder(connection, shown, now, "statistics"))
    if not tokens.is_noted(found, now):
        await parts.database.write(lambda connection: tokens.note_use(connection, found, now))
    token_holds(request.scope)
    return found


def _told(found: Found) -> Statistics:
    query, counts = found.query, found.of(found.query.group_by)
    groups = []
    for key, count in counts.groups.items() if query.group_by else ():
        group: dict[str, str | int | float | None] = dict(zip(query.group_by, key, strict=True))
        if "unit" in group:
            group["unit_name"] = found.scope.places[str(group["unit"])].name
        group["count"] = count
        if query.group_by == ("unit",):
            days = found.days.get(key[0])
            group |= {"days": days, "per_1000_days": found.rate(count, days)}
        groups.append(group)
    return Statistics(
        since=query.first.isoformat() if query.first else None,
        until=query.last.isoformat() if query.last else None,
        filters={name: list(values) for name, values in query.filters.items()},
        group_by=list(query.group_by),
        small_numbers_hidden=found.scope.protected,
        total=counts.total,
        imported=found.imported,
        days=found.all_days,
        per_1000_days=found.rate(counts.total, found.all_days),
        lead_times={step: LeadTime(one.count, one.minutes) for step, one in found.leads().items()},
        actions=found.acted(),
        groups=groups,
    )


figures = Router("/v1", route_handlers=[statistics])
