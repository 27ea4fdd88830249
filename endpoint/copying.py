"""PostgreSQL's COPY: it takes a thousand rows in for less than an INSERT does, on both sides of the line.

It knows nothing of rows that are there already: where it meets one, nothing of it stands.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

MANY = 50
"""Rows from which it pays: a single row takes twice as long, with what lets it be undone alone."""


def copied(
    connection: Connection, into: str, kinds: Sequence[str], rows: Iterable[Sequence[Any]], *, once: bool
) -> bool:
    """Put rows into a table; ``into``: its name and columns, ``kinds``: their types, in SQL.

    ``once``: False, and nothing is changed, where one of them is there already, or comes twice."""
    if not once:
        _copy(connection, into, kinds, rows)
        return True
    try:
        with connection.begin_nested():
            _copy(connection, into, kinds, rows)
    except IntegrityError:
        return False
    return True


def _copy(connection: Connection, into: str, kinds: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {into} FROM STDIN (FORMAT BINARY)"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(kinds)
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise _as_of_a_statement(connection, statement, error) from error


def _as_of_a_statement(connection: Connection, statement: str, error: psycopg.Error) -> BaseException:
    """The error that SQLAlchemy makes of it where the statement is its own."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.driver_connection, None)  # type: ignore[arg-type]
    if gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        statement,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=gone,
        dialect=dialect,
    )
