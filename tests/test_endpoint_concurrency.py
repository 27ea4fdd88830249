"""Writers at once: no deadlock, nothing missed, nothing stale, whatever they write together."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from care.facts import Ref
from care.published import Answered
from care.rights import Role
from care.sbar import SbarAnswered, SbarRecorded
from care.staff import RoleInUnit, StaffSet
from endpoint.database import Database
from endpoint.record import Arrival, record
from endpoint.schema import facts, placed
from tests.endpoint_table import arrival, contents, database, stale, stored, take
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, TESFAY, UNIT, fact, new_id

__all__ = ["database_url", "postgres", "postgres_url"]

ANSWERS = Answered("form", "1", msgspec.Raw(b"{}"))
WRITERS = 12
BATCHES = 12
BATCH = 8
UNITS = [f"{n:08d}-0000-5000-8000-000000000000" for n in range(1, 5)]
PEOPLE = [f"{n:08d}-1111-5111-8111-111111111111" for n in range(1, 7)]


def work(seed: int) -> list[list[Arrival]]:
    """What each writer brings: cases with several askers and people with roles in several units.

    Everybody writes to the same aggregates, some facts are brought by two writers, and some aggregates
    are begun in two units at once.
    """
    dice = random.Random(seed)
    cases = [Ref("sbar", new_id()) for _ in range(15)]
    staff = [Ref("staff", one) for one in PEOPLE]
    made: list[list[Arrival]] = []
    for _ in range(WRITERS):
        mine = []
        for _ in range(BATCHES * BATCH):
            author, unit = dice.choice(PEOPLE), dice.choice(UNITS)
            rank = dice.randint(1, 5)
            if dice.random() < 0.7:
                body = SbarRecorded(answers=ANSWERS) if dice.random() < 0.5 else SbarAnswered(text="x")
                mine.append(arrival(fact(body, dice.choice(cases), author=author, unit=unit, rank=rank)))
            else:
                roles = tuple(RoleInUnit(Role.CARER, one, date(2025, 1, 1)) for one in dice.sample(UNITS, 3))
                said = StaffSet(name="n", title="t", roles=roles)
                mine.append(arrival(fact(said, dice.choice(staff), rank=rank, unit=unit, person=None)))
        made.append(mine)
    for mine, others in zip(made, [*made[1:], made[0]], strict=True):
        mine += dice.sample(others, 10)
        dice.shuffle(mine)
    return made


@pytest.mark.postgres
def test_twelve_writers_on_postgresql_leave_nothing_stale_missed_or_deadlocked(
    postgres_url: str, tmp_path: Path
) -> None:
    brought = work(7)
    failures: list[BaseException] = []
    done = threading.Event()
    seen: dict[str, list[int]] = {}

    def write(mine: list[Arrival]) -> None:
        try:
            with database(postgres_url, tmp_path) as opened:
                for start in range(0, len(mine), BATCH):
                    take(opened, mine[start : start + BATCH])
        except BaseException as error:
            failures.append(error)

    def read() -> None:
        """Follows every stream by its cursor, as a pull does."""
        with database(postgres_url, tmp_path) as opened:
            while True:
                last = done.is_set()
                opened.read_now(lambda c: _follow(c, seen))
                if last:
                    return

    with database(postgres_url, tmp_path) as opened:
        writers = [threading.Thread(target=write, args=[mine]) for mine in brought]
        reader = threading.Thread(target=read)
        for one in (*writers, reader):
            one.start()
        for one in writers:
            one.join(60)
        done.set()
        reader.join(30)
        assert failures == []
        wrong, held, ids = opened.read_now(
            lambda c: (stale(c), contents(c), set(c.scalars(select(facts.c.id))))
        )
    assert wrong == []
    assert ids == {one.fact.id for mine in brought for one in mine}
    assert {name: len(positions) for name, positions in seen.items()} == {
        name: len(held) for name, held in held.items()
    }, "a reader that followed the cursors missed facts"


def _follow(connection: object, seen: dict[str, list[int]]) -> None:
    heads = {name: positions[-1] for name, positions in seen.items()}
    query = select(placed.c.stream, placed.c.position).order_by(placed.c.stream, placed.c.position)
    for stream, position in connection.execute(query):  # type: ignore[attr-defined]
        if position > heads.get(stream, 0):
            before = seen.setdefault(stream, [])
            assert position == (before[-1] if before else 0) + 1
            before.append(position)


@pytest.fixture
def opened(postgres_url: str, tmp_path: Path) -> Iterator[Database]:
    with database(postgres_url, tmp_path) as found:
        yield found


def _beside(opened: Database, first: Arrival, second: Callable[[], object]) -> None:
    """Run `second` while a transaction that has recorded `first` is open; it has to wait for its end."""
    finished = threading.Event()

    def run() -> None:
        second()
        finished.set()

    other = threading.Thread(target=run)
    with opened.engine.begin() as connection:
        record(connection, [first], datetime.now(UTC))
        other.start()
        assert not finished.wait(0.4), "it did not wait for the other's lock"
    other.join(10)
    assert finished.is_set()


@pytest.mark.postgres
def test_two_transactions_of_one_aggregate_take_turns_even_from_different_units(opened: Database) -> None:
    case = Ref("sbar", new_id())
    one = arrival(fact(SbarRecorded(answers=ANSWERS), case, author=AMINA, unit=UNITS[0]))
    two = arrival(fact(SbarRecorded(answers=ANSWERS), case, author=TESFAY, unit=UNITS[1]))
    _beside(opened, one, lambda: take(opened, [two]))
    assert opened.read_now(stale) == []


@pytest.mark.postgres
def test_two_transactions_of_one_stream_take_turns_and_are_numbered_as_they_commit(opened: Database) -> None:
    one, two = (arrival(fact(SbarAnswered(text="x"), Ref("sbar", new_id()), author=KARIN)) for _ in range(2))
    _beside(opened, one, lambda: take(opened, [two]))
    rows = opened.read_now(
        lambda c: (
            c.execute(
                select(placed.c.fact).where(placed.c.stream == f"nurse:{UNIT}").order_by(placed.c.position)
            )
            .scalars()
            .all()
        )
    )
    assert rows == [one.fact.id, two.fact.id]


@pytest.mark.postgres
def test_the_same_fact_from_two_sides_at_once_is_taken_in_once(opened: Database) -> None:
    one = arrival(fact(SbarRecorded(answers=ANSWERS), Ref("sbar", new_id())))
    results: list[str] = []
    _beside(opened, one, lambda: results.extend(r.status for r in take(opened, [one]).results))
    assert results == ["known"]
    assert opened.read_now(stale) == []


@pytest.mark.postgres
def test_two_facts_by_one_id_at_once_end_as_one_and_a_conflict(opened: Database) -> None:
    one = arrival(fact(SbarRecorded(answers=ANSWERS), Ref("sbar", new_id())))
    two = arrival(fact(SbarAnswered(text="x"), Ref("sbar", new_id()), id=one.fact.id))
    results: list[bool] = []
    _beside(opened, one, lambda: results.extend(r.conflict for r in take(opened, [two]).results))
    assert results == [True]
    held = opened.read_now(lambda c: stored(c))
    assert [name for name, document in held.items() if document] == [f"sbar/{one.fact.aggregate.id}"]


def test_threads_that_write_to_one_sqlite_file_wait_for_each_other(tmp_path: Path) -> None:
    brought = work(3)
    failures: list[BaseException] = []
    with database(None, tmp_path) as opened:

        def write(mine: list[Arrival]) -> None:
            try:
                for start in range(0, len(mine), 40):
                    take(opened, mine[start : start + 40])
            except BaseException as error:
                failures.append(error)

        writers = [threading.Thread(target=write, args=[mine]) for mine in brought[:4]]
        for one in writers:
            one.start()
        for one in writers:
            one.join(60)
        assert failures == []
        assert opened.read_now(stale) == []
