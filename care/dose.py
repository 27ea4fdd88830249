"""Doses: what was done of a planned task, by whom and when. Two signatures stay two, side by side."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

Outcome = Literal["given", "partly_given", "sent_along", "withheld"]

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
    note: str = ""


@states("dose.corrected")
class DoseCorrected(Body, frozen=True, kw_only=True):
    """Takes back one signature. Undo within a minute is this fact too, without a reason."""

    corrects: str
    reason: str = ""


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
    note: str = ""
    withdrawn: str | None = None


@documents("dose")
class DoseDocument(Document):
    order: str = ""
    planned: datetime | None = None
    signatures: list[Signature] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case DoseGiven():
                self._of(body.order, body.planned)
                self.signatures.append(
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
                        note=body.note,
                    )
                )
            case DoseWithheld():
                self._of(body.order, body.planned)
                self.signatures.append(
                    Signature(
                        fact=fact.id,
                        author=fact.author or "",
                        device=fact.device,
                        stated=fact.time,
                        performed=body.performed,
                        outcome="withheld",
                        reason=body.reason,
                        note=body.note,
                    )
                )
            case DoseCorrected():
                self._withdraw(body.corrects, fact.id)
            case _:
                self.unreadable += 1

    def _of(self, order: str, planned: datetime) -> None:
        self.order = self.order or order
        self.planned = self.planned or planned

    def _withdraw(self, corrects: str, by: str) -> None:
        for signature in self.signatures:
            if signature.fact == corrects:
                signature.withdrawn = signature.withdrawn or by

    @property
    def standing(self) -> list[Signature]:
        """The signatures that have not been taken back."""
        return [signature for signature in self.signatures if signature.withdrawn is None]

    @property
    def done(self) -> list[Signature]:
        """The standing signatures that say it was done, in whole or in part."""
        return [signature for signature in self.standing if signature.outcome != "withheld"]
