"""What is said of a deviation on the console, and what its reporter is told of it in the same breath."""

from collections.abc import Callable, Mapping
from typing import get_args

from msgspec import Struct

from care.deviation import (
    SIDES,
    DeviationDocument,
    DeviationReceived,
    DeviationReclassified,
    ReportDocument,
    ReportStatus,
    Step,
)
from care.deviation_case import (
    Decided,
    DeviationAssessed,
    DeviationClosed,
    DeviationEscalated,
    Finding,
    IvoText,
    LexMariaDecided,
    LexSarahDecided,
    Outcome,
    Track,
)
from care.facts import Body, Ref
from care.rights import Act
from care.risk import PROBABILITIES, SEVERITIES
from care.streams import readers_of
from endpoint import documents
from endpoint.console import case_said
from endpoint.console.case_said import SHAPES, Asked, day_of
from endpoint.console.errors import NoSuchPage, NotFilledIn, NotYours
from endpoint.console.reader import Reader
from endpoint.parts import Parts
from endpoint.statements import Statement, state_all

IVO_MOST = 20_000
TRACKS: tuple[Track, ...] = get_args(Track)
FINDINGS: tuple[Finding, ...] = get_args(Finding)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
DECIDES: dict[Track, Act] = {"lex_maria": Act.LEX_MARIA_DECIDE, "lex_sarah": Act.LEX_SARAH_DECIDE}
_DECIDED: dict[Track, type[Decided]] = {"lex_maria": LexMariaDecided, "lex_sarah": LexSarahDecided}


class Of(Struct, frozen=True):
    """A form that was sent of a deviation."""

    asked: Asked
    case: DeviationDocument
    told: ReportDocument | None
    reader: Reader


Reading = Callable[[Of], Body | None]


def assess(of: Of) -> Body | None:
    severity, probability = risk_of(of.asked.sent("risk"))
    reason = of.asked.sent.text("reason")
    last = of.case.assessment
    if last and (last.severity, last.probability, last.reason) == (severity, probability, reason):
        return None
    if last and not reason:
        raise NotFilledIn("handling.wrong.assess_again")
    return DeviationAssessed(
        severity=severity, probability=probability, reason=reason, limits=of.asked.limits
    )


def classify(of: Of) -> Body | None:
    category = next((one for one in SIDES if one == of.asked.sent("category")), None)
    reason = of.asked.sent.text("reason")
    if category is None or category == of.case.category:
        raise NotFilledIn("handling.wrong.category")
    if not reason:
        raise NotFilledIn("handling.wrong.reason")
    return DeviationReclassified(category=category, reason=reason)


def escalate(of: Of) -> Body | None:
    track = _track(of)
    if any(one.track == track for one in of.case.escalations):
        return None
    return DeviationEscalated(track=track, text=of.asked.sent.text("text"))


def decide(of: Of) -> Body | None:
    track, sent = _track(of), of.asked.sent
    if not of.reader.may(DECIDES[track], of.case.unit):
        raise NotYours(track)
    finding = next((one for one in FINDINGS if one == sent("finding")), None)
    outcome = next((one for one in OUTCOMES if one == sent("outcome")), None)
    day, reason = day_of(sent("decided")), sent.text("reason")
    if finding is None or outcome is None:
        raise NotFilledIn("handling.wrong.decision")
    if day is None or day > of.asked.today:
        raise NotFilledIn("handling.wrong.decided")
    if not reason:
        raise NotFilledIn("handling.wrong.reason")
    return _DECIDED[track](
        finding=finding, outcome=outcome, reason=reason, decided=day, reference=sent("reference")[:80]
    )


def prepare(of: Of) -> Body | None:
    track, sent = _track(of), of.asked.sent
    known = [one for one in of.case.prepared if one.track == track]
    if sent("seen") != str(len(known)):
        raise NotFilledIn("handling.wrong.seen")
    text = sent.text("text", IVO_MOST)
    if not text:
        raise NotFilledIn("handling.wrong.text")
    return None if known and known[-1].text == text else IvoText(track=track, text=text)


