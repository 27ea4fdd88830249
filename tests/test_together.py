"""Rows written together: all at the end and in their order, or none; and one by one otherwise."""

import sqlite3

import pytest

from storage.together import Together


@pytest.fixture
def connection() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute("CREATE TABLE said (at INTEGER PRIMARY KEY, what TEXT UNIQUE)")
    return made


def said(connection: sqlite3.Connection) -> list[str]:
    return [what for (what,) in connection.execute("SELECT what FROM said ORDER BY at")]


def test_what_is_put_meanwhile_is_there_at_the_end(connection: sqlite3.Connection) -> None:
    new = Together("INSERT INTO said (what) VALUES (?)")
    new.put(connection, ("a",))
    assert said(connection) == ["a"]
    with new.gathering(connection):
        new.put(connection, ("c",))
        new.put(connection, ("b",))
        assert said(connection) == ["a"]
    assert said(connection) == ["a", "c", "b"]
    new.put(connection, ("d",))
    assert said(connection) == ["a", "c", "b", "d"]


def together(connection: sqlite3.Connection, new: Together, *rows: str) -> None:
    with new.gathering(connection):
        for row in rows:
            if not row:
                raise KeyError
            new.put(connection, (row,))


def test_after_an_error_nothing_of_it_is_written_then_or_later(connection: sqlite3.Connection) -> None:
    new = Together("INSERT INTO said (what) VALUES (?)")
    with pytest.raises(KeyError):
        together(connection, new, "lost", "")
    assert said(connection) == []
    with pytest.raises(sqlite3.IntegrityError):
        together(connection, new, "twice", "twice")
    new.put(connection, ("next",))
    assert said(connection)[-1] == "next"
