"""Aggregates as the database has them: one row each, which is the document and the lock to fold it under."""

from collections.abc import Iterable, Mapping, Sequence, Set

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from care.documents import Document, fold
from care.facts import Fact, Ref
from endpoint.many import among, find_many, insert_many, update_many
from endpoint.schema import documents, facts
from wire.envelope import envelope


class Folded(Struct, frozen=True):
    """An aggregate's document, and how it is stored."""

    document: Document
    data: bytes

    @classmethod
    def of(cls, document: Document) -> "Folded":
        return cls(document, msgspec.json.encode(document))


class Beginning(Struct, frozen=True):
    """The names of the aggregates that begin with what arrives: no stream has anything of them."""

    written: Set[str]
    """With the documents of what arrives."""
    empty: Set[str]
    """Their rows were there, and nothing was ever folded of them."""

    def __contains__(self, name: object) -> bool:
        return name in self.written or name in self.empty


def aggregate_name(ref: Ref) -> str:
    return f"{ref.kind}/{ref.id}"


def lock_aggregates(connection: Connection, refs: Iterable[Ref]) -> set[str]:
    """Make each aggregate's row where there is none, and hold it until the transaction ends.

    Returns the names of those that nothing was ever folded of.
    """
    rows = sorted(
        ({"aggregate": aggregate_name(ref), "kind": ref.kind, "id": ref.id} for ref in refs),
        key=lambda row: row["aggregate"],
    )
    insert_many(connection, documents, rows, once=True)
    return _locked(connection, [row["aggregate"] for row in rows])


def begin(connection: Connection, firsts: Mapping[Ref, Folded]) -> Beginning:
    """Make the rows of aggregates that have none, with the document of what arrives first; lock the others.

    All rows are made before any is locked, in the order of their names, as by everybody.
    """
    wanted = {aggregate_name(ref): ref for ref in firsts}
    here = {name for (name,) in find_many(connection, documents, ("aggregate",), "aggregate", list(wanted))}
    begun: Set[str] = wanted.keys() - here
    rows = [_begun(name, wanted[name], firsts[wanted[name]]) for name in sorted(begun)]
    if insert_many(connection, documents, rows, once=True) < len(rows):
        begun = set()  # Somebody else has just begun one of them: all are folded from what is stored.
    return Beginning(begun, _locked(connection, sorted(wanted.keys() - begun)))


def take_back(connection: Connection, beginning: Beginning, taken: Set[str]) -> Beginning:
    """What is left of it where a fact of some was not taken in: by its id another one just was. Their
    documents are not what was thought."""
    nothing = {"unit": None, "person": None, "document": None}
    rows = [{"aggregate": name, **nothing} for name in sorted(beginning.written & taken)]
    update_many(connection, documents, "aggregate", rows)
    return Beginning(beginning.written - taken, beginning.empty - taken)


def folded(connection: Connection, refs: Iterable[Ref]) -> dict[str, Document]:
    """Aggregates folded anew from all their facts, by name."""
    wanted = {aggregate_name(ref): ref for ref in refs}
    if not wanted:
        return {}
    found: dict[str, list[Fact]] = {name: [] for name in wanted}
    rows = connection.execute(
        select(facts.c.aggregate, facts.c.envelope).where(among(connection, facts.c.aggregate, wanted))
    )
    for name, data in rows:
        if data:
            found[name].append(envelope(data).fact())
    return {name: fold(ref.kind, ref.id, found[name]) for name, ref in wanted.items()}


def keep(connection: Connection, changed: Mapping[str, Folded]) -> None:
    """Write the documents of locked aggregates down."""
    update_many(
        connection, documents, "aggregate", [_row(name, one) for name, one in sorted(changed.items())]
    )


def _begun(name: str, ref: Ref, first: Folded) -> dict[str, object]:
    return {"kind": ref.kind, "id": ref.id, **_row(name, first)}


def _row(name: str, one: Folded) -> dict[str, object]:
    of = one.document
    return {"aggregate": name, "unit": of.unit, "person": of.person, "document": one.data}


def _locked(connection: Connection, names: Sequence[str]) -> set[str]:
    what = "aggregate", "document IS NULL"
    locked = find_many(connection, documents, what, "aggregate", names, lock=True)
    return {name for name, begins in locked if begins}