def close(of: Of) -> Body | None:
    if of.case.handling.closed:
        return None
    if left := left_to_do(of.case):
        raise NotFilledIn(f"handling.left.{left[0]}")
    text = of.asked.sent.text("tell" if of.case.reporter else "text")
    if not text:
        raise NotFilledIn("handling.wrong.tell" if of.case.reporter else "handling.wrong.text")
    return DeviationClosed(text=text)


def tell(of: Of) -> Body | None:
    """Nothing of the case itself: words to the reporter, beside the steps."""
    if not of.case.reporter or not of.asked.sent.text("tell"):
        raise NotFilledIn("handling.wrong.tell")
    return None


def received(of: Of) -> Body | None:
    return DeviationReceived() if of.case.unread else None


OWN: Mapping[str, Reading] = {
    "received": received,
    "assess": assess,
    "category": classify,
    "escalate": escalate,
    "decide": decide,
    "ivo": prepare,
    "tell": tell,
    "close": close,
}
"""What is said of deviations alone."""

STEP_OF: dict[str, Step] = {
    "received": "received",
    "assess": "assessed",
    "begin": "investigated",
    "investigation": "investigated",
    "action": "action",
    "follow-up": "followed_up",
    "close": "closed",
}
"""The step that the reporter is told of when something is said."""

SAYINGS = (*OWN, *case_said.HANDLING)


def left_to_do(case: DeviationDocument) -> list[str]:
    """What must be done before it can be closed, as the last part of a text's key."""
    handling = case.handling
    pending = {one.track for one in case.escalations if case.decided(one.track) is None}
    waiting = {one.track for one in case.decisions if case.decided(one.track).outcome == "to_report"}  # type: ignore[union-attr]
    calls = case.assessment is not None and case.assessment.event_analysis
    left = {
        "assess": not case.assessments,
        "investigation": bool(handling.begun) and not handling.analyses,
        "event_analysis": calls and not handling.analyses,
        "actions": any(one.open for one in handling.actions),
        "decision": bool(pending),
        "report": bool(waiting),
    }
    return [name for name, so in left.items() if so]


async def say(
    parts: Parts, reader: Reader, id: str, saying: str, asked: Callable[[DeviationDocument], Asked]
) -> None:
    """Say one thing of a case, and tell its reporter. Raises NoSuchPage, NotYours or NotFilledIn."""
    case = await documents.get(parts.database, DeviationDocument, id)
    if case is None or case.answers is None:
        raise NoSuchPage(id)
    if not reader.may_see(case):
        raise NotYours(id)
    told = await documents.get(parts.database, ReportDocument, id)
    of = Of(asked(case), case, told, reader)
    own = OWN.get(saying)
    body = own(of) if own else case_said.HANDLING[saying](of.asked, SHAPES["deviation"])
    said = [Statement(body, Ref("deviation", id), case.unit, case.person)] if body else []
    said += [
        Statement(one, Ref("report", id), case.unit, case.person) for one in _to_reporter(of, saying, body)
    ]
    await state_all(parts.database, parts.keys, said, reader.staff.id)


def _to_reporter(of: Of, saying: str, body: Body | None) -> list[ReportStatus]:
    """The step, where it is a new one to them, or there are new words; nothing where nobody can be told."""
    words = of.asked.sent.text("tell")
    known = [one.step for one in of.told.steps] if of.told else []
    if saying == "tell":
        step = known[-1] if known else of.case.step or "received"
    elif saying in STEP_OF and body is not None:
        step = STEP_OF[saying]
    else:
        return []
    if not of.case.reporter or (step in known and not words):
        return []
    case = of.case
    return [ReportStatus(reporter=case.reporter, step=step, text=words, readers=readers_of(case))]


def risk_of(text: str) -> tuple[int, int]:
    """A cell of the matrix as it is sent: "3.2", severity and probability. Raises NotFilledIn."""
    for severity in SEVERITIES:
        for probability in PROBABILITIES:
            if text == f"{severity}.{probability}":
                return severity, probability
    raise NotFilledIn("handling.wrong.assess")


def _track(of: Of) -> Track:
    track = next((one for one in TRACKS if one == of.asked.sent("track")), None)
    if track is None:
        raise NotFilledIn("handling.wrong.track")
    return track
