"""A phone that had closed is here again, from a copy of its file: it sends what it holds, and closes."""

import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from care.deviation import DeviationReported
from care.dose import DoseWithheld
from care.facts import Ref
from endpoint import device_done, standing
from endpoint.parts import utc_now
from endpoint.schema import device_events, devices, facts
from tests.endpoint_phone import Phone, Refusal
from tests.endpoint_town import MANAGER, Town, town
from tests.phones import PIN, new_id, until
from tests.phones import Phone as Linked
from tests.phones_town import Town as PhonesTown
from tests.phones_town import town as phones_town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, OTHER_UNIT, PERSON, UNIT
from tests.store_case import answered
from tests.test_phones_closing import closed, dose, id_of
from wire.encoding import encode
from wire.envelope import Envelope
from wire.messages import (
    DeviceDone,
    DeviceKeyRequest,
    DeviceStanding,
    Noted,
    Session,
    Signed,
    opened,
)
from wire.signature import Context, new_key, public_of, sign

__all__ = ["database_url", "postgres", "postgres_url"]


class Clock:
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


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[PhonesTown]:
    with phones_town(tmp_path) as made:
        yield made


# At the endpoint.


def word(phone: Phone, kept: int = 0, private: bytes = b"") -> Signed:
    done = DeviceDone(device=phone.known.device, what="closed", unit=UNIT, at=datetime.now(UTC), kept=kept)
    data = encode(done)
    return Signed(data=data, signature=sign(private or phone.private, Context.DEVICE_DONE, data))


def say(phone: Phone, said: Signed) -> None:
    phone.post("/v1/device/closed", said, Noted)


def close(here: Town, phone: Phone, clock: Clock) -> Signed:
    """As the console and the phone do it; the phone's last word."""
    device = phone.known.device
    here.database.write_now(lambda c: standing.close(c, device, MANAGER, clock()))
    phone.tokens.clear()
    said = word(phone)
    say(phone, said)
    phone.tokens.clear()
    return said


def row(here: Town, phone: Phone) -> object:
    return here.read(lambda c: c.execute(select(devices).where(devices.c.id == phone.known.device)).one())


def happened(here: Town, phone: Phone) -> list[tuple[str, str]]:
    query = select(device_events.c.what, device_events.c.detail).order_by(device_events.c.at)
    mine = query.where(device_events.c.device == phone.known.device)
    return [(one.what, one.detail) for one in here.read(lambda c: c.execute(mine).all())]


def withheld(phone: Phone) -> Envelope:
    at = datetime.now(UTC)
    body = DoseWithheld(order=new_id(), planned=at, performed=at, reason="asleep", order_fact=new_id())
    return phone.fact(body, Ref("dose", new_id()), AMINA, person=PERSON)


def reported(phone: Phone, unit: str = UNIT) -> Envelope:
    """Without a sign-in: the phone's own key signs."""
    body = DeviationReported(category="fall", answers=answered())
    return phone.fact(body, Ref("deviation", new_id()), None, unit=unit)


def refused(call: object, *given: object) -> tuple[int, str]:
    with pytest.raises(Refusal) as error:
        call(*given)  # type: ignore[operator]
    return error.value.status, error.value.problem.code


def moved(phone: Phone) -> Signed:
    """Its word that it has moved."""
    done = DeviceDone(device=phone.known.device, what="moved", unit=OTHER_UNIT, at=utc_now(), kept=0)
    data = encode(done)
    return Signed(data=data, signature=sign(phone.private, Context.DEVICE_DONE, data))


def told(phone: Phone) -> DeviceStanding:
    answer = phone.get("/v1/device", Signed, phone.token())
    return opened(answer, phone.known.sign_public, Context.DEVICE, DeviceStanding)


def test_a_report_without_a_sign_in_may_name_a_unit_that_the_phone_has_left(here: Town) -> None:
    """Its file was put back from before it moved."""
    phone = here.phone(AMINA)
    device = phone.known.device
    [before] = phone.push(reported(phone, OTHER_UNIT))
    assert (before.status, before.reason) == ("quarantined", "not_permitted"), "it has never been there"
    here.database.write_now(lambda c: standing.move(c, device, OTHER_UNIT, MANAGER, utc_now()))
    phone.post("/v1/device/moved", moved(phone), Noted)
    phone.tokens.clear()
    assert here.read(lambda c: standing.row_of(c, device)).unit == OTHER_UNIT
    [after] = phone.push(reported(phone))
    assert after.status == "accepted"


def test_a_report_without_a_sign_in_may_name_a_unit_that_the_phone_moved_to_and_was_told_not_to_meanwhile(
    here: Town,
) -> None:
    """It had moved, somebody reported on it, and only then it heard that it is to stay (seed 23106)."""
    phone = here.phone(AMINA)
    device, unit = phone.known.device, phone.known.unit
    for to in (OTHER_UNIT, unit):
        here.database.write_now(lambda c, to=to: standing.move(c, device, to, MANAGER, utc_now()))  # type: ignore[misc]
    assert refused(phone.post, "/v1/device/moved", moved(phone), Noted) == (410, "no_move")
    [after] = phone.push(reported(phone, OTHER_UNIT))
    assert after.status == "accepted"
    assert here.read(lambda c: standing.row_of(c, device)).unit == unit


