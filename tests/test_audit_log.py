"""The log only grows: rows hang on one another, the database refuses changes, tampering is named."""

import contextlib
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from endpoint.__main__ import main
from endpoint.audit import heads
from endpoint.audit.chain import FORMAT, START, link
from endpoint.audit.log import Entry, note, rows
from endpoint.audit.retention import forget
from endpoint.audit.tables import audit, audit_chains, audit_heads
from endpoint.audit.verify import Broken, verify
from endpoint.database import Database
from endpoint.migrate import migrate
from tests.endpoint_table import database
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, OTHER_UNIT, PERSON, UNIT
from wire import signature

__all__ = ["database_url", "postgres", "postgres_url"]

MORNING = datetime(2026, 3, 14, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PRIVATE = signature.new_key()
PUBLIC = signature.public_of(PRIVATE)
GUARDS = ("audit", "audit_chains", "audit_heads")


def entry(**changes: Any) -> Entry:
    values: dict[str, Any] = {
        "at": MORNING - timedelta(hours=1),
        "staff": AMINA,
        "device": "phone-1",
        "unit": UNIT,
        "person": PERSON,
        "act": "read",
        "what": "sign",
        "role": "carer",
        "law": "PDL 4:1",
    }
    return Entry(**(values | changes))


def add(opened: Database, *entries: Entry, now: datetime = MORNING) -> None:
    opened.write_now(lambda connection: note(connection, entries, now))


def sign(opened: Database, now: datetime = MORNING + DAY) -> list[heads.SignedHead]:
    return opened.write_now(lambda connection: heads.make_due(connection, PRIVATE, now))


def wrong(opened: Database, *outside: heads.SignedHead, now: datetime = MORNING + 3 * DAY) -> list[Broken]:
    return list(verify(opened, [PUBLIC], now, outside).broken)


def first(opened: Database, *outside: heads.SignedHead) -> tuple[str, str, int, str]:
    found = wrong(opened, *outside)[0]
    return found.unit, found.day, found.number, found.wrong


def three_days(opened: Database) -> list[heads.SignedHead]:
    """Two units, three days of rows; the first two days are signed."""
    for day in range(3):
        add(opened, *(entry(ref=f"{n}") for n in range(4)), now=MORNING + day * DAY)
        add(opened, entry(unit=OTHER_UNIT, staff=KARIN), now=MORNING + day * DAY)
    return sign(opened, MORNING + 2 * DAY)


def unguard(opened: Database) -> None:
    """What somebody who owns the database can do."""

    def drop(connection: Connection) -> None:
        for (name,) in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        ).all():
            connection.execute(text(f"DROP TRIGGER {name}"))

    opened.write_now(drop)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[heads.SignedHead]]:
    """A log of three days without its guards, to be copied and tampered with."""
    folder = tmp_path_factory.mktemp("log")
    with database(None, folder) as opened:
        signed = three_days(opened)
        unguard(opened)
        assert not wrong(opened, *signed)
    return folder / "e.db", signed


@pytest.fixture
def here(filled: tuple[Path, list[heads.SignedHead]], tmp_path: Path) -> Iterator[Database]:
    copy = tmp_path / "e.db"
    with (
        contextlib.closing(sqlite3.connect(filled[0])) as source,
        contextlib.closing(sqlite3.connect(copy)) as to,
    ):
        source.backup(to)
    opened = Database(f"sqlite:///{tmp_path}/e.db")
    yield opened
    opened.close()


@pytest.fixture
def kept(filled: tuple[Path, list[heads.SignedHead]]) -> list[heads.SignedHead]:
    return filled[1]


# ------------------------------------------------------------------- growing


