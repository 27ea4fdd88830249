"""Pushing: each fact is answered for itself, taken in once, and believed only when it is signed."""

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from care.deviation import ReportStatus
from care.dose import DoseCorrected, DoseGiven
from care.facts import Ref, encode
from care.rights import Role
from care.sbar import SbarAnswered, SbarCalled, SbarRecorded
from care.staff import RoleInUnit, StaffDocument, StaffKey
from endpoint.schema import devices, quarantine
from endpoint.verifying import Beside
from tests.endpoint_phone import Phone, Refusal, fresh_id
from tests.endpoint_town import Town, town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, NOON, OTHER_UNIT, PERSON, TESFAY, UNIT
from wire.envelope import Envelope, stated
from wire.messages import PUSH_MOST, PushRequest, Receipt, Signed, opened
from wire.seal import Sealed
from wire.signature import Context, new_key, public_of

__all__ = ["database_url", "postgres", "postgres_url"]


@pytest.fixture
def here(tmp_path: Path, database_url: str | None) -> Iterator[Town]:
    with town(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def phone(here: Town) -> Phone:
    return here.phone(AMINA, KARIN)


def called(phone: Phone, author: str | None = AMINA, sbar: str | None = None, **changes: object) -> Envelope:
    ref = Ref("sbar", sbar or fresh_id())
    fact = phone.fact(SbarCalled(to="Karin", number="010"), ref, author).fact()
    return phone.signed(msgspec.structs.replace(fact, **changes), author)


def outcome(phone: Phone, *envelopes: Envelope) -> list[tuple[str, str | None]]:
    return [(one.status, one.reason) for one in phone.push(*envelopes)]


def test_a_fact_is_accepted_once_and_then_known(here: Town, phone: Phone) -> None:
    fact = called(phone)
    [first] = phone.push(fact)
    [again] = phone.push(fact)
    assert (first.status, again.status) == ("accepted", "known")
    assert first.hash == again.hash == fact.hash
    assert not here.stale()


def test_a_fact_twice_in_one_batch_is_taken_in_once(here: Town, phone: Phone) -> None:
    fact = called(phone)
    assert [one.status for one in phone.push(fact, fact)] == ["accepted", "known"]
    here.contents()


def test_the_receipt_names_every_fact_in_its_order(phone: Phone) -> None:
    facts = [called(phone) for _ in range(5)]
    assert [one.id for one in phone.push(*facts)] == [one.fact().id for one in facts]


def test_another_fact_by_a_known_id_is_quarantined_and_the_first_stands(here: Town, phone: Phone) -> None:
    first = called(phone)
    other = called(phone, id=first.fact().id)
    phone.push(first)
    assert outcome(phone, other) == [("quarantined", "conflict")]
    assert phone.push(first)[0].status == "known"
    sealed = here.read(lambda c: c.execute(select(quarantine)).one())
    assert (sealed.reason, sealed.fact, sealed.device) == ("conflict", first.fact().id, phone.known.device)


def test_two_facts_by_one_id_in_one_batch_do_not_both_get_in(here: Town, phone: Phone) -> None:
    first = called(phone)
    other = called(phone, id=first.fact().id)
    assert outcome(phone, first, other) == [("accepted", None), ("quarantined", "conflict")]
    assert not here.stale()


def test_a_fact_signed_by_a_colleague_is_unsigned(phone: Phone) -> None:
    fact = called(phone).fact()
    assert outcome(phone, phone.signed(fact, KARIN)) == [("quarantined", "unsigned")]
    assert outcome(phone, phone.signed(fact, None)) == [("quarantined", "unsigned")]


def test_a_changed_byte_is_unsigned(phone: Phone) -> None:
    fact = called(phone)
    forged = Envelope(fact.signature, fact.data.replace(b'"010"', b'"011"'))
    assert outcome(phone, forged) == [("quarantined", "unsigned")]


def test_what_is_not_signed_leaves_nothing_among_many_that_are(here: Town, phone: Phone) -> None:
    """Their transaction had begun with it: its aggregate, its home in another unit, its place in a stream."""
    state, verifier = here.client.app.state, Beside()
    state.parts = msgspec.structs.replace(here.parts, verifier=verifier)
    before = here.contents()
    signed = [called(phone) for _ in range(40)]
    forged = called(phone, None, unit=OTHER_UNIT)
    forged = Envelope(bytes(64), forged.data)
    follows = called(phone, sbar=forged.fact().aggregate.id)
    try:
        said = outcome(phone, forged, follows, *signed)
        assert verifier._process
    finally:
        verifier.close()
    assert said == [("quarantined", "unsigned")] + 41 * [("accepted", None)]
    document = here.document("sbar", forged.fact().aggregate.id)
    assert document
    assert (document.unit, document.facts) == (UNIT, [follows.fact().id])
    there = here.contents()
    new = {id for stream in there for id in there[stream] - before.get(stream, set())}
    assert new == {one.fact().id for one in [follows, *signed]}
    assert not here.stale()
    assert here.read(lambda c: c.execute(select(quarantine.c.fact)).scalars().all()) == [forged.fact().id]


def test_an_author_without_a_key_on_this_phone_is_unknown_here(here: Town, phone: Phone) -> None:
    elsewhere = here.phone(AMINA)
    phone.staff_keys[TESFAY] = elsewhere.staff_keys[AMINA]
    assert outcome(phone, called(phone, TESFAY)) == [("quarantined", "unknown_author")]
    phone.staff_keys[AMINA] = elsewhere.staff_keys[AMINA]
    assert outcome(phone, called(phone, AMINA)) == [("quarantined", "unsigned")]


def test_nobody_speaks_as_the_endpoint(phone: Phone) -> None:
    phone.staff_keys["endpoint"] = phone.private
    key = StaffKey(phone.known.device, public_of(new_key()), NOON, NOON)
    from care.staff import StaffCertified

    forged = phone.fact(StaffCertified(key=key), Ref("staff", AMINA), "endpoint")
    assert outcome(phone, forged) == [("quarantined", "unknown_author")]


def test_a_fact_of_another_device_is_not_taken_from_this_one(here: Town, phone: Phone) -> None:
    other = here.phone(AMINA)
    assert outcome(phone, called(phone, device=other.known.device)) == [("quarantined", "unknown_device")]
    sealed_there = other.seal(called(other))
    [result] = phone.push_sealed([sealed_there])
    assert (result.status, result.reason) == ("quarantined", "sealed")


def test_a_seal_that_names_another_fact_is_malformed(phone: Phone) -> None:
    fact = called(phone)
    sealed = phone.sealer.seal(fresh_id(), bytes(fact))
    assert phone.push_sealed([sealed])[0].reason == "malformed"


def test_a_report_without_signing_in_is_signed_by_the_phone(here: Town) -> None:
    phone = here.phone()
    assert outcome(phone, called(phone, None)) == [("accepted", None)]
    forged = called(phone, None)
    assert outcome(phone, stated(forged.data, new_key())) == [("quarantined", "unsigned")]


def test_a_bad_fact_does_not_hold_up_the_good_ones_and_its_bytes_are_kept(here: Town, phone: Phone) -> None:
    good, bad = phone.seal(called(phone)), Sealed(fresh_id(), b"\1" * 32, b"\2" * 99)
    results = phone.push_sealed([bad, good, bad])
    assert [one.status for one in results] == ["quarantined", "accepted", "quarantined"]
    row = here.read(lambda c: c.execute(select(quarantine)).one())
    assert msgspec.json.decode(row.sealed, type=Sealed) == bad


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "x" * 101},
        {"unit": "a\0b"},
        {"person": "a\0b"},
        {"aggregate": Ref("Sbar/x", "01a20222-51b2-757b-9d1f-613c076c4a4b")},
        {"aggregate": Ref("sbar", "1")},
        {"type": "x" * 200 + ".y"},
        {"rank": 0},
        {"id": "not-an-id"},
    ],
)
def test_a_fact_that_cannot_be_kept_is_malformed(phone: Phone, changes: dict[str, object]) -> None:
    forged = called(phone, **changes)
    [result] = phone.push_sealed([phone.sealer.seal(str(changes.get("id", _id_in(forged))), bytes(forged))])
    assert (result.status, result.reason) == ("quarantined", "malformed")


