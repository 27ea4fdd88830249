"""The yearly review of a delegation (uppföljning): when it is due, and whose it is to do."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from care.delegation import DelegationDocument, StateAt
from care.rights import Act, Role, may
from care.signing import local_day
from care.staff import StaffDocument
from care.tasks import beyond

OPEN: tuple[StateAt, ...] = ("valid", "issued", "coming")
REVIEW_EVERY = timedelta(days=365)
"""A delegation is reviewed each year [R]."""
REVIEW_SOON = timedelta(days=60)
"""(p) So long before that it stands on the list."""


class Due(Struct, frozen=True):
    at: datetime
    """A year after it was issued or last reviewed; never after its end."""
    issuer_left: bool
    """Whether its issuer works in none of its units any more: somebody else must answer for it."""


def due(one: DelegationDocument, issuer: StaffDocument | None, now: datetime) -> Due | None:
    """When a delegation in force is to be reviewed: soon, or because its issuer has left. None: not yet, or
    it is for one occasion, which is over before there is anything to review."""
    if one.once or one.state_at(now) != "valid" or one.start is None or one.end is None:
        return None
    last = max((review.on for review in one.reviews), default=None)
    since = one.start if last is None else datetime(last.year, last.month, last.day, tzinfo=one.start.tzinfo)
    at = min(since + REVIEW_EVERY, one.end)
    left = issuer is None or not any(issuer.licensed_in(unit, local_day(now)) for unit in one.units)
    return Due(at, left) if left or at - now <= REVIEW_SOON else None


def may_review(one: DelegationDocument, roles: Mapping[str, Collection[Role]]) -> bool:
    """Whether somebody with these roles in its units could have issued it: the issuer, or a colleague with
    the same right."""
    return bool(one.units) and all(
        may(Act.DELEGATION_ISSUE, frozenset(roles.get(unit, ())), frozenset())
        and not beyond(one.tasks, roles.get(unit, ()))
        for unit in one.units
    )
