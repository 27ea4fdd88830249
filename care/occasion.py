"""Delegations for one occasion: which signature has used one up. Derived, stored nowhere.

One occasion is one signature that stands. Of those that rest on the delegation the first by when it was
*performed* counts, whenever it arrived; one that is taken back gives the occasion back.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from care.as_needed import plan_at
from care.delegation import DelegationDocument
from care.dose import DoseDocument
from care.errors import ScheduleError
from care.order import OrderDocument
from care.prn import PrnDocument
from care.schedule import Planned, planned
from care.signing import Done, Refusal, Used, right_to_sign
from care.staff import StaffDocument

NEAR = timedelta(days=2)
"""A dose is done within this of its planned time: so far around a delegation its doses are looked for."""


class Rested(Struct, frozen=True):
    """What may rest on delegations for one occasion: planned doses by id, and orders given as needed."""

    doses: dict[str, Planned]
    needed: dict[str, OrderDocument]


def for_one(
    delegations: Iterable[DelegationDocument], around: datetime | None = None
) -> list[DelegationDocument]:
    """Those for one occasion that their holder has said yes to; `around`: those near a moment alone."""
    return [
        one
        for one in delegations
        if one.once and one.accepted and not one.declined and one.start and one.end and _near(one, around)
    ]


def _near(one: DelegationDocument, around: datetime | None) -> bool:
    if around is None or one.start is None or one.end is None:
        return True
    return one.start - NEAR <= around <= one.end + NEAR


def rested(once: Iterable[DelegationDocument], orders: Iterable[OrderDocument]) -> Rested:
    """What could have been signed on them, as far as is to be read; nothing of other tasks and persons."""
    found = Rested({}, {})
    for order in orders:
        over = [one for one in once if _may_hold(one, order)]
        if over and any(version.plan.as_needed for version in order.versions):
            found.needed[order.id] = order
        if over:
            # Paused or stopped since: what was signed was signed.
            whole = replace(order, pauses=[], stopped=None)
            start, end = min(one.start for one in over if one.start), max(one.end for one in over if one.end)
            found.doses.update({dose.id: dose for dose in _planned(whole, start, end)})
    return found


def _may_hold(one: DelegationDocument, order: OrderDocument) -> bool:
    return order.person is not None and any(
        version.plan.requires and one.covers(version.plan.requires, order.person, order.unit)
        for version in order.versions
    )


def _planned(order: OrderDocument, start: datetime, end: datetime) -> list[Planned]:
    try:
        return planned(order, start - NEAR, end + NEAR)
    except ScheduleError:
        return []


def done(found: Rested, doses: Iterable[DoseDocument], needed: Iterable[PrnDocument]) -> list[Done]:
    """The standing signatures of what was done, each with what it was of."""
    made = []
    for document in doses:
        if dose := found.doses.get(document.id):
            made += [Done(one, dose.plan, dose.person, document.unit) for one in document.done]
    for given in needed:
        order = found.needed.get(given.order)
        for one in given.done if order else ():
            plan = plan_at(order, one.performed) if order else None
            if plan and given.person:
                made.append(Done(one, plan, given.person, given.unit))
    return made


def used(
    delegations: Iterable[DelegationDocument], signed: Iterable[Done], staff: Mapping[str, StaffDocument]
) -> Used:
    """What has used up each delegation for one occasion; those that are not there have not been used.

    First comes who relied on it: of the signatures that name it the first one performed. One that no
    signature names is used by the first that it covers and that nothing else does: done before its delegation
    had reached the phone. What is covered by a lasting delegation, or by profession, uses none.
    """
    known = list(delegations)
    once = sorted(for_one(known), key=lambda one: (one.end, one.id))
    lasting = [one for one in known if not one.once]
    claims = sorted((one for one in signed if once and _claims(one, staff, lasting)), key=_when)
    found: dict[str, Done] = {}
    for claim in claims:
        named = next((one for one in once if one.id == claim.signature.delegation), None)
        if named and named.id not in found and _holds(named, claim):
            found[named.id] = claim
    taken = {one.signature.fact for one in found.values()}
    for claim in claims:
        if claim.signature.fact not in taken:
            free = next((one for one in once if one.id not in found and _holds(one, claim)), None)
            if free:
                found[free.id] = claim
    return found


def _claims(one: Done, staff: Mapping[str, StaffDocument], lasting: list[DelegationDocument]) -> bool:
    author, at = staff.get(one.signature.by), one.signature.performed
    if author is None:
        return False
    found = right_to_sign(author, one.plan, one.person, one.unit, at, lasting, {})
    return isinstance(found, Refusal) and found.why != "not_care_staff"


def _holds(delegation: DelegationDocument, one: Done) -> bool:
    task, signature = one.plan.requires, one.signature
    return (
        delegation.holder == signature.by
        and task is not None
        and delegation.covers(task, one.person, one.unit)
        and delegation.valid(signature.performed)
    )


def _when(one: Done) -> tuple[datetime, str]:
    return one.signature.performed.astimezone(UTC), one.signature.fact
