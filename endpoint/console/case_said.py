"""What is said of a case on the console: its forms, read into what they state; or what is missing in them.

The same for every kind of case that has a `Handling`. ``SHAPES`` has the bodies of each kind.
"""

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import get_args

from msgspec import Struct

from care.complaint_case import (
    ComplaintActionDone,
    ComplaintActionDropped,
    ComplaintActionFollowedUp,
    ComplaintActionSet,
    ComplaintAnalysed,
    ComplaintAssigned,
    ComplaintBegun,
    ComplaintFollowedUp,
    ComplaintLinked,
    ComplaintReopened,
    ComplaintUnlinked,
)
from care.deviation_case import (
    DeviationActionDone,
    DeviationActionDropped,
    DeviationActionFollowedUp,
    DeviationActionSet,
    DeviationAnalysed,
    DeviationAssigned,
    DeviationBegun,
    DeviationFollowedUp,
    DeviationLinked,
    DeviationReopened,
    DeviationUnlinked,
)
from care.facts import Body
from care.handling import (
    CAUSE_LEVELS,
    Action,
    ActionDone,
    ActionDropped,
    ActionFollowedUp,
    ActionSet,
    Analysed,
    Assigned,
    Begun,
    Cause,
    CauseArea,
    Effect,
    FollowedUp,
    Handling,
    Linked,
    Reopened,
    Unlinked,
)
from care.risk import LIMITS, Limits
from endpoint.console.errors import NotFilledIn
from endpoint.console.sent import Sent

TEXT_MOST = 4000
LINE_MOST = 300
CAUSES_MOST = 20
LINKED = ("deviation", "risk-analysis")
"""The kinds that a case can be said to have to do with."""
AREAS: tuple[CauseArea, ...] = get_args(CauseArea)
EFFECTS: tuple[Effect, ...] = get_args(Effect)
_FURTHEST = timedelta(days=3 * 366)
"""No day that something is due lies further ahead."""


class Shapes(Struct, frozen=True):
    """The bodies that one kind of case is stated in."""

    assigned: type[Assigned]
    begun: type[Begun]
    analysed: type[Analysed]
    action_set: type[ActionSet]
    action_done: type[ActionDone]
    action_followed_up: type[ActionFollowedUp]
    action_dropped: type[ActionDropped]
    linked: type[Linked]
    unlinked: type[Unlinked]
    followed_up: type[FollowedUp]
    reopened: type[Reopened]


SHAPES: dict[str, Shapes] = {
    "deviation": Shapes(
        assigned=DeviationAssigned,
        begun=DeviationBegun,
        analysed=DeviationAnalysed,
        action_set=DeviationActionSet,
        action_done=DeviationActionDone,
        action_followed_up=DeviationActionFollowedUp,
        action_dropped=DeviationActionDropped,
        linked=DeviationLinked,
        unlinked=DeviationUnlinked,
        followed_up=DeviationFollowedUp,
        reopened=DeviationReopened,
    ),
    "complaint": Shapes(
        assigned=ComplaintAssigned,
        begun=ComplaintBegun,
        analysed=ComplaintAnalysed,
        action_set=ComplaintActionSet,
        action_done=ComplaintActionDone,
        action_followed_up=ComplaintActionFollowedUp,
        action_dropped=ComplaintActionDropped,
        linked=ComplaintLinked,
        unlinked=ComplaintUnlinked,
        followed_up=ComplaintFollowedUp,
        reopened=ComplaintReopened,
    ),
}


class Asked(Struct, frozen=True):
    """A form that was sent of a case. ``people``: ids of those who may lead it and own its actions;
    ``others``: the other cases, and the risk analyses, that the reader may see."""

    sent: Sent
    handling: Handling
    people: Collection[str]
    today: date
    others: Collection[str] = ()
    limits: Limits = LIMITS
    """Those of the risk matrix that are in force."""


NO_HANDLING = Handling()
"""Of what is only begun."""

Reading = Callable[[Asked, Shapes], Body | None]
"""What a form states; None: nothing that is not said already. Raises NotFilledIn."""


def lead(asked: Asked, shapes: Shapes) -> Body | None:
    lead, deputy = asked.sent("lead"), asked.sent("deputy")
    if lead not in asked.people or (deputy and (deputy not in asked.people or deputy == lead)):
        raise NotFilledIn("handling.wrong.lead")
    now = asked.handling.lead
    return (
        None
        if now and (now.lead, now.deputy) == (lead, deputy)
        else shapes.assigned(lead=lead, deputy=deputy)
    )


def begin(asked: Asked, shapes: Shapes) -> Body | None:
    return shapes.begun(due=ahead(asked, "due", "handling.wrong.due"))


