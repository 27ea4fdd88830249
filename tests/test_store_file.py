"""The file: nothing readable in it, nothing lost with it, and every failure named."""

import random
import shutil
import sqlite3
import string
from pathlib import Path

import pytest
import sqlite_utils

from care.facts import Ref
from care.unit import OnCall
from storage import (
    Damaged,
    DiskFull,
    FileSecret,
    LockInfo,
    Newer,
    ReadOnly,
    SecretError,
    Statement,
    Store,
    WrongSecret,
)
from storage.schema import APPLICATION, MIGRATIONS, migrate
from tests.store_case import (
    ANNA,
    BERTIL,
    OTHER_UNIT,
    PERSON,
    PIN,
    UNIT,
    Time,
    asked,
    elsewhere,
    fallen,
    given,
    new_id,
    open_store,
    page,
    phone,
    sign_in,
)

WORDS = ["Astrid", "Lindqvist", "19121212", "19121212-1212", "Insulin", "NovoRapid", "halkade", "badrummet"]


def test_no_word_name_kind_or_person_stands_in_the_file_or_its_log(tmp_path: Path) -> None:
    words = " ".join(WORDS)
    with phone(tmp_path) as store:
        anna = sign_in(store, name="Anna Zetterqvist-Öberg")
        for _ in range(20):
            anna.save(asked(words=words), given(amount=words), draft="sbar:draft-name")
        anna.save_draft("sbar:draft-name", words.encode())
        anna.remember("seen-answers", words.encode())
        store.set_lock_info(LockInfo(unit_name="Granen", nurse=(OnCall("Nina Nyqvist", "070-1740605"),)))
        store.report(fallen(words, claimed="Kim Karlsson"), Ref("deviation", new_id()), UNIT, PERSON)
        theirs = Statement(fallen(words), Ref("deviation", new_id()), UNIT)
        store.take_page(page(f"chief:{UNIT}", [elsewhere(theirs.body, theirs.aggregate)]), anna)
        files = [path for path in tmp_path.iterdir() if path.name.startswith("rapp.db")]
        assert {path.name for path in files} >= {"rapp.db", "rapp.db-wal"}
        raw = b"".join(path.read_bytes() for path in files)
        # Five characters or more: shorter ones turn up by chance in ciphertext.
        secrets = [*WORDS, PIN, "Zetterqvist", "Öberg", "assistant_nurse", "Granen", "Nyqvist", "070-1740605"]
        secrets += ["Kim Karlsson", "sbar:draft-name", "seen-answers", "127.0.0.1", "deviation", "delegation"]
        secrets += ["unit:", "chief:", "nurse:", "dose.", "sbar.", '"dose"', '"sbar"', "fall."]
        secrets += [PERSON, ANNA, UNIT]
        for secret in secrets:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                assert secret.encode(encoding) not in raw, secret
    assert all(word.encode() not in (tmp_path / "rapp.db").read_bytes() for word in WORDS)


def test_equal_content_looks_different_and_the_same_aggregate_is_another_in_another_ring(
    tmp_path: Path,
) -> None:
    with phone(tmp_path) as store:
        anna, bertil = sign_in(store), sign_in(store, BERTIL, "Bertil")
        sbar = asked()
        anna.save(sbar, sbar)
        bertil.save(sbar)
    rows = sqlite3.connect(tmp_path / "rapp.db")
    try:
        assert rows.execute("SELECT count(DISTINCT payload) FROM facts").fetchone() == (3,)
        assert rows.execute("SELECT count(DISTINCT aggregate) FROM facts").fetchone() == (2,)
    finally:
        rows.close()


def test_a_new_file_is_brought_to_this_version_in_one_step_each(tmp_path: Path) -> None:
    rows = sqlite3.connect(tmp_path / "rapp.db", isolation_level=None)
    database = sqlite_utils.Database(rows, execute_plugins=False)
    try:
        assert rows.execute("PRAGMA user_version").fetchone() == (0,)
        migrate(database)
        assert rows.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert rows.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
        before = database.schema
        migrate(database)
        assert database.schema == before
    finally:
        rows.close()
    with phone(tmp_path) as store:
        assert sign_in(store).save(given())


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with phone(tmp_path) as store:
        [fact] = sign_in(store).save(given())

    def fails(database: sqlite_utils.Database) -> None:
        database.execute("CREATE TABLE half (done TEXT)")
        database.execute("DELETE FROM facts")
        raise sqlite3.OperationalError("interrupted")

    with monkeypatch.context() as patch:
        patch.setattr("storage.schema.MIGRATIONS", (*MIGRATIONS, fails))
        with pytest.raises(Exception, match="interrupted"):
            open_store(tmp_path)
    with phone(tmp_path) as store:
        assert store.unlock(ANNA, PIN).envelopes("dose", fact.aggregate.id)
        assert "half" not in store._database.tables().table_names()