def test_rows_hang_on_one_another_per_unit_and_day(database_url: str | None, tmp_path: Path) -> None:
    with database(database_url, tmp_path) as opened:
        add(opened, entry(), entry(unit=OTHER_UNIT), entry(what="case"))
        add(opened, entry(), now=MORNING + DAY)
        found = opened.read_now(
            lambda c: c.execute(select(audit).order_by(audit.c.day, audit.c.number)).all()
        )
        places = {(row.unit, row.day, row.number) for row in found}
        assert places == {
            (UNIT, "2026-03-14", 1),
            (UNIT, "2026-03-14", 2),
            (OTHER_UNIT, "2026-03-14", 1),
            (UNIT, "2026-03-15", 1),
        }
        chain = [row for row in found if (row.unit, row.day) == (UNIT, "2026-03-14")]
        assert [row.prev for row in chain] == [START, chain[0].hash]
        assert not wrong(opened)


def test_the_database_refuses_to_change_or_delete(database_url: str | None, tmp_path: Path) -> None:
    with database(database_url, tmp_path) as opened:
        three_days(opened)
        acts = [
            *(f"UPDATE {table} SET {column} = {column}" for table, column in
              (("audit", "staff"), ("audit", "hash"), ("audit_heads", "signature"))),
            f"UPDATE audit_chains SET number = number - 1 WHERE day = '2026-03-16' AND unit = '{UNIT}'",
            "UPDATE audit_chains SET number = number + 1 WHERE day = '2026-03-14'",
            *(f"DELETE FROM {table}" for table in GUARDS),
            *(f"TRUNCATE {table}" for table in GUARDS if opened.postgres),
        ]  # fmt: skip
        for act in acts:
            with pytest.raises(DBAPIError, match="only added"):
                opened.write_now(lambda connection, act=act: connection.execute(text(act)))
        assert not wrong(opened)


@pytest.mark.parametrize("writers", [6])
def test_writers_at_once_make_one_chain(database_url: str | None, tmp_path: Path, writers: int) -> None:
    with database(database_url, tmp_path) as opened:
        faults: list[BaseException] = []

        def write(number: int) -> None:
            units = [UNIT, OTHER_UNIT] if number % 2 else [OTHER_UNIT, UNIT]
            try:
                for turn in range(10):
                    add(opened, *(entry(unit=unit, ref=f"{number}.{turn}") for unit in units))
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not faults
        verified = verify(opened, [PUBLIC], MORNING)
        assert (verified.rows, verified.chains, verified.broken) == (writers * 20, 2, ())


def test_what_comes_after_the_head_of_the_day_is_of_the_next(tmp_path: Path) -> None:
    with database(None, tmp_path) as opened:
        add(opened, entry())
        sign(opened)
        add(opened, entry(ref="late"), entry(unit=OTHER_UNIT))
        found = opened.read_now(lambda c: c.execute(select(audit.c.unit, audit.c.day, audit.c.ref)).all())
        assert (UNIT, "2026-03-15", "late") in [tuple(row) for row in found]
        assert (OTHER_UNIT, "2026-03-14", "") in [tuple(row) for row in found]
        assert not wrong(opened)


_texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.lists(st.one_of(_texts, st.integers(-(2**53), 2**53)), max_size=6), st.binary(min_size=32, max_size=32)
)
def test_the_hash_is_what_the_documentation_says(columns: list[str | int], prev: bytes) -> None:
    written = json.dumps([FORMAT, *columns], ensure_ascii=False, separators=(",", ":")).encode()
    assert link(prev, columns) == hashlib.sha256(prev + written).digest()


def test_one_row_by_hand(tmp_path: Path) -> None:
    with database(None, tmp_path) as opened:
        add(opened, entry(reason="Jour", ref="f"))
        row = opened.read_now(lambda c: c.execute(select(audit)).one())
        by_hand = (
            f'[1,"{UNIT}","2026-03-14",1,1773471600000000,1773468000000000,"{AMINA}","phone-1","{PERSON}",'
            f'"read","sign","carer","PDL 4:1","Jour","f"]'
        )
        assert row.hash == hashlib.sha256(bytes(32) + by_hand.encode()).digest()