def investigation(asked: Asked, shapes: Shapes) -> Body | None:
    if asked.sent("seen") != str(len(asked.handling.analyses)):
        raise NotFilledIn("handling.wrong.seen")
    body = shapes.analysed(
        happened=asked.sent.text("happened"),
        why=asked.sent.text("why"),
        prevent=asked.sent.text("prevent"),
        causes=tuple(_causes(asked.sent)),
        event_analysis=asked.sent("event_analysis") == "yes",
    )
    if not (body.happened or body.why or body.prevent or body.causes):
        raise NotFilledIn("handling.wrong.investigation")
    last = asked.handling.analysis
    return None if last and last.body == body else body


def action(asked: Asked, shapes: Shapes) -> Body | None:
    text, owner = asked.sent("text")[:LINE_MOST], asked.sent("owner")
    if not text:
        raise NotFilledIn("handling.wrong.action_text")
    if owner not in asked.people:
        raise NotFilledIn("handling.wrong.action_owner")
    due = ahead(asked, "due", "handling.wrong.action_due")
    if due is None:
        raise NotFilledIn("handling.wrong.action_due")
    id = asked.sent("action")
    if id:
        _action(asked)
    return shapes.action_set(action=id or str(uuid.uuid4()), text=text, owner=owner, due=due)


def action_done(asked: Asked, shapes: Shapes) -> Body | None:
    found = _action(asked)
    done = day_of(asked.sent("done"))
    if done is None or done > asked.today:
        raise NotFilledIn("handling.wrong.done")
    return shapes.action_done(action=found.id, done=done, text=asked.sent.text("text"))


def action_effect(asked: Asked, shapes: Shapes) -> Body | None:
    found = _action(asked)
    effect = next((one for one in EFFECTS if one == asked.sent("effect")), None)
    if effect is None or found.done is None:
        raise NotFilledIn("handling.wrong.effect")
    return shapes.action_followed_up(action=found.id, effect=effect, text=asked.sent.text("text"))


def action_drop(asked: Asked, shapes: Shapes) -> Body | None:
    reason = asked.sent.text("reason")
    if not reason:
        raise NotFilledIn("handling.wrong.reason")
    return shapes.action_dropped(action=_action(asked).id, reason=reason)


def link(asked: Asked, shapes: Shapes) -> Body | None:
    return shapes.linked(kind=_kind(asked), to=_other(asked))


def unlink(asked: Asked, shapes: Shapes) -> Body | None:
    return shapes.unlinked(kind=_kind(asked), to=_other(asked))


def follow_up(asked: Asked, shapes: Shapes) -> Body | None:
    text = asked.sent.text("text")
    if not text:
        raise NotFilledIn("handling.wrong.text")
    return shapes.followed_up(text=text)


def reopen(asked: Asked, shapes: Shapes) -> Body | None:
    reason = asked.sent.text("reason")
    if not reason:
        raise NotFilledIn("handling.wrong.reason")
    return shapes.reopened(reason=reason) if asked.handling.closed else None


HANDLING: Mapping[str, Reading] = {
    "lead": lead,
    "begin": begin,
    "investigation": investigation,
    "action": action,
    "action-done": action_done,
    "action-effect": action_effect,
    "action-drop": action_drop,
    "link": link,
    "unlink": unlink,
    "follow-up": follow_up,
    "reopen": reopen,
}
"""What can be said of any case, by the last part of the address that it is sent to."""


def day_of(text: str) -> date | None:
    """A day as a browser sends it; None: it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def ahead(asked: Asked, name: str, fault: str) -> date | None:
    """A day from today on; None: the field is empty. Raises NotFilledIn."""
    text = asked.sent(name)
    day = day_of(text)
    if text and (day is None or not asked.today <= day <= asked.today + _FURTHEST):
        raise NotFilledIn(fault)
    return day


def _kind(asked: Asked) -> str:
    if asked.sent("kind") not in LINKED:
        raise NotFilledIn("handling.wrong.link")
    return asked.sent("kind")


def _other(asked: Asked) -> str:
    to = asked.sent("to")
    if to not in asked.others:
        raise NotFilledIn("handling.wrong.link")
    return to


def _action(asked: Asked) -> Action:
    found = asked.handling.action(asked.sent("action"))
    if found is None:
        raise NotFilledIn("handling.wrong.action")
    return found


def _causes(sent: Sent) -> list[Cause]:
    found = []
    for number in sent.numbers("cause")[:CAUSES_MOST]:
        text = sent(f"cause.{number}.text")[:LINE_MOST]
        area = next((one for one in AREAS if one == sent(f"cause.{number}.area")), None)
        level = sent(f"cause.{number}.level")
        if text:
            deep = int(level) if level.isdecimal() and len(level) == 1 else 1
            found.append(Cause(text, area, max(1, min(deep, CAUSE_LEVELS))))
    return found
