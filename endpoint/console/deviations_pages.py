"""The pages of deviations: the list with the open case, the board, and all that is said of a case."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection

from care.deviation import SIDES, DeviationDocument
from care.handling import CAUSE_LEVELS, tree
from care.rights import Act
from care.risk import PROBABILITIES, SEVERITIES, Limits
from endpoint import documents, photos
from endpoint.audit.log import seen
from endpoint.console import case_said, deviation_said, ivo
from endpoint.console.case import Full, full, people
from endpoint.console.deviations import STATES, Report, Seen, seen_by
from endpoint.console.errors import NoSuchPage, NotFilledIn
from endpoint.console.gone import gone
from endpoint.console.guard import own_forms_only
from endpoint.console.page import HEADERS, page, part, to
from endpoint.console.reader import Reader
from endpoint.console.risk_limits import in_force
from endpoint.console.risks import listed
from endpoint.console.sent import Sent, sent
from endpoint.console.waiting import waiting
from endpoint.parts import Parts

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
NOTHING = Sent({})
PICTURE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
    "Content-Disposition": "inline",
}
"""Of what a phone has sent nothing is ever run, even where somebody opens it by itself."""
READS = (Act.DEVIATION_HANDLE, Act.SAFETY_READ)
"""Whoever handles cases, and the skyddsombud, who reads what has befallen staff."""


@get("/deviations")
async def deviation_list(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    return await _deviations(parts, reader, None, unit)


@get("/deviations/{id:str}")
async def deviation(
    parts: Here, reader: Me, id: FromPath[str], unit: FromQuery[str] = "", edit: FromQuery[str] = ""
) -> Response[Any]:
    return await _deviations(parts, reader, id, unit, edit=edit)


@get("/deviations/fresh")
async def deviations_fresh(
    parts: Here,
    reader: Me,
    request: AnyRequest,
    open: FromQuery[str] = "",
    chosen: FromQuery[bool] = False,
    unit: FromQuery[str] = "",
) -> Response[Any]:
    known = await _seen(parts, reader)
    found = known.listed(reader.now, reader.day, unit)
    counts = await waiting(parts.database, reader, reports=_handled(known, found) if not unit else None)
    values = {"reports": found, "open": open, "chosen": chosen, "counts": counts, "unit": unit}
    return part("deviations_fresh.html", reader, request.headers.get("if-none-match", ""), **values)


@get("/deviations/board")
async def board(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    """The cases by how far they have come, what is overdue first."""
    known = await _seen(parts, reader)
    found = known.listed(reader.now, reader.day, unit)
    return page(
        "deviations_board.html",
        reader,
        here="deviations",
        columns={state: [one for one in found if one.state == state] for state in STATES},
        units=sorted(known.units.values(), key=lambda one: one.name),
        unit=unit,
        names={one.id: one.name for one in known.staff.values()},
        counts=await waiting(parts.database, reader, reports=_handled(known, found) if not unit else None),
    )


@get("/deviations/{id:str}/photos/{photo:str}")
async def photo(parts: Here, reader: Me, id: FromPath[str], photo: FromPath[str]) -> Response[bytes]:
    """A picture of a case, for those who handle it; never as a file with a name, and kept by no browser."""
    reader.allowed(Act.DEVIATION_HANDLE)

    def find(connection: Connection) -> tuple[DeviationDocument, photos.Picture] | None:
        case = documents.one(connection, DeviationDocument, id)
        if case is None or not reader.may_see(case) or all(one.id != photo for one in case.photos):
            return None
        found = photos.one(connection, photo)
        return (case, found) if found else None

    found = await parts.database.read(find)
    if found is None:
        raise NoSuchPage(photo)
    case, picture = found
    if case.person:
        await seen(parts, reader, "deviation", Act.DEVIATION_HANDLE, {case.person: case.unit})
    return Response(picture.data, media_type=picture.media, headers=PICTURE_HEADERS)


@get("/deviations/{id:str}/ivo/{track:str}")
async def ivo_text(parts: Here, reader: Me, id: FromPath[str], track: FromPath[str]) -> Response[Any]:
    """The text for IVO, to copy or print. It leaves Rapp: each time is a row of the log."""
    known = await _seen(parts, reader, (Act.DEVIATION_HANDLE,))
    found = known.one(id)
    if found is None or track not in deviation_said.TRACKS:
        raise NoSuchPage(id)
    if found.person:
        await seen(
            parts, reader, "deviation", Act.DEVIATION_HANDLE, {found.person.id: found.unit.id}, "export"
        )
    prepared = [one for one in found.case.prepared if one.track == track]
    text = prepared[-1].text if prepared else ivo.proposed(found, track, reader.t)
    return page("deviations_ivo.html", reader, here="deviations", report=found, track=track, text=text)


def _saying(name: str) -> HTTPRouteHandler:
    @post(f"/deviations/{{id:str}}/{name}", guards=[own_forms_only], name=f"deviation-{name}")
    async def say(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
        return await _say(parts, reader, await sent(request), id, name)

    return say


async def _say(parts: Parts, reader: Reader, given: Sent, id: str, name: str) -> Response[Any]:
    """Say one thing of a case. What is missing is told beside the form, all that was typed is still in it."""
    reader.allowed(Act.DEVIATION_HANDLE)
    known = await seen_by(parts.database, reader)
    others = {one.id for one in (*known.cases, *await listed(parts.database, reader))} - {id}

    limits = await in_force(parts.database, reader)

    def asked(case: DeviationDocument) -> case_said.Asked:
        who = {one.id for one in people(case, known.staff.values(), reader)}
        return case_said.Asked(given, case.handling, who, reader.day, others, limits[case.unit])

    try:
        await deviation_said.say(parts, reader, id, name, asked)
    except NotFilledIn as fault:
        return await _deviations(parts, reader, id, given=given, wrong=(name, fault.text))
    return to(f"/console/deviations/{id}#{_SECTION.get(name, 'top')}")


_SECTION = {
    "assess": "assessment",
    "category": "assessment",
    "lead": "investigation",
    "begin": "investigation",
    "investigation": "investigation",
    "action": "actions",
    "action-done": "actions",
    "action-effect": "actions",
    "action-drop": "actions",
    "link": "similar",
    "unlink": "similar",
    "escalate": "tracks",
    "decide": "tracks",
    "ivo": "tracks",
    "follow-up": "closing",
}
"""Where on the page somebody is put after they have said something."""


async def _seen(parts: Parts, reader: Reader, acts: Sequence[Act] = READS) -> Seen:
    if not any(reader.units_for(act) for act in acts):
        reader.allowed(acts[0])
    known = await seen_by(parts.database, reader, also_read=Act.SAFETY_READ in acts)
    for act in acts:
        listed = {
            case.person: case.unit
            for case in known.cases
            if case.person in known.persons and case.person and _act(known, case) is act
        }
        await seen(parts, reader, "deviations", act, listed)
    return known


def _handled(known: Seen, found: list[Report]) -> list[Report]:
    return [one for one in found if one.case.id not in known.read_only]


def _act(known: Seen, case: DeviationDocument) -> Act:
    """By which right a case is read."""
    return Act.SAFETY_READ if case.id in known.read_only else Act.DEVIATION_HANDLE


async def _deviations(
    parts: Parts,
    reader: Reader,
    id: str | None,
    unit: str = "",
    given: Sent = NOTHING,
    wrong: tuple[str, str] = ("", ""),
    edit: str = "",
) -> Response[Any]:
    known = await _seen(parts, reader)
    found = known.listed(reader.now, reader.day, unit)
    shown = found[0] if found and id is None else known.one(id or "")
    if id is not None and shown is None:
        return await gone(parts, reader, Act.DEVIATION_HANDLE, "deviation", id, "deviations")
    if shown and shown.case.person in known.persons and shown.case.person:
        act = _act(known, shown.case)
        await seen(parts, reader, "deviation", act, {shown.case.person: shown.unit.id})
    limits = await in_force(parts.database, reader)
    return page(
        "deviations.html",
        reader,
        422 if wrong[0] else 200,
        here="deviations",
        reports=found,
        report=shown,
        open=shown.case.id if shown else "",
        unit=unit,
        units=sorted(known.units.values(), key=lambda one: one.name),
        counts=await waiting(parts.database, reader, reports=_handled(known, found) if not unit else None),
        chosen=id is not None,
        mine=shown is not None and shown.case.id not in known.read_only,
        **(_case(shown, known, reader, given, wrong, edit, limits[shown.unit.id]) if shown else {}),
        arrived=await _arrived(parts, shown.case) if shown else set(),
        analyses=[
            one for one in await listed(parts.database, reader) if shown and shown.unit.id in one.units
        ],
    )


async def _arrived(parts: Parts, case: DeviationDocument) -> set[str]:
    """Which of the photos have come whole; the others are still on a phone."""
    ids = [one.id for one in case.photos]
    return await parts.database.read(lambda connection: photos.whole(connection, ids))


def _case(
    shown: Report,
    known: Seen,
    reader: Reader,
    given: Sent,
    wrong: tuple[str, str],
    edit: str,
    limits: Limits,
) -> dict[str, Any]:
    case = shown.case
    ready: Full = full(case, known.cases, list(known.staff.values()), reader)
    return {
        "full": ready,
        "given": given,
        "wrong": wrong,
        "edit": edit,
        "limits": limits,
        "band": limits.band,
        "severities": SEVERITIES,
        "probabilities": PROBABILITIES,
        "categories": [one for one in SIDES if one != case.category],
        "areas": case_said.AREAS,
        "levels": range(1, CAUSE_LEVELS + 1),
        "effects": case_said.EFFECTS,
        "causes": tree(case.handling.analysis.body.causes) if case.handling.analysis else [],
        "tracks": [one for one in deviation_said.TRACKS if ivo.concerns(case, one)],
        "findings": deviation_said.FINDINGS,
        "finding_key": lambda track, finding: f"handling.finding.{track}.{finding}",
        "outcomes": deviation_said.OUTCOMES,
        "proposed": {track: ivo.proposed(shown, track, reader.t) for track in deviation_said.TRACKS},
        "told_steps": [step.step for step in shown.told.steps] if shown.told else [],
    }


HANDLERS = [
    deviation_list,
    deviations_fresh,
    board,
    deviation,
    photo,
    ivo_text,
    *(_saying(name) for name in deviation_said.SAYINGS),
]