def _id_in(forged: Envelope) -> str:
    found: str = msgspec.json.decode(forged.data)["id"]
    return found


@pytest.mark.parametrize(
    "body",
    [
        b'{"at":"2026-03-14T12:00:00"}',
        b'{"at":"0001-01-01T00:00:00"}',
    ],
)
def test_a_time_without_its_zone_never_gets_into_an_aggregate(phone: Phone, body: bytes) -> None:
    fact = called(phone).fact()
    changed = msgspec.structs.replace(
        fact, type="delegation.revoked", aggregate=Ref("delegation", fresh_id()), body=msgspec.Raw(body)
    )
    assert outcome(phone, phone.signed(changed, AMINA)) == [("quarantined", "malformed")]


def test_an_unknown_type_and_a_newer_version_are_taken_in_and_passed_on(here: Town, phone: Phone) -> None:
    newer = called(phone, version=7)
    unknown = called(phone, type="sbar.sung", aggregate=Ref("song", fresh_id()))
    assert outcome(phone, newer, unknown) == [("accepted", None), ("accepted", None)]
    assert unknown.fact().id in here.contents()[f"unit:{UNIT}"]
    document = here.document("song", unknown.fact().aggregate.id)
    assert document is not None
    assert document.unreadable == 1


def test_a_known_type_whose_body_lacks_its_form_is_taken_in_and_counted(here: Town, phone: Phone) -> None:
    fact = msgspec.structs.replace(called(phone).fact(), body=msgspec.Raw(b'{"to":7}'))
    assert outcome(phone, phone.signed(fact, AMINA)) == [("accepted", None)]
    document = here.document("sbar", fact.aggregate.id)
    assert document is not None
    assert document.unreadable == 1


