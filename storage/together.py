"""Rows of one table, written one by one as they come or, for a page, all at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Together:
    """The rows of one statement. Call within the database's lock."""

    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._gathered: list[tuple[Any, ...]] | None = None
        """None: each is written as it comes."""

    def put(self, connection: sqlite3.Connection, row: tuple[Any, ...]) -> None:
        if self._gathered is None:
            connection.execute(self._statement, row)
        else:
            self._gathered.append(row)

    @contextmanager
    def gathering(self, connection: sqlite3.Connection) -> Iterator[None]:
        """What is put meanwhile is written at the end, in that order, and not at all after an error."""
        rows: list[tuple[Any, ...]] = []
        self._gathered = rows
        try:
            yield
        finally:
            self._gathered = None
        connection.executemany(self._statement, rows)