def test_rows_are_found_by_unit_person_staff_and_period(tmp_path: Path) -> None:
    with database(None, tmp_path) as opened:
        long_ago = MORNING - 40 * DAY
        add(opened, entry(), entry(person="p2"), entry(unit=OTHER_UNIT, staff=KARIN), entry(at=long_ago))

        def found(**by: Any) -> int:
            since, until = by.pop("since", MORNING - DAY), by.pop("until", MORNING + DAY)
            return len(opened.read_now(lambda c: rows(c, since=since, until=until, **by)))

        assert (found(), found(units=[UNIT]), found(units=[]), found(person="p2")) == (4, 3, 0, 1)
        assert (found(staff=KARIN), found(staff=KARIN, units=[UNIT])) == (1, 0)
        assert found(since=MORNING + timedelta(seconds=1)) == 0
        assert found(until=MORNING) == 0
        assert found(since=long_ago, until=long_ago + DAY) == 0
        assert found(since=long_ago, until=long_ago + DAY, performed=True, units=[UNIT]) == 1
        [one] = opened.read_now(lambda c: rows(c, person="p2", since=MORNING, until=MORNING + DAY))
        assert (one.recorded, one.at) == (MORNING, MORNING - timedelta(hours=1))


# ----------------------------------------------------------------- tampering

OTHERWISE = {"number": 9, "recorded": 5, "at": 5, "prev": b"x" * 32, "hash": b"x" * 32}


@pytest.mark.parametrize("column", [one.name for one in audit.columns])
def test_a_changed_column_is_found(here: Database, column: str) -> None:
    value = OTHERWISE.get(column, "other")
    where = f"unit = '{UNIT}' AND day = '2026-03-16' AND number = 2"
    change = text(f"UPDATE audit SET {column} = :value WHERE {where}")
    here.write_now(lambda connection: connection.execute(change, {"value": value}))
    moved = column in ("unit", "day", "number")
    assert (UNIT, "2026-03-16", 2, "missing" if moved else "changed") in [
        (one.unit, one.day, one.number, one.wrong) for one in wrong(here)
    ]


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("day", ["2026-03-14", "2026-03-16"])
def test_a_deleted_row_is_found(here: Database, day: str, number: int) -> None:
    gone = delete(audit).where(audit.c.unit == UNIT, audit.c.day == day, audit.c.number == number)
    here.write_now(lambda connection: connection.execute(gone))
    assert first(here) == (UNIT, day, number, "missing")


def test_a_row_that_was_put_in_is_found(here: Database) -> None:
    def put(connection: Connection) -> None:
        """Everything after it moves up, and it is hashed as if it had always followed the row before it."""
        for number in (4, 3):
            here_ = (audit.c.unit == UNIT) & (audit.c.day == "2026-03-16") & (audit.c.number == number)
            connection.execute(update(audit).where(here_).values(number=number + 1))
        row = connection.execute(select(audit).where(audit.c.unit == UNIT, audit.c.number == 2)).mappings()
        connection.execute(
            audit.insert(), [dict(next(one for one in row if one["day"] == "2026-03-16")) | {"number": 3}]
        )

    here.write_now(put)
    assert first(here) == (UNIT, "2026-03-16", 3, "changed")


@pytest.mark.parametrize("signed", [True, False])
def test_a_row_added_behind_the_end_is_found(here: Database, signed: bool) -> None:
    day = "2026-03-14" if signed else "2026-03-16"

    def put(connection: Connection) -> None:
        of = select(audit).where(audit.c.unit == UNIT, audit.c.day == day, audit.c.number == 4)
        row = dict(connection.execute(of).mappings().one()) | {"number": 5}
        row["prev"] = row["hash"]
        micros = {name: int(row[name].timestamp() * 1_000_000) for name in ("recorded", "at")}
        row["hash"] = link(row["prev"], [(row | micros)[one.name] for one in audit.columns][:14])
        connection.execute(audit.insert(), [row])

    here.write_now(put)
    assert first(here) == (UNIT, day, 5, "inserted")


