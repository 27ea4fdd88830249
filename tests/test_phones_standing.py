"""What a phone is told and does: people who leave, a move, keys and certificates that are renewed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from care.dose import DoseWithheld
from care.facts import Ref
from care.rights import Role
from care.staff import RoleInUnit
from care.unit import OnCall
from endpoint import sessions, standing
from endpoint.certify import certify
from endpoint.errors import NotAllowed
from endpoint.identity import sign_ins
from endpoint.renewal import RENEW_BEFORE, Lasting, renew
from endpoint.schema import device_keys, devices, slot_keys
from storage import NoSlot, Statement
from sync import Link
from sync.clock import Offset
from sync.errors import BadAnswer, NotSignedIn
from sync.session import Sessions
from sync.standing import Standing
from tests.phones import PIN, Phone, new_id, until
from tests.phones_town import URL, Town, town
from tests.statements import AMINA, KARIN, OTHER_UNIT, PERSON, TESFAY, UNIT
from wire.errors import SignatureError
from wire.messages import CertifyRequest
from wire.signature import Context, new_key, public_of, sign

YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)


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


def leaves(here: Town, staff: str) -> None:
    here.employ(staff, RoleInUnit(Role.CARER, UNIT, date(2025, 1, 1), YESTERDAY))


async def test_whoever_has_left_loses_the_slot_while_somebody_else_holds_the_phone(here: Town) -> None:
    phone = await here.phone()
    tesfay = await here.sign_in(phone, TESFAY)
    tesfay.save_draft("sbar", b"begun")
    tesfay.lock()
    amina = await here.sign_in(phone, AMINA)
    await until(lambda: phone.sync.state.phase == "sent" and amina.document("unit", UNIT))
    here.line.away = True
    saved = phone.store.unlock(TESFAY, PIN)
    fact = saved.save(dose(here))[0].id
    saved.lock()
    leaves(here, TESFAY)
    here.line.away = False
    await until(lambda: [slot.staff for slot in phone.store.slots()] == [AMINA])
    with pytest.raises(NoSlot):
        phone.store.unlock(TESFAY, PIN)
    assert not amina.locked
    assert phone.store.keeper.drafts_begun() == 0
    await until(lambda: fact in here.held())
    await until(lambda: slot_holders(here, phone) == {"", AMINA})


def slot_holders(here: Town, phone: Phone) -> set[str]:
    query = slot_keys.select().where(slot_keys.c.device == id_of(phone))
    return {row.staff for row in here.database.read_now(lambda c: c.execute(query).all())}


async def test_a_slot_whose_keys_the_endpoint_has_forgotten_ends_all_the_same(here: Town) -> None:
    """As of a file that was put back, or when a phone's word of its slots came after a sign-in."""
    phone = await here.phone()
    (await here.sign_in(phone, TESFAY)).lock()
    amina = await here.sign_in(phone, AMINA)
    await until(lambda: slots_told(here, phone) == {AMINA, TESFAY})
    here.database.write_now(lambda c: standing.forget_slots(c, id_of(phone), [TESFAY]))
    leaves(here, TESFAY)
    await until(lambda: [slot.staff for slot in phone.store.slots()] == [AMINA])
    assert not amina.locked
    await until(lambda: slots_told(here, phone) == {AMINA})


async def test_who_signs_in_while_the_phone_asks_how_it_stands_is_told_of_at_once(here: Town) -> None:
    here.line.slow.add("/v1/device")
    phone = await here.phone()
    await until(lambda: "/v1/device" in here.line.asked)
    await here.sign_in(phone, AMINA)
    here.line.slow.clear()
    await until(lambda: slots_told(here, phone) == {AMINA})


