"""Riskanalys: the analyses of the reader's units, and what is said in one."""

import os
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date

from msgspec import structs

from care.case_history import Entry, of_handling
from care.facts import Body, Ref
from care.handling import ActionSet
from care.ids import uuid7
from care.rights import Act
from care.risk_analysis import (
    RiskActionDone,
    RiskActionDropped,
    RiskActionFollowedUp,
    RiskActionSet,
    RiskAnalysisClosed,
    RiskAnalysisDescribed,
    RiskAnalysisDocument,
    RiskAnalysisFollowedUp,
    RiskAnalysisReopened,
    RiskSet,
)
from endpoint import documents
from endpoint.console import case_said
from endpoint.console.case_said import LINE_MOST, Asked, day_of
from endpoint.console.deviation_said import risk_of
from endpoint.console.errors import NoSuchPage, NotFilledIn, NotYours
from endpoint.console.reader import Reader
from endpoint.database import Database
from endpoint.parts import Parts
from endpoint.statements import Statement, state

Analysis = RiskAnalysisDocument
SHAPES = structs.replace(
    case_said.SHAPES["deviation"],
    action_done=RiskActionDone,
    action_followed_up=RiskActionFollowedUp,
    action_dropped=RiskActionDropped,
    followed_up=RiskAnalysisFollowedUp,
    reopened=RiskAnalysisReopened,
)
"""The bodies of an analysis; it is neither led, begun nor linked from here."""


def may_change(reader: Reader, analysis: Analysis) -> bool:
    """Whether the act is the reader's in every unit that it is for now."""
    about = analysis.about
    return about is not None and all(reader.may(Act.RISK_ANALYSE, unit) for unit in about.units)


def may_read(reader: Reader, analysis: Analysis) -> bool:
    return any(reader.may(Act.RISK_ANALYSE, unit) for unit in analysis.units)


async def listed(database: Database, reader: Reader) -> list[Analysis]:
    """Those that are going on, by the day of the change; then those that are closed, the latest first."""
    found = [
        one for one in await documents.of_kind(database, Analysis) if one.about and may_read(reader, one)
    ]

    def order(one: Analysis) -> tuple[bool, int]:
        closed = one.handling.closed is not None
        day = one.about.from_day.toordinal() if one.about else 0
        return closed, -day if closed else day

    return sorted(found, key=order)


async def opened(database: Database, reader: Reader, id: str) -> Analysis:
    """An analysis that the reader may read. Raises NoSuchPage."""
    found = await documents.get(database, Analysis, id)
    if found is None or found.about is None or not may_read(reader, found):
        raise NoSuchPage(id)
    return found


def described(asked: Asked, units: Collection[str]) -> RiskAnalysisDescribed:
    """What it is about, as it was typed. `units`: those in which the reader may. Raises NotFilledIn."""
    sent, day = asked.sent, day_of(asked.sent("from_day"))
    chosen = tuple(one for one in dict.fromkeys(sent.all("units")) if one in units)
    if not sent("title"):
        raise NotFilledIn("risks.wrong.title")
    if not sent.text("change"):
        raise NotFilledIn("risks.wrong.change")
    if day is None or not date(2000, 1, 1) <= day <= date(2100, 1, 1):
        raise NotFilledIn("risks.wrong.from_day")
    if not chosen:
        raise NotFilledIn("risks.wrong.units")
    return RiskAnalysisDescribed(
        title=sent("title")[:LINE_MOST],
        change=sent.text("change"),
        from_day=day,
        units=chosen,
        present=sent.text("present")[:LINE_MOST],
    )


async def begin(parts: Parts, reader: Reader, body: RiskAnalysisDescribed) -> str:
    """A new analysis. Gives its id."""
    id = uuid7(time.time_ns() // 1_000_000, os.urandom(10))
    said = Statement(body, Ref("risk-analysis", id), body.units[0])
    await state(parts.database, parts.keys, said, reader.staff.id)
    return id


def risk(asked: Asked, analysis: Analysis) -> Body | None:
    sent = asked.sent
    severity, probability = risk_of(sent("grade"))
    if not sent("text"):
        raise NotFilledIn("risks.wrong.text")
    known = analysis.risk(sent("risk"))
    if sent("risk") and known is None:
        raise NotFilledIn("risks.wrong.risk")
    body = RiskSet(
        risk=known.id if known else str(uuid.uuid4()),
        text=sent("text")[:LINE_MOST],
        cause=sent.text("cause"),
        severity=severity,
        probability=probability,
        limits=asked.limits,
    )
    last = known.latest if known else None
    same = last and (last.text, last.cause, last.severity, last.probability) == (
        body.text,
        body.cause,
        severity,
        probability,
    )
    return None if same else body


def action(asked: Asked, analysis: Analysis) -> Body | None:
    of = analysis.risk(asked.sent("risk"))
    if of is None:
        raise NotFilledIn("risks.wrong.risk")
    made = case_said.action(asked, SHAPES)
    assert isinstance(made, ActionSet)
    return RiskActionSet(action=made.action, text=made.text, owner=made.owner, due=made.due, risk=of.id)


def close(asked: Asked, analysis: Analysis) -> Body | None:
    if analysis.handling.closed:
        return None
    if any(one.open for one in analysis.handling.actions):
        raise NotFilledIn("handling.left.actions")
    if not analysis.handling.followed_up:
        raise NotFilledIn("risks.wrong.follow_up")
    return RiskAnalysisClosed(text=asked.sent.text("text"))


OWN: Mapping[str, Callable[[Asked, Analysis], Body | None]] = {
    "risk": risk,
    "action": action,
    "close": close,
}
_ALIKE = ("action-done", "action-effect", "action-drop", "follow-up", "reopen")
SAYINGS = ("describe", *OWN, *_ALIKE)


async def say(parts: Parts, reader: Reader, analysis: Analysis, saying: str, asked: Asked) -> None:
    """Say one thing of an analysis. Raises NotYours or NotFilledIn."""
    if not may_change(reader, analysis):
        raise NotYours(analysis.id)
    if saying == "describe":
        units = {unit.id for unit in reader.units_for(Act.RISK_ANALYSE)}
        body: Body | None = described(asked, units)
    elif saying in OWN:
        body = OWN[saying](asked, analysis)
    else:
        body = case_said.HANDLING[saying](asked, SHAPES)
    if body is not None:
        said = Statement(body, Ref("risk-analysis", analysis.id), analysis.unit)
        await state(parts.database, parts.keys, said, reader.staff.id)


def entries(analysis: Analysis) -> list[Entry]:
    """What was done with it, in the order of time."""
    return sorted(_entries(analysis), key=lambda one: one.at)


def _entries(analysis: Analysis) -> Iterator[Entry]:
    for one in analysis.descriptions:
        yield Entry(one.at, one.by, "risks.said.described")
    for of in analysis.risks:
        for graded in of.graded:
            values: dict[str, object] = {"text": graded.text}
            yield Entry(graded.at, graded.by, "risks.said.risk", values)
    yield from of_handling(analysis.handling)