def test_it_may_push_what_it_has_sealed_and_nothing_else(here: Town, clock: Clock) -> None:
    phone = here.phone(AMINA)
    saved = withheld(phone)
    close(here, phone, clock)
    assert refused(phone.token, AMINA) == (403, "closing_device")
    assert refused(phone.start_sign_in) == (403, "closing_device")
    key = DeviceKeyRequest(public=public_of(new_key()), by_old=b"0" * 64, by_new=b"0" * 64)
    assert refused(phone.post, "/v1/device/key", key, Noted, phone.token()) == (403, "closing_device")
    assert refused(phone.get, "/v1/pull", Session, phone.token()) == (403, "staff_needed")
    assert told(phone).state == "closed"
    assert [one.status for one in phone.push(saved)] == ["accepted"]


def test_what_its_people_sign_after_their_keys_ended_is_taken_in_and_told_apart(
    here: Town, clock: Clock
) -> None:
    phone = here.phone(AMINA)
    later = clock() + timedelta(minutes=10)
    amina = here.document("staff", AMINA)
    assert amina.certified_at(phone.known.device, later)  # type: ignore[union-attr]
    close(here, phone, clock)
    [taken] = phone.push(withheld(phone))
    assert taken.status == "accepted"
    assert here.read(lambda c: c.scalar(select(facts.c.author).where(facts.c.id == taken.id))) == AMINA
    amina = here.document("staff", AMINA)
    assert amina.outside_certificate(phone.known.device, later)  # type: ignore[union-attr]


def test_a_session_from_before_it_closed_holds_no_longer(here: Town, clock: Clock) -> None:
    phone = here.phone(AMINA)
    tokens = {who: phone.token(who) for who in (None, AMINA)}
    close(here, phone, clock)
    for token in tokens.values():
        assert refused(phone.get, "/v1/device", Signed, token) == (401, "no_session")
    # Nor does one of a person that was opened in the moment in which it closed.
    phone.token()
    here.database.write_now(lambda c: c.execute(device_done.sessions.update().values(staff=AMINA)))
    assert refused(phone.get, "/v1/pull", Signed, phone.token()) == (401, "no_session")


