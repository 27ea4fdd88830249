"""Erasing at the endpoint: no byte is left, phones end with the same, restored backups forget again."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, select

from care.dose import DoseGiven
from care.erasing import ERASED, FactErased, Named
from care.facts import Ref
from care.person import PersonSet
from care.published import Answered
from care.sbar import SbarAnswered, SbarRecorded
from endpoint import keys
from endpoint.audit import heads
from endpoint.audit.verify import verify
from endpoint.ceremony import notes
from endpoint.database import Database
from endpoint.errors import KeyFileError
from endpoint.keeping import ledger, retention
from endpoint.keeping.erase import Made, Order, aggregates_of, clear_quarantine, counts, erase
from endpoint.keeping.terms import keep
from endpoint.keys import Keys
from endpoint.schema import facts, placed, quarantine
from storage import Device, FileSecret, Store
from storage.keys import SCRYPT_N
from tests.endpoint_town import Town, town
from tests.keeping_town import a_town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, NOON, ORDER, PERSON, UNIT, new_id
from tests.test_keeping_erasing import PIN
from wire.cursor import Cursor
from wire.envelope import envelope
from wire.messages import Page, Pulled, opened
from wire.signature import Context, new_key

__all__ = ["database_url", "postgres", "postgres_url"]

WORDS = ("Ingegerd Provsson", "Andfådd och kallsvettig", "Låt henne sitta upp", "5 tabletter Provdol")
ORDERED = Order("decision", "IVO 3.6.2-4711/2026", KARIN)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with a_town(tmp_path / "data") as made:
        yield made


def file_of(made: Town) -> Path:
    return ledger.path_in(made.parts.settings.data)


def a_person(made: Town) -> list[Ref]:
    """A person with an SBAR case and a dose, all of which say something."""
    person, sbar, dose = Ref("person", PERSON), Ref("sbar", new_id()), Ref("dose", new_id())
    made.state(
        PersonSet(name=WORDS[0], personnummer="191212121212", born=date(1912, 12, 12)), person, UNIT, PERSON
    )
    phone = made.phone(AMINA, KARIN)
    answers = Answered("sbar", "1", msgspec.Raw(msgspec.json.encode({"text": WORDS[1]})))
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount=WORDS[3], order_fact=new_id())
    results = phone.push(
        phone.fact(SbarRecorded(answers=answers), sbar, AMINA, person=PERSON),
        phone.fact(SbarAnswered(text=WORDS[2]), sbar, KARIN, rank=2, person=PERSON),
        phone.fact(given, dose, AMINA, person=PERSON),
    )
    assert {one.status for one in results} == {"accepted"}
    return [person, sbar, dose]


def erased(made: Town, names: list[str] | None = None) -> Made:
    names = names or made.read(lambda c: aggregates_of(c, PERSON))
    done = erase(made.database, made.parts.keys, names, ORDERED)
    ledger.keep(made.database, file_of(made))
    clear_quarantine(made.database, made.parts.keys, [PERSON], names)
    return done


def files(folder: Path) -> bytes:
    """Everything in a folder of an endpoint, but its keys."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".keys")


def in_words(data: bytes) -> list[str]:
    return [word for word in WORDS if word.encode() in data or word.encode("unicode-escape") in data]


def test_after_an_erasure_no_byte_of_it_is_in_the_database_or_its_log(here: Town) -> None:
    a_person(here)
    folder = here.parts.settings.data
    assert in_words(files(folder)) == list(WORDS)
    done = erased(here)
    assert done.counts == {"dose": 1, "person": 1, "sbar": 2}
    assert here.database.rewrite()
    assert in_words(files(folder)) == []
    assert KARIN.encode() in files(folder)  # the search finds what is there
    assert here.stale() == []
    here.contents()


