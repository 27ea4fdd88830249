"""Whatever is recorded of anybody is in the log, in the same transaction; what was read on phones too."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from care.dose import DoseGiven
from care.facts import ENDPOINT, Body, Clock, Ref, known_types
from care.rights import Act, Role, laws
from care.sbar import SbarAnswered, SbarCalled
from care.signing import local_day
from care.staff import RoleInUnit, StaffSet
from care.streams import READ_ACT
from care.viewing import VIEW, PersonViewed
from endpoint.audit import writes
from endpoint.audit.log import rows
from endpoint.audit.retention import forget
from endpoint.audit.tables import audit
from endpoint.audit.verify import verify
from endpoint.schema import documents, facts, placed
from endpoint.statements import Statement, write
from tests.endpoint_phone import Phone, fresh_id
from tests.endpoint_town import ADMINISTRATOR, Town, town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, NOON, ORDER, PERSON, TESFAY, UNIT

__all__ = ["database_url", "postgres", "postgres_url"]

CALLED = SbarCalled(to="Karin", number="010")
SIGNED = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount="5", order_fact=ORDER)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="module")
def phone(here: Town) -> Phone:
    return here.phone(AMINA, KARIN)


def log_of(here: Town, fact: str | None = None) -> list[Any]:
    query = select(audit).order_by(audit.c.recorded, audit.c.number)
    found = here.read(lambda c: c.execute(query.where(audit.c.ref == fact) if fact else query).all())
    return list(found)


def viewed(phone: Phone, author: str = AMINA, body: Body | None = None, **more: Any) -> Any:
    body = body or PersonViewed(what="sign")
    return phone.fact(body, Ref(VIEW, fresh_id()), author, person=PERSON, **more)


def test_what_phones_record_is_logged(here: Town, phone: Phone) -> None:
    at = datetime.now(UTC) - timedelta(hours=2)
    fact = phone.fact(SIGNED, Ref("dose", fresh_id()), AMINA, person=PERSON, at=at, clock=Clock(60_000, 5))
    assert [one.status for one in phone.push(fact)] == ["accepted"]
    [row] = log_of(here, fact.fact().id)
    told = (row.staff, row.person, row.act, row.what, row.device, row.unit, row.role)
    assert told == (AMINA, PERSON, "write", "dose.given", phone.known.device, UNIT, "carer")
    assert row.at == at + timedelta(minutes=1), "when it was done, by the corrected clock"
    assert row.recorded > row.at + timedelta(hours=1), "when it came"
    assert row.law == laws(Act.DOSE_SIGN)
    phone.push(fact)
    assert len(log_of(here, fact.fact().id)) == 1, "taken in once, logged once"


def test_a_report_without_sign_in_is_logged_as_nobodys(here: Town, phone: Phone) -> None:
    fact = phone.fact(CALLED, Ref("sbar", fresh_id()), None)
    phone.push(fact)
    [row] = log_of(here, fact.fact().id)
    assert (row.staff, row.role, row.device, row.person) == ("", "", phone.known.device, "")


def test_what_is_not_taken_in_is_not_logged_as_done(here: Town, phone: Phone) -> None:
    fact = phone.fact(StaffSet(name="A", title="nurse"), Ref("staff", AMINA), AMINA)
    assert [one.status for one in phone.push(fact)] == ["quarantined"]
    assert log_of(here, fact.fact().id) == []


def test_what_the_console_and_the_endpoint_state_is_logged(here: Town) -> None:
    by_hand = here.state(SbarAnswered(text="Ge vatten"), Ref("sbar", fresh_id()), person=PERSON, author=KARIN)
    itself = here.state(StaffSet(name="B", title="nurse"), Ref("staff", fresh_id()))
    [one], [other] = log_of(here, by_hand.id), log_of(here, itself.id)
    assert (one.staff, one.device, one.role, one.person) == (KARIN, "console", "nurse", PERSON)
    assert (other.staff, other.device, other.role, other.person) == (ENDPOINT, ENDPOINT, "", "")
    assert (other.what, other.law) == ("staff.set", laws(Act.MASTER_DATA))


def test_the_role_is_the_one_held_in_the_unit_that_day(here: Town) -> None:
    today = local_day(datetime.now(UTC))
    left = RoleInUnit(Role.NURSE, UNIT, today - timedelta(days=90), today - timedelta(days=30))
    here.employ(TESFAY, left, RoleInUnit(Role.CARER, UNIT, today - timedelta(days=29)))
    phone = here.phone(TESFAY)
    for ago, role in ((40, "nurse"), (0, "carer")):
        at = datetime.now(UTC) - timedelta(days=ago)
        fact = phone.fact(CALLED, Ref("sbar", fresh_id()), TESFAY, at=at)
        assert [one.status for one in phone.push(fact)] == ["accepted"]
        assert [row.role for row in log_of(here, fact.fact().id)] == [role]


def test_what_was_read_on_a_phone_is_a_reading_and_makes_no_document(here: Town, phone: Phone) -> None:
    at = datetime.now(UTC) - timedelta(hours=3)
    fact = viewed(phone, KARIN, PersonViewed(what="sbar", under="nurse"), at=at)
    phone.push(fact, called := phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA))
    [row] = log_of(here, fact.fact().id)
    told = (row.staff, row.person, row.act, row.what, row.device, row.role, row.at)
    assert told == (KARIN, PERSON, "read", "sbar", phone.known.device, "nurse", at)
    assert row.law == laws(READ_ACT["nurse"])
    name = f"{VIEW}/{fact.fact().aggregate.id}"

    def counted(c: Any, column: Any, value: str) -> int:
        return int(c.scalar(select(func.count()).where(column == value)))

    assert here.read(lambda c: counted(c, documents.c.aggregate, name)) == 0
    assert here.read(lambda c: counted(c, placed.c.fact, fact.fact().id)) == 0
    assert here.read(lambda c: counted(c, placed.c.fact, called.fact().id)) > 0
    assert here.read(lambda c: counted(c, facts.c.id, fact.fact().id)) == 1, "the signed evidence stays"
    assert fact.fact().id not in {one.fact().id for held in phone.pull_all(KARIN).values() for one in held}, (
        "and nobody pulls it"
    )
    assert [one.status for one in phone.push(fact)] == ["known"]
    assert len(log_of(here, fact.fact().id)) == 1


def test_nobody_logs_a_reading_in_anothers_name(here: Town, phone: Phone) -> None:
    fact = viewed(phone, AMINA)
    forged = phone.signed(fact.fact(), KARIN)
    assert [(one.status, one.reason) for one in phone.push(forged)] == [("quarantined", "unsigned")]


def test_a_reading_in_a_form_that_is_newer_is_still_a_reading(here: Town, phone: Phone) -> None:
    fact = viewed(phone, version=2)
    assert [one.status for one in phone.push(fact)] == ["accepted"]
    [row] = log_of(here, fact.fact().id)
    assert (row.act, row.what) == ("read", "unknown")


def test_the_log_stands_or_falls_with_what_it_is_of(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = Statement(SbarAnswered(text="x"), Ref("sbar", fresh_id()), UNIT, PERSON)
    before = len(log_of(here))

    def broken(*_: object) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr(writes, "note", broken)
    with pytest.raises(RuntimeError):
        here.database.write_now(lambda c: write(c, here.parts.keys, [statement], KARIN))
    name = f"sbar/{statement.aggregate.id}"
    assert here.read(lambda c: c.execute(select(facts).where(facts.c.aggregate == name)).all()) == []
    assert len(log_of(here)) == before


def test_every_type_has_a_law(here: Town) -> None:
    for fact_type, _ in known_types():
        assert laws(writes.law_act(fact_type)), fact_type


def test_facts_of_reading_go_after_five_years_and_nothing_else_does(here: Town, phone: Phone) -> None:
    old, other = viewed(phone), phone.fact(SIGNED, Ref("dose", fresh_id()), AMINA, person=PERSON)
    phone.push(old, other)
    ids = {old.fact().id, other.fact().id}

    def left() -> set[str]:
        return set(here.read(lambda c: c.scalars(select(facts.c.id).where(facts.c.id.in_(ids))).all()))

    now = datetime.now(UTC)
    here.database.write_now(lambda c: forget(c, now + timedelta(days=4 * 365)))
    assert left() == ids
    here.database.write_now(lambda c: forget(c, now + timedelta(days=5 * 366 + 3)))
    assert left() == {other.fact().id}


def test_the_whole_of_it_holds_and_is_found_by_person(here: Town) -> None:
    assert verify(here.database, [here.parts.keys.sign_public], datetime.now(UTC)).broken == ()
    since, until = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    found = here.read(lambda c: rows(c, person=PERSON, units=[UNIT], since=since, until=until))
    assert {one.act for one in found} == {"read", "write"}
    assert {one.person for one in found} == {PERSON}
    by_admin = here.read(lambda c: rows(c, staff=ADMINISTRATOR, since=since, until=until))
    assert by_admin == []


@pytest.mark.postgres
def test_a_push_on_postgres_is_logged_too(postgres_url: str, tmp_path: Path) -> None:
    with town(tmp_path, postgres_url) as made:
        phone = made.phone(AMINA)
        phone.push(viewed(phone), phone.fact(CALLED, Ref("sbar", fresh_id()), AMINA, person=PERSON))
        assert [row.act for row in log_of(made) if row.person] == ["read", "write"]
        assert verify(made.database, [made.parts.keys.sign_public], datetime.now(UTC)).broken == ()
