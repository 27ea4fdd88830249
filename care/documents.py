"""Documents: what a screen or a report shows of one aggregate, folded from its facts.

``document = fold(facts sorted by rank, then corrected time, then id)``. Arrival order and repetition
change nothing: that is what makes phones and endpoint agree without asking each other.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar, TypeVar

import msgspec
from msgspec import Struct, field

from care.erasing import Erased, FactErased, erased, erasure
from care.errors import BodyError
from care.facts import Body, Fact, body_of


class Document(Struct, kw_only=True, omit_defaults=True):
    """Base of every document. Fields of the base are kept by `fold`, the rest by the kind's `apply`."""

    kind: ClassVar[str] = ""

    id: str
    unit: str = ""
    person: str | None = None
    created: datetime | None = None
    changed: datetime | None = None
    rank: int = 0
    unreadable: int = 0
    """How many facts this app could not read: newer than it, or not of their type's form."""
    facts: list[str] = field(default_factory=list)
    """Ids of the facts, in their order; without those that have been erased."""
    erased: list[Erased] = field(default_factory=list)
    """Where facts stood that have been erased: shown in their place, without anything of what they said."""
    erasures: int = 0
    """How many of the facts are erasures."""

    @property
    def gone(self) -> bool:
        """Whether all that it said has been erased. It is then listed nowhere; asked for, it says so."""
        return 0 < self.erasures == len(self.facts)

    def apply(self, fact: Fact, body: Body) -> None:
        """Take one fact into the document. Facts come in their order, each once."""
        raise NotImplementedError(self.kind)


DocumentType = TypeVar("DocumentType", bound=type[Document])
_kinds: dict[str, type[Document]] = {}


class OpaqueDocument(Document):
    """An aggregate of a kind that this app does not know: kept, counted, passed on, not shown."""

    kind: ClassVar[str] = "opaque"

    def apply(self, fact: Fact, body: Body) -> None:
        self.unreadable += 1


def documents(kind: str) -> Callable[[DocumentType], DocumentType]:
    """Class decorator: aggregates of this kind fold into this document."""

    def register(cls: DocumentType) -> DocumentType:
        cls.kind = kind
        _kinds[kind] = cls
        return cls

    return register


def document_type(kind: str) -> type[Document]:
    """The document class of a kind; OpaqueDocument for kinds newer than this app."""
    return _kinds.get(kind, OpaqueDocument)


def known_kinds() -> frozenset[str]:
    """Every kind of aggregate that this app can show."""
    return frozenset(_kinds)


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Each fact once, in the one order that everybody uses."""
    found = list(facts)
    if len(found) < 2:
        return found
    return sorted({fact.id: fact for fact in found}.values(), key=lambda fact: fact.order)


def fold(kind: str, aggregate: str, facts: Iterable[Fact]) -> Document:
    """The document of one aggregate from its facts, in whatever order and however often they came."""
    document = document_type(kind)(id=aggregate)
    ordered = in_order(facts)
    gone = erased(ordered)
    for fact in ordered:
        if fact.id not in gone:
            _take(document, fact)
    document.erased = list(gone.values())
    return document


def fold_one(fact: Fact, body: Body | None) -> Document:
    """What `fold` makes of an aggregate of which nothing but one fact is known, and that one's body."""
    ref = fact.aggregate
    if erasure(fact):
        return fold(ref.kind, ref.id, [fact])
    document = document_type(ref.kind)(id=ref.id)
    _place(document, fact)
    _state(document, fact, body)
    return document


def with_new(document: Document, facts: Iterable[Fact]) -> Document | None:
    """The document with facts that sort after its own: what `fold` makes of them all, not read again.

    None when it cannot be had like this: a fact sorts among those that are there, or erases one of them. The
    document itself stays as it is.
    """
    new = in_order(facts)
    for fact in new:
        if erasure(fact) or not _follows(document, fact):
            return None
    try:
        copy = msgspec.json.decode(msgspec.json.encode(document), type=type(document))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    gone = {place.id for place in document.erased} if document.erased else ()
    for fact in new:
        if fact.id not in gone:
            _take(copy, fact)
    return copy


def _follows(document: Document, fact: Fact) -> bool:
    if not document.facts or document.changed is None:
        return True
    return fact.order > (document.rank, document.changed, document.facts[-1])


def _take(document: Document, fact: Fact) -> None:
    _place(document, fact)
    if erasure(fact):
        document.erasures += 1
        return
    try:
        body = body_of(fact)
    except BodyError:
        body = None
    _state(document, fact, body)


def _place(document: Document, fact: Fact) -> None:
    document.facts.append(fact.id)
    document.rank = max(document.rank, fact.rank)
    document.unit = document.unit or fact.unit
    document.person = document.person or fact.person
    document.created = document.created or fact.time
    document.changed = fact.time


def _state(document: Document, fact: Fact, body: Body | None) -> None:
    if body is None or isinstance(body, FactErased):
        document.unreadable += 1
    else:
        document.apply(fact, body)
