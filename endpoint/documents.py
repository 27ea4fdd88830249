"""Reading documents: what the console shows, and what rights are decided from."""

from collections.abc import Iterable
from typing import Any, TypeVar, overload

import msgspec
from sqlalchemy import ColumnElement, Connection, bindparam, select

from care.documents import Document, document_type
from care.facts import Ref
from endpoint.aggregates import aggregate_name
from endpoint.database import Database
from endpoint.schema import documents, facts
from wire.envelope import Envelope, envelope

DocumentT = TypeVar("DocumentT", bound=Document)

# Asked at almost every call: built once, since building costs more than the database's answer does.
_NAMED = select(documents.c.document).where(documents.c.aggregate.in_(bindparam("names", expanding=True)))
_OF_KIND = (
    select(documents.c.document)
    .where(documents.c.kind == bindparam("kind"), documents.c.document.is_not(None))
    .order_by(documents.c.id)
)
_IN_UNIT = _OF_KIND.where(documents.c.unit == bindparam("unit"))


@overload
async def get(database: Database, kind: type[DocumentT], id: str) -> DocumentT | None: ...
@overload
async def get(database: Database, kind: str, id: str) -> Document | None: ...
async def get(database: Database, kind: Any, id: str) -> Any:
    """One document, by its kind ("dose", or DoseDocument) and id; None when there is none."""
    found = await database.read(lambda connection: some(connection, _type(kind), [id], _name(kind)))
    return found[0] if found else None


@overload
async def of_unit(database: Database, kind: type[DocumentT], unit: str) -> list[DocumentT]: ...
@overload
async def of_unit(database: Database, kind: str, unit: str) -> list[Document]: ...
async def of_unit(database: Database, kind: Any, unit: str) -> Any:
    """The documents of one kind whose home is the unit, oldest id first."""
    return await database.read(lambda connection: _where(connection, kind, documents.c.unit == unit))


@overload
async def of_person(database: Database, kind: type[DocumentT], person: str) -> list[DocumentT]: ...
@overload
async def of_person(database: Database, kind: str, person: str) -> list[Document]: ...
async def of_person(database: Database, kind: Any, person: str) -> Any:
    """The documents of one kind that concern a care recipient, oldest id first."""
    return await database.read(lambda connection: _where(connection, kind, documents.c.person == person))


@overload
async def of_kind(database: Database, kind: type[DocumentT]) -> list[DocumentT]: ...
@overload
async def of_kind(database: Database, kind: str) -> list[Document]: ...
async def of_kind(database: Database, kind: Any) -> Any:
    """Every document of one kind. For kinds that are few: units, staff, forms."""
    return await database.read(lambda connection: _where(connection, kind))


async def evidence(database: Database, kind: str, id: str) -> list[Envelope]:
    """The facts of an aggregate as they were signed, in the order of their arrival; none of the erased."""
    query = select(facts.c.envelope).where(
        facts.c.aggregate == aggregate_name(Ref(kind, id)), facts.c.erased.is_(None)
    )
    return await database.read(
        lambda connection: [
            envelope(data) for data in connection.scalars(query.order_by(facts.c.received, facts.c.id))
        ]
    )


def one(connection: Connection, kind: type[DocumentT], id: str) -> DocumentT | None:
    """One document, within a transaction."""
    found = some(connection, kind, [id])
    return found[0] if found else None


def some(
    connection: Connection, kind: type[DocumentT], ids: Iterable[str], name: str | None = None
) -> list[DocumentT]:
    """Those of the ids that there are documents of."""
    names = [aggregate_name(Ref(name or kind.kind, id)) for id in ids]
    if not names:
        return []
    rows = connection.scalars(_NAMED, {"names": names})
    return [msgspec.json.decode(data, type=kind) for data in rows if data is not None]


def all_of(connection: Connection, kind: type[DocumentT]) -> list[DocumentT]:
    """Every document of one kind, within a transaction."""
    return _read(connection.scalars(_OF_KIND, {"kind": kind.kind}), kind)


def in_unit(connection: Connection, kind: type[DocumentT], unit: str) -> list[DocumentT]:
    """The documents of one kind whose home is the unit, within a transaction."""
    return _read(connection.scalars(_IN_UNIT, {"kind": kind.kind, "unit": unit}), kind)


def _where(
    connection: Connection, kind: type[Document] | str, *conditions: ColumnElement[bool]
) -> list[Document]:
    return _decoded(connection, _type(kind), _name(kind), *conditions)


def _decoded(
    connection: Connection, kind: type[DocumentT], name: str, *conditions: ColumnElement[bool]
) -> list[DocumentT]:
    query = select(documents.c.document).where(
        documents.c.kind == name, documents.c.document.is_not(None), *conditions
    )
    return _read(connection.scalars(query.order_by(documents.c.id)), kind)


def _read(rows: Iterable[bytes], kind: type[DocumentT]) -> list[DocumentT]:
    found = [msgspec.json.decode(data, type=kind) for data in rows]
    return [one for one in found if not one.gone]


def _type(kind: type[Document] | str) -> type[Document]:
    return document_type(kind) if isinstance(kind, str) else kind


def _name(kind: type[Document] | str) -> str:
    return kind if isinstance(kind, str) else kind.kind
