"""Given as needed (vid behov): each giving is an aggregate of its own, with how it helped."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.documents import documents
from care.dose import Signature, Signed, Unheard
from care.facts import Body, Fact, states

Help = Literal["good", "some", "none", "worse"]
"""God effekt, lite effekt, ingen effekt, sämre."""


@states("prn.given")
class PrnGiven(Body, frozen=True, kw_only=True):
    """`known` is until when the phone knew what the others had saved: what its sum rested on."""

    order: str
    performed: datetime
    amount: str
    quantity: float
    """How much of the order's limit it is, in the limit's `unit`."""
    unit: str
    order_fact: str
    need: int | None = None
    """How much it was needed before, 0 to 10 (smärta NRS)."""
    known: datetime | None = None
    delegation: str | None = None
    already_given: bool = False
    unheard_since: datetime | None = None
    unheard_reason: Unheard | None = None
    performer: str = ""
    """Who gave it, where somebody else has entered it from a signing list on paper; empty: the author."""
    note: str = ""


@states("prn.effect")
class PrnEffect(Body, frozen=True, kw_only=True):
    help: Help
    need: int | None = None
    note: str = ""


@states("prn.corrected")
class PrnCorrected(Body, frozen=True, kw_only=True):
    """Takes back one signature, as of a planned dose."""

    corrects: str
    reason: str = ""


@states("prn.witnessed")
class PrnWitnessed(Body, frozen=True, kw_only=True):
    witnesses: str


class Effect(Struct, frozen=True, omit_defaults=True):
    fact: str
    author: str
    at: datetime
    help: Help
    need: int | None = None
    note: str = ""


@documents("prn")
class PrnDocument(Signed):
    unit_of_limit: str = ""
    known: datetime | None = None
    effects: list[Effect] = field(default_factory=list)

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case PrnGiven():
                self.order = self.order or body.order
                self.unit_of_limit = self.unit_of_limit or body.unit
                self.known = self.known or body.known
                self.sign(
                    Signature(
                        fact=fact.id,
                        author=fact.author or "",
                        device=fact.device,
                        stated=fact.time,
                        performed=body.performed,
                        outcome="given",
                        amount=body.amount,
                        delegation=body.delegation,
                        already_given=body.already_given,
                        unheard_since=body.unheard_since,
                        unheard_reason=body.unheard_reason,
                        performer=body.performer,
                        note=body.note,
                        quantity=body.quantity,
                        need=body.need,
                    )
                )
            case PrnEffect():
                self.effects.append(
                    Effect(fact.id, fact.author or "", fact.time, body.help, body.need, body.note)
                )
            case PrnCorrected():
                self.withdraw(body.corrects, fact, body.reason)
            case PrnWitnessed():
                self.witness(body.witnesses, fact.author or "")
            case _:
                self.unreadable += 1

    @property
    def given(self) -> Signature | None:
        """The giving as it stands; None: taken back."""
        return self.done[0] if self.done else None
