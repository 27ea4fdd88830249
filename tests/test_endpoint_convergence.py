"""However the same facts arrive, the endpoint ends with the same documents and the same streams."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st

from care.delegation import DelegationAccepted, DelegationIssued, DelegationRevoked
from care.deviation import DeviationAmended, DeviationReported, ReportStatus
from care.dose import DoseCorrected, DoseGiven
from care.facts import Ref
from care.published import Answered
from care.rights import Role
from care.sbar import SbarAnswered, SbarReadBack, SbarRecorded
from care.staff import RoleInUnit, StaffSet
from endpoint.database import Database
from endpoint.migrate import migrate
from endpoint.record import Arrival
from endpoint.schema import metadata
from tests.endpoint_table import arrival, contents, database, stale, stored, take
from tests.every_table import every_table
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, NOON, ORDER, OTHER_UNIT, TESFAY, UNIT, fact, new_id

__all__ = ["database_url", "postgres", "postgres_url"]

ANSWERS = Answered("form", "1", msgspec.Raw(b"{}"))
LATER = NOON + timedelta(hours=1)


def _facts() -> list[Arrival]:
    dose, sbar, case = Ref("dose", new_id()), Ref("sbar", new_id()), Ref("deviation", new_id())
    delegation, staff = Ref("delegation", new_id()), Ref("staff", TESFAY)
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5", order_fact=new_id())
    first = fact(given, dose)
    here, there = (RoleInUnit(Role.CARER, unit, date(2025, 1, 1)) for unit in (UNIT, OTHER_UNIT))
    made = [
        first,
        fact(given, dose, author=TESFAY),
        fact(DoseCorrected(corrects=first.id), dose, rank=2),
        fact(SbarRecorded(answers=ANSWERS), sbar),
        fact(SbarRecorded(answers=ANSWERS), sbar, author=TESFAY, at=LATER),
        fact(SbarAnswered(text="Ge vatten"), sbar, rank=2, author=KARIN),
        fact(SbarReadBack(nurse=KARIN), sbar, rank=3, offset_ms=5000),
        fact(DeviationReported(category="fall", answers=ANSWERS), case),
        fact(DeviationAmended(text="Tillägg"), case, rank=2),
        fact(ReportStatus(reporter=AMINA, step="received"), Ref("report", case.id), author=KARIN),
        fact(
            DelegationIssued(holder=AMINA, tasks=("x",), units=(UNIT,), start=NOON, end=LATER),
            delegation,
            author=KARIN,
        ),
        fact(DelegationAccepted(), delegation, rank=2),
        fact(DelegationRevoked(at=LATER), delegation, rank=3, author=KARIN),
        fact(StaffSet(name="T", title="t", roles=(here,)), staff, person=None),
        fact(StaffSet(name="T", title="t", roles=(here, there)), staff, rank=2, person=None),
        msgspec.structs.replace(fact(DelegationAccepted(), Ref("song", new_id())), type="song.sung"),
    ]
    return [arrival(one) for one in made]


FACTS = _facts()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "e.db"
    opened = Database(f"sqlite:///{path}")
    migrate(opened)
    opened.close()
    return path


@given(st.data())
@settings(max_examples=60)
def test_any_order_any_repetition_and_any_batches_end_the_same(empty: Path, data: st.DataObject) -> None:
    arrived = data.draw(st.permutations(FACTS)) + data.draw(st.lists(st.sampled_from(FACTS), max_size=8))
    arrived = data.draw(st.permutations(arrived))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(arrived) - 1), max_size=6)))
    batches = [arrived[a:b] for a, b in zip([0, *cuts], [*cuts, len(arrived)], strict=True)]
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(empty, folder))
        opened = Database(f"sqlite:///{path}")
        accepted = sum(one.status == "accepted" for batch in batches for one in take(opened, batch).results)
        found = opened.read_now(lambda c: (stored(c), contents(c), stale(c)))
        opened.close()
    assert accepted == len(FACTS)
    assert found == (*_expected(empty), [])


def _expected(empty: Path) -> tuple[dict[str, bytes | None], dict[str, set[str]]]:
    with TemporaryDirectory() as folder:
        opened = Database(f"sqlite:///{shutil.copy(empty, folder)}")
        take(opened, FACTS)
        found = opened.read_now(lambda c: (stored(c), contents(c)))
        opened.close()
    return found


def test_each_reader_ends_with_what_the_rules_of_streams_say(empty: Path) -> None:
    _, streams = _expected(empty)
    kinds = {
        name: {one.fact.aggregate.kind for one in FACTS if one.fact.id in held}
        for name, held in streams.items()
    }
    assert kinds == {
        f"unit:{UNIT}": {"dose", "delegation", "staff", "song"},
        f"unit:{OTHER_UNIT}": {"staff"},
        f"nurse:{UNIT}": {"sbar", "deviation"},
        f"chief:{UNIT}": {"deviation"},
        f"mas:{UNIT}": {"deviation", "staff"},
        f"sas:{UNIT}": {"deviation", "staff"},
        f"safety:{UNIT}": {"staff"},
        **{f"{of}:{OTHER_UNIT}": {"staff"} for of in ("mas", "sas", "safety")},
        f"staff:{AMINA}": {"sbar", "report", "delegation"},
        f"staff:{TESFAY}": {"sbar"},
    }


def test_the_migrations_make_the_tables_that_the_code_uses(database_url: str | None, tmp_path: Path) -> None:
    every_table()
    with database(database_url, tmp_path) as opened:
        migrate(opened)
        differences = opened.read_now(lambda c: compare_metadata(MigrationContext.configure(c), metadata))
    assert differences == []