def test_a_row_of_another_chain_is_found(here: Database) -> None:
    def swap(connection: Connection) -> None:
        one, other = (
            (audit.c.unit == UNIT) & (audit.c.day == "2026-03-16") & (audit.c.number == n) for n in (2, 3)
        )
        for where, number in ((one, 99), (other, 2)):
            connection.execute(update(audit).where(where).values(number=number))
        connection.execute(update(audit).where(audit.c.number == 99).values(number=3))

    here.write_now(swap)
    assert first(here) == (UNIT, "2026-03-16", 2, "changed")


def written_anew(connection: Connection, day: str, upto: int) -> None:
    """A whole chain forged: a row's person exchanged, all hashes computed anew, its end and mark too."""
    found = connection.execute(
        text(f"SELECT * FROM audit WHERE unit = '{UNIT}' AND day = '{day}' ORDER BY number")
    ).mappings()
    last = START
    chain = [dict(row) for row in found]
    connection.execute(delete(audit).where(audit.c.unit == UNIT, audit.c.day == day))
    for row in chain[:upto]:
        row |= {"person": "somebody else", "prev": last}
        last = row["hash"] = link(last, [row[one.name] for one in audit.columns][:14])
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO audit ({names}) VALUES ({marks})"), row)
    here = (audit_chains.c.unit == UNIT) & (audit_chains.c.day == day)
    connection.execute(update(audit_chains).where(here).values(number=upto, hash=last))


def test_a_whole_chain_that_was_written_anew_shows_against_its_head(here: Database) -> None:
    here.write_now(lambda connection: written_anew(connection, "2026-03-14", 4))
    assert first(here) == (UNIT, "2026-03-14", 4, "changed")


def test_a_cut_tail_shows_against_its_head_however_well_it_is_hidden(
    here: Database, kept: list[heads.SignedHead]
) -> None:
    here.write_now(lambda connection: written_anew(connection, "2026-03-15", 2))
    assert first(here) == (UNIT, "2026-03-15", 3, "missing")
    # With the head gone too, and the day open again, only what was kept elsewhere tells.
    mine = (audit_heads.c.unit == UNIT) & (audit_heads.c.day == "2026-03-15")
    chain = (audit_chains.c.unit == UNIT) & (audit_chains.c.day == "2026-03-15")
    here.write_now(
        lambda connection: (
            connection.execute(delete(audit_heads).where(mine)),
            connection.execute(update(audit_chains).where(chain).values(closed=False)),
        )
    )
    assert not wrong(here)
    assert first(here, *kept) == (UNIT, "2026-03-15", 3, "missing")


def test_a_day_that_is_gone_with_its_head_is_found(here: Database, kept: list[heads.SignedHead]) -> None:
    def go(connection: Connection, day: str) -> None:
        for table in (audit, audit_chains, audit_heads):
            connection.execute(delete(table).where(table.c.unit == UNIT, table.c.day == day))

    here.write_now(lambda connection: go(connection, "2026-03-14"))
    assert (UNIT, "2026-03-15", 1, "head") in [(o.unit, o.day, o.number, o.wrong) for o in wrong(here)]
    here.write_now(lambda connection: go(connection, "2026-03-15"))
    assert not wrong(here), "nothing in the database says that there were days before"
    assert first(here, *kept)[1:] == ("2026-03-14", 1, "missing")


HEADS = {"number": 7, "signed": b"{}", "signature": b"x" * 64, "day": "2026-01-01", "unit": "other"}


@pytest.mark.parametrize("column", [one.name for one in audit_heads.columns])
def test_a_changed_head_is_found(here: Database, column: str) -> None:
    where = (audit_heads.c.unit == UNIT) & (audit_heads.c.day == "2026-03-15")
    here.write_now(lambda c: c.execute(update(audit_heads).where(where).values(**{column: HEADS[column]})))
    assert "head" in {one.wrong for one in wrong(here)}


