"""What is to be done next with a case, and by when. Derived: whatever is done makes something else due."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct

from care.complaint import ComplaintDocument
from care.deviation import DeviationDocument
from care.handling import Handling
from care.signing import local_day

What = Literal[
    "received",
    "assessed",
    "investigated",
    "analysed",
    "action",
    "effect",
    "closed",
    "acknowledged",
    "answered",
]
"""Take it in, assess it, begin the investigation, write it, do an action, see what it led to, close it; of a
complaint: say that it was received, and answer it."""

RECEIVED_DAYS, ASSESSED_DAYS, INVESTIGATED_DAYS = 1, 5, 10
"""Days from the report (p); assessed and investigation begun: Kristianstad."""
ANALYSED_DAYS = 30
"""Days from the beginning of an investigation that was given no day of its own (p)."""
EFFECT_DAYS = 30
"""Days after an action was done until it can be seen what it led to (p)."""
CLOSING_DAYS = 14
"""Days from the last that was stated, when nothing else is left to do (p)."""
SOON = timedelta(days=3)
"""So long before its day something is said to be due soon (p)."""


ACKNOWLEDGED_DAYS = 3
"""Days until whoever complained is told that it is being looked into (p)."""


class Due(Struct, frozen=True):
    """``who``: the owner of an action, by staff id; empty: whoever leads the case. ``action``: its id."""

    what: What
    day: date
    who: str = ""
    action: str = ""

    def overdue(self, today: date) -> bool:
        return self.day < today

    def soon(self, today: date) -> bool:
        return today <= self.day <= today + SOON


def due(case: DeviationDocument) -> list[Due]:
    """What is to be done, the earliest first; nothing in a case that is closed, or not here to be read."""
    reported = case.reported or case.created
    if case.answers is None or reported is None or case.handling.closed:
        return []
    found = list(_due(case, local_day(reported)))
    if not found:
        found = [Due("closed", _after(_last(case, reported), CLOSING_DAYS))]
    return sorted(found, key=lambda one: (one.day, one.what))


def due_in_complaint(case: ComplaintDocument) -> list[Due]:
    """The same of a complaint; praise asks for nothing."""
    if case.reported is None or case.answer_by is None or case.what == "praise" or case.handling.closed:
        return []
    found = list(of_handling(case.handling))
    if case.reply_to and not case.answered:
        found.append(Due("answered", local_day(case.answer_by)))
        if not case.acknowledged:
            found.append(Due("acknowledged", local_day(case.reported) + timedelta(days=ACKNOWLEDGED_DAYS)))
    if not found:
        found.append(Due("closed", _after(case.changed or case.reported, CLOSING_DAYS)))
    return sorted(found, key=lambda one: (one.day, one.what))


def of_handling(handling: Handling) -> Iterator[Due]:
    """What is to be done of an investigation and of actions, in any case that has them."""
    if handling.begun and not handling.analyses:
        last = handling.begun[-1]
        yield Due("analysed", last.due or _after(last.at, ANALYSED_DAYS))
    for action in handling.actions:
        if action.open:
            yield Due("action", action.due, action.owner, action.id)
        elif action.unseen and action.done:
            yield Due("effect", action.done + timedelta(days=EFFECT_DAYS), action.owner, action.id)


def _due(case: DeviationDocument, reported: date) -> Iterator[Due]:
    handling = case.handling
    if case.step is None:
        yield Due("received", reported + timedelta(days=RECEIVED_DAYS))
    elif not case.assessments:
        yield Due("assessed", reported + timedelta(days=ASSESSED_DAYS))
    elif not (handling.begun or handling.analyses or handling.actions or handling.followed_up):
        yield Due("investigated", reported + timedelta(days=INVESTIGATED_DAYS))
    yield from of_handling(handling)


def _after(at: datetime, days: int) -> date:
    return local_day(at) + timedelta(days=days)


def _last(case: DeviationDocument, reported: datetime) -> datetime:
    return max(case.changed or reported, reported)
