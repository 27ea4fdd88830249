"""The pages of Delegeringar."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from care.delegation import DelegationDocument, DelegationReviewed, DelegationRevoked
from care.delegation_review import OPEN
from care.facts import Body, Ref
from care.person import PersonDocument
from care.rights import Act
from care.staff import StaffDocument
from care.tasks import TASKS
from care.unit import UnitDocument
from endpoint import delegating, documents, occasions
from endpoint.audit.log import seen
from endpoint.console import delegations, delegations_form, delegations_used
from endpoint.console.errors import NoSuchPage
from endpoint.console.guard import own_forms_only
from endpoint.console.page import page, to
from endpoint.console.reader import Reader
from endpoint.console.sent import sent
from endpoint.console.waiting import waiting
from endpoint.parts import Parts
from endpoint.statements import Statement, state, state_all

AnyRequest = Request[Any, Any, Any]
Here = NamedDependency[Parts]
Me = NamedDependency[Reader]
NOTE_MOST = 500


@get("/delegations")
async def delegation_list(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    """The register: what ends first, first."""
    units, chosen = _units(reader, unit)
    found = await delegations.register(parts.database, reader, [one.id for one in chosen])
    return page(
        "delegations.html", reader, found=found, units=units, unit=unit, **await _values(parts, reader)
    )


@get("/delegations/review")
async def delegation_review_list(parts: Here, reader: Me) -> Response[Any]:
    """The yearly review: what is to be looked at, and what has lost its issuer."""
    units, chosen = _units(reader, "")
    found = await delegations.register(parts.database, reader, [one.id for one in chosen])
    due = delegations.to_review(found.open, reader.now)
    return page("delegations_review.html", reader, due=due, units=units, **await _values(parts, reader))


@get("/delegations/shift")
async def delegation_shift(parts: Here, reader: Me, unit: FromQuery[str] = "") -> Response[Any]:
    """Who can do what now, in one unit."""
    units, chosen = _units(reader, unit)
    able = await delegations_used.shift(parts.database, reader, chosen[0])
    tasks = [task for task in TASKS if any(task in one.tasks for one in able)]
    others = sorted({task for one in able for task in one.tasks} - set(TASKS))
    return page(
        "delegations_shift.html",
        reader,
        able=able,
        tasks=[*tasks, *others],
        units=units,
        unit=chosen[0],
        **await _values(parts, reader),
    )


@get("/delegations/new")
async def delegation_new(
    parts: Here, reader: Me, holder: FromQuery[str] = "", renews: FromQuery[str] = ""
) -> Response[Any]:
    offered = await delegations_form.choices(parts.database, reader)
    fields = delegations_form.empty(reader, offered, holder)
    if renews:
        fields = delegations_form.renewing(reader, await delegations.mine(parts.database, reader, renews))
    return await _form(parts, reader, fields, offered)


@post("/delegations/new", guards=[own_forms_only])
async def delegation_issue(parts: Here, reader: Me, request: AnyRequest) -> Response[Any]:
    """Issue it: its holder is asked on their phone, and it counts from when they have said yes."""
    offered = await delegations_form.choices(parts.database, reader)
    fields = delegations_form.fields_of(await sent(request))
    issued, wrong = delegations_form.read(fields, offered, reader.now)
    if issued is None:
        return await _form(parts, reader, fields, offered, wrong)
    holder = next((one for one in offered.holders if one.id == fields.holder), None)
    said = delegating.issue(issued, reader.staff, holder, reader.day)
    if not isinstance(said, Statement):
        return await _form(
            parts, reader, fields, offered, {one.field: f"delegation.fault.{one.why}" for one in said}
        )
    await state(parts.database, parts.keys, said, reader.staff.id)
    return to(f"/console/delegations/{said.aggregate.id}")


@get("/delegations/{id:str}")
async def delegation(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    return await _shown(parts, reader, await delegations.opened(parts.database, reader, id))


@get("/delegations/{id:str}/certificate")
async def delegation_certificate(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    """The delegation as a paper: to be kept, shown or sent along."""
    found = await delegations.opened(parts.database, reader, id)
    return page("delegation_certificate.html", reader, **await _about(parts, reader, found))


@post("/delegations/{id:str}/review", guards=[own_forms_only])
async def delegation_review(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    found = await delegations.mine(parts.database, reader, id)
    given = await sent(request)
    if found.state_at(reader.now) in OPEN:
        note, practice = given.text("note")[:NOTE_MOST], bool(given("practice"))
        await _say(parts, reader, found, DelegationReviewed(on=reader.day, practice_seen=practice, note=note))
    return to(f"/console/delegations/{id}")


@get("/delegations/{id:str}/revoke")
async def delegation_revoke_ask(parts: Here, reader: Me, id: FromPath[str]) -> Response[Any]:
    found = await delegations.mine(parts.database, reader, id, revoking=True)
    return page("delegation_revoke.html", reader, faults={}, **await _about(parts, reader, found))


@post("/delegations/{id:str}/revoke", guards=[own_forms_only])
async def delegation_revoke(parts: Here, reader: Me, request: AnyRequest, id: FromPath[str]) -> Response[Any]:
    """Take it back, from this moment: phones that have a network know at once."""
    found = await delegations.mine(parts.database, reader, id, revoking=True)
    reason = (await sent(request)).text("reason")[:NOTE_MOST]
    if not reason:
        faults = {"reason": "delegation.fault.reason"}
        return page(
            "delegation_revoke.html", reader, 422, faults=faults, **await _about(parts, reader, found)
        )
    if not found.revoked:
        await _say(parts, reader, found, DelegationRevoked(at=reader.now, reason=reason))
    return to(f"/console/delegations/{id}")


def _units(reader: Reader, unit: str) -> tuple[list[UnitDocument], list[UnitDocument]]:
    """The units whose register is read, and the chosen one of them; all when none is. Raises NoSuchPage."""
    units = reader.allowed(Act.DELEGATION_READ)
    chosen = [one for one in units if one.id == unit] if unit else units
    if not chosen:
        raise NoSuchPage(unit)
    return units, chosen


async def _say(parts: Parts, reader: Reader, found: DelegationDocument, body: Body) -> None:
    said = Statement(body, Ref("delegation", found.id), found.unit)
    await state_all(parts.database, parts.keys, [said], reader.staff.id)


async def _shown(parts: Parts, reader: Reader, found: DelegationDocument) -> Response[Any]:
    after = await delegations_used.signed_after(parts.database, found)
    persons = {one.person.id: one.person.unit for one in after if one.person}
    await seen(parts, reader, "delegation", Act.DELEGATION_READ, persons)
    return page("delegation.html", reader, after=after, **await _about(parts, reader, found))


async def _about(parts: Parts, reader: Reader, found: DelegationDocument) -> dict[str, Any]:
    """What every page of one delegation shows. Whom it is limited to is logged as read."""
    staff = {one.id: one for one in await documents.of_kind(parts.database, StaffDocument)}
    people = await parts.database.read(
        lambda connection: documents.some(connection, PersonDocument, found.persons)
    )
    await seen(parts, reader, "delegation", Act.DELEGATION_READ, {one.id: one.unit for one in people})
    used = await parts.database.read(lambda connection: occasions.used_by(connection, found))
    values = {
        "row": delegations.row_of(found, staff, reader.now, used),
        "staff": staff,
        "persons": sorted(people, key=lambda one: one.name),
        "unit_names": [one.name for one in reader.units if one.id in found.units],
        "provider": next((one.provider_name for one in reader.units if one.id in found.units), ""),
        "may_review": delegations.may_review(reader, found),
        "may_revoke": delegations.may_revoke(reader, found),
    }
    return values | await _values(parts, reader)


async def _form(
    parts: Parts,
    reader: Reader,
    fields: delegations_form.Fields,
    offered: delegations_form.Choices,
    faults: dict[str, str] | None = None,
) -> Response[Any]:
    status = 422 if faults else 200
    offers = {person.id: unit.id for unit, persons in offered.persons for person in persons}
    await seen(parts, reader, "delegation", Act.DELEGATION_READ, offers)
    return page(
        "delegation_form.html",
        reader,
        status,
        fields=fields,
        offered=offered,
        faults=faults or {},
        **await _values(parts, reader),
    )


async def _values(parts: Parts, reader: Reader) -> dict[str, Any]:
    return {
        "here": "delegations",
        "counts": await waiting(parts.database, reader),
        "tones": delegations.TONES,
        "issues": bool(reader.units_for(Act.DELEGATION_ISSUE)),
    }


HANDLERS = [
    delegation_list,
    delegation_review_list,
    delegation_shift,
    delegation_new,
    delegation_issue,
    delegation,
    delegation_certificate,
    delegation_review,
    delegation_revoke_ask,
    delegation_revoke,
]