def test_the_log_says_that_it_came_back_and_that_it_closed_again_each_once(
    here: Town, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    phone = here.phone(AMINA)
    first = close(here, phone, clock)
    began = row(here, phone).closed  # type: ignore[attr-defined]
    with caplog.at_level(logging.WARNING, logger="rapp.signin"):
        for _ in range(3):
            phone.tokens.clear()
            phone.push(withheld(phone))
    assert [one.said["device"] for one in caplog.records if "is back" in one.message] == [phone.known.device]  # type: ignore[attr-defined]
    # The first statement again, on its way for long: it says nothing of this time.
    say(phone, first)
    assert happened(here, phone) == [("close", ""), ("closed", "0"), ("back", "")]
    phone.token()
    second = word(phone, kept=2)
    for one in (second, second, first):
        say(phone, one)
    assert happened(here, phone) == [("close", ""), ("closed", "0"), ("back", ""), ("closed", "2")]
    now = row(here, phone)
    assert (now.closed, now.unsent, now.aside, now.slots) == (began, 0, 2, "")  # type: ignore[attr-defined]
    # And another statement of a phone that has not been here since changes nothing either.
    say(phone, word(phone, kept=7))
    assert row(here, phone).aside == 2  # type: ignore[attr-defined]


def test_a_second_return_is_told_again(here: Town, clock: Clock) -> None:
    phone = here.phone()
    close(here, phone, clock)
    for kept in (1, 2):
        phone.tokens.clear()
        phone.push()
        say(phone, word(phone, kept))
    assert [what for what, _ in happened(here, phone)][1:] == ["closed", "back", "closed", "back", "closed"]


def test_a_copy_from_before_an_exchange_of_keys_delivers_with_the_former_one(
    here: Town, clock: Clock
) -> None:
    phone = here.phone(AMINA)
    former, private = phone.private, new_key()
    said = phone.known.device.encode() + public_of(private)
    request = DeviceKeyRequest(
        public=public_of(private),
        by_old=sign(former, Context.DEVICE_KEY, said),
        by_new=sign(private, Context.DEVICE_KEY, said),
    )
    phone.post("/v1/device/key", request, Noted, phone.token())
    phone.tokens.clear()
    # While the phone is in use its former key opens nothing: an exchange is the remedy for one that is known.
    assert refused(phone.token) == (401, "bad_proof")
    here.database.write_now(lambda c: standing.close(c, phone.known.device, MANAGER, clock()))
    assert told(phone).state == "closing"
    assert [one.status for one in phone.push(withheld(phone))] == ["accepted"]
    phone.private = private
    close(here, phone, clock)
    phone.private = former
    results = phone.push(withheld(phone), reported(phone))
    assert [one.status for one in results] == ["accepted", "accepted"]
    say(phone, word(phone, kept=1))
    assert happened(here, phone)[-1] == ("closed", "1")
    phone.private = new_key()
    phone.tokens.clear()
    assert refused(phone.token) == (401, "bad_proof")


# On the phone.


def copy(ward: PhonesTown) -> Path:
    here, there = ward._folder / "phone-0", ward._folder / "copy"
    there.mkdir()
    for name in ("rapp.db", "secret"):
        shutil.copyfile(here / name, there / name)
    return there


def put_back(ward: PhonesTown, there: Path) -> None:
    here = ward._folder / "phone-0"
    for name in ("rapp.db-wal", "rapp.db-shm"):
        (here / name).unlink(missing_ok=True)
    for name in ("rapp.db", "secret"):
        shutil.copyfile(there / name, here / name)


async def closed_and_put_back(ward: PhonesTown, phone: Linked) -> Path:
    """Copied, closed, and as it was copied again; not started. Returns where the copy is."""
    device = id_of(phone)
    phone.close()
    ward.phones.remove(phone)
    there = copy(ward)
    phone = ward.start("phone-0")
    ward.decide(standing.close, device)
    await closed(ward, phone, device)
    await until(lambda: phone.store.keeper.last_word is None)
    phone.close()
    ward.phones.remove(phone)
    put_back(ward, there)
    return there


async def test_a_phone_that_was_put_back_sends_what_is_saved_on_it_and_destroys_itself_again(
    ward: PhonesTown,
) -> None:
    phone = await ward.phone()
    amina = await ward.sign_in(phone, AMINA)
    device = id_of(phone)
    await until(lambda: amina.document("unit", UNIT))
    amina.lock()
    there = await closed_and_put_back(ward, phone)
    ward.line.away = True
    again = ward.start("phone-0")
    amina = again.store.unlock(AMINA, PIN)
    saved = amina.save(dose(ward))[0].id
    ward.line.away = False
    again.sync.wake()
    await until(lambda: saved in ward.held())
    await until(lambda: again.store.keeper.closed and again.store.keeper.last_word is None)
    assert amina.locked
    assert amina.why_locked == "closing"
    assert again.store.device is None
    assert again.store.slots() == []
    secret = (ward._folder / "phone-0" / "secret").read_bytes()
    assert secret != (there / "secret").read_bytes()
    events = select(device_events.c.what).where(device_events.c.device == device).order_by(device_events.c.at)
    found = ward.database.read_now(lambda c: list(c.scalars(events)))
    assert found == ["close", "closed", "back", "closed"]


async def test_what_the_endpoint_still_would_not_take_is_counted_in_its_second_word(ward: PhonesTown) -> None:
    phone = await ward.phone()
    amina = await ward.sign_in(phone, AMINA)
    device = id_of(phone)
    amina.save(dose(ward, unit="99999999-0000-5999-8999-999999999999"))
    await until(lambda: phone.store.counts().needs_action == 1)
    amina.lock()
    await closed_and_put_back(ward, phone)
    assert ward.row(device).aside == 1
    ward.line.away = True
    again = ward.start("phone-0")
    amina = again.store.unlock(AMINA, PIN)
    amina.save(dose(ward, unit="99999999-0000-5999-8999-999999999999"))
    ward.line.away = False
    again.sync.wake()
    await until(lambda: again.store.keeper.closed and again.store.keeper.last_word is None)
    assert again.store.keeper.closed.kept == 2
    assert (ward.row(device).aside, ward.row(device).unsent) == (2, 0)


async def test_a_phone_that_was_put_back_to_the_unit_that_it_is_to_return_to_moves_within_it(
    ward: PhonesTown,
) -> None:
    """It has nowhere to go, and the endpoint waits to hear that it has."""
    phone = await ward.phone()
    device = id_of(phone)
    phone.close()
    ward.phones.remove(phone)
    there = copy(ward)
    phone = ward.start("phone-0")
    ward.decide(standing.move, device, OTHER_UNIT)
    await until(lambda: ward.row(device).unit == OTHER_UNIT and phone.store.keeper.last_word is None)
    phone.close()
    ward.phones.remove(phone)
    ward.decide(standing.move, device, UNIT)
    put_back(ward, there)
    phone = ward.start("phone-0")
    await until(lambda: (ward.row(device).unit, ward.row(device).move_to) == (UNIT, None))
    assert phone.store.device
    assert phone.store.device.unit == UNIT
    amina = await ward.sign_in(phone, AMINA)
    await until(lambda: amina.document("unit", UNIT))
    asked = ward.line.asked.count("/v1/device/moved")
    phone.sync.wake()
    amina.lock()
    await until(lambda: phone.sync.state.phase == "sent")
    assert ward.line.asked.count("/v1/device/moved") == asked, "once"
