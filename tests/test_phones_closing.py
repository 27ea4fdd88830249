"""A phone is closed: what it holds is sent, then every key is destroyed, whenever the phone is killed."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.deviation import DeviationReported
from care.dose import DoseWithheld
from care.facts import Ref
from endpoint import devices, standing
from endpoint.schema import devices as devices_table
from endpoint.schema import slot_keys
from storage import BeingClosed, Device, FileSecret, NotEnrolled, SecretError, Statement
from storage.keeper import Keeper
from sync import Link, NotSignedIn
from sync.standing import Standing
from tests.phones import PIN, Phone, new_id, until
from tests.phones_town import Town, town
from tests.statements import AMINA, KARIN, PERSON, UNIT
from tests.store_case import answered
from wire import signature
from wire.encoding import encode
from wire.messages import (
    DeviceDone,
    Noted,
    Signed,
)
from wire.signature import Context, sign


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def dose(here: Town, unit: str = UNIT) -> Statement:
    at = here.now()
    body = DoseWithheld(order=new_id(), planned=at, performed=at, reason="asleep", order_fact=new_id())
    return Statement(body, Ref("dose", new_id()), unit, PERSON)


def id_of(phone: Phone) -> str:
    assert phone.store.device
    return phone.store.device.id


async def closed(here: Town, phone: Phone, device: str) -> None:
    await until(lambda: phone.store.keeper.closed and here.row(device).closed, within=10)


async def test_what_waits_is_sent_then_all_keys_go_and_the_endpoint_is_told(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    device = id_of(phone)
    await until(lambda: amina.document("unit", UNIT))
    secret = (here._folder / "phone-0" / "secret").read_bytes()
    here.line.away = True
    saved = amina.save(dose(here))[0].id
    here.decide(standing.close, device)
    here.line.away = False
    await closed(here, phone, device)
    assert saved in here.held()
    assert amina.locked
    assert amina.why_locked == "closing"
    assert phone.store.device is None
    assert phone.store.slots() == []
    assert (here._folder / "phone-0" / "secret").read_bytes() != secret
    assert here.database.read_now(lambda c: c.execute(slot_keys.select()).all()) == []
    assert not here.staff(AMINA).certified_at(device, here.now() + timedelta(minutes=10))


async def test_nothing_of_the_unit_is_left_in_the_file_and_help_still_is(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await until(lambda: phone.store.lock_info and phone.store.lock_info.nurse)
    amina.save_draft("sbar", b"begun")
    device = id_of(phone)
    here.decide(standing.close, device)
    await closed(here, phone, device)
    with sqlite3.connect(here._folder / "phone-0" / "rapp.db") as file:
        tables = ("facts", "documents", "drafts", "notes", "outbox", "slots", "cursors", "arrivals")
        assert [file.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables] == [0] * 8
    file.close()
    assert phone.store.lock_info
    assert phone.store.lock_info.nurse[0].phone == "070-1740605"
    with pytest.raises(BeingClosed):
        phone.store.unlock(AMINA, PIN)
    with pytest.raises(NotEnrolled):
        phone.store.report(dose(here).body, Ref("dose", new_id()), UNIT)


async def test_a_closing_phone_may_push_and_nothing_else(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    here.line.away = True
    here.decide(standing.close, id_of(phone))
    phone.store.keeper.begin_closing()
    with pytest.raises(BeingClosed):
        phone.store.unlock(AMINA, PIN)
    assert amina.locked
    here.line.away = False
    phone.sync.wake()
    await closed(here, phone, here.database.read_now(_only_device))


def _only_device(connection: Any) -> str:
    found: str = connection.execute(devices_table.select()).one().id
    return found


async def test_a_closed_phone_is_enrolled_again_as_a_new_one(here: Town) -> None:
    phone = await here.phone()
    await here.sign_in(phone, AMINA)
    old = id_of(phone)
    here.decide(standing.close, old)
    await closed(here, phone, old)
    code = here.database.write_now(lambda c: devices.new_code(c, UNIT, "Telefon 9", here.now()))
    await phone.sync.enrol("https://rapp.example.se", code, "Telefon 9")
    assert phone.store.keeper.closed is None
    assert id_of(phone) != old
    amina = await here.sign_in(phone, AMINA)
    saved = amina.save(dose(here))[0].id
    await until(lambda: saved in here.held())


async def test_a_phone_enrolled_before_it_could_say_that_it_closed_says_so_then(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    old = id_of(phone)
    monkeypatch.setattr("sync.loop.say", _never)
    here.decide(standing.close, old)
    await until(lambda: phone.store.keeper.closed)
    assert not here.row(old).closed
    code = here.database.write_now(lambda c: devices.new_code(c, UNIT, "Telefon 9", here.now()))
    await phone.sync.enrol("https://rapp.example.se", code, "Telefon 9")
    await until(lambda: here.row(old).closed)
    assert not here.row(id_of(phone)).closed
    assert phone.store.keeper.last_word is None


async def test_what_the_endpoint_would_not_take_is_kept_sealed(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    device = id_of(phone)
    refused = amina.save(dose(here, unit="99999999-0000-5999-8999-999999999999"))[0].id
    await until(lambda: phone.store.counts().needs_action == 1)
    here.decide(standing.close, device)
    await closed(here, phone, device)
    assert phone.store.keeper.closed.kept == 1
    [(of, sealed)] = phone.store.keeper.kept()
    assert (of, sealed.id) == (device, refused)
    assert here.parts.keys.opener.open(sealed, device)
    assert here.row(device).aside == 1


async def test_a_report_saved_at_the_last_moment_is_sent_before_the_keys_go(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    device = id_of(phone)
    real, made = Standing.destroy, []

    def late(self: Standing, stuck: frozenset[str]) -> None:
        if not made:
            body = DeviationReported(category="fall", answers=answered())
            made.append(phone.store.report(body, Ref("deviation", new_id()), UNIT).id)
        real(self, stuck)

    monkeypatch.setattr(Standing, "destroy", late)
    here.decide(standing.close, device)
    await closed(here, phone, device)
    assert amina.locked
    assert set(made) <= here.held()


STEPS = ("begun", "emptied", "destroyed", "said", "answer lost")


@pytest.mark.parametrize("step", STEPS)
async def test_killed_after_any_step_it_goes_on_from_there(
    here: Town, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    device = id_of(phone)
    here.line.away = True
    saved = amina.save(dose(here))[0].id
    here.decide(standing.close, device)
    with monkeypatch.context() as killed:
        if step == "begun":
            killed.setattr(Keeper, "destroy", _dead)
        elif step == "emptied":
            killed.setattr(FileSecret, "destroy", _dead)
        elif step == "destroyed":
            killed.setattr("storage.file.File.begin_anew", _dead)
        elif step == "said":
            killed.setattr("sync.loop.say", _never)
        else:
            here.line.lose = {"/v1/device/closed"}
        here.line.away = False
        phone.sync.wake()
        if step == "begun":
            await until(lambda: phone.store.keeper.closing and saved in here.held())
        elif step == "answer lost":
            await until(lambda: here.row(device).closed)
        else:
            await until(lambda: phone.store.keeper.closed)
        phone.close()
        here.phones.remove(phone)
    again = here.start("phone-0")
    await closed(here, again, device)
    await until(lambda: again.store.keeper.last_word is None)
    assert saved in here.held()
    assert again.store.device is None
    assert again.store.slots() == []


def _dead(*_: object, **__: object) -> None:
    raise SecretError("killed here")


async def _never(*_: object) -> None:
    raise SecretError("killed here")


async def test_a_lost_phone_is_shut_out_at_once_and_found_again_is_open(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    device = id_of(phone)
    here.line.away = True
    here.lose(device)
    assert not here.staff(AMINA).certified_at(device, here.now() + timedelta(minutes=10))
    here.decide(standing.reopen, device)
    here.line.away = False
    phone.sync.wake()
    await until(lambda: phone.sync.state.sign_in == {AMINA})
    assert phone.store.keeper.closed is None
    saved = amina.save(dose(here))[0].id
    await until(lambda: saved in here.held())
    await here.sign_in(phone, AMINA)
    await until(lambda: not phone.sync.state.sign_in)


async def test_a_lost_phone_that_comes_in_contact_sends_and_destroys_itself(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    device = id_of(phone)
    here.line.away = True
    saved = amina.save(dose(here))[0].id
    amina.lock()
    here.lose(device)
    here.line.away = False
    phone.sync.wake()
    await closed(here, phone, device)
    assert saved in here.held()
    here.decide(standing.reopen, device)
    assert here.row(device).closed


async def test_nothing_is_destroyed_on_an_answer_that_is_not_the_endpoints(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    forged = signature.new_key()
    monkeypatch.setattr(here.parts.keys, "sign_private", forged)
    here.decide(standing.close, id_of(phone))
    phone.sync.wake()
    await until(lambda: phone.sync.state.reason == "delivery.bad_answer")
    assert not phone.store.keeper.closing
    assert not amina.locked


async def test_another_phones_last_word_closes_nothing(here: Town) -> None:
    one, two = await here.phone(), await here.phone()
    await here.sign_in(one, KARIN)
    held: Device | None = two.store.device
    assert held
    done = DeviceDone(device=id_of(one), what="closed", unit=UNIT, at=here.now())
    forged = Signed(data=encode(done), signature=sign(held.private, Context.DEVICE_DONE, encode(done)))
    link = Link("https://rapp.example.se", here.line)
    with pytest.raises(NotSignedIn):
        await link.post("/v1/device/closed", forged, Noted)
    await link.close()
    assert here.row(id_of(one)).closed is None
