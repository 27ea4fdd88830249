"""Years of old reports are read in: what is right goes in once, what is wrong is named."""

import codecs
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from endpoint.__main__ import main
from endpoint.ceremony.exchange import exchange_master
from endpoint.database import Database
from endpoint.deviations import erasing, importing, mapping, table
from endpoint.deviations.errors import Unreadable
from endpoint.deviations.importing import Outcome
from endpoint.deviations.mapping import Map
from endpoint.deviations.schema import past_deviations, past_units
from endpoint.deviations.times import told
from endpoint.keeping import ledger, retention
from endpoint.keeping.erase import Order, erase
from endpoint.keeping.terms import keep
from endpoint.keys import Keys, load
from endpoint.migrate import migrate
from endpoint.settings import Settings
from tests.deviation_reports import HEAD, NOW, UNITS, endpoint_with_units, reports, unit_id, written
from tests.postgres import database_url, postgres, postgres_url

__all__ = ["database_url", "postgres", "postgres_url"]

ROW = {
    "occurred_at": "2024-03-05 14:30",
    "reported_at": "2024-03-05 15:00",
    "unit": "Granen",
    "category": "fall",
    "harm": "mild",
    "person_ref": "P1",
}


@pytest.fixture
def here(tmp_path: Path, database_url: str | None) -> Iterator[tuple[Database, Keys]]:
    made = endpoint_with_units(tmp_path / "data", database_url)
    yield made
    made[0].close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An endpoint's folder with units, made once."""
    folder = tmp_path_factory.mktemp("made")
    endpoint_with_units(folder)[0].close()
    return folder


@pytest.fixture
def small(made: Path, tmp_path: Path) -> Iterator[tuple[Database, Keys]]:
    shutil.copytree(made, tmp_path / "data")
    database = Database(Settings(data=tmp_path / "data").database)
    yield database, load(tmp_path / "data" / "endpoint.keys", database)
    database.close()


def file(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "old.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def take_in(
    here: tuple[Database, Keys], path: Path, explained: dict[str, Any] | None = None, **how: Any
) -> Outcome:
    map = Map()
    if explained is not None:
        said = path.with_name("map.json")
        said.write_bytes(msgspec.json.encode(explained))
        map = mapping.read(said.read_bytes())
    sheet = table.read(path.read_bytes(), dict(mapping.COLUMNS), mapping.NEEDED, dict(map.columns))
    return importing.run(*here, sheet, map, NOW, **how)


def kept(here: tuple[Database, Keys]) -> list[dict[str, Any]]:
    query = select(past_deviations).order_by(past_deviations.c.reported, past_deviations.c.id)
    return here[0].read_now(lambda connection: [dict(row) for row in connection.execute(query).mappings()])


def one(here: tuple[Database, Keys], tmp_path: Path, **cells: str) -> dict[str, Any]:
    """A row with some cells changed, as it is kept."""
    done = take_in(here, file(tmp_path, written([ROW | cells])))
    assert not done.faults
    return kept(here)[0]


def fault(here: tuple[Database, Keys], tmp_path: Path, **cells: str) -> tuple[str, str]:
    """What is said of a row with some cells changed. The row beside it goes in all the same."""
    done = take_in(here, file(tmp_path, written([ROW | cells, ROW | {"person_ref": "beside"}])))
    assert [found.line for found in done.faults] == [2]
    assert done.new + done.same == 1
    return done.faults[0].field, done.faults[0].reason


def test_every_row_goes_in_once_however_often_its_file_is_read(
    here: tuple[Database, Keys], tmp_path: Path
) -> None:
    rows = reports(1500)
    done = take_in(here, file(tmp_path, written(rows)))
    assert (done.new, done.faults, done.copies) == (len(rows), [], [])
    before = kept(here)
    assert Counter(found["category"] for found in before) == Counter(row["category"] for row in rows)
    again = take_in(here, file(tmp_path, written(reversed(rows), ",")))
    assert (again.new, again.changed, again.same) == (0, 0, len(rows))
    assert kept(here) == before
    undone = take_in(here, file(tmp_path, written(rows[:1100])), undo=True)
    assert (undone.gone, len(kept(here))) == (1100, len(rows) - 1100)


