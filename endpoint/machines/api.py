"""``POST /v1/machines/events``: what locks and dispensers have seen, each event once."""

import uuid
from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Request, Router, post
from litestar.di import NamedDependency
from msgspec import Struct
from sqlalchemy import Connection

from care.cabinet import CabinetDocument, CabinetOpened, DispenserDocument, DispenserReported, Outcome
from care.facts import Body, Ref, within_years
from care.person import PersonDocument
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents
from endpoint.errors import NotKnown, NotReadable
from endpoint.limits import token_holds
from endpoint.parts import Parts
from endpoint.people import tokens
from endpoint.problems import PROBLEMS
from endpoint.statements import Statement, state_all

AnyRequest = Request[Any, Any, Any]
EVENTS_MOST = 200
NAME_MOST = 120
_SPACE = uuid.UUID("6d1c6a3e-9a55-5e1e-8f6c-0d3f6a1b9e57")
Kind = Literal["cabinet.opened", "dispenser.handed_out", "dispenser.not_taken", "dispenser.reminded"]
Status = Literal["accepted", "known", "refused"]
_OUTCOMES: dict[str, Outcome] = {
    "dispenser.handed_out": "handed_out",
    "dispenser.not_taken": "not_taken",
    "dispenser.reminded": "reminded",
}


class Event(Struct, frozen=True):
    """One thing that a machine saw. ``id`` is the machine's own: the same one again is the same event."""

    id: str
    kind: Kind
    at: datetime
    machine: str
    unit: str
    person: str = ""
    """The person's id here; empty: the machine is nobody's own."""
    by: str = ""
    """Who opened it, by HSA-id, employee id or id here."""
    planned: datetime | None = None


class Events(Struct, frozen=True):
    events: list[Event]


class EventResult(Struct, frozen=True):
    """What became of one event. ``reason``: of one that was refused."""

    id: str
    status: Status
    reason: str = ""


class EventResults(Struct, frozen=True):
    results: list[EventResult]


class _Known(Struct, frozen=True):
    units: set[str]
    persons: dict[str, str]
    """The unit of each person that was named."""
    staff: dict[str, str]
    """Staff ids by every name that they go by."""
    before: set[str]


@post("/machines/events", status_code=200, responses=PROBLEMS)
async def events(request: AnyRequest, parts: NamedDependency[Parts]) -> EventResults:
    """Take events in. One that cannot be taken stops no other; sending all of them again is safe."""
    key = await _key(request, parts)
    try:
        sent = msgspec.convert(await request.json(), Events)
    except msgspec.ValidationError as error:
        raise NotReadable("bad_event", str(error)) from error
    if len(sent.events) > EVENTS_MOST:
        raise NotReadable("too_many", f"at most {EVENTS_MOST} events")
    known = await parts.database.read(lambda connection: _look_up(connection, key, sent.events))
    results: list[EventResult] = []
    said: dict[str, Statement] = {}
    for event in sent.events:
        refused, ref = _refused(event, known), _ref(key, event)
        if refused:
            results.append(EventResult(event.id, "refused", refused))
        elif ref.id in known.before or ref.id in said:
            results.append(EventResult(event.id, "known"))
        else:
            said[ref.id] = Statement(_body(event, known), ref, event.unit, event.person or None, event.at)
            results.append(EventResult(event.id, "accepted"))
    await state_all(parts.database, parts.keys, list(said.values()))
    return EventResults(results)


async def _key(request: AnyRequest, parts: Parts) -> tokens.Token:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotKnown("no_session", "Authorization: Bearer <key>", field="authorization")
    now = parts.now()
    found = await parts.database.read(lambda c: tokens.holder(c, token.strip(), now, "machines"))
    if not tokens.is_noted(found, now):
        await parts.database.write(lambda connection: tokens.note_use(connection, found, now))
    token_holds(request.scope)
    return found


def _look_up(connection: Connection, key: tokens.Token, sent: list[Event]) -> _Known:
    units = {one.id for one in documents.all_of(connection, UnitDocument) if one.provider == key.provider}
    people = documents.some(connection, PersonDocument, {event.person for event in sent if event.person})
    staff: dict[str, str] = {}
    for one in documents.all_of(connection, StaffDocument):
        staff |= {name: one.id for name in (one.id, one.identity) if name}
    ids = [_ref(key, event).id for event in sent]
    before = {one.id for one in documents.some(connection, CabinetDocument, ids)}
    before |= {one.id for one in documents.some(connection, DispenserDocument, ids)}
    return _Known(units, {one.id: one.unit for one in people if not one.gone}, staff, before)


def _ref(key: tokens.Token, event: Event) -> Ref:
    """The same event of the same vårdgivare has the same aggregate, whichever key sends it."""
    kind = event.kind.partition(".")[0]
    return Ref(kind, str(uuid.uuid5(_SPACE, f"{key.provider}/{event.machine}/{event.id}")))


def _refused(event: Event, known: _Known) -> str:
    if not 0 < len(event.id) <= NAME_MOST or not 0 < len(event.machine) <= NAME_MOST or "\0" in event.machine:
        return "id, machine: 1 to 120 characters"
    if len(event.by) > NAME_MOST or "\0" in event.by:
        return "by: at most 120 characters"
    if event.unit not in known.units:
        return "unit: none by that id"
    if event.person and known.persons.get(event.person) != event.unit:
        return "person: nobody by that id in the unit"
    if not all(within_years(at) for at in (event.at, event.planned) if at is not None):
        return "at, planned: with its zone, between 2000 and 2200"
    return ""


def _body(event: Event, known: _Known) -> Body:
    if event.kind == "cabinet.opened":
        by = known.staff.get(event.by, "")
        return CabinetOpened(at=event.at, cabinet=event.machine, by=by, named="" if by else event.by)
    return DispenserReported(
        at=event.at, dispenser=event.machine, outcome=_OUTCOMES[event.kind], planned=event.planned
    )


machines = Router("/v1", route_handlers=[events])
