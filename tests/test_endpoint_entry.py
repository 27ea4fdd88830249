"""Phones are enrolled, open sessions, and people sign in on them."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from care.rights import Role
from care.staff import RoleInUnit, StaffDocument
from endpoint import devices
from endpoint import keys as endpoint_keys
from endpoint.database import Database
from endpoint.errors import DemoOnlyError, KeyFileError
from endpoint.identity.demo import DemoProvider
from endpoint.schema import console_sessions, enrol_codes
from endpoint.settings import Settings, from_environment, to_environment
from tests.endpoint_phone import Phone, Refusal, fresh_id
from tests.endpoint_server import enrol_code
from tests.endpoint_town import MANAGER, Town, town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, OTHER_UNIT, TESFAY, UNIT
from wire import seal
from wire.messages import (
    CODE,
    ENROLS,
    CertifyRequest,
    Enrolled,
    EnrolRequest,
    Session,
    SessionRequest,
    SignInState,
)
from wire.seal import Sealed, Sealer
from wire.signature import Context, new_key, public_of, sign

__all__ = ["database_url", "postgres", "postgres_url"]


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path, database_url: str | None, clock: Clock) -> Iterator[Town]:
    with town(tmp_path, database_url, clock) as made:
        yield made


def refused(call: object, *given: object) -> tuple[int, str]:
    with pytest.raises(Refusal) as error:
        call(*given)  # type: ignore[operator]
    return error.value.status, error.value.problem.code


def test_a_code_enrols_one_phone_and_says_whose_it_is(here: Town) -> None:
    phone = here.phone()
    assert (phone.known.unit, phone.known.unit_name) == (UNIT, "Granen")
    assert phone.known.sign_public == here.parts.keys.sign_public


def test_enrolling_again_with_the_same_key_gives_the_same_phone_and_with_another_none(here: Town) -> None:
    code, private = enrol_code(here.database, UNIT), new_key()
    phone = here.phone()

    def request(private: bytes, written: str = code) -> Enrolled:
        proof = sign(private, Context.ENROL, f"{written}Telefon 4".encode())
        asked = EnrolRequest(code=written, name="Telefon 4", public=public_of(private), proof=proof)
        answer: Enrolled = phone.post("/v1/enrol", asked, Enrolled)
        return answer

    first = request(private)
    assert request(private).device == first.device
    assert request(private, code.replace("-", "").lower()).device == first.device
    assert refused(request, new_key()) == (410, "used_code")


def test_a_code_that_is_wrong_old_or_unproven_enrols_nothing(here: Town, clock: Clock) -> None:
    assert refused(Phone, here.client, "AAAAA-AAAAA") == (401, "unknown_code")
    code = enrol_code(here.database, UNIT)
    wrong = EnrolRequest(code=code, name="x", public=public_of(new_key()), proof=b"\0" * 64)
    assert refused(here.phone().post, "/v1/enrol", wrong, Enrolled) == (401, "bad_proof")
    clock.ahead = timedelta(minutes=31)
    assert refused(Phone, here.client, code) == (410, "expired_code")


def test_a_code_may_come_sealed_to_the_endpoint(here: Town) -> None:
    code, private = enrol_code(here.database, UNIT), new_key()

    def request(sealed: Sealed, written: str = "") -> Enrolled:
        proof = sign(private, Context.ENROL, f"{code}Telefon 4".encode())
        asked = EnrolRequest(
            code=written, name="Telefon 4", public=public_of(private), proof=proof, sealed_code=sealed
        )
        answer: Enrolled = here.phone().post("/v1/enrol", asked, Enrolled)
        return answer

    sealer = Sealer(here.parts.keys.seal_public, ENROLS)
    good = sealer.seal(CODE, code.encode())
    for wrong in (
        Sealer(seal.public_of(seal.new_key()), ENROLS).seal(CODE, code.encode()),
        Sealer(here.parts.keys.seal_public, "another").seal(CODE, code.encode()),
        sealer.seal("another", code.encode()),
        sealer.seal(CODE, b"\xff"),
        Sealed(CODE, b"", b""),
    ):
        assert refused(request, wrong, code) == (400, "bad_request")
    assert refused(request, sealer.seal(CODE, b"AAAAA-AAAAA")) == (401, "bad_proof")
    assert request(good).unit == UNIT
    assert request(good).device == request(good).device


def test_a_session_ends_after_an_hour(here: Town, clock: Clock) -> None:
    phone = here.phone()
    phone.push()
    clock.ahead = timedelta(minutes=61)
    assert refused(phone.push) == (401, "no_session")


def test_a_session_is_refused_to_another_key_a_wrong_clock_and_a_repeated_statement(here: Town) -> None:
    phone = here.phone()

    def ask(request: SessionRequest) -> Session:
        session: Session = phone.post("/v1/session", request, Session)
        return session

    good = phone.session_request()
    forged = SessionRequest(data=good.data, device_signature=sign(new_key(), Context.SESSION, good.data))
    assert refused(ask, forged) == (401, "bad_proof")
    assert refused(ask, phone.session_request(at=datetime.now(UTC) - timedelta(minutes=6))) == (401, "clock")
    ask(good)
    assert refused(ask, good) == (401, "bad_proof")
    phone.known = Enrolled(**{**_fields(phone.known), "device": fresh_id()})
    assert refused(ask, phone.session_request()) == (401, "unknown_device")


def _fields(message: Enrolled) -> dict[str, object]:
    return {name: getattr(message, name) for name in message.__struct_fields__}


def test_a_person_signs_in_and_their_key_speaks_for_them(here: Town) -> None:
    phone = here.phone()
    certified = phone.sign_in(AMINA)
    assert len(certified.phone_key) == len(certified.own_key) == 32
    assert phone.pull(AMINA)
    document = here.document("staff", AMINA)
    assert isinstance(document, StaffDocument)
    assert [(key.device, key.public) for key in document.keys] == [
        (phone.known.device, public_of(phone.staff_keys[AMINA]))
    ]


def test_the_phones_key_is_shared_on_it_and_a_persons_own_key_is_theirs_alone(here: Town) -> None:
    one, other = here.phone(), here.phone()
    amina, karin, again = one.sign_in(AMINA), one.sign_in(KARIN), one.sign_in(AMINA)
    elsewhere = other.sign_in(AMINA)
    assert amina.phone_key == karin.phone_key == again.phone_key
    assert amina.own_key == again.own_key
    assert len({amina.phone_key, amina.own_key, karin.own_key, elsewhere.own_key, elsewhere.phone_key}) == 5


def test_certifying_again_with_the_same_key_gives_the_same_answer_and_with_another_none(here: Town) -> None:
    phone = here.phone()
    started, private = phone.start_sign_in(), new_key()
    here.client.post(f"/demo/signin/{started.id}", data={"staff": AMINA})
    first = phone.certify(started.id, AMINA, private)
    assert phone.certify(started.id, AMINA, private) == first
    assert refused(phone.certify, started.id, AMINA) == (410, "used_sign_in")
    document = here.document("staff", AMINA)
    assert isinstance(document, StaffDocument)
    assert len(document.keys) == 1


def test_a_sign_in_waits_is_done_or_refused_and_is_over_after_five_minutes(here: Town, clock: Clock) -> None:
    phone = here.phone()
    waiting, refused_one, late = (phone.start_sign_in() for _ in range(3))
    assert waiting.number.isdigit()
    assert waiting.number in here.client.get(f"/demo/signin/{waiting.id}").text
    assert phone.sign_in_state(waiting.id).state == "waiting"
    here.client.post(f"/demo/signin/{waiting.id}", data={"staff": KARIN})
    assert phone.sign_in_state(waiting.id) == SignInState(
        state="done", staff=KARIN, name="Karin Ström", title="assistant_nurse"
    )
    assert here.client.post(f"/demo/signin/{waiting.id}", data={"staff": AMINA}).status_code == 410
    here.client.post(f"/demo/signin/{refused_one.id}", data={"staff": ""})
    assert phone.sign_in_state(refused_one.id).state == "refused"
    clock.ahead = timedelta(minutes=11)
    assert phone.sign_in_state(late.id).state == "expired"
    assert here.client.post(f"/demo/signin/{late.id}", data={"staff": AMINA}).status_code == 410
    assert refused(phone.certify, late.id, AMINA) == (410, "no_sign_in")


def test_a_sign_in_is_seen_by_the_phone_that_started_it_alone(here: Town) -> None:
    started = here.phone().start_sign_in()
    other = here.phone()
    here.client.post(f"/demo/signin/{started.id}", data={"staff": AMINA})
    assert refused(other.sign_in_state, started.id) == (404, "no_sign_in")
    assert refused(other.certify, started.id, AMINA) == (404, "no_sign_in")


def test_the_proof_binds_the_key_to_the_sign_in_and_the_person(here: Town) -> None:
    phone = here.phone()
    started, private = phone.start_sign_in(), new_key()
    here.client.post(f"/demo/signin/{started.id}", data={"staff": AMINA})
    proof = sign(private, Context.CERTIFY, f"{started.id}{KARIN}".encode())
    request = CertifyRequest(public=public_of(private), proof=proof)
    path = f"/v1/signin/{started.id}/certify"
    assert refused(phone.post, path, request, SignInState, phone.token()) == (401, "bad_proof")


def test_somebody_without_a_role_in_the_unit_gets_no_slot_on_its_phones(here: Town) -> None:
    phone = here.phone()
    started = phone.start_sign_in()
    page = here.client.get(f"/demo/signin/{started.id}").text
    assert AMINA in page
    assert MANAGER in page
    assert TESFAY not in page
    here.client.post(f"/demo/signin/{started.id}", data={"staff": TESFAY})
    assert phone.sign_in_state(started.id).state == "refused"


def test_a_role_that_ends_between_sign_in_and_certificate_certifies_nothing(here: Town) -> None:
    phone = here.phone()
    started = phone.start_sign_in()
    here.client.post(f"/demo/signin/{started.id}", data={"staff": AMINA})
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    here.employ(AMINA, RoleInUnit(Role.CARER, UNIT, yesterday - timedelta(days=9), yesterday))
    assert refused(phone.certify, started.id, AMINA) == (403, "not_of_unit")


def test_a_persons_session_needs_their_own_signature_and_an_unexpired_key(here: Town, clock: Clock) -> None:
    phone = here.phone(AMINA, KARIN)
    phone.tokens.clear()
    real, phone.staff_keys[AMINA] = phone.staff_keys[AMINA], phone.staff_keys[KARIN]
    assert refused(phone.token, AMINA) == (401, "bad_proof")
    phone.staff_keys[AMINA] = real
    phone.token(AMINA)
    phone.staff_keys[TESFAY] = new_key()
    assert refused(phone.token, TESFAY) == (401, "unknown_staff")
    clock.ahead = timedelta(days=31)
    late = phone.session_request(AMINA, at=clock())
    assert refused(phone.post, "/v1/session", late, Session) == (403, "certificate_expired")


def test_the_console_is_signed_in_to_with_a_cookie_and_goes_back_to_our_own_pages_alone(here: Town) -> None:
    page = here.client.get("/demo/console-signin?back=/console/inbox")
    assert KARIN in page.text
    for asked, back in {
        "/console/inbox": "/console/inbox",
        "//elsewhere.example": "/",
        "/\\elsewhere.example": "/",
        "https://elsewhere.example": "/",
    }.items():
        answer = here.client.post(
            "/demo/console-signin", data={"staff": KARIN, "back": asked}, follow_redirects=False
        )
        assert (answer.status_code, answer.headers["location"]) == (303, back)
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie


def test_the_demo_sign_in_does_not_exist_outside_the_demo(tmp_path: Path) -> None:
    with pytest.raises(DemoOnlyError):
        DemoProvider(Settings(data=tmp_path))


def test_the_key_file_is_for_its_owner_alone_and_never_made_over_a_damaged_one(tmp_path: Path) -> None:
    path, database = tmp_path / "endpoint.keys", Database(Settings(data=tmp_path).database)
    made = endpoint_keys.load(path, database)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert endpoint_keys.load(path, database).sign_public == made.sign_public
    path.write_bytes(b"{}")
    with pytest.raises(KeyFileError):
        endpoint_keys.load(path, database)
    assert path.read_bytes() == b"{}"
    path.chmod(0o640)
    with pytest.raises(KeyFileError):
        endpoint_keys.load(path, database)
    database.close()


def test_no_new_keys_are_made_beside_facts_that_need_the_old(here: Town) -> None:
    path = here.parts.settings.key_file
    path.rename(path.with_name("away"))
    with pytest.raises(KeyFileError, match=r"restore .* from its backup"):
        endpoint_keys.load(path, here.database)
    assert not path.exists()
    path.with_name("away").rename(path)
    assert endpoint_keys.load(path, here.database).sign_public == here.parts.keys.sign_public


def test_an_id_that_is_none_is_refused_before_the_database_sees_it(here: Town) -> None:
    phone = here.phone(AMINA)
    for id in ("a%00b", "%ff", "x" * 5000):
        assert refused(phone.sign_in_state, id) == (404, "no_sign_in")
        assert here.client.get(f"/demo/signin/{id}").status_code == 410
    assert refused(phone.certify, "a%00b", AMINA) == (404, "no_sign_in")
    started = phone.start_sign_in()
    assert here.client.post(f"/demo/signin/{started.id}", data={"staff": "a\0b"}).status_code == 200
    assert phone.sign_in_state(started.id).state == "refused"
    assert here.client.post("/demo/console-signin", data={"staff": "a\0b"}).status_code == 400


def test_sessions_of_the_console_that_have_ended_are_deleted_when_one_begins(
    here: Town, clock: Clock
) -> None:
    for ahead in (timedelta(), timedelta(days=1)):
        clock.ahead = ahead
        here.client.post("/demo/console-signin", data={"staff": KARIN}, follow_redirects=False)
        assert len(here.read(lambda c: c.execute(select(console_sessions)).all())) == 1


def test_codes_that_ended_long_ago_are_deleted_when_one_is_made(here: Town) -> None:
    now = datetime.now(UTC)
    for at in (now - timedelta(days=2), now - timedelta(hours=2), now):
        here.database.write_now(lambda c, at=at: devices.new_code(c, UNIT, "Telefon 3", at))
    assert len(here.read(lambda c: c.execute(select(enrol_codes)).all())) == 2


def test_settings_survive_the_way_to_a_worker(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=1234, public_url="https://rapp.example", demo=True, workers=3)
    assert from_environment(to_environment(settings)) == settings
    assert settings.secure


def test_another_units_phone_reads_the_unit_of_its_code(here: Town) -> None:
    assert here.phone(unit=OTHER_UNIT).known.unit_name == "Hemvården"