def test_a_dry_run_says_the_same_and_keeps_nothing(small: tuple[Database, Keys], tmp_path: Path) -> None:
    path = file(tmp_path, written([*reports(50), ROW | {"harm": "stor"}]))
    dry = take_in(small, path, dry=True)
    assert kept(small) == []
    done = take_in(small, path)
    assert (dry.new, dry.faults) == (done.new, done.faults)
    assert take_in(small, path, dry=True).same == done.new


def test_what_is_kept_of_a_row(small: tuple[Database, Keys], tmp_path: Path) -> None:
    found = one(
        small, tmp_path, category="Läkemedel", subcategory="utebliven dos", harm="Måttlig",
        reporter_profession="Undersköterska", unit_type="Säbo",
    )  # fmt: skip
    assert found["unit"] == unit_id("Granen")
    assert [found[name] for name in ("category", "subcategory", "harm", "profession", "unit_type")] == [
        "medicine", "missed", "moderate", "assistant_nurse", "residential",
    ]  # fmt: skip
    assert (found["day"], found["hour"], found["minutes"]) == ("2024-03-05", 14, 30)
    assert found["occurred"] == datetime(2024, 3, 5, 13, 30, tzinfo=UTC)


def test_what_a_row_does_not_say_is_not_told(small: tuple[Database, Keys], tmp_path: Path) -> None:
    found = one(small, tmp_path, occurred_at="", harm="", person_ref="")
    assert (found["harm"], found["profession"], found["subcategory"]) == ("unknown", "unknown", "")
    assert (found["day"], found["hour"], found["minutes"], found["person"]) == (
        "2024-03-05",
        None,
        None,
        None,
    )
    assert found["unit_type"] == "residential", "as the unit's"


def test_of_the_other_systems_pseudonym_only_a_keyed_hash_is_kept(
    small: tuple[Database, Keys], tmp_path: Path
) -> None:
    rows = [ROW, ROW | {"reported_at": "2024-03-06 10:00"}, ROW | {"person_ref": "P2"}]
    take_in(small, file(tmp_path, written(rows)))
    persons = [found["person"] for found in kept(small)]
    assert len(set(persons)) == 2, "the same person is the same"
    other = endpoint_with_units(tmp_path / "other")
    take_in(other, file(tmp_path, written(rows)))
    assert not {found["person"] for found in kept(other)} & set(persons), "and nobody's elsewhere"
    assert not {found["id"] for found in kept(other)} & {found["id"] for found in kept(small)}
    other[0].close()


def test_the_hashes_stay_when_the_master_key_is_exchanged(tmp_path: Path) -> None:
    database, held = endpoint_with_units(tmp_path / "data")
    path, key_file = file(tmp_path, written(reports(20))), tmp_path / "data" / "endpoint.keys"
    take_in((database, held), path)
    exchange_master(key_file, database)
    again = take_in((database, load(key_file, database)), path)
    assert (again.new, again.same) == (0, 20)
    database.close()


