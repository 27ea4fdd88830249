"""Many rows in one statement, column by column: SQLAlchemy's own way costs more than the database's work.

What is inserted or changed goes to SQLite's ``executemany`` as tuples, to PostgreSQL as one array for each
column, or, where many are inserted, by its COPY (endpoint/copying.py). Arrays are sent as binary (``%b``): as
text, with its quotes, they cost a third of a worker's time.
"""

# What is put together here are names of our own tables and columns; every value is a parameter.
# ruff: noqa: S608

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Table, any_, func, literal, select

from endpoint.copying import MANY, copied

Row = Mapping[str, Any]


def among(connection: Connection, column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column of text is one of so many values, which are one parameter."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))
    each = func.json_each(msgspec.json.encode(list(values)).decode()).table_valued("value")
    return column.in_(select(each.c.value))


def find_many(
    connection: Connection,
    table: Table,
    what: Sequence[str],
    key: str,
    values: Collection[str],
    *,
    lock: bool = False,
) -> Sequence[Any]:
    """What (columns, or conditions on them) there is of the rows whose ``key`` is one of so many values, as
    the database has it. ``lock``: in the order of the key, and held until the transaction ends."""
    if not values:
        return []
    asked = f"SELECT {', '.join(what)} FROM {table.name} WHERE {key}"
    if connection.dialect.name == "postgresql":
        rest = f" ORDER BY {key} FOR UPDATE" if lock else ""
        return connection.exec_driver_sql(f"{asked} = ANY(%b::text[]){rest}", (list(values),)).all()
    found = f"{asked} IN (SELECT value FROM json_each(?)){f' ORDER BY {key}' if lock else ''}"
    return connection.exec_driver_sql(found, (msgspec.json.encode(list(values)).decode(),)).all()


def insert_many(connection: Connection, table: Table, rows: Sequence[Row], *, once: bool = False) -> int:
    """Insert rows that all name the same columns, and say how many were. ``once``: one that is there already
    stays as it is."""
    if not rows:
        return 0
    names = tuple(rows[0])
    return insert_stored(
        connection, table, names, list(zip(*_columns(table, names, rows), strict=True)), once=once
    )


def insert_stored(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    once: bool = False,
) -> int:
    """Insert rows of values as the database has them (times in microseconds), in the order of the names."""
    fields, rest = ", ".join(_quoted(connection, names)), " ON CONFLICT DO NOTHING" if once else ""
    if connection.dialect.name == "postgresql":
        if len(rows) >= MANY:
            into, kinds = f"{table.name} ({fields})", _kinds(connection, table, names)
            if copied(connection, into, kinds, rows, once=once):
                return len(rows)
        given = f"SELECT * FROM unnest({_arrays(connection, table, names)})"
        statement = f"INSERT INTO {table.name} ({fields}) {given}{rest}"
        return connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True)))).rowcount
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({fields}) VALUES ({marks}){rest}"
    return connection.exec_driver_sql(statement, list(rows)).rowcount


def update_many(connection: Connection, table: Table, key: str, rows: Sequence[Row]) -> None:
    """Change rows that all name the same columns, each found by its ``key``."""
    if not rows:
        return
    names = (*(name for name in rows[0] if name != key), key)
    columns = _columns(table, names, rows)
    *changed, found = fields = _quoted(connection, names)
    if connection.dialect.name == "postgresql":
        sets = ", ".join(f"{name} = given.{name}" for name in changed)
        given = f"unnest({_arrays(connection, table, names)}) AS given ({', '.join(fields)})"
        where = f"{table.name}.{found} = given.{found}"
        connection.exec_driver_sql(f"UPDATE {table.name} SET {sets} FROM {given} WHERE {where}", columns)
        return
    sets = ", ".join(f"{name} = ?" for name in changed)
    statement = f"UPDATE {table.name} SET {sets} WHERE {found} = ?"
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _quoted(connection: Connection, names: Sequence[str]) -> list[str]:
    return [connection.dialect.identifier_preparer.quote(name) for name in names]


def _columns(table: Table, names: Sequence[str], rows: Sequence[Row]) -> tuple[list[Any], ...]:
    """The values of each column, as the driver takes them."""
    found = []
    for name in names:
        values = [row[name] for row in rows]
        stored = _stored(table.c[name])
        found.append([stored(value) for value in values] if stored else values)
    return tuple(found)


@cache
def _stored(column: Column[Any]) -> Callable[[Any], Any] | None:
    """How a value of the column is written, where it is not written as it is."""
    bind = getattr(column.type, "process_bind_param", None)
    return (lambda value: bind(value, None)) if bind else None


def _arrays(connection: Connection, table: Table, names: Sequence[str]) -> str:
    return ", ".join(f"%b::{kind}[]" for kind in _kinds(connection, table, names))


def _kinds(connection: Connection, table: Table, names: Sequence[str]) -> list[str]:
    return [table.c[name].type.compile(connection.dialect).lower() for name in names]
