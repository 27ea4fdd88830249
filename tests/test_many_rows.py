"""Many rows in one statement: the same on SQLite and PostgreSQL, and the same as row by row."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from endpoint.database import Database
from endpoint.many import among, insert_many, update_many
from endpoint.schema import documents, quarantine, streams
from tests import endpoint_table
from tests.postgres import database_url, postgres, postgres_url

__all__ = ["database_url", "postgres", "postgres_url"]

AT = datetime(2026, 11, 29, 12, 0, 0, 17, tzinfo=UTC)
NAMES = [f"dose/{n:04d}" for n in range(1500)]


@pytest.fixture
def database(database_url: str | None, tmp_path: Path) -> Iterator[Database]:
    with endpoint_table.database(database_url, tmp_path) as opened:
        yield opened


def rows(names: list[str]) -> list[dict[str, object]]:
    return [
        {
            "aggregate": name,
            "kind": "dose",
            "id": name[5:],
            "unit": None,
            "document": b"\0\xff" + name.encode(),
        }
        for name in names
    ]


def test_rows_are_found_as_they_were_put_in_with_nothing_bytes_and_quotes(database: Database) -> None:
    given = rows([*NAMES, "dose/'; DROP TABLE documents; --", "dose/åäö%s?"])
    database.write_now(lambda connection: insert_many(connection, documents, given))
    found = database.read_now(lambda connection: connection.execute(select(documents)).all())
    columns = ("aggregate", "kind", "id", "unit", "document")
    assert sorted(tuple(getattr(row, name) for name in columns) for row in found) == sorted(
        tuple(row[name] for name in columns) for row in given
    )


def test_what_is_there_stays_when_it_is_put_in_once_and_is_refused_otherwise(database: Database) -> None:
    first, again = rows(NAMES[:2]), [row | {"kind": "other"} for row in rows(NAMES[:3])]
    database.write_now(lambda connection: insert_many(connection, documents, first, once=True))
    database.write_now(lambda connection: insert_many(connection, documents, again, once=True))
    query = select(documents.c.kind).order_by(documents.c.aggregate)
    assert database.read_now(lambda c: c.scalars(query).all()) == ["dose", "dose", "other"]
    with pytest.raises(IntegrityError):
        database.write_now(lambda connection: insert_many(connection, documents, again))


@pytest.mark.parametrize("there", [0, 1, 700, 1499])
def test_of_many_that_are_put_in_once_one_that_is_there_already_stays(database: Database, there: int) -> None:
    held = [row | {"kind": "other"} for row in rows([NAMES[there]])]
    database.write_now(lambda connection: insert_many(connection, documents, held))

    def more(connection: Connection) -> int:
        insert_many(connection, documents, rows(["dose/before"]))
        return insert_many(connection, documents, rows(NAMES), once=True)

    assert database.write_now(more) == len(NAMES) - 1
    found = database.read_now(lambda c: c.execute(select(documents.c.aggregate, documents.c.kind)).all())
    assert {row.aggregate for row in found} == {*NAMES, "dose/before"}
    assert [row.aggregate for row in found if row.kind == "other"] == [NAMES[there]]


def test_of_many_that_are_put_in_once_one_that_comes_twice_is_put_in_once(database: Database) -> None:
    given = rows([*NAMES, NAMES[3]])
    found = database.write_now(lambda connection: insert_many(connection, documents, given, once=True))
    assert found == len(NAMES)


def test_many_are_refused_whole_where_one_is_there_already(database: Database) -> None:
    database.write_now(lambda connection: insert_many(connection, documents, rows(NAMES[:1])))
    with pytest.raises(IntegrityError):
        database.write_now(lambda connection: insert_many(connection, documents, rows(NAMES)))
    assert database.read_now(lambda c: c.scalars(select(documents.c.aggregate)).all()) == NAMES[:1]


@pytest.mark.parametrize("many", [1, 1500])
@pytest.mark.parametrize("once", [False, True])
def test_where_the_line_breaks_it_is_said_as_of_any_statement_and_the_next_goes_on(
    database: Database, many: int, once: bool
) -> None:
    if not database.postgres:
        pytest.skip("there is no line to SQLite")

    def cut(connection: Connection) -> None:
        own = connection.scalar(text("SELECT pg_backend_pid()"))
        database.read_now(lambda other: other.execute(text(f"SELECT pg_terminate_backend({own}, 5000)")))
        insert_many(connection, documents, rows(NAMES[:many]), once=once)

    with pytest.raises(OperationalError):
        database.write_now(cut)
    database.write_now(lambda connection: insert_many(connection, documents, rows(NAMES[:many]), once=once))
    assert len(database.read_now(lambda c: c.execute(select(documents)).all())) == many


def test_each_row_is_changed_by_its_own_values(database: Database) -> None:
    changed = [{"aggregate": name, "unit": name[-2:], "document": None} for name in NAMES[::2]]
    database.write_now(lambda connection: insert_many(connection, documents, rows(NAMES)))
    database.write_now(lambda connection: update_many(connection, documents, "aggregate", changed))
    found = database.read_now(lambda connection: connection.execute(select(documents)).all())
    assert {row.aggregate: row.unit for row in found if row.unit} == {n: n[-2:] for n in NAMES[::2]}
    assert {row.aggregate for row in found if row.document is None} == set(NAMES[::2])


def test_times_are_written_as_they_are_read(database: Database) -> None:
    row = {"digest": b"d", "device": "p", "reason": "sealed", "detail": "", "received": AT, "sealed": b""}
    database.write_now(lambda connection: insert_many(connection, quarantine, [row]))
    assert database.read_now(lambda c: c.scalars(select(quarantine.c.received)).all()) == [AT]


def test_numbers_of_any_size_stand_beside_each_other(database: Database) -> None:
    positions = {"a": 0, "b": 1, "c": 2**15, "d": 2**31, "e": 2**62}
    given = [{"name": name, "epoch": "1", "position": at, "sum": 2**64 - 1} for name, at in positions.items()]
    database.write_now(lambda connection: insert_many(connection, streams, given))
    found = database.read_now(lambda c: c.execute(select(streams.c.name, streams.c.position)).all())
    assert dict(map(tuple, found)) == positions


def test_rows_are_chosen_by_any_number_of_names(database: Database) -> None:
    database.write_now(lambda connection: insert_many(connection, documents, rows(NAMES)))

    def chosen(names: list[str]) -> set[str]:
        column = documents.c.aggregate
        return set(
            database.read_now(lambda c: c.scalars(select(column).where(among(c, column, names))).all())
        )

    assert chosen([*NAMES[5:1200], "dose/none", "' OR 1=1", '\u2028"\\']) == set(NAMES[5:1200])
    assert chosen([]) == set()
    assert database.write_now(
        lambda c: c.execute(delete(documents).where(among(c, documents.c.aggregate, NAMES[:3])))
    )
    assert chosen(NAMES[:5]) == set(NAMES[3:5])


def test_none_is_nothing_to_do(database: Database) -> None:
    database.write_now(lambda connection: insert_many(connection, documents, []))
    database.write_now(lambda connection: update_many(connection, documents, "aggregate", []))