@pytest.mark.parametrize(
    ("cells", "field", "said"),
    [
        ({"reported_at": ""}, "reported_at", "empty"),
        ({"unit": " "}, "unit", "empty"),
        ({"category": ""}, "category", "empty"),
        ({"category": "Fallskador m.m."}, "category", '"Fallskador m.m." is no word'),
        ({"harm": "stor"}, "harm", '"stor" is no word'),
        ({"reporter_profession": "Kock"}, "reporter_profession", "Kock"),
        ({"unit_type": "Sjukhus"}, "unit_type", "Sjukhus"),
        ({"unit": "Björken"}, "unit", '"Björken" is no unit here'),
        ({"occurred_at": "05/03/2024"}, "occurred_at", "more than one way"),
        ({"occurred_at": "05.03.2024 12:00"}, "occurred_at", "more than one way"),
        ({"occurred_at": "24-03-05"}, "occurred_at", "more than one way"),
        ({"occurred_at": "i går"}, "occurred_at", "no date"),
        ({"occurred_at": "45356,6"}, "occurred_at", "no date"),
        ({"occurred_at": "2024-02-30"}, "occurred_at", "no such day"),
        ({"occurred_at": "2023-02-29 10:00"}, "occurred_at", "no such day"),
        ({"occurred_at": "2024-03-05 24:30"}, "occurred_at", "no such time"),
        ({"occurred_at": "2024-03-05 12:60"}, "occurred_at", "no such time"),
        ({"occurred_at": "1924-03-05"}, "occurred_at", "before 1990"),
        ({"occurred_at": "0000-03-05"}, "occurred_at", "no such day"),
        ({"occurred_at": "2024-03-31 02:30", "reported_at": "2024-04-01"}, "occurred_at", "put forward"),
        ({"occurred_at": "2024-03-06"}, "occurred_at", "after reported_at"),
        ({"occurred_at": "2024-03-05 15:01"}, "occurred_at", "after reported_at"),
        ({"reported_at": "2026-03-15"}, "reported_at", "in the future"),
        ({"reported_at": "2026-03-14 13:30"}, "reported_at", "in the future"),
        ({"reported_at": "9999-12-31T23:59:59-12:00"}, "reported_at", "in the future"),
        ({"subcategory": "x" * 61}, "subcategory", "longer than 60"),
        ({"subcategory": "gäller 19400101-2397"}, "subcategory", "personnummer"),
        ({"subcategory": "a\u202eb"}, "subcategory", "cannot be shown"),
        ({"person_ref": "x" * 201}, "person_ref", "longer than 200"),
    ],
)
def test_a_faulty_row_is_named_and_the_rest_goes_in(
    small: tuple[Database, Keys], tmp_path: Path, cells: dict[str, str], field: str, said: str
) -> None:
    found = fault(small, tmp_path, **cells)
    assert found[0] == field
    assert said in found[1]


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05 14:30", "2024-03-05T14:30", "2024-03-05T14:30:00", "2024-03-05 14.30",
        "2024-03-05T13:30Z", "2024-03-05T14:30:00+01:00", "2024-03-05T14:30:00.000+0100", "2024/03/05 14:30",
        "2024-03-05T08:30-05", "2024.03.05 14:30", "20240305 14:30", "5 mars 2024 kl. 14.30",
        "5 mar 2024 14:30", "den 5 mars 2024 14:30", "2024-3-5 14:30", "  2024-03-05   14:30 ",
    ],
)  # fmt: skip
def test_a_time_may_be_written_in_every_way_that_can_be_read_in_one_way(text: str) -> None:
    assert told(text).at == datetime(2024, 3, 5, 13, 30, tzinfo=UTC)


def test_a_day_is_a_local_day() -> None:
    assert told("2023-12-31T23:30Z").day.isoformat() == "2024-01-01"
    assert told("2024-07-01T21:59:59Z").day.isoformat() == "2024-07-01"
    assert told("2024-07-01T22:00Z").day.isoformat() == "2024-07-02"
    assert told("2024-03-05").at is None


def test_an_hour_that_a_night_has_twice_is_told_apart_by_the_order_of_things(
    small: tuple[Database, Keys], tmp_path: Path
) -> None:
    found = one(small, tmp_path, occurred_at="2024-10-27 02:50", reported_at="2024-10-27 02:10")
    assert (found["hour"], found["minutes"]) == (2, 20)
    assert (
        fault(small, tmp_path, occurred_at="2024-10-27 03:00", reported_at="2024-10-27 02:10")[0]
        == "occurred_at"
    )


def test_a_row_that_is_written_twice_is_one_report(small: tuple[Database, Keys], tmp_path: Path) -> None:
    done = take_in(small, file(tmp_path, written([ROW, ROW | {"person_ref": "P2"}, ROW])))
    assert (done.new, done.copies, done.faults) == (2, [(4, 2)], [])