def test_what_is_held_of_a_person_is_found_without_going_through_everybodys(here: Town) -> None:
    a_person(here)
    asked: list[str] = []

    def watch(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            with closing(sqlite3.connect(here.parts.settings.data / "endpoint.sqlite")) as other:
                asked.extend(row[3] for row in other.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    event.listen(here.database.engine, "before_cursor_execute", watch)
    assert len(here.read(lambda c: aggregates_of(c, PERSON))) == 3
    event.remove(here.database.engine, "before_cursor_execute", watch)
    assert asked
    assert not [plan for plan in asked if plan.startswith("SCAN")], asked


def test_the_hash_the_reason_and_the_place_stay(here: Town) -> None:
    _, sbar, _ = a_person(here)
    before = here.read(lambda c: {row.id: row.hash for row in c.execute(select(facts))})
    places = here.read(lambda c: {tuple(row) for row in c.execute(select(placed))})
    erased(here)
    rows = here.read(lambda c: c.execute(select(facts).where(facts.c.erased.is_not(None))).all())
    assert len(rows) == 4
    for row in rows:
        assert row.hash == before[row.id]
        assert (row.envelope, row.author, row.person, row.type) == (b"", None, None, "")
    assert places < here.read(lambda c: {tuple(row) for row in c.execute(select(placed))})
    document = here.document("sbar", sbar.id)
    assert document is not None
    assert document.gone
    assert {(one.why, one.hash) for one in document.erased} == {
        ("decision", row.hash.hex()) for row in rows if row.aggregate == f"sbar/{sbar.id}"
    }
    assert here.document("person", PERSON).person is None  # type: ignore[union-attr]


def test_what_a_former_key_signed_holds_once_its_public_half_is_listed(here: Town) -> None:
    a_person(here)
    erased(here)
    held = here.parts.keys
    file = keys.read(here.parts.settings.key_file)
    night = datetime.now(UTC) + timedelta(days=1, hours=2)
    signed = here.database.write_now(lambda c: heads.make_due(c, held.sign_private, night))
    assert signed
    lines = ledger.read(file_of(here))
    other = Keys(msgspec.structs.replace(file, sign=new_key()))
    with pytest.raises(ledger.LedgerError):
        ledger.apply(here.database, other, lines)
    assert verify(here.database, other.sign_publics, night).broken
    knows = Keys(msgspec.structs.replace(file, sign=new_key(), signed_before=(held.sign_public,)))
    assert ledger.apply(here.database, knows, lines) == 0
    assert verify(here.database, knows.sign_publics, night).broken == ()
    here.read(lambda c: notes.check(c, knows))
    with pytest.raises(KeyFileError, match="sign"):
        here.read(lambda c: notes.check(c, other))


def test_either_database_forgets_and_is_told_again(database_url: str | None, tmp_path: Path) -> None:
    with town(tmp_path / "first", database_url) as made:
        refs = a_person(made)
        names = made.read(lambda c: aggregates_of(c, PERSON))
        assert erased(made).counts == {"dose": 1, "person": 1, "sbar": 2}
        assert made.database.rewrite()
        assert made.stale() == []
        made.contents()
        held = made.read(
            lambda c: c.execute(select(facts.c.envelope).where(facts.c.erased.is_not(None))).all()
        )
        assert [row.envelope for row in held] == [b""] * 4
        kept = made.parts.keys
        erasures = ledger.read(file_of(made))
        swept = retention.run(made.database, kept, file_of(made), keep(), datetime.now(UTC))
        assert swept.due == ()
        # As a restored database would be: it has what the ledger says has gone.
        made.database.write_now(lambda c: c.execute(facts.delete().where(facts.c.type == ERASED)))
        made.database.write_now(lambda c: c.execute(facts.update().values(erased=None)))
        assert ledger.apply(made.database, kept, erasures) == 3
        assert made.read(lambda c: counts(c, names)) == {}
        assert len(refs) == 3


def test_a_part_of_a_record_goes_and_the_rest_stays(here: Town) -> None:
    _, sbar, dose = a_person(here)
    done = erased(here, [f"sbar/{sbar.id}"])
    assert done.counts == {"sbar": 2}
    assert here.read(lambda c: counts(c, aggregates_of(c, PERSON))) == {"dose": 1, "person": 1}
    assert here.document("dose", dose.id).signatures  # type: ignore[union-attr]
    assert erased(here, [f"sbar/{sbar.id}"]).counts == {}, "a second time there is nothing left to erase"


def test_a_phone_that_sends_an_erased_fact_again_is_told_that_it_is_known(here: Town) -> None:
    phone = here.phone(AMINA)
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount=WORDS[3], order_fact=new_id())
    mine = phone.fact(given, Ref("dose", new_id()), AMINA, person=PERSON)
    assert [one.status for one in phone.push(mine)] == ["accepted"]
    erased(here)
    again = phone.push(mine)
    assert [(one.status, one.hash) for one in again] == [("known", mine.hash)]
    assert here.database.rewrite()
    assert in_words(files(here.parts.settings.data)) == []


def test_the_erasure_reaches_every_reader_and_phones_and_endpoint_end_with_the_same(
    here: Town, tmp_path: Path
) -> None:
    refs = a_person(here)
    phone = here.phone(AMINA, KARIN)
    with closing(_store(phone, tmp_path / "phone")) as store:
        session = _unlocked(store, phone, KARIN)
        _pull(store, phone, session)
        assert {one.kind for one in refs if session.document(one.kind, one.id)} == {"person", "sbar", "dose"}
        erased(here)
        _pull(store, phone, session)
        for ref in refs:
            assert session.document(ref.kind, ref.id) == here.document(ref.kind, ref.id)
            assert session.documents(ref.kind, PERSON) == []
    # Somebody who comes later gets the places, and never the words.
    later = here.phone(KARIN, AMINA)
    held = later.pull_all(KARIN)
    assert in_words(b"".join(bytes(one) for some in held.values() for one in some)) == []
    assert f"nurse:{UNIT}" in held
    # She asked; after the erasure the case no longer says so, and it reaches her all the same.
    own = later.pull_all(AMINA)[f"staff:{AMINA}"]
    assert ERASED in {one.fact().type for one in own if not one.data.startswith(b"erased")}


def _store(phone, folder: Path) -> Store:  # type: ignore[no-untyped-def]
    folder.mkdir()
    store = Store.open(folder / "rapp.db", FileSecret(folder / "secret"), lambda: NOON, price=SCRYPT_N)
    known = phone.known
    store.enrol(
        Device(
            id=known.device,
            unit=UNIT,
            unit_name="Granen",
            name="Telefon 3",
            private=phone.private,
            endpoint_url="https://rapp.example.se",
            sign_public=known.sign_public,
            seal_public=known.seal_public,
        )
    )
    return store


def _unlocked(store: Store, phone, staff: str):  # type: ignore[no-untyped-def]
    certified = phone.sign_in(staff)
    return store.set_slot(
        staff,
        "Karin Ström",
        "nurse",
        "sv",
        PIN,
        new_key(),
        certified.phone_key,
        certified.own_key,
        certified.end,
    )


def _pull(store: Store, phone, session) -> None:  # type: ignore[no-untyped-def]
    while True:
        cursors = [
            ("cursor", f"{name}@{at}") for name in phone.streams if (at := store.cursor(name, session))
        ]
        pulled = phone.get("/v1/pull", Pulled, phone.token(session.staff), params=cursors)
        phone.streams = pulled.streams
        if not pulled.pages:
            return
        for one in pulled.pages:
            page = opened(one, phone.known.sign_public, Context.PAGE, Page)
            Cursor.parse(f"{page.epoch}.{page.upto}")
            store.take_page(page, session)


def test_no_phone_erases_anything(here: Town) -> None:
    _, sbar, _ = a_person(here)
    phone = here.phone(KARIN)
    said = here.read(lambda c: c.execute(select(facts).where(facts.c.aggregate == f"sbar/{sbar.id}")).all())
    body = FactErased(
        facts=tuple(Named(row.id, row.hash.hex()) for row in said), why="decision", decision="IVO 1"
    )
    forged = phone.fact(body, sbar, KARIN, rank=9), phone.fact(body, Ref("fact", new_id()), KARIN)
    assert next(one.status for one in phone.push(*forged)) == "quarantined"
    assert not here.document("sbar", sbar.id).erased  # type: ignore[union-attr]
    assert here.read(lambda c: counts(c, [f"sbar/{sbar.id}"])) == {"sbar": 2}


def test_what_was_set_aside_of_a_person_goes_too(here: Town) -> None:
    phone = here.phone(AMINA)
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount=WORDS[3], order_fact=new_id())
    for unit, person in ((new_id(), PERSON), (new_id(), new_id())):
        one = phone.fact(given, Ref("dose", new_id()), AMINA, person=person, unit=unit)
        assert [answer.status for answer in phone.push(one)] == ["quarantined"]
    erased(here)
    sizes = here.read(lambda c: sorted(len(data) for data in c.scalars(select(quarantine.c.sealed))))
    assert sizes[0] == 0
    assert sizes[1] > 0