async def test_a_standing_that_was_damaged_on_its_way_is_still_to_be_heard(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    await until(lambda: "/v1/device" in here.line.asked)
    phone.sync.stop()

    def damaged(*_: object) -> None:
        raise SignatureError("device: the signature does not hold")

    monkeypatch.setattr("sync.standing.opened", damaged)
    assert phone.store.device
    link = Link(URL, here.line)
    sessions = Sessions(link, phone.store, phone.store.device, Offset(here.now))
    sessions.news = True
    with pytest.raises(BadAnswer):
        await Standing(phone.store, sessions).ask(frozenset())
    assert sessions.news
    await link.close()


def slots_told(here: Town, phone: Phone) -> set[str]:
    query = devices.select().where(devices.c.id == id_of(phone))
    return set((here.database.read_now(lambda c: c.execute(query).one()).slots or "").split())


async def test_whoever_holds_the_phone_when_they_leave_is_locked_with_a_reason(here: Town) -> None:
    phone = await here.phone()
    tesfay = await here.sign_in(phone, TESFAY)
    await until(lambda: tesfay.document("unit", UNIT))
    leaves(here, TESFAY)
    await until(lambda: tesfay.locked and not phone.store.slots())
    assert tesfay.why_locked == "ended"


async def test_a_gap_between_two_roles_closes_no_slot(here: Town) -> None:
    phone = await here.phone()
    tesfay = await here.sign_in(phone, TESFAY)
    tomorrow = here.now().date() + timedelta(days=2)
    here.employ(
        TESFAY,
        RoleInUnit(Role.CARER, UNIT, date(2025, 1, 1), YESTERDAY),
        RoleInUnit(Role.CARER, UNIT, tomorrow),
    )
    asked = here.line.asked.count("/v1/device")
    phone.sync.call(_ask_now(phone)).add_done_callback(lambda _: None)
    await until(lambda: here.line.asked.count("/v1/device") > asked)
    assert not tesfay.locked
    assert [slot.staff for slot in phone.store.slots()] == [TESFAY]
    # What they save is sent, and the phone says why it fetches nothing.
    phone.sync.stop()
    phone.sync.start()
    fact = tesfay.save(dose(here))[0].id
    await until(lambda: fact in here.held())
    await until(lambda: phone.sync.state.reason == "delivery.no_role")


async def _ask_now(phone: Phone) -> None:
    assert phone.sync._sessions
    phone.sync._sessions.news = True
    phone.sync._wake()


async def test_a_phone_moves_when_nobody_holds_it_and_its_unit_is_changed_then(here: Town) -> None:
    phone = await here.phone()
    device = id_of(phone)
    karin = await here.sign_in(phone, KARIN)
    await until(lambda: karin.document("unit", UNIT))
    karin.save_draft("sbar", b"begun")
    here.decide(standing.move, device, OTHER_UNIT)
    fact = karin.save(dose(here))[0].id
    await until(lambda: fact in here.held())
    await until(lambda: here.line.asked.count("/v1/device") >= 2)
    assert here.row(device).unit == UNIT
    assert not karin.locked
    karin.lock()
    await until(lambda: here.row(device).unit == OTHER_UNIT)
    assert phone.store.device
    assert (phone.store.device.unit, phone.store.device.unit_name) == (OTHER_UNIT, "Björken")
    assert phone.store.slots() == []
    assert phone.store.lock_info
    assert phone.store.lock_info.nurse == (OnCall("Sara", "070-1740605"),)
    again = await here.sign_in(phone, KARIN)
    await until(lambda: again.document("unit", OTHER_UNIT))
    assert again.draft("sbar") == b"begun"
    fact = again.save(dose(here, OTHER_UNIT))[0].id
    await until(lambda: fact in here.held())


async def test_the_new_units_key_is_another_and_the_old_units_rows_are_gone(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    amina.save_draft("sbar", b"begun")
    await until(lambda: amina.document("unit", UNIT))
    ring = phone.store._file.rings.phone
    here.decide(standing.move, id_of(phone), OTHER_UNIT)
    amina.lock()
    await until(lambda: here.row(id_of(phone)).unit == OTHER_UNIT)
    with phone.store._database.reading() as connection:
        tables = ("facts", "documents", "drafts", "cursors", "arrivals")
        left = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}
    assert left == dict.fromkeys(tables, 0)
    await here.sign_in(phone, KARIN)
    assert phone.store._file.rings.phone != ring


@pytest.mark.parametrize("lost", [False, True])
async def test_a_phone_killed_while_it_moves_says_so_before_anything_else(
    here: Town, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    phone = await here.phone()
    device = id_of(phone)
    with monkeypatch.context() as killed:
        if lost:
            here.line.cut_after = "/v1/device/moved"
        else:
            killed.setattr(Standing, "say_last_word", _nothing)
        here.decide(standing.move, device, OTHER_UNIT)
        phone.sync.call(_ask_now(phone)).add_done_callback(lambda _: None)
        await until(lambda: phone.store.device and phone.store.device.unit == OTHER_UNIT)
        if lost:
            await until(lambda: here.line.away)
        phone.close()
        here.phones.remove(phone)
    here.line.away = False
    here.line.asked.clear()
    again = here.start("phone-0")
    await until(lambda: here.row(device).unit == OTHER_UNIT and again.store.keeper.last_word is None)
    assert here.line.asked.index("/v1/device/moved") == 0
    karin = await here.sign_in(again, KARIN)
    fact = karin.save(dose(here, OTHER_UNIT))[0].id
    await until(lambda: fact in here.held())


async def test_a_move_that_was_taken_back_meanwhile_stops_no_delivery(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    device = id_of(phone)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(Standing, "say_last_word", _nothing)
        here.decide(standing.move, device, OTHER_UNIT)
        phone.sync.call(_ask_now(phone)).add_done_callback(lambda _: None)
        await until(lambda: phone.store.device and phone.store.device.unit == OTHER_UNIT)
        here.line.away = True
    here.decide(standing.move, device, UNIT)
    assert here.row(device).move_to is None
    report = phone.store.report(_report(), Ref("deviation", new_id()), UNIT).id
    here.line.away = False
    phone.sync.wake()
    await until(lambda: report in here.held())
    await until(lambda: phone.store.device and phone.store.device.unit == UNIT)
    assert here.row(device).unit == UNIT


async def _nothing(*_: object) -> None: ...


async def test_the_old_key_is_kept_until_the_new_one_has_opened_a_session(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    assert phone.sync._sessions
    assert phone.store.device
    sessions, old = phone.sync._sessions, phone.store.device.private
    phone.sync.stop()
    phone.store.keeper.prepare_key(bytes(range(32)))
    tried = []

    def refused(field: str) -> Any:
        async def state(_self: Any, _who: Any, private: bytes = b"") -> Any:
            tried.append(private)
            raise NotSignedIn("bad_proof", field)

        return state

    for field in ("staff_signature", "device_signature"):
        monkeypatch.setattr(Sessions, "_state", refused(field))
        with pytest.raises(NotSignedIn):
            await sessions._open(None)
        assert phone.store.device.private == old
    assert tried == [b"", b"", bytes(range(32))]


async def test_nothing_is_vouched_for_on_a_phone_that_was_lost_meanwhile(here: Town) -> None:
    """The call's phone was looked up before: the decision came between."""
    phone = await here.phone()
    started = await phone.sync.start_sign_in()
    token = phone.sync._sessions._held[None].token  # type: ignore[union-attr]
    caller = here.database.read_now(lambda c: sessions.caller(c, token, here.now()))
    here.database.write_now(lambda c: sign_ins.choose(c, started.id, AMINA, here.now()))
    here.lose(caller.device)
    private = new_key()
    proof = sign(private, Context.CERTIFY, (started.id + AMINA).encode())
    request = CertifyRequest(public=public_of(private), proof=proof)
    keys, lasting = here.parts.keys, Lasting(30, 90, timedelta(days=365))
    with pytest.raises(NotAllowed):
        here.database.write_now(lambda c: certify(c, keys, caller, started.id, request, here.now(), lasting))
    with pytest.raises(NotAllowed):
        here.database.write_now(lambda c: renew(c, keys, replace(caller, staff=AMINA), here.now(), lasting))


@pytest.mark.parametrize("lost", [False, True])
async def test_the_device_key_is_renewed_on_command_whatever_answer_is_lost(here: Town, lost: bool) -> None:
    phone = await here.phone()
    device, old = id_of(phone), here.row(id_of(phone)).public
    here.line.away = True
    here.decide(standing.renew_key, device)
    report = phone.store.report(_report(), Ref("deviation", new_id()), UNIT).id
    if lost:
        here.line.lose = {"/v1/device/key"}
    here.line.away = False
    phone.sync.wake()
    await until(lambda: here.row(device).public != old)
    await until(lambda: phone.store.device and public_of(phone.store.device.private) != old, within=10)
    assert here.row(device).public == public_of(phone.store.device.private)  # type: ignore[union-attr]
    assert not here.row(device).new_key
    # Signed with the old key, and taken in all the same.
    await until(lambda: report in here.held())
    assert here.database.read_now(lambda c: c.execute(device_keys.select()).one()).public == old


def _report() -> object:
    from care.deviation import DeviationReported
    from tests.store_case import answered

    return DeviationReported(category="fall", answers=answered())


async def test_after_a_lost_answer_a_session_is_opened_with_the_new_key(here: Town) -> None:
    phone = await here.phone()
    device = id_of(phone)
    await until(lambda: here.line.asked)
    phone.sync.stop()
    keeper = phone.store.keeper
    keeper.prepare_key(bytes(range(32)))
    here.database.write_now(
        lambda c: c.execute(
            standing.devices.update()
            .where(standing.devices.c.id == device)
            .values(public=public_of(bytes(range(32))))
        )
    )
    phone.sync.start()
    await until(lambda: phone.store.device and phone.store.device.private == bytes(range(32)))
    await until(lambda: phone.sync.state.phase == "sent")


async def test_a_phone_tells_how_it_is(here: Town) -> None:
    phone = await here.phone()
    await here.sign_in(phone, AMINA)
    device = id_of(phone)
    phone.sync.stop()
    phone.sync.start()
    # The clock is compared with the first answer, and told with the statement after it.
    await until(lambda: here.row(device).slots == AMINA and here.row(device).offset_ms is not None)
    told = here.row(device)
    assert (told.app, told.protocol, told.unsent, told.drafts, told.aside) == ("rapp 0.1.0", 1, 0, 0, 0)
    assert abs(told.offset_ms) < 2000


async def test_a_certificate_is_renewed_without_a_sign_in_until_the_sign_in_is_too_old(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await until(lambda: amina.document("unit", UNIT))
    first, by = amina.certified_until, amina.sign_in_by
    assert by - first == timedelta(days=60)
    here.ahead = timedelta(days=30) - RENEW_BEFORE + timedelta(hours=1)
    phone.sync.stop()
    phone.sync.start()
    await until(lambda: amina.certified_until > first)
    assert amina.sign_in_by == by
    keys = here.staff(AMINA).keys
    assert len({key.public for key in keys}) == 1
    assert here.staff(AMINA).certified_at(id_of(phone), first + timedelta(days=5))
    amina.lock()
    assert phone.store.unlock(AMINA, PIN).certified_until > first
    # To the last day of the sign-in, and no further.
    phone.store.unlock(AMINA, PIN)
    for day in (41, 62):
        here.ahead = timedelta(days=day)
        phone.sync.stop()
        phone.sync.start()
        held = len(here.staff(AMINA).keys)
        await until(lambda held=held: len(here.staff(AMINA).keys) > held)
    assert max(key.end for key in here.staff(AMINA).keys) == by


async def test_what_was_signed_outside_a_certificate_is_told_from_what_was_within(here: Town) -> None:
    phone = await here.phone()
    await here.sign_in(phone, AMINA)
    staff, device = here.staff(AMINA), id_of(phone)
    now = datetime.now(UTC)
    assert staff.certified_at(device, now)
    assert not staff.certified_at(device, now - timedelta(days=1))
    assert not staff.certified_at(device, now + timedelta(days=31))
    assert not staff.certified_at("another", now)