def test_two_of_one_day_of_which_no_time_is_told_are_two(
    small: tuple[Database, Keys], tmp_path: Path
) -> None:
    day = ROW | {"occurred_at": "2024-03-05", "reported_at": "2024-03-05", "person_ref": ""}
    path = file(tmp_path, written([day, day, day]))
    assert take_in(small, path).new == 3
    assert take_in(small, path).same == 3
    assert take_in(small, file(tmp_path, written([day] * 4))).new == 1


def test_another_systems_words_are_explained_by_a_map(small: tuple[Database, Keys], tmp_path: Path) -> None:
    content = (
        "Datum;Var;Vad;Allvar\n"
        "2024-03-05;Gamla granen;Fallskada;2\n2024-03-05;Eken;Dosfel;1\n2024-03-05;Eken;Ja;9\n"
    )
    explained = {
        "columns": {"Datum": "reported_at", "Var": "unit", "Vad": "category", "Allvar": "harm"},
        "unit": {"gamla Granen": "Granen"},
        "category": {"fallskada": "fall", "Dosfel": "medicine/Fel dos", "*": "other"},
        "harm": {"1": "none", "2": "mild"},
    }
    done = take_in(small, file(tmp_path, content), explained)
    assert [(found.line, found.field, found.word) for found in done.faults] == [(4, "harm", "9")]
    said = {(found["unit"], found["category"], found["subcategory"], found["harm"]) for found in kept(small)}
    assert said == {
        (unit_id("Granen"), "fall", "", "mild"),
        (unit_id("Eken"), "medicine", "wrong-dose", "none"),
    }
    better = explained | {"harm": {"1": "risk", "2": "mild", "*": "unknown"}}
    again = take_in(small, file(tmp_path, content), better)
    assert (again.new, again.changed, again.same) == (1, 1, 1), "the rows follow a better map"
    assert {found["harm"] for found in kept(small)} == {"risk", "mild", "unknown"}


def test_a_map_may_be_a_table(small: tuple[Database, Keys], tmp_path: Path) -> None:
    said = tmp_path / "map.csv"
    said.write_text("field;from;to\ncolumns;Vad;category\ncategory;Dosfel;medicine\nharm;?;\n")
    found = mapping.read(said.read_bytes())
    assert (found.columns, found.target("category", "dosfel")) == ({"Vad": "category"}, "medicine")
    assert found.target("harm", "?") == "unknown"
    for wrong in ("field;from;to\ncategory\n", "field;from;to\n;x;fall\n", "from;to\nx;fall\n"):
        said.write_text(wrong)
        with pytest.raises(Unreadable):
            mapping.read(said.read_bytes())


@pytest.mark.parametrize(
    ("explained", "said"),
    [
        ({"kategori": {}}, "'kategori' is none of"),
        ({"category": {"x": "falla"}}, "'falla' has no meaning"),
        ({"columns": {"x": "when"}}, "'when' is none of"),
        ({"unit": {"x": "Lönnen"}}, "no unit here is called Lönnen"),
        ({"category": {"x": 1}}, "map:"),
        ([], "columns are missing"),
    ],
)
def test_a_map_that_means_nothing_is_refused_before_anything_is_done(
    small: tuple[Database, Keys], tmp_path: Path, explained: Any, said: str
) -> None:
    with pytest.raises(Unreadable, match=said):
        take_in(small, file(tmp_path, written([ROW])), explained)
    assert kept(small) == []


def test_a_unit_that_is_no_longer_there_is_counted_under_its_old_name(
    small: tuple[Database, Keys], tmp_path: Path
) -> None:
    rows = [ROW | {"unit": "Björken"}, ROW | {"unit": "björken", "unit_type": "lss"}, ROW | {"unit": "Asken"}]
    path = file(tmp_path, written(rows))
    done = take_in(small, path, {"unit": {"Björken": "historical"}})
    assert [found.line for found in done.faults] == [4]
    assert len({found["unit"] for found in kept(small)}) == 1
    assert take_in(small, path, {"unit": {"*": "historical"}}).new == 1
    units = small[0].read_now(lambda connection: connection.execute(select(past_units)).all())
    assert sorted((unit.name, unit.kind) for unit in units) == [("Asken", "unknown"), ("Björken", "lss")]
    take_in(small, path, {"unit": {"*": "historical"}}, undo=True)
    assert small[0].read_now(lambda connection: connection.execute(select(past_units)).all()) == []


