"""What may be stated from a phone: the rules on arrival, for facts that are whole and whose signature holds.

A breach of a rule of care is none of these: it happened, and is taken in. These keep a phone from speaking
for units, persons and professions that are not its own.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import TypeVar

from msgspec import Struct

from care.delegation import DelegationIssued
from care.errors import BodyError
from care.facts import Body, Fact, body_of, kind_of
from care.order import OrderChanged, OrderPlaced, Plan
from care.order_right import may_order
from care.rights import ACT_OF_FACT, Act, Role, may
from care.staff import StaffDocument
from care.tasks import beyond
from wire.messages import QuarantineReason

WITHOUT_SIGNING_IN = frozenset({"sbar.recorded", "sbar.called", "deviation.reported"})
"""What the lock screen offers. Nothing else counts without an author."""

MASTER_KINDS = frozenset({"unit", "staff", "form"})
"""Kinds that only those who answer for a whole vårdgivare write, on the console, whatever the type."""

CONSOLE_KINDS = MASTER_KINDS | {
    *("check", "check-result", "routine", "notice", "risk-analysis", "risk-limits", "council"),
    *("cabinet", "dispenser"),
}
"""Kinds written on the console, where changes are held against all the units they are for, or by machines."""

_OF_THE_PROVIDER = frozenset({Role.MAS, Role.MAR, Role.SAS, Role.ADMINISTRATOR})
_THE_HOLDERS_OWN = frozenset({"delegation.accepted", "delegation.declined"})
"""A delegation's home is where it was issued; its holder may never have worked there."""


Said = TypeVar("Said", bound=Body)


class Broken(Struct, frozen=True):
    """Which rule a fact breaks, as it is quarantined under."""

    reason: QuarantineReason
    detail: str


class Place(Struct, frozen=True):
    """Where a fact is stated and belongs. ``home``: the unit of its aggregate, where there is one; ``left``:
    the units that the phone belonged to before, or may have."""

    device_unit: str
    home: str | None
    providers: Mapping[str, str]
    """The vårdgivare of each unit."""
    left: frozenset[str] = frozenset()

    def among(self, unit: str) -> list[str]:
        """The units of the same vårdgivare."""
        provider = self.providers.get(unit)
        return [one for one, other in self.providers.items() if other == provider]


def broken(fact: Fact, place: Place, author: StaffDocument | None, days: Collection[date]) -> Broken | None:
    """The first rule that a fact breaks; None: it may be stated.

    ``days``: those on which rights are judged, the local day when it was stated and the one on which it
    arrives: what an agency nurse did on her last day counts though her phone delivers it after midnight.
    """
    kind = fact.aggregate.kind
    if author is None and fact.type not in WITHOUT_SIGNING_IN:
        return Broken("unsigned", f"{fact.type}: not without signing in")
    if kind_of(fact.type) not in (None, kind):
        return Broken("malformed", f"{fact.type}: not of a {kind}")
    if not _of_their_unit(fact, place, author, days):
        return Broken("not_permitted", "unit: neither the phone's nor one of the author's")
    if place.home and fact.unit != place.home and kind not in MASTER_KINDS:
        return Broken("not_permitted", f"unit: the {kind} is of another")
    if not _within_their_rights(fact, place, author, days):
        return Broken("not_permitted", f"{fact.type}: not the author's to state")
    return None


def _of_their_unit(fact: Fact, place: Place, author: StaffDocument | None, days: Collection[date]) -> bool:
    if fact.unit == place.device_unit:
        return True
    if author is None:
        # Saved before it moved or heard that it was not to, or by a file of then that was put back.
        return fact.unit in place.left
    if fact.type in _THE_HOLDERS_OWN and _may_be_of(fact.unit, place):
        return True
    if any(role.unit == fact.unit and role.start <= max(days) for role in author.roles):
        return True
    same = place.among(fact.unit)
    return any(not _OF_THE_PROVIDER.isdisjoint(author.roles_among(same, day)) for day in days)


def _may_be_of(unit: str, place: Place) -> bool:
    """Whether it is the aggregate's, or may be: the answer to a delegation can be here before that is, where
    the endpoint was put back and another phone has yet to bring it."""
    return unit == place.home or (place.home is None and unit in place.among(place.device_unit))


def _within_their_rights(
    fact: Fact, place: Place, author: StaffDocument | None, days: Collection[date]
) -> bool:
    """Whether the author may state what gives rights or orders. Whatever else is told, anybody may tell."""
    act = ACT_OF_FACT.get(fact.type)
    # On the console what is changed can be compared with what was.
    if fact.aggregate.kind in CONSOLE_KINDS or act is Act.MASTER_DATA:
        return False
    if act is None:
        return True
    if author is None:
        return False
    issued, plan = _said(fact, DelegationIssued), _plan(fact)
    return all(
        any(may(act, author.roles_in(unit, day), author.roles_among(place.among(unit), day)) for day in days)
        for unit in {fact.unit, *(issued.units if issued else ())}
    ) and not (
        (issued and _beyond_their_own(issued, author, days))
        or (plan and not any(may_order(author.roles_in(fact.unit, day), plan) for day in days))
    )


def _said(fact: Fact, kind: type[Said]) -> Said | None:
    try:
        body = body_of(fact)
    except BodyError:
        return None
    return body if isinstance(body, kind) else None


def _plan(fact: Fact) -> Plan | None:
    said = _said(fact, OrderPlaced) or _said(fact, OrderChanged)
    return said.plan if said else None


def _beyond_their_own(issued: DelegationIssued, author: StaffDocument, days: Collection[date]) -> bool:
    """Whether it gives what is not the issuer's own profession's to give, in any of its units (PSL 6:3)."""
    return any(all(beyond(issued.tasks, author.roles_in(unit, day)) for day in days) for unit in issued.units)
