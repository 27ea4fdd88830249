"""Doses: what was done of a planned task, by whom and when. Two signatures stay two, side by side."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

Outcome = Literal["given", "partly_given", "sent_along", "withheld"]

Unheard = Literal["no_network", "phone_broken", "nurse_says", "other"]
"""Why somebody signs on a phone that has had no contact for longer than it may rely on its delegations: inget
nät, telefonen krånglar, sjuksköterskan har sagt ja, annat."""

Reason = Literal[
    "declined",
    "asleep",
    "nausea",
    "cannot_swallow",
    "not_home",
    "hospital",
    "missing",
    "paused_by_nurse",
    "forgotten",
    "other",
]
"""Tackade nej, sover, mår illa eller kräks, kan inte svälja, inte hemma, på sjukhus, läkemedlet saknas,
sjuksköterskan har pausat, glömdes, annat."""


@states("dose.given")
class DoseGiven(Body, frozen=True, kw_only=True):
    """``delegation`` is the one the performer relied on; None for legitimerad personal or ordinary care."""

    order: str
    planned: datetime
    performed: datetime
    amount: str
    outcome: Literal["given", "partly_given", "sent_along"] = "given"
    order_fact: str
    """The fact of the order's version that was on the screen."""
    delegation: str | None = None
    already_given: bool = False
    """Recorded afterwards through *Jag har redan gett den*."""
    value: float | None = None
    """What was measured, in `value_unit`, where the order asks for it."""
    value_unit: str = ""
    unheard_since: datetime | None = None
    """When the phone last had contact, where that is longer ago than it may rely on its delegations."""
    unheard_reason: Unheard | None = None
    performer: str = ""
    """Who did it, where somebody else has entered it from a signing list on paper; empty: the author."""
    note: str = ""


@states("dose.withheld")
class DoseWithheld(Body, frozen=True, kw_only=True):
    order: str
    planned: datetime
    performed: datetime
    reason: Reason
    order_fact: str
    caller: bool = False
    """Whether the carer calls the nurse; otherwise the nurse is told by the app."""
    performer: str = ""
    note: str = ""


@states("dose.corrected")
class DoseCorrected(Body, frozen=True, kw_only=True):
    """Takes back one signature. Undo within a minute is this fact too, without a reason."""

    corrects: str
    reason: str = ""


@states("dose.witnessed")
class DoseWitnessed(Body, frozen=True, kw_only=True):
    """A second person saw what a signature says. Stated with their own key."""

    witnesses: str


class Signature(Struct, omit_defaults=True):
    """One signature as it stands. ``withdrawn`` is the id of the correction that took it back."""

    fact: str
    author: str
    device: str
    stated: datetime
    performed: datetime
    outcome: Outcome
    amount: str = ""
    reason: Reason | None = None
    delegation: str | None = None
    already_given: bool = False
    value: float | None = None
    value_unit: str = ""
    unheard_since: datetime | None = None
    unheard_reason: Unheard | None = None
    note: str = ""
    quantity: float = 0.0
    """How much of the order's limit it was; of what is given as needed."""
    need: int | None = None
    """How much it was needed, 0 to 10; of what is given as needed."""
    witnesses: list[str] = field(default_factory=list)
    """Who has signed that they saw it, without whoever did it."""
    performer: str = ""
    """Whose signature on paper it was, entered by the author; empty: the author's own."""
    withdrawn: str | None = None
    why_withdrawn: str = ""

    @property
    def by(self) -> str:
        """Who did it: whose right to it counts."""
        return self.performer or self.author


class Signed(Document):
    """What is signed: base of planned doses and of those given as needed."""

    order: str = ""
    signatures: list[Signature] = field(default_factory=list)

    @property
    def standing(self) -> list[Signature]:
        """The signatures that have not been taken back."""
        return [signature for signature in self.signatures if signature.withdrawn is None]

    @property
    def done(self) -> list[Signature]:
        """The standing signatures that say it was done, in whole or in part."""
        return [signature for signature in self.standing if signature.outcome != "withheld"]

    def signature(self, fact: str) -> Signature | None:
        """The one that a fact made, whether it stands or not."""
        return next((one for one in self.signatures if one.fact == fact), None)

    def sign(self, signature: Signature) -> None:
        self.signatures.append(signature)

    def withdraw(self, fact: str, by: Fact, reason: str) -> None:
        for signature in self.signatures:
            if signature.fact == fact and signature.withdrawn is None:
                signature.withdrawn, signature.why_withdrawn = by.id, reason

    def witness(self, fact: str, by: str) -> None:
        """Nobody is their own witness."""
        for signature in self.signatures:
            if signature.fact == fact and by and by != signature.author and by not in signature.witnesses:
                signature.witnesses.append(by)


@documents("dose")
class DoseDocument(Signed):
    planned: datetime | None = None

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case DoseGiven():
                self._of(body.order, body.planned)
                self.sign(
                    Signature(
                        fact=fact.id,
                        author=fact.author or "",
                        device=fact.device,
                        stated=fact.time,
                        performed=body.performed,
                        outcome=body.outcome,
                        amount=body.amount,
                        delegation=body.delegation,
                        already_given=body.already_given,
                        value=body.value,
                        value_unit=body.value_unit,
                        unheard_since=body.unheard_since,
                        unheard_reason=body.unheard_reason,
                        performer=body.performer,
                        note=body.note,
                    )
                )
            case DoseWithheld():
                self._of(body.order, body.planned)
                self.sign(
                    Signature(
                        fact=fact.id,
                        author=fact.author or "",
                        device=fact.device,
                        stated=fact.time,
                        performed=body.performed,
                        outcome="withheld",
                        reason=body.reason,
                        performer=body.performer,
                        note=body.note,
                    )
                )
            case DoseCorrected():
                self.withdraw(body.corrects, fact, body.reason)
            case DoseWitnessed():
                self.witness(body.witnesses, fact.author or "")
            case _:
                self.unreadable += 1

    def _of(self, order: str, planned: datetime) -> None:
        self.order = self.order or order
        self.planned = self.planned or planned