def test_a_migration_runs_over_what_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with phone(tmp_path) as store:
        sign_in(store).save(given())
    ran: list[int] = []

    def adds(database: sqlite_utils.Database) -> None:
        ran.append(database.table("facts").count)
        database.execute("CREATE TABLE added (thing TEXT)")

    monkeypatch.setattr("storage.schema.MIGRATIONS", (*MIGRATIONS, adds))
    for _ in range(2):
        with phone(tmp_path) as store:
            assert "added" in store._database.tables().table_names()
            assert len(store.unlock(ANNA, PIN).documents("dose")) == 1
    assert ran == [1]


def test_documents_folded_by_another_version_of_the_app_are_folded_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        anna.save(given(), asked())
        before = {document.id: document for document in anna.documents("dose") + anna.documents("sbar")}
    monkeypatch.setattr("storage.entries.folding", lambda: "another")
    monkeypatch.setattr("storage.entries.document_type", _refuse)
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        assert {one.id: one for one in anna.documents("dose") + anna.documents("sbar")} == before
        assert anna.damage == []


def _refuse(kind: str) -> None:
    raise AssertionError("a document of another version was read")


def test_a_file_of_a_newer_app_and_a_file_of_another_app_are_left_alone(tmp_path: Path) -> None:
    for name, sql, error in (
        ("newer", "PRAGMA user_version = 99", Newer),
        ("other", "CREATE TABLE notes (a)", Damaged),
    ):
        folder = tmp_path / name
        folder.mkdir()
        rows = sqlite3.connect(folder / "rapp.db")
        rows.execute(sql)
        rows.commit()
        rows.close()
        with pytest.raises(error):
            open_store(folder)
        rows = sqlite3.connect(folder / "rapp.db")
        assert "facts" not in str(rows.execute("SELECT * FROM sqlite_master").fetchall())
        rows.close()


def test_a_full_disk_says_so_saves_nothing_of_it_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        [first] = anna.save(given())
        raw = store._database._connection
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count = {pages + 4}")
        saved = [first.id]
        big = "".join(random.Random(1).choices(string.ascii_letters, k=6000))
        last = asked(words=big)
        with pytest.raises(DiskFull):  # noqa: PT012  it fills at one of them
            for _ in range(50):
                saved.append(anna.save(last)[0].id)
        held = {of.fact().id for of in anna.envelopes("sbar", last.aggregate.id)}
        assert held == set(saved[1:])
        assert anna.unsent == set(saved)
        assert len(store.waiting()) == len(saved)
        with pytest.raises(DiskFull):
            store.report(fallen(big * 4), Ref("deviation", new_id()), UNIT)
        raw.execute("PRAGMA max_page_count = 1073741823")
        [after] = anna.save(last)
        assert after.seq == len(saved) + 1
        assert len(anna.envelopes("sbar", last.aggregate.id)) == len(saved)


def test_a_file_that_cannot_be_written_says_so_and_can_still_be_read(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        [fact] = anna.save(given())
        raw = store._database._connection
        raw.execute("PRAGMA query_only = ON")
        with pytest.raises(ReadOnly):
            anna.save(given())
        with pytest.raises(ReadOnly):
            anna.save_draft("x", b"")
        assert [document.facts for document in anna.documents("dose")] == [[fact.id]]
        assert len(store.waiting()) == 1
        raw.execute("PRAGMA query_only = OFF")
        assert anna.save(given())[0].seq == 2


def test_a_file_in_the_place_of_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReadOnly):
        Store.open(tmp_path / "file" / "rapp.db", FileSecret(tmp_path / "secret"), Time())


def test_the_device_secret_is_made_once_kept_private_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secret"
    assert FileSecret(path).read() is None
    first = FileSecret(path).make()
    assert len(first) == 32
    assert FileSecret(path).read() == FileSecret(path).make() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secret"]
    path.write_bytes(b"short")
    with pytest.raises(SecretError):
        FileSecret(path).read()
    assert path.read_bytes() == b"short"


def test_a_store_copied_to_another_phone_opens_nothing_there(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    with phone(here) as store:
        sign_in(store).save(given(unit=OTHER_UNIT))
    there.mkdir()
    shutil.copy(here / "rapp.db", there / "rapp.db")
    with pytest.raises(WrongSecret):
        open_store(there)
    # Nor is another secret made, that would be taken for the right one when that comes back.
    assert not (there / "secret").exists()


def test_every_commit_goes_through_the_log_to_the_disk(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        raw = store._database._connection
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA synchronous").fetchone() == (2,)