def test_nobody_gives_themselves_rights_from_a_phone(here: Town, phone: Phone) -> None:
    from care.staff import StaffSet

    body = StaffSet(name="Amina", title="nurse", roles=(RoleInUnit(Role.MAS, UNIT, NOON.date()),))
    assert outcome(phone, phone.fact(body, Ref("staff", AMINA), AMINA, rank=9)) == [
        ("quarantined", "not_permitted")
    ]
    assert outcome(phone, phone.fact(body, Ref("staff", AMINA), None, rank=9)) == [
        ("quarantined", "unsigned")
    ]
    document = here.document("staff", AMINA)
    assert isinstance(document, StaffDocument)
    assert [held.role for held in document.roles] == [Role.CARER]


def test_a_reporter_that_is_no_id_makes_no_stream_and_no_trouble(here: Town, phone: Phone) -> None:
    for reporter in ("x" * 5000, "a\0b", ""):
        body = ReportStatus(reporter=reporter, step="received")
        assert outcome(phone, phone.fact(body, Ref("report", fresh_id()), AMINA)) == [("accepted", None)]
    assert all(len(name) < 100 for name in here.contents())


def test_a_breach_of_a_care_rule_is_taken_in_for_it_happened(here: Town, phone: Phone) -> None:
    order, dose = fresh_id(), fresh_id()
    given = DoseGiven(order=order, planned=NOON, performed=NOON, amount="5", order_fact=fresh_id())
    twice = [phone.fact(given, Ref("dose", dose), author, person=PERSON) for author in (AMINA, KARIN)]
    undone = DoseCorrected(corrects=twice[0].fact().id)
    taken = phone.push(*twice, phone.fact(undone, Ref("dose", dose), AMINA, rank=2, person=PERSON))
    assert {one.status for one in taken} == {"accepted"}
    document = here.document("dose", dose)
    assert document is not None
    assert len(document.standing) == 1  # type: ignore[attr-defined]


def test_an_expired_certificate_keeps_no_fact_out(here: Town, phone: Phone) -> None:
    from datetime import timedelta

    from care.staff import StaffCertified

    old = new_key()
    key = StaffKey(phone.known.device, public_of(old), NOON - timedelta(days=99), NOON - timedelta(days=9))
    here.state(StaffCertified(key=key), Ref("staff", AMINA))
    fact = called(phone).fact()
    assert outcome(phone, stated(encode(fact), old)) == [("accepted", None)]


