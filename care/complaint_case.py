"""The case of a complaint: acknowledged, investigated as a deviation is, answered, and closed."""

from datetime import date
from typing import Literal

from care.facts import Body, states
from care.handling import (
    ActionDone,
    ActionDropped,
    ActionFollowedUp,
    ActionSet,
    Analysed,
    Assigned,
    Begun,
    CaseClosed,
    FollowedUp,
    Linked,
    Reopened,
    Unlinked,
)

Way = Literal["talk", "phone", "letter", "mail"]
"""How whoever complained was reached: samtal, telefon, brev, e-post."""


@states("complaint.acknowledged")
class ComplaintAcknowledged(Body, frozen=True, kw_only=True):
    """Whoever complained has been told that it is being looked into. ``on``: the day when they were."""

    way: Way
    on: date
    text: str = ""


@states("complaint.answered")
class ComplaintAnswered(Body, frozen=True, kw_only=True):
    """The answer, as it was given."""

    way: Way
    on: date
    text: str


@states("complaint.assigned")
class ComplaintAssigned(Assigned, frozen=True, kw_only=True):
    pass


@states("complaint.begun")
class ComplaintBegun(Begun, frozen=True, kw_only=True):
    pass


@states("complaint.analysed")
class ComplaintAnalysed(Analysed, frozen=True, kw_only=True):
    pass


@states("complaint.action_set")
class ComplaintActionSet(ActionSet, frozen=True, kw_only=True):
    pass


@states("complaint.action_done")
class ComplaintActionDone(ActionDone, frozen=True, kw_only=True):
    pass


@states("complaint.action_followed_up")
class ComplaintActionFollowedUp(ActionFollowedUp, frozen=True, kw_only=True):
    pass


@states("complaint.action_dropped")
class ComplaintActionDropped(ActionDropped, frozen=True, kw_only=True):
    pass


@states("complaint.linked")
class ComplaintLinked(Linked, frozen=True, kw_only=True):
    pass


@states("complaint.unlinked")
class ComplaintUnlinked(Unlinked, frozen=True, kw_only=True):
    pass


@states("complaint.followed_up")
class ComplaintFollowedUp(FollowedUp, frozen=True, kw_only=True):
    pass


@states("complaint.closed")
class ComplaintClosed(CaseClosed, frozen=True, kw_only=True):
    pass


@states("complaint.reopened")
class ComplaintReopened(Reopened, frozen=True, kw_only=True):
    pass
