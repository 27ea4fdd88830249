"""Who may sign a task, and how a dose stands: derived from several aggregates, stored nowhere.

Recomputed whenever one of them changes, so that a delegation which arrives after the dose it covers
clears the flag that stood there.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import Struct

from care.delegation import DelegationDocument
from care.dose import DoseDocument, Signature
from care.order import Plan
from care.rights import CARE
from care.schedule import STOCKHOLM, Planned
from care.staff import StaffDocument
from care.tasks import own_task

Why = Literal[
    "none", "not_begun", "expired", "revoked", "not_accepted", "used", "other_person", "not_care_staff"
]


class MaySign(Struct, frozen=True):
    """May sign. ``delegation`` is what it rests on; None: own profession, or ordinary care."""

    delegation: str | None = None
    until: datetime | None = None
    once: bool = False
    """Whether this signature uses the delegation up."""


class Refusal(Struct, frozen=True):
    """May not sign, and why, so that it can be said in one sentence. ``at`` is when it ended, begins or was
    used."""

    why: Why
    at: datetime | None = None
    delegation: str | None = None


class Done(Struct, frozen=True):
    """One standing signature, and what it is of."""

    signature: Signature
    plan: Plan
    person: str
    unit: str


Used = Mapping[str, Done]
"""What has used up delegations for one occasion, by delegation (care.occasion)."""

Standing = Literal["right", "late_registered", "without_delegation"]


def right_to_sign(
    staff: StaffDocument,
    plan: Plan,
    person: str,
    unit: str,
    at: datetime,
    delegations: Iterable[DelegationDocument],
    used: Used,
) -> MaySign | Refusal:
    """Whether somebody may sign a task at a moment (SOSFS 1997:14; PSL 6:3). A delegation for one occasion is
    relied on only where no lasting one holds, and only once."""
    roles = staff.roles_in(unit, local_day(at))
    if not CARE & roles:
        return Refusal("not_care_staff")
    task = plan.requires
    if task is None or own_task(roles, task):
        return MaySign()
    held = [d for d in delegations if d.holder == staff.id and task in d.tasks and unit in d.units]
    for delegation in sorted(held, key=_lasting, reverse=True):
        if delegation.covers(task, person, unit) and delegation.valid(at) and delegation.id not in used:
            return MaySign(delegation.id, delegation.end, delegation.once)
    return _refusal(held, task, person, unit, at, used)


def _lasting(delegation: DelegationDocument) -> tuple[bool, float, str]:
    return (not delegation.once, *_end(delegation))


def _end(delegation: DelegationDocument) -> tuple[float, str]:
    return (delegation.end.timestamp() if delegation.end else 0.0, delegation.id)


def _refusal(
    held: list[DelegationDocument], task: str, person: str, unit: str, at: datetime, used: Used
) -> Refusal:
    here = [delegation for delegation in held if delegation.covers(task, person, unit)]
    if not here:
        return Refusal("other_person" if held else "none")
    spent = [delegation for delegation in here if delegation.valid(at)]
    if spent:  # each of them has been used, or it would have been relied on
        last = max(spent, key=lambda one: used[one.id].signature.performed)
        return Refusal("used", used[last.id].signature.performed, last.id)
    latest = max(here, key=_end)
    if latest.revoked and at >= latest.revoked:
        return Refusal("revoked", latest.revoked, latest.id)
    if not latest.accepted:
        return Refusal("not_accepted", latest.start, latest.id)
    if latest.start and at < latest.start:
        return Refusal("not_begun", latest.start, latest.id)
    return Refusal("expired", latest.end, latest.id)


def who_can(
    staff: Iterable[StaffDocument],
    plan: Plan,
    person: str,
    unit: str,
    at: datetime,
    delegations: Iterable[DelegationDocument],
    used: Used,
) -> list[StaffDocument]:
    """Everybody of the unit who may sign the task now; carers before nurses, then by name."""
    known = list(delegations)
    able = [
        one for one in staff if isinstance(right_to_sign(one, plan, person, unit, at, known, used), MaySign)
    ]
    day = at.astimezone(STOCKHOLM).date()
    return sorted(able, key=lambda one: (one.licensed_in(unit, day), one.name))


def standing(
    done: Done, author: StaffDocument | None, delegations: Iterable[DelegationDocument], used: Used
) -> Standing:
    """How one signature stands: the right counts at the time performed, whenever it was registered. Of two
    on a delegation for one occasion the later one stands as made without."""
    signature, plan = done.signature, done.plan
    if signature.outcome == "withheld":
        return "right"
    if author is None:
        return "without_delegation" if plan.requires else "right"
    known = list(delegations)
    others = {id: one for id, one in used.items() if one.signature.fact != signature.fact}

    def right(at: datetime) -> MaySign | Refusal:
        return right_to_sign(author, plan, done.person, done.unit, at, known, others)

    if isinstance(right(signature.performed), Refusal):
        return "without_delegation"
    return "late_registered" if isinstance(right(signature.stated), Refusal) else "right"


DoseState = Literal["later", "now", "late", "unknown", "given", "withheld", "double_signed"]


def dose_state(
    dose: Planned, document: DoseDocument | None, now: datetime, heard: datetime | None = None
) -> DoseState:
    """How a planned dose stands at a moment.

    `heard` is until when the reader knows everything that the unit's phones have saved; None: up to now. A
    dose whose window closed after that is *unknown*, not late: silence is not a missed dose.
    """
    if document and document.standing:
        if len(document.done) > 1:
            return "double_signed"
        return "given" if document.done else "withheld"
    if now < dose.opens:
        return "later"
    if now <= dose.closes:
        return "now"
    return "unknown" if heard is not None and heard < dose.closes else "late"


MISSED_AFTER = timedelta(hours=12)
"""So long after its window closed an unsigned dose counts as missed (p): until then it is late."""

End = Literal["open", "signed", "withheld", "missed", "unknown"]


def dose_end(
    dose: Planned, document: DoseDocument | None, now: datetime, heard: datetime | None = None
) -> tuple[End, datetime | None]:
    """What became of a planned dose, and since when nothing is known of it where that is so.

    `heard` as in `dose_state`. Whatever is signed later beats *missed*.
    """
    state = dose_state(dose, document, now, heard)
    if state in ("given", "double_signed"):
        return "signed", None
    if state == "withheld":
        return "withheld", None
    if state == "unknown":
        return "unknown", heard
    over = dose.closes + MISSED_AFTER
    if now <= over:
        return "open", None
    return ("unknown", heard) if heard is not None and heard < over else ("missed", None)


def given_late(dose: Planned, signature: Signature) -> bool:
    """Whether it was done after its window (given för sent)."""
    return signature.outcome != "withheld" and signature.performed > dose.closes


AT_ONCE = timedelta(minutes=5)
"""What is signed within this time of its doing is signed as it is done (p)."""


def entered_after(signature: Signature) -> bool:
    """Whether it was registered afterwards (efterregistrerad): told later, or entered from paper. Then both
    times are to be seen, and who entered it."""
    return bool(signature.performer) or signature.stated - signature.performed > AT_ONCE


def lacks_witness(plan: Plan, signature: Signature) -> bool:
    """Whether the order wants a second person's signature, and there is none."""
    return plan.witness and signature.outcome != "withheld" and not signature.witnesses


def relies_too_long(last_contact: datetime | None, now: datetime, trust_days: int) -> bool:
    """Whether a phone has been without contact for longer than it may rely on its delegations: one may have
    been revoked. It is then asked why, once a shift; signing is not refused (care.md)."""
    return last_contact is not None and now - last_contact > timedelta(days=trust_days)


def local_day(at: datetime) -> date:
    """The date in Sweden at a moment."""
    return at.astimezone(STOCKHOLM).date()
