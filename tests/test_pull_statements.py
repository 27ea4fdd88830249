"""What a pull and a push cost the database: as many statements for many aggregates as for few."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from care.dose import DoseCorrected, DoseWithheld
from care.facts import Ref
from endpoint import pages, snapshot
from endpoint.database import Database
from endpoint.pages import pull, whole
from endpoint.statements import Statement, write
from tests.endpoint_phone import fresh_id
from tests.endpoint_town import Town, town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, PERSON, UNIT
from wire.cursor import Cursor

__all__ = ["database_url", "postgres", "postgres_url"]
STREAM = f"unit:{UNIT}"
NOW = datetime.now(UTC)


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def watch(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", watch)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", watch)


def doses(count: int, at: datetime = NOW) -> list[Statement]:
    found = []
    for _ in range(count):
        body = DoseWithheld(
            order=fresh_id(), planned=at, performed=at, reason="asleep", order_fact=fresh_id()
        )
        found.append(Statement(body, Ref("dose", fresh_id()), UNIT, PERSON, at))
    return found


def say(here: Town, said: list[Statement]) -> None:
    here.database.write_now(lambda c: write(c, here.parts.keys, said))


def statements(here: Town, read: Callable[[Connection], Any]) -> tuple[int, Any]:
    with counted(here.database) as sent:
        found = here.database.read_now(read)
    return len(sent), found


@pytest.fixture
def here(tmp_path: Path, database_url: str | None) -> Iterator[Town]:
    with town(tmp_path, database_url) as made:
        yield made


def test_a_page_takes_as_many_statements_for_many_aggregates_as_for_few(here: Town) -> None:
    say(here, doses(5))
    keys = here.parts.keys
    first, brought = statements(here, lambda c: pull(c, keys, AMINA, UNIT, {}, NOW))
    assert len(brought.pages) >= 1
    say(here, doses(200))
    many, brought = statements(here, lambda c: pull(c, keys, AMINA, UNIT, {}, NOW))
    assert brought.heads[STREAM] > 200
    assert many == first
    # Where nothing is new, none of the facts is asked for.
    reached = {
        name: Cursor(told.epoch, told.position)
        for name, told in here.database.read_now(lambda c: pages._heads(c, brought.streams)).items()
    }
    none, brought = statements(here, lambda c: pull(c, keys, AMINA, UNIT, reached, NOW))
    assert brought.pages == ()
    assert none < first


def test_a_part_of_a_snapshot_takes_as_many_for_many_aggregates_as_for_few(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "FACTS_MOST", 5)
    over = NOW - timedelta(days=90)
    say(here, [*doses(6), *doses(6, over)])

    def parts() -> list[int]:
        """How many each part takes, to the last."""
        found, upto = [], ""
        while True:
            heads = here.database.read_now(lambda c: pages._heads(c, (STREAM,)))
            count, part = statements(
                here, lambda c, upto=upto, heads=heads: snapshot.snapshot(c, STREAM, heads[STREAM], upto, NOW)
            )
            found.append(count)
            upto = part.upto
            if not upto:
                return found

    few = parts()
    say(here, [*doses(200), *doses(200, over)])
    many = parts()
    assert max(many) == max(few)
    assert len(many) == len(few)
    # Cut into smaller parts each takes as many.
    monkeypatch.setattr(snapshot, "AGGREGATES_MOST", 50)
    cut = parts()
    assert len(cut) > len(many)
    assert max(cut) <= max(few)


def test_an_aggregate_fetched_whole_takes_as_many_for_many_facts_as_for_one(here: Town) -> None:
    [one] = doses(1)
    say(here, [one])
    keys = here.parts.keys
    ref = one.aggregate
    few, _ = statements(here, lambda c: whole(c, keys, AMINA, UNIT, ref, "", NOW))
    corrections = [Statement(DoseCorrected(corrects=fresh_id()), ref, UNIT, PERSON) for _ in range(100)]
    say(here, corrections)
    many, _ = statements(here, lambda c: whole(c, keys, AMINA, UNIT, ref, "", NOW))
    assert many == few


def test_a_batch_takes_as_many_for_many_facts_as_for_few(here: Town) -> None:
    """Recording: inserts and updates go as one statement with many rows."""

    def taken(count: int) -> int:
        with counted(here.database) as sent:
            say(here, doses(count))
        return len(sent)

    taken(5)
    assert taken(100) == taken(5)