def test_a_batch_may_be_gzipped_and_may_not_be_too_large(phone: Phone) -> None:
    request = msgspec.json.encode(PushRequest(items=(phone.seal(called(phone)),)))
    headers = {"authorization": f"Bearer {phone.token()}", "content-encoding": "gzip"}
    answer = phone.client.post("/v1/push", content=gzip.compress(request), headers=headers)
    receipt = opened(
        msgspec.json.decode(answer.content, type=Signed), phone.known.sign_public, Context.RECEIPT, Receipt
    )
    assert receipt.results[0].status == "accepted"
    bomb = gzip.compress(b" " * 17_000_000)
    answer = phone.client.post("/v1/push", content=bomb, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    with pytest.raises(Refusal) as error:
        phone.push_sealed([phone.seal(called(phone))] * (PUSH_MOST + 1))
    assert (error.value.status, error.value.problem.code) == (413, "too_many")


def test_every_answer_says_that_it_is_ours(phone: Phone) -> None:
    for path in ("/v1/health", "/v1/ready", "/v1/pull", "/v1/nothing"):
        assert phone.client.get(path).headers["rapp-protocol"] == "1"


def test_the_phone_is_remembered_as_heard_from(here: Town, phone: Phone) -> None:
    phone.push()
    row = here.read(lambda c: c.execute(select(devices)).one())
    assert row.heard >= row.enrolled


def test_the_nurses_answer_belongs_to_the_case_and_reaches_its_asker(here: Town, phone: Phone) -> None:
    from care.published import Answered

    sbar = fresh_id()
    answers = Answered("form", "1", msgspec.Raw(b"{}"))
    recorded = phone.fact(SbarRecorded(answers=answers), Ref("sbar", sbar), AMINA, person=PERSON)
    answered = phone.fact(SbarAnswered(text="Ge vatten"), Ref("sbar", sbar), KARIN, rank=2, person=PERSON)
    phone.push(recorded, answered)
    contents = here.contents()
    both = {recorded.fact().id, answered.fact().id}
    assert both <= contents[f"nurse:{UNIT}"]
    assert both <= contents[f"staff:{AMINA}"]
    assert not both & contents[f"unit:{UNIT}"]


def test_a_fact_that_cannot_be_recorded_does_not_take_the_batch_with_it(
    here: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    from endpoint import batches

    bad, good = called(phone), called(phone)
    real = batches.record

    def record(connection: Any, arrivals: Any, now: Any) -> Any:
        if any(one.fact.id == bad.fact().id for one in arrivals):
            raise ValueError("nobody foresaw this")
        return real(connection, arrivals, now)

    monkeypatch.setattr(batches, "record", record)
    assert outcome(phone, bad, good) == [("quarantined", "malformed"), ("accepted", None)]
    assert not here.stale()


def test_a_database_that_does_not_answer_sets_nothing_aside(
    here: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    from endpoint import batches

    def record(*_: Any) -> Any:
        raise OperationalError("", {}, Exception("gone"))

    fact = called(phone)
    phone.token()
    with monkeypatch.context() as patched:
        patched.setattr(batches, "record", record)
        with pytest.raises(Refusal) as error:
            phone.push(fact)
    assert (error.value.status, error.value.problem.code) == (503, "unavailable")
    assert error.value.problem.retry_after
    assert outcome(phone, fact) == [("accepted", None)]


def test_a_seal_too_large_for_any_fact_is_known_by_its_digest_alone(here: Town, phone: Phone) -> None:
    large, good = Sealed(fresh_id(), b"\1" * 32, b"\2" * 400_000), phone.seal(called(phone))
    results = phone.push_sealed([large, good])
    assert [(one.status, one.reason) for one in results] == [
        ("quarantined", "malformed"),
        ("accepted", None),
    ]
    row = here.read(lambda c: c.execute(select(quarantine)).one())
    assert (row.fact, row.sealed) == (large.id, b"")
    assert row.digest == hashlib.sha256(msgspec.json.encode(large)).digest()


def test_readers_are_woken_even_when_the_faults_cannot_be_noted(
    here: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(here.database.wake, "up", lambda names, by: woken.extend(names))

    def broken(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("no room"))

    monkeypatch.setattr("endpoint.batches._set_aside", broken)
    with pytest.raises(Refusal):
        phone.push(called(phone))
    assert f"nurse:{UNIT}" in woken


def test_a_token_that_another_phone_shows_gets_nothing_in_and_is_seen(here: Town, phone: Phone) -> None:
    thief = here.phone(AMINA)
    stolen = phone.token()
    said = thief.fact(SbarCalled(to="a", number="1"), Ref("sbar", fresh_id()), AMINA)
    sent = thief.seal(said)
    thief.tokens[None] = stolen
    answer = thief.post("/v1/push", PushRequest(items=(sent,)), Signed, stolen)
    receipt = opened(answer, thief.known.sign_public, Context.RECEIPT, Receipt)
    assert receipt.device == phone.known.device
    assert [(one.status, one.reason) for one in receipt.results] == [("quarantined", "sealed")]
    row = here.read(lambda c: c.execute(select(quarantine).where(quarantine.c.fact == said.fact().id)).one())
    assert (row.device, row.reason) == (phone.known.device, "sealed")