def test_with_several_vardgivare_a_row_is_of_its_units_and_a_historical_unit_of_whom_one_says(
    tmp_path: Path,
) -> None:
    here = endpoint_with_units(tmp_path / "data", providers=("Provkommun", "Grannvård"))
    path = file(tmp_path, written([ROW, ROW | {"unit": "Norr"}, ROW | {"unit": "Asken"}]))
    done = take_in(here, path, {"unit": {"*": "historical"}})
    assert [(found.line, "--provider" in found.reason) for found in done.faults] == [(4, True)]
    assert sorted(found["provider"] for found in kept(here)) == ["Grannvård", "Provkommun"]
    done = take_in(here, path, {"unit": {"*": "historical"}}, provider="Grannvård")
    assert (done.same, done.new) == (1, 2), "Granen is not one of theirs"
    with pytest.raises(Unreadable, match="Landet"):
        take_in(here, path, provider="Landet")
    here[0].close()


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_of_every_common_form_are_read(
    small: tuple[Database, Keys], tmp_path: Path, coding: str, delimiter: str
) -> None:
    content = written([ROW | {"category": "Läkemedel", "subcategory": "Förväxling"}], delimiter)
    one_way = take_in(small, file(tmp_path, content.encode(coding)))
    assert (one_way.new, one_way.faults) == (1, [])
    assert kept(small)[0]["subcategory"] == "wrong-person"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"PK\x03\x04 and so on", "spreadsheet"),
        (b"unit;category\n", "columns are missing: reported_at"),
        (b"nothing at all", "columns are missing"),
        (b"reported_at;unit;category;unit\n", "twice"),
        (b"reported_at;unit;category\n2024-03-05;\0;fall\n", "not a text file"),
        ("reported_at;unit;category\n2024-03-05;Gränen;fall\n".encode("cp850"), "neither UTF-8"),
        ("reported_at;unit;category\n".encode("utf-16-le") + b"\xff\xfe\x00", "not a text file"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_is_done(
    small: tuple[Database, Keys], tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(Unreadable, match=said):
        take_in(small, file(tmp_path, content))


def test_lines_are_counted_as_an_editor_counts_them(small: tuple[Database, Keys], tmp_path: Path) -> None:
    head = "sep=;\nreported_at;unit;category;harm;Beskrivning\n"
    content = head + (
        '2024-03-01;Granen;fall;mild;"rad ett\nrad två; ""citat"""\n'
        "\n;;;;\n"
        "2024-03-02;Granen;fall;mycket;x\n"
        '2024-03-03;Granen;fall;none;"aldrig stängd\n'
        "2024-03-04;Granen;fall\n"
        "2024-03-05;Granen;fall;none;x;för;många\n"
        '2024-03-06;Granen;fall;none;5" rör\n'
        "2024-03-07;Granen;fall;none;x;;\n"
    )
    done = take_in(small, file(tmp_path, content.replace("\n", "\r\n")))
    assert [(found.line, found.field) for found in done.faults] == [
        (7, "harm"),
        (8, "row"),
        (10, "row"),
        (11, "row"),
    ]
    assert [found["day"] for found in kept(small)] == ["2024-03-01", "2024-03-04", "2024-03-07"]


def test_the_command_lists_what_is_wrong_and_ends_with_what_it_came_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database, _ = endpoint_with_units(tmp_path / "data")
    database.close()

    def run(content: str, *more: str) -> tuple[int, str]:
        path = file(tmp_path, content)
        code = main(["import-deviations", "--data", str(tmp_path / "data"), str(path), *more])
        said = capsys.readouterr()
        return code, (said.out + said.err).replace(f"{path}:", "FILE:")

    rows = reports(30)
    assert run(written(rows), "--dry-run") == (0, "30 rows (UTF-8): 30 new; nothing was kept (--dry-run)\n")
    assert run(written(rows)) == (0, "30 rows (UTF-8): 30 new\n")
    code, said = run(written([*rows, ROW | {"harm": "stor"}, ROW | {"harm": "stor"}]))
    assert code == 1
    assert 'FILE:32: harm: "stor" is no word that is known here' in said
    assert 'not known: harm "stor", rows: 2' in said
    assert said.endswith("32 rows (UTF-8): 30 unchanged, 2 faulty\n")
    assert run(";".join(HEAD) + "\n")[0] == 2
    assert run("x")[0] == 2
    assert run(written(rows), "--map", str(tmp_path / "none.json"))[0] == 2
    assert run(written(rows), "--provider", "Landet")[0] == 2
    assert main(["import-deviations", "--data", str(tmp_path / "data"), str(tmp_path / "none.csv")]) == 2
    with pytest.raises(SystemExit):
        main(["import-deviations", "--help"])
    assert "person_ref" in capsys.readouterr().out


def test_what_is_past_its_time_goes(small: tuple[Database, Keys], tmp_path: Path) -> None:
    old = ROW | {"occurred_at": "", "reported_at": "2016-03-13"}
    take_in(small, file(tmp_path, written([old, old | {"reported_at": "2016-03-15"}, ROW])))
    swept = retention.run(*small, tmp_path / "erasures.jsonl", keep(), NOW)
    assert swept.rows["past_deviations"] == 1
    assert [found["day"] for found in kept(small)] == ["2016-03-15", "2024-03-05"]


@pytest.mark.soak
def test_a_hundred_thousand_rows_go_in_within_a_minute(here: tuple[Database, Keys], tmp_path: Path) -> None:
    rows = reports(100_000)
    path = file(tmp_path, written(rows))
    start = time.monotonic()
    assert take_in(here, path).new == len(rows)
    assert time.monotonic() - start < 60


def test_before_there_are_units_nothing_is_read_in(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    database = Database(settings.database)
    held = load(settings.key_file, database)
    migrate(database)
    with pytest.raises(Unreadable, match="no units here yet"):
        take_in((database, held), file(tmp_path, written([ROW])))
    database.close()


def test_the_kinds_of_units_are_those_of_the_test(small: tuple[Database, Keys], tmp_path: Path) -> None:
    take_in(small, file(tmp_path, written([ROW | {"unit": name} for name in UNITS])))
    assert {found["unit_type"] for found in kept(small)} == set(UNITS.values())


def test_an_erasure_by_decision_takes_old_reports_too_and_they_do_not_come_back(tmp_path: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    database, held = endpoint_with_units(data)
    rows = [row | {"person_ref": ref} for row, ref in zip(reports(6), "AABBCC", strict=True)]
    path = tmp_path / "old.csv"
    path.write_text(written(rows))

    def read_in() -> Outcome:
        sheet = table.read(path.read_bytes(), dict(mapping.COLUMNS), mapping.NEEDED, {})
        return importing.run(database, held, sheet, Map(), NOW)

    read_in()
    database.checkpoint()
    shutil.copytree(data, backup)
    name = database.read_now(lambda connection: erasing.find(connection, held, "Provkommun", " a "))
    assert name is not None
    assert database.read_now(lambda connection: erasing.find(connection, held, "Provkommun", "Z")) is None
    order = Order("decision", "IVO 1", "somebody", unit_id("Granen"))
    assert erase(database, held, [name], order).counts == {"past": 2}
    assert erase(database, held, [name], order).counts == {}
    done = read_in()
    assert (done.new, done.erased, done.same, len(kept((database, held)))) == (0, 2, 4, 4)
    ledger.keep(database, ledger.path_in(data))
    database.close()
    restored = Database(Settings(data=backup).database)
    assert len(kept((restored, held))) == 6
    assert ledger.settle(restored, load(backup / "endpoint.keys", restored), ledger.path_in(data)) == 1
    assert len(kept((restored, held))) == 4
    restored.close()
