"""How long a phone keeps what is over: whole aggregates, closed for longer than the unit's window.

The endpoint keeps everything for as long as the law says (endpoint/keeping); what has left a phone is fetched
back when something new is said of it, or when somebody opens it. Persons, staff, units, forms, narcotics
ledgers (a balance is carried from month to month), and orders and delegations in force never leave.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from care.cabinet import CabinetDocument, DispenserDocument
from care.check import CheckDocument, CheckResultDocument
from care.complaint import ComplaintDocument
from care.council import CouncilDocument
from care.delegation import DelegationDocument
from care.deviation import DeviationDocument, ReportDocument
from care.documents import Document
from care.dose import DoseDocument
from care.follow_up import FollowUpDocument
from care.handover import HandoverDocument
from care.notice import NoticeDocument
from care.order import OrderDocument
from care.prn import PrnDocument
from care.risk_analysis import RiskAnalysisDocument
from care.routine import RoutineDocument
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM
from care.unit import Settings

LEAST_DAYS = 7
"""Nothing leaves sooner, whatever is set (p): what was done this week is asked about."""


def window(settings: Settings) -> timedelta:
    """How long a unit's phones keep what is closed. What may still be corrected by its author stays."""
    return timedelta(days=max(LEAST_DAYS, settings.purge_after_days, settings.lock_after_days))


def closed_at(document: Document, report: ReportDocument | None = None) -> datetime | None:
    """Since when a phone has no more to do with it, never before its last change. None: it is in force, or
    open, or there are facts in it that this app cannot read.

    `report`: what the reporter of a deviation has been told, where that is at hand.
    """
    if document.unreadable or document.changed is None:
        return None
    if document.gone:
        return document.changed
    if isinstance(document, DeviationDocument | ComplaintDocument):
        closed = _report(report) if report else _deviation(document)
    else:
        rule = _rules.get(type(document))
        closed = rule(document) if rule else None
    if closed is None or closed.tzinfo is None:
        return None
    return max(closed, document.changed)


def note_of(kind: str, id: str) -> str:
    """The name of the note by which a reader remembers that they have read something."""
    return f"{kind}/{id}"


def to_be_read(document: Document, staff: str) -> bool:
    """Whether it has words to this reader, who must have read them before it leaves their phone."""
    if not isinstance(document, ReportDocument) or document.reporter != staff:
        return False
    return any(step.text for step in document.steps)


def _dose(document: DoseDocument) -> datetime | None:
    """What was not given is nothing that anybody signs later."""
    return document.planned


def _prn(document: PrnDocument) -> datetime | None:
    """With its last effect, or a day after it was given: then nobody asks any more how it helped."""
    if document.given is None or document.effects:
        return document.changed
    return document.given.performed + timedelta(days=1)


def _seen(document: CabinetDocument | DispenserDocument) -> datetime | None:
    return document.at


def _handover(document: HandoverDocument) -> datetime | None:
    return document.at


def _sbar(document: SbarDocument) -> datetime | None:
    """Closed by the nurse; or the loop was closed by repeating back, and the new check is past."""
    if document.state == "read_back" and document.read_back:
        said = document.read_back
        return max(said.at, said.check_again) if said.check_again else said.at
    return document.closed


def _deviation(document: DeviationDocument | ComplaintDocument) -> datetime | None:
    """Its steps are the reporter's: whoever handles it here has received it, and goes on in the console."""
    if isinstance(document, ComplaintDocument):
        closed = document.handling.closed
        return closed.at if closed else None
    return document.received[-1].at if document.received else None


def _report(document: ReportDocument) -> datetime | None:
    return next((step.at for step in document.steps if step.step == "closed"), None)


def _follow_up(document: FollowUpDocument) -> datetime | None:
    return document.ended or _end_of(document.last)


def _order(document: OrderDocument) -> datetime | None:
    if document.stopped or document.plan is None:
        return document.stopped
    return _end_of(document.plan.end)


def _delegation(document: DelegationDocument) -> datetime | None:
    ends = [at for at in (document.declined, document.revoked, document.end) if at]
    return min(ends, default=None)


def _check(document: CheckDocument) -> datetime | None:
    return _end_of(document.ended)


def _check_result(document: CheckResultDocument) -> datetime | None:
    return document.changed


def _closed(document: RiskAnalysisDocument | CouncilDocument) -> datetime | None:
    closed = document.handling.closed
    return closed.at if closed else None


def _routine(document: RoutineDocument) -> datetime | None:
    return _end_of(document.withdrawn)


def _notice(document: NoticeDocument) -> datetime | None:
    """What was told has been told."""
    return document.changed


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.max, tzinfo=STOCKHOLM) if day else None


_rules: dict[type[Document], Callable[[Any], datetime | None]] = {
    DoseDocument: _dose,
    PrnDocument: _prn,
    HandoverDocument: _handover,
    CabinetDocument: _seen,
    DispenserDocument: _seen,
    SbarDocument: _sbar,
    ReportDocument: _report,
    OrderDocument: _order,
    FollowUpDocument: _follow_up,
    DelegationDocument: _delegation,
    CheckDocument: _check,
    CheckResultDocument: _check_result,
    RoutineDocument: _routine,
    RiskAnalysisDocument: _closed,
    CouncilDocument: _closed,
    NoticeDocument: _notice,
}
