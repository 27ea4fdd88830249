"""Erasure: the content of a fact goes, by an authority's decision (PDL 8:4) or because its time is over.

An erasure is itself a fact, of the same aggregate, stated by the endpoint alone. It names what it takes away
by id and hash. Whoever folds the aggregate passes those facts by, so that it does not matter whether the
erasure came before them, after them or in between.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec import Struct

from care.errors import BodyError
from care.facts import ENDPOINT, Body, Fact, body_of, states

ERASED = "fact.erased"
DECISION_MOST = 80
"""Characters of a decision's reference (diarienummer)."""

Why = Literal["decision", "retention"]
"""decision: IVO or a court has ordered it (PDL 8:4) · retention: the time that it had to be kept is over."""


class Named(Struct, frozen=True, array_like=True):
    """A fact that goes: its id, and the SHA-256 of its bytes in hex: it is known if it comes again."""

    id: str
    hash: str


@states(ERASED)
class FactErased(Body, frozen=True, kw_only=True):
    """``decision``: the decision's own reference, or for retention the law. Not a word of what was erased."""

    facts: tuple[Named, ...]
    why: Why
    decision: str


class Erased(Struct, frozen=True):
    """The place where a fact stood. ``at``: when it was erased; ``by``: the erasure."""

    id: str
    hash: str
    at: datetime
    why: Why
    by: str


def erasure(fact: Fact) -> FactErased | None:
    """What a fact erases; None when it erases nothing. Only the endpoint can."""
    if fact.type != ERASED or fact.device != ENDPOINT:
        return None
    try:
        body = body_of(fact)
    except BodyError:
        return None
    return body if isinstance(body, FactErased) else None


def erased(facts: Iterable[Fact]) -> dict[str, Erased]:
    """What the erasures among some facts have taken away, by id, in the order of the facts."""
    gone: dict[str, Erased] = {}
    for fact in facts:
        body = erasure(fact)
        if body is None:
            continue
        for named in body.facts:
            gone.setdefault(named.id, Erased(named.id, named.hash, fact.time, body.why, fact.id))
    return gone