ENDS = {"number": 3, "hash": b"x" * 32, "closed": True, "day": "2026-03-20", "unit": "other"}


@pytest.mark.parametrize("column", [one.name for one in audit_chains.columns])
def test_a_changed_end_is_found(here: Database, column: str) -> None:
    where = (audit_chains.c.unit == UNIT) & (audit_chains.c.day == "2026-03-16")
    here.write_now(lambda c: c.execute(update(audit_chains).where(where).values(**{column: ENDS[column]})))
    assert wrong(here)


def test_a_head_under_another_key_is_no_head(here: Database) -> None:
    forger = signature.new_key()
    made = here.write_now(lambda connection: heads.make_due(connection, forger, MORNING + 4 * DAY))
    assert len(made) == 2
    assert {one.wrong for one in wrong(here)} == {"head"}
    foreign = heads.SignedHead(made[0].signed, bytes(64))
    assert any("kept elsewhere" in one.detail for one in wrong(here, foreign))


# ----------------------------------------------------- heads, years, commands


def test_heads_name_the_one_before_and_are_made_once(here: Database, kept: list[heads.SignedHead]) -> None:
    mine = [one for one in kept if one.head.unit == UNIT]
    assert [one.head.number for one in mine] == [1, 2]
    assert mine[1].head.before == mine[0].hash
    assert [(one.head.day, one.head.rows) for one in mine] == [("2026-03-14", 4), ("2026-03-15", 4)]
    assert sign(here, MORNING + 2 * DAY) == []
    midnight = datetime(2026, 3, 16, 23, 0, tzinfo=UTC)
    assert sign(here, midnight + timedelta(minutes=59)) == [], "the hour after midnight"
    assert len(sign(here, midnight + timedelta(minutes=60))) == 2
    assert heads.of_lines([heads.line(one) for one in kept] + [""]) == kept
    with pytest.raises(ValueError, match="line 1"):
        heads.of_lines(["{}"])


def test_after_five_years_whole_days_go_and_their_heads_stay(
    database_url: str | None, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    long_ago, lately = now - timedelta(days=5 * 366 + 3), now - timedelta(days=4 * 365)
    with database(database_url, tmp_path) as opened:
        for at in (long_ago, lately):
            add(opened, entry(), entry(), now=at)
        add(opened, entry(unit=OTHER_UNIT), now=long_ago)
        assert opened.write_now(lambda connection: forget(connection, now)) == 0, "nothing is signed"
        signed = sign(opened, now)
        assert opened.write_now(lambda connection: forget(connection, now)) == 3
        left = opened.read_now(lambda c: c.scalar(select(func.count()).select_from(audit)))
        assert (left, len(signed)) == (2, 3)
        assert not wrong(opened, *signed, now=now)


def test_the_commands_sign_and_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    data = ["--data", str(tmp_path)]
    assert main(["audit", "heads", *data]) == 0
    opened = Database(f"sqlite:///{tmp_path}/endpoint.sqlite")
    add(opened, entry(), entry())
    capsys.readouterr()
    assert main(["audit", "heads", *data]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert main(["audit", "heads", "--since", "2026-03-14", *data]) == 0
    assert capsys.readouterr().out.splitlines() == [line]
    (tmp_path / "heads").write_text(line)
    assert main(["audit", "verify", "--heads", str(tmp_path / "heads"), *data]) == 0
    assert "whole: 2 rows, 1 chains, 1 signed heads" in capsys.readouterr().out
    unguard(opened)
    opened.write_now(lambda connection: connection.execute(update(audit).values(staff=KARIN)))
    assert main(["audit", "verify", *data]) == 1
    assert f"unit {UNIT}, 2026-03-14, number 1: changed" in capsys.readouterr().out
    assert main(["audit", "verify", "--heads", str(tmp_path / "none"), *data]) == 2
    migrate(opened)
    opened.close()
