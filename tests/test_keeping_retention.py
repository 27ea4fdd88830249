"""What is past its time goes, never before it; running it again, or having it broken off, changes nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Insert, func, select, update

from care.delegation import DelegationDocument, DelegationIssued, DelegationRevoked
from care.deviation import DeviationReported
from care.dose import DoseGiven
from care.facts import Body, Ref
from care.person import PersonSet
from care.published import Answered
from care.rights import Role
from care.sbar import SbarAnswered, SbarRecorded
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.unit import UnitDocument
from endpoint.__main__ import main
from endpoint.console.forms.drafts import drafts
from endpoint.errors import SettingError
from endpoint.fhir.tables import fhir_keys
from endpoint.identity.asked import authorizations
from endpoint.identity.standing import logout_tokens
from endpoint.imports.tables import import_lists
from endpoint.jobs import JOBS
from endpoint.keeping import ledger, retention
from endpoint.keeping.retention import Swept
from endpoint.keeping.terms import TABLES, TERMS, keep
from endpoint.parts import Parts
from endpoint.people.schema import scim_tokens, staff_lists
from endpoint.persons.beyond import beyond
from endpoint.schema import device_events, facts, nonces, quarantine, sessions
from tests.endpoint_town import Town, town
from tests.every_table import every_table
from tests.keeping_town import a_town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, NOON, ORDER, OTHER_UNIT, PERSON, TESFAY, UNIT, new_id

__all__ = ["database_url", "postgres", "postgres_url"]

KEEPING = Path(__file__).parents[1] / "docs" / "keeping.md"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OTHER = "33333333-3333-5333-8333-444444444444"
ANSWERS = Answered("sbar", "1", msgspec.Raw(b'{"text":"Andf\\u00e5dd"}'))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with a_town(tmp_path / "data") as made:
        yield made


def swept(here: Town, dry: bool = False, now: datetime = NOW, setting: str = "") -> Swept:
    file = ledger.path_in(here.parts.settings.data)
    return retention.run(here.database, here.parts.keys, file, keep(setting), now, dry)


def said(
    here: Town, at: datetime, body: Body, ref: Ref, author: str = KARIN, person: str | None = PERSON
) -> Ref:
    """Something that was stated, and arrived, then."""
    fact = here.state(body, ref, UNIT, person, author)
    here.database.write_now(
        lambda c: c.execute(update(facts).where(facts.c.id == fact.id).values(received=at))
    )
    return ref


def years_ago(years: int, days: int = 0) -> datetime:
    return NOW.replace(year=NOW.year - years) - timedelta(days=days)


def a_record(here: Town, at: datetime, person: str = PERSON) -> list[Ref]:
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5", order_fact=new_id())
    about = PersonSet(name="Ingegerd Provsson", personnummer="191212121212", born=date(1912, 12, 12))
    return [
        said(here, at, about, Ref("person", person), person=person),
        said(here, at, SbarRecorded(answers=ANSWERS), Ref("sbar", new_id()), AMINA, person),
        said(here, at, given, Ref("dose", new_id()), AMINA, person),
    ]


def gone(here: Town, refs: list[Ref]) -> list[bool]:
    return [here.document(ref.kind, ref.id).gone for ref in refs]  # type: ignore[union-attr]


def test_a_record_goes_ten_years_after_its_last_entry_and_not_a_day_before(here: Town) -> None:
    old, kept = a_record(here, years_ago(10, 1)), a_record(here, years_ago(10, 1), OTHER)
    said(here, years_ago(9, 364), SbarAnswered(text="Hej"), kept[1], person=OTHER)
    planned = swept(here, dry=True)
    assert planned.by_unit() == {("record", UNIT): (1, 3)}
    assert gone(here, old) == [False] * 3, "a dry run erases nothing"
    done = swept(here)
    assert done.by_unit() == planned.by_unit()
    assert gone(here, old) == [True] * 3
    assert gone(here, kept) == [False] * 3
    document = here.document("sbar", old[1].id)
    assert {one.why for one in document.erased} == {"retention"}  # type: ignore[union-attr]
    assert swept(here).by_unit() == {}, "a second time there is nothing to do"
    assert swept(here, now=NOW + timedelta(days=3)).by_unit() == {("record", UNIT): (1, 4)}


def test_either_database_finds_what_is_due(database_url: str | None, tmp_path: Path) -> None:
    with town(tmp_path, database_url) as here:
        old, kept = a_record(here, years_ago(11)), a_record(here, years_ago(9), OTHER)
        job = next(one for one in JOBS if one.name == "retention")
        parts = here.parts
        decided = Parts(
            replace(parts.settings, keep="record=10"), parts.database, parts.keys, parts.provider, parts.now
        )
        job.run(decided, NOW, NOW)
        assert gone(here, old + kept) == [True] * 3 + [False] * 3


def test_a_run_that_was_broken_off_is_gone_on_with(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = a_record(here, years_ago(11)) + a_record(here, years_ago(11), OTHER)
    calls = iter(range(10))
    whole = retention.erase

    def breaks(*given, **more):  # type: ignore[no-untyped-def]
        if next(calls) == 1:
            raise OSError("the machine went down")
        return whole(*given, **more)

    monkeypatch.setattr(retention, "erase", breaks)
    with pytest.raises(OSError, match="went down"):
        swept(here)
    assert gone(here, refs).count(True) == 3
    assert len(ledger.read(ledger.path_in(here.parts.settings.data))) == 3
    assert swept(here).by_unit() == {("record", UNIT): (1, 3)}
    assert all(gone(here, refs))


def test_a_deviation_has_a_term_of_its_own(here: Town) -> None:
    record = a_record(here, years_ago(12))
    case = Ref("deviation", new_id())
    said(here, years_ago(9), DeviationReported(category="fall", answers=ANSWERS), case)
    assert swept(here).by_unit() == {("record", UNIT): (1, 3)}
    assert all(gone(here, record))
    assert gone(here, [case]) == [False]
    assert swept(here, now=NOW + timedelta(days=800)).by_unit() == {("deviation", UNIT): (1, 1)}
    assert gone(here, [case]) == [True]


def test_a_delegation_goes_three_years_after_it_ended(here: Town) -> None:
    def issued(start: datetime, end: datetime) -> Ref:
        body = DelegationIssued(holder=AMINA, tasks=("x",), units=(UNIT,), start=start, end=end)
        return said(here, start, body, Ref("delegation", new_id()), person=None)

    old = issued(years_ago(5), years_ago(3, 1))
    kept = issued(years_ago(3, 300), years_ago(2, 300))
    revoked = issued(years_ago(4), years_ago(1))
    said(here, years_ago(3, 2), DelegationRevoked(at=years_ago(3, 2)), revoked, person=None)
    assert swept(here).by_unit() == {("delegation", UNIT): (2, 3)}
    assert gone(here, [old, kept, revoked]) == [True, False, True]
    assert isinstance(here.document("delegation", kept.id), DelegationDocument)


def test_somebody_who_left_stays_as_long_as_anything_they_stated_does(here: Town) -> None:
    left = years_ago(11)
    here.employ(TESFAY, RoleInUnit(Role.CARER, OTHER_UNIT, date(2010, 1, 1), left.date()))
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5", order_fact=new_id())
    said(here, years_ago(9), given, Ref("dose", new_id()), TESFAY)
    assert swept(here).by_unit() == {}
    later = NOW + timedelta(days=500)
    assert {term for term, _ in swept(here, dry=True, now=later).by_unit()} == {"record", "staff"}
    assert {term for term, _ in swept(here, now=later).by_unit()} == {"record", "staff"}
    document = here.document("staff", TESFAY)
    assert isinstance(document, StaffDocument)
    assert (document.gone, document.name) == (True, "")
    assert not here.document("staff", AMINA).gone  # type: ignore[union-attr]


def test_somebody_who_never_had_a_role_is_counted_from_what_was_last_said_of_them(here: Town) -> None:
    old, new = new_id(), new_id()
    for staff, at in ((old, years_ago(10, 1)), (new, years_ago(9, 300))):
        said(here, at, StaffSet(name="Nora Provsson", title="nurse"), Ref("staff", staff), person=None)
    assert swept(here).by_unit() == {("staff", UNIT): (1, 1)}
    assert gone(here, [Ref("staff", old), Ref("staff", new)]) == [True, False]


def test_what_was_set_aside_of_somebody_is_kept_for_its_own_time(here: Town) -> None:
    a_record(here, years_ago(11))
    phone = here.phone(AMINA)
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5", order_fact=new_id())
    phone.push(phone.fact(given, Ref("dose", new_id()), AMINA, unit=new_id(), person=PERSON))
    assert swept(here).by_unit() == {("record", UNIT): (1, 3)}
    held = here.read(lambda c: c.scalars(select(quarantine.c.sealed)).all())
    assert [bool(one) for one in held] == [True], "the newest entry about them is not lost"


def test_what_is_beside_the_facts_goes_at_its_time_too(here: Town) -> None:
    def fill(at: datetime, id: str) -> dict[str, Insert]:
        key = id.encode()
        return {
            "authorizations": authorizations.insert().values(state=key, wrapped=b"", expires=at),
            "logout_tokens": logout_tokens.insert().values(digest=key, expires=at),
            "staff_lists": staff_lists.insert().values(
                id=id, by=KARIN, name="", whole=True, made=at, passed_over="", lines=b"[]"
            ),
            "import_lists": import_lists.insert().values(
                id=id,
                by=KARIN,
                sort="persons",
                provider="p",
                name="",
                made=at,
                passed_over="",
                total=0,
                state="shown",
                moved=at,
                done=0,
                rows=b"[]",
                results=b"[]",
            ),
            "console_drafts": drafts.insert().values(key=id, staff=KARIN, typed=b"{}", saved=at),
            "beyond": beyond.insert().values(
                id=id, staff=KARIN, person=PERSON, reason="other", words="", opened=at, until=at
            ),
            "device_events": device_events.insert().values(
                id=id, device="d", at=at, staff=KARIN, what="lost", detail=""
            ),
            "scim_tokens": scim_tokens.insert().values(
                id=id, digest=key, provider="p", name="HR", made=at, made_by=KARIN, closed=at
            ),
            "fhir_keys": fhir_keys.insert().values(
                id=id, digest=key, staff=KARIN, name="Cosmic", made=at, ends=at
            ),
        }

    old = fill(years_ago(5, 1), "old")
    for one in (*old.values(), *fill(NOW, "new").values()):
        here.database.write_now(lambda c, one=one: c.execute(one))
    assert {name for name, number in swept(here, dry=True).rows.items() if number} >= old.keys()
    rows = swept(here).rows
    assert {name: rows[name] for name in old} == dict.fromkeys(old, 1)
    again = swept(here).rows
    assert {name: again[name] for name in old} == dict.fromkeys(old, 0), "what is new stays"


def test_every_table_has_a_term_or_a_reason_to_stay() -> None:
    assert TABLES.keys() == every_table().keys()
    words = {term.name for term in TERMS} | {"short"}
    for table, said in TABLES.items():
        assert said.startswith("stays: ") or set(said.split()) <= words, table
    swept_here = {name for name, said in TABLES.items() if said == "short"}
    text = Path(retention.__file__).read_text()
    assert all(f'("{name}"' in text for name in swept_here)


def test_what_has_ended_and_what_was_set_aside_go_as_rows(here: Town) -> None:
    phone = here.phone(AMINA)
    given = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5", order_fact=new_id())
    phone.push(phone.fact(given, Ref("dose", new_id()), AMINA, unit=new_id()))

    def rows() -> list[int]:
        tables = (sessions, nonces, quarantine)
        return here.read(lambda c: [c.scalar(select(func.count()).select_from(one)) for one in tables])  # type: ignore[no-any-return]

    assert all(rows())
    assert swept(here, now=datetime.now(UTC)).rows["set_aside"] == 0
    assert all(rows())
    later = datetime.now(UTC) + timedelta(days=3700)
    planned = swept(here, dry=True, now=later).rows
    assert all(rows())
    assert planned["set_aside"] == 1
    assert planned["log"] == 0, "no day goes whose head has not been signed"
    swept(here, now=later)
    assert rows() == [0, 0, 0]


def test_units_forms_and_erasures_themselves_stay(here: Town) -> None:
    a_record(here, years_ago(11))
    swept(here)
    later = NOW + timedelta(days=40_000)
    swept(here, now=later)
    document = here.document("unit", UNIT)
    assert isinstance(document, UnitDocument)
    assert document.name == "Granen"
    assert here.document("person", PERSON).erased  # type: ignore[union-attr]


def test_a_setting_lengthens_and_never_shortens(here: Town) -> None:
    old = a_record(here, years_ago(11))
    assert swept(here, setting="record=12").by_unit() == {}
    assert gone(here, old) == [False] * 3
    for wrong in ("record=9", "records=12", "record", "record=x", "delegation=2, log=9"):
        with pytest.raises(SettingError):
            keep(wrong)
    assert keep("delegation=4,log=9").years["log"] == 9
    assert keep().years == {
        "record": 10,
        "deviation": 10,
        "delegation": 3,
        "staff": 10,
        "log": 5,
        "set_aside": 10,
    }
    assert all(term.law and term.counted for term in TERMS)


def test_the_commands_print_counts_and_nobodys_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with town(tmp_path) as here:
        real = datetime.now(UTC)
        a_record(here, real.replace(day=1, year=real.year - 12))
        gone = {"digest": b"d", "device": "p", "staff": None, "expires": real - timedelta(days=3)}
        here.database.write_now(lambda c: c.execute(sessions.insert(), gone))
    at = ["--data", str(tmp_path)]
    assert main(["retention", "ended", *at]) == 0
    assert "sessions\t\t1\trows went\n" in capsys.readouterr().out
    assert main(["retention", "run", "--dry-run", *at]) == 0
    assert "record\tGranen\t1\t3 entries would go\n" in capsys.readouterr().out
    assert main(["retention", "run", *at]) == 0
    printed = capsys.readouterr().out
    assert "record\tGranen\t1\t3 entries went\n" in printed
    assert "Ingegerd" not in printed
    assert main(["erasures", "export", *at]) == 0
    exported = capsys.readouterr().out
    assert len(exported.splitlines()) == 3
    (tmp_path / "kept").write_text(exported)
    assert main(["erasures", "apply", str(tmp_path / "kept"), *at]) == 0
    assert "3 erasures, 0 of them new" in capsys.readouterr().out
    assert main(["erasures", "rewrite", *at]) == 0
    monkeypatch.setenv("RAPP_KEEP", "record=3")
    assert main(["retention", "run", *at]) == 1
    assert "at least 10 years" in capsys.readouterr().err


def test_the_terms_in_the_documentation_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) years", KEEPING.read_text(), re.MULTILINE)
    assert {name: int(years) for name, years in rows} == {term.name: term.years for term in TERMS}
