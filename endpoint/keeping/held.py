"""What is held of a care recipient, in the pieces that a decision may name, without what they say."""

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select

from care.deviation import DeviationDocument
from care.documents import Document, document_type
from care.dose import DoseDocument
from care.order import OrderDocument
from care.person import PersonDocument
from care.sbar import SbarDocument
from endpoint import documents
from endpoint.keeping.erase import aggregates_of, counts
from endpoint.schema import facts


class Piece(Struct, frozen=True):
    """Something that may be erased for itself. ``names``: its aggregates; ``what``: an order's own name."""

    key: str
    kind: str
    at: datetime | None
    names: tuple[str, ...]
    what: str = ""


def pieces(connection: Connection, person: str) -> list[Piece]:
    """The pieces, newest first within their kind. Doses go with their order, the unknown with its kind."""
    names = aggregates_of(connection, person)
    by_kind: dict[str, list[str]] = {}
    for name in names:
        kind, _, id = name.partition("/")
        by_kind.setdefault(kind, []).append(id)
    found: list[Piece] = []
    for kind, ids in by_kind.items():
        if kind in ("person", "report"):
            continue
        read = _read(connection, kind, ids)
        if kind == "dose":
            found += _doses(connection, read)
        elif kind in ("sbar", "deviation", "complaint", "order"):
            found += [_piece(one, kind) for one in read]
        else:
            found.append(Piece(f"kind:{kind}", kind, None, tuple(f"{kind}/{one.id}" for one in read)))
    order = {kind: place for place, kind in enumerate(("sbar", "deviation", "complaint", "order", "dose"))}
    return sorted(
        (one for one in found if one.names),
        key=lambda one: (order.get(one.kind, 9), one.kind, -(one.at.timestamp() if one.at else 0.0), one.key),
    )


class Late(Struct, frozen=True):
    """Somebody who has been erased, and of whom something has come in since: how many facts."""

    person: str
    unit: str
    entries: int


def late(connection: Connection, units: Collection[str]) -> list[Late]:
    """What phones that had no contact, or people who did not know, have added after an erasure."""
    own = facts.c.aggregate.startswith("person/")
    names = connection.scalars(
        select(facts.c.aggregate).where(facts.c.erased.is_not(None), own).distinct()
    ).all()
    found: list[Late] = []
    for document in documents.some(connection, PersonDocument, (name.partition("/")[2] for name in names)):
        if document.gone and document.unit in units:
            entries = sum(counts(connection, aggregates_of(connection, document.id)).values())
            found += [Late(document.id, document.unit, entries)] if entries else []
    return found


def _read(connection: Connection, kind: str, ids: list[str]) -> list[Document]:
    found: list[Document] = []
    for start in range(0, len(ids), 500):
        found += documents.some(connection, document_type(kind), ids[start : start + 500], kind)
    return [one for one in found if not one.gone]


def _piece(document: Document, kind: str) -> Piece:
    names = (
        f"{kind}/{document.id}",
        *((f"report/{document.id}",) if kind in ("deviation", "complaint") else ()),
    )
    at, what = document.created, ""
    match document:
        case SbarDocument():
            at = document.recorded or at
        case DeviationDocument():
            at, what = document.reported or at, document.category
        case OrderDocument() if document.plan:
            what = document.plan.what
    return Piece(f"{kind}:{document.id}", kind, at, names, what)


def _doses(connection: Connection, doses: Iterable[Document]) -> list[Piece]:
    of_order: dict[str, list[DoseDocument]] = {}
    for dose in doses:
        assert isinstance(dose, DoseDocument)
        of_order.setdefault(dose.order, []).append(dose)
    orders = {one.id: one for one in documents.some(connection, OrderDocument, of_order)}
    found: list[Piece] = []
    for order, some in of_order.items():
        known = orders.get(order)
        what = known.plan.what if known and known.plan else ""
        latest = max((one.planned for one in some if one.planned), default=None)
        found.append(Piece(f"doses:{order}", "dose", latest, tuple(f"dose/{one.id}" for one in some), what))
    return found
