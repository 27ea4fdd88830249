"""Kvalitetsråd: meetings, their agenda as it stands now, and what is said of one."""

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date

from msgspec import Struct, structs

from care.case_history import Entry, of_handling
from care.council import (
    CouncilCalled,
    CouncilClosed,
    CouncilDecided,
    CouncilDecisionDone,
    CouncilDecisionDropped,
    CouncilDecisionFollowedUp,
    CouncilDocument,
    CouncilMinuted,
    CouncilReopened,
)
from care.facts import Body, Ref
from care.handling import Action, ActionSet
from care.ids import uuid7
from care.rights import Act
from endpoint import documents
from endpoint.console import case_said
from endpoint.console.case_said import LINE_MOST, Asked, day_of
from endpoint.console.deviations import Report, seen_by
from endpoint.console.errors import NoSuchPage, NotFilledIn, NotYours
from endpoint.console.reader import Reader
from endpoint.console.sent import Sent
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state

Council = CouncilDocument
MINUTES_MOST = 20_000
SHAPES = structs.replace(
    case_said.SHAPES["deviation"],
    action_done=CouncilDecisionDone,
    action_followed_up=CouncilDecisionFollowedUp,
    action_dropped=CouncilDecisionDropped,
    reopened=CouncilReopened,
)
"""The bodies of a council; it is neither led, begun, investigated nor linked."""


class Earlier(Struct, frozen=True):
    """A decision of an earlier council of the same units that is not done."""

    council: Council
    action: Action


class Agenda(Struct, frozen=True):
    """What is to be taken up: the open cases that the reader may see, and decisions that are not done."""

    cases: list[Report]
    earlier: list[Earlier]


def may_change(reader: Reader, council: Council) -> bool:
    called = council.called
    return called is not None and all(reader.may(Act.COUNCIL_HOLD, unit) for unit in called.units)


async def listed(database: Database, reader: Reader) -> list[Council]:
    """Those of the reader's units, the latest first."""
    found = [
        one
        for one in await documents.of_kind(database, Council)
        if one.called and any(reader.may(Act.COUNCIL_HOLD, unit) for unit in one.units)
    ]
    return sorted(found, key=lambda one: one.called.on if one.called else date.min, reverse=True)


async def opened(database: Database, reader: Reader, id: str) -> Council:
    """A council that the reader may read. Raises NoSuchPage."""
    found = next((one for one in await listed(database, reader) if one.id == id), None)
    if found is None:
        raise NoSuchPage(id)
    return found


async def agenda(database: Database, reader: Reader, council: Council) -> Agenda:
    """As it stands now."""
    called = council.called
    assert called is not None
    cases = [
        one
        for one in (await seen_by(database, reader)).listed(reader.now, reader.day)
        if one.unit.id in called.units and not one.case.handling.closed
    ]
    before = [
        one
        for one in await listed(database, reader)
        if one.called and one.called.on < called.on and not one.units.isdisjoint(called.units)
    ]
    earlier = [Earlier(one, action) for one in before for action in one.handling.actions if action.open]
    return Agenda(cases, sorted(earlier, key=lambda one: one.action.due))


def calling(sent: Sent, units: Collection[str]) -> CouncilCalled:
    """The calling as it was typed. `units`: those in which the reader may. Raises NotFilledIn."""
    on = day_of(sent("on"))
    chosen = tuple(one for one in dict.fromkeys(sent.all("units")) if one in units)
    if on is None or not date(2000, 1, 1) <= on <= date(2100, 1, 1):
        raise NotFilledIn("councils.wrong.on")
    if not chosen:
        raise NotFilledIn("risks.wrong.units")
    return CouncilCalled(on=on, units=chosen, points=sent.text("points"), present=sent("present")[:LINE_MOST])


async def call(parts: Parts, reader: Reader, body: CouncilCalled) -> str:
    """Call a council. Gives its id."""
    id = uuid7(time.time_ns() // 1_000_000, os.urandom(10))
    said = Statement(body, Ref("council", id), body.units[0])
    await state(parts.database, parts.keys, said, reader.staff.id)
    return id


def minute(asked: Asked, council: Council) -> Body | None:
    if asked.sent("seen") != str(len(council.minutes)):
        raise NotFilledIn("handling.wrong.seen")
    text = asked.sent.text("text", MINUTES_MOST)
    if not text:
        raise NotFilledIn("handling.wrong.text")
    body = CouncilMinuted(text=text, present=asked.sent("present")[:LINE_MOST])
    last = council.minutes[-1] if council.minutes else None
    return None if last and (last.text, last.present) == (body.text, body.present) else body


def decide(asked: Asked, council: Council) -> Body | None:
    made = case_said.action(asked, SHAPES)
    assert isinstance(made, ActionSet)
    case = asked.sent("case")
    if case and case not in asked.others:
        raise NotFilledIn("handling.wrong.link")
    return CouncilDecided(action=made.action, text=made.text, owner=made.owner, due=made.due, case=case)


def close(asked: Asked, council: Council) -> Body | None:
    if council.handling.closed:
        return None
    if not council.minutes:
        raise NotFilledIn("councils.wrong.minutes")
    return CouncilClosed(text=asked.sent("text")[:LINE_MOST])


OWN: Mapping[str, Callable[[Asked, Council], Body | None]] = {
    "minutes": minute,
    "action": decide,
    "close": close,
}
SAYINGS = ("call", *OWN, "action-done", "action-effect", "action-drop", "reopen")


async def say(parts: Parts, reader: Reader, council: Council, saying: str, asked: Asked) -> None:
    """Say one thing of a council. Raises NotYours or NotFilledIn."""
    if not may_change(reader, council):
        raise NotYours(council.id)
    if saying == "call":
        units = {unit.id for unit in reader.units_for(Act.COUNCIL_HOLD)}
        body: Body | None = calling(asked.sent, units)
    elif saying in OWN:
        body = OWN[saying](asked, council)
    else:
        body = case_said.HANDLING[saying](asked, SHAPES)
    if body is not None:
        said = Statement(body, Ref("council", council.id), council.unit)
        await state(parts.database, parts.keys, said, reader.staff.id)


def entries(council: Council) -> list[Entry]:
    """What was done with it, in the order of time."""
    return sorted(_entries(council), key=lambda one: one.at)


def _entries(council: Council) -> Iterator[Entry]:
    for one in council.minutes:
        yield Entry(one.at, one.by, "councils.said.minutes")
    yield from of_handling(council.handling)