# Backups.


def test_a_backup_from_before_forgets_again_what_was_erased_since(here: Town, tmp_path: Path) -> None:
    refs = a_person(here)
    data, copy = here.parts.settings.data, tmp_path / "backup.sqlite"
    with closing(sqlite3.connect(data / "endpoint.sqlite")) as live, closing(sqlite3.connect(copy)) as to:
        live.backup(to)
    phone = here.phone(AMINA)
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount=WORDS[3], order_fact=new_id())
    later = phone.fact(given, Ref("dose", new_id()), AMINA, person=PERSON)
    phone.push(later)
    done = erased(here)
    assert file_of(here).stat().st_mode & 0o077 == 0
    assert in_words(file_of(here).read_bytes()) == []

    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.copy(copy, restored / "endpoint.sqlite")
    assert in_words(files(restored)) == list(WORDS)
    database = Database(f"sqlite:///{restored / 'endpoint.sqlite'}")
    file = Path(shutil.copy(file_of(here), restored))
    assert ledger.settle(database, here.parts.keys, file) == len(done.erasures)
    assert ledger.settle(database, here.parts.keys, file) == 0, "applied once"
    held = database.read_now(lambda c: {row.id: row.erased for row in c.execute(select(facts))})
    # What came after the backup was taken is not in it; should a phone send it yet, it is known.
    assert held[later.fact().id] is not None
    assert database.read_now(lambda c: aggregates_of(c, PERSON)) == [f"person/{PERSON}"]
    assert database.read_now(lambda c: counts(c, aggregates_of(c, PERSON))) == {}
    database.close()
    assert in_words(files(restored)) == []
    assert refs


def test_a_ledger_that_lags_behind_is_filled_at_start_and_a_broken_last_line_is_written_again(
    here: Town,
) -> None:
    a_person(here)
    done = erased(here)
    file = file_of(here)
    whole = file.read_bytes()
    assert len(whole.splitlines()) == len(done.erasures) == 3
    os.truncate(file, len(whole) - 40)
    assert len(ledger.read(file)) == 2
    ledger.settle(here.database, here.parts.keys, file)
    assert sorted(file.read_bytes().splitlines()) == sorted(whole.splitlines())
    file.unlink()
    ledger.settle(here.database, here.parts.keys, file)
    assert sorted(file.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_ledger_of_somebody_elses_erases_nothing(here: Town, tmp_path: Path) -> None:
    _, _, dose = a_person(here)
    phone = here.phone(KARIN)
    forged = phone.fact(SbarAnswered(text="x"), dose, KARIN)
    held = here.read(lambda c: c.scalar(select(facts.c.envelope).where(facts.c.type == "person.set")))
    for foreign in (forged, envelope(held)):
        with pytest.raises(ledger.LedgerError):
            ledger.apply(here.database, here.parts.keys, [foreign])
    (tmp_path / "l").write_bytes(b"no line\n{}\n")
    with pytest.raises(ledger.LedgerError, match="line 1"):
        ledger.read(tmp_path / "l")
    assert here.document("dose", dose.id).signatures  # type: ignore[union-attr]
