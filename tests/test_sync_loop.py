"""The sync as the app runs it: on its own thread, always delivering, telling the chip how it stands."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from care.rights import Role
from storage import NotEnrolled, PinRule, Unlocked
from sync import BadAnswer, Link, Refused, SyncState
from sync.link import HEADER
from tests.phones import AMINA, KARIN, PIN, Phone, person, sbar, until
from tests.small_endpoint import SmallEndpoint
from wire import signature
from wire.encoding import encode
from wire.messages import Enrolled, EnrolRequest, Problem


class Phones:
    def __init__(self, endpoint: SmallEndpoint, folder: Path) -> None:
        self.endpoint = endpoint
        self._folder = folder
        self._made: list[Phone] = []

    def new(self) -> Phone:
        phone = Phone(self._folder / str(len(self._made)), lambda url: Link(url, self.endpoint))
        self._made.append(phone)
        return phone

    async def enrolled(self) -> Phone:
        phone = self.new()
        await phone.sync.enrol("https://rapp.example.se", "1234-5678", "Granen 2")
        return phone

    async def sign_in(self, phone: Phone, staff: str) -> Unlocked:
        self.endpoint.next_sign_in = staff
        started = await phone.sync.start_sign_in()
        return await phone.sync.certify(started, await phone.sync.wait_for_sign_in(started), PIN)

    def close(self) -> None:
        for phone in self._made:
            phone.close()


@pytest.fixture
def endpoint() -> SmallEndpoint:
    made = SmallEndpoint()
    made.employ(AMINA, "Amina Test", Role.CARER)
    made.employ(KARIN, "Karin Test", Role.NURSE)
    return made


@pytest.fixture
def phones(endpoint: SmallEndpoint, tmp_path: Path) -> Iterator[Phones]:
    made = Phones(endpoint, tmp_path)
    yield made
    made.close()


def sent(phone: Phone) -> bool:
    return phone.sync.state.phase == "sent" and phone.sync.state.waiting == 0


async def test_what_is_saved_is_sent_at_once(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    fact = amina.save(person())[0]
    assert await until(lambda: fact.id in endpoint.facts) < 1.0
    await until(lambda: sent(phone))
    assert phone.sync.state.all_sent_at is not None
    assert phone.sync.state.last_contact is not None


async def test_what_one_saves_the_other_shows_within_a_second(phones: Phones) -> None:
    one, two = await phones.enrolled(), await phones.enrolled()
    amina, karin = await phones.sign_in(one, AMINA), await phones.sign_in(two, KARIN)
    saved = amina.save(sbar())[0]
    assert await until(lambda: karin.document("sbar", saved.aggregate.id)) < 1.0


async def test_without_coverage_everything_is_kept_and_then_arrives_once(
    phones: Phones, endpoint: SmallEndpoint
) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    endpoint.away = True
    saved = [fact.id for _ in range(3) for fact in amina.save(person())]
    await until(lambda: phone.sync.state.phase == "offline")
    assert phone.sync.state.waiting == 3
    assert phone.sync.state.reason == "delivery.offline"
    endpoint.away = False
    assert await until(lambda: sent(phone)) < 3.0
    assert list(endpoint.facts) == saved


async def test_a_locked_phone_delivers_and_pulls_nothing(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    endpoint.away = True
    amina.save(person())
    amina.lock()
    await until(lambda: phone.sync.state.phase == "offline")
    pulls = endpoint.paths("/v1/pull")
    endpoint.away = False
    await until(lambda: sent(phone))
    assert len(endpoint.facts) == 1
    await asyncio.sleep(0.2)
    assert endpoint.paths("/v1/pull") == pulls


async def test_what_was_saved_before_a_restart_is_sent_after_it(
    phones: Phones, endpoint: SmallEndpoint, tmp_path: Path
) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    phone.sync.stop()
    amina.save(person())
    assert phone.sync.state.phase != "sent" or phone.store.counts().waiting == 1
    phone.close()
    again = Phone(tmp_path / "0", lambda url: Link(url, endpoint))
    try:
        await until(lambda: sent(again))
        assert len(endpoint.facts) == 1
    finally:
        again.close()


async def test_an_answer_lost_on_the_way_is_asked_for_again(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    endpoint.lose_answer.add("/v1/push")
    amina.save(person())
    await until(lambda: sent(phone))
    assert len(endpoint.facts) == 1


async def test_a_login_page_is_named_and_sends_nothing(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    endpoint.fault = lambda request: httpx.Response(302, headers={"Location": "http://login"})
    amina.save(person())
    await until(lambda: phone.sync.state.reason == "delivery.portal")
    assert phone.sync.state.phase == "offline"
    endpoint.fault = None
    await until(lambda: sent(phone))


async def test_a_forged_receipt_is_never_shown_as_sent(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    endpoint.receipt_key = signature.new_key()
    phone.seen.clear()
    amina.save(person())
    await until(lambda: phone.sync.state.reason == "delivery.bad_answer")
    assert phone.sync.state.phase == "action"
    assert phone.sync.state.waiting == 1
    assert all(state.phase != "sent" for state in phone.seen if state.waiting)
    endpoint.receipt_key = endpoint.sign_key
    phone.sync.wake()
    await until(lambda: sent(phone))


async def test_the_endpoint_is_left_alone_for_as_long_as_it_asks(
    phones: Phones, endpoint: SmallEndpoint
) -> None:
    """By pushing and by pulling, whatever is saved, and though somebody presses "try now"."""
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    asked: list[float] = []

    def busy(request: httpx.Request) -> httpx.Response | None:
        asked.append(time.monotonic())
        under_way = asked[-1] - asked[0] < 0.5
        return httpx.Response(503, headers={"Retry-After": "2"}) if under_way else None

    endpoint.fault = busy
    amina.save(person())
    phone.sync.wake()
    await until(lambda: asked)
    await until(lambda: phone.sync.state.phase == "waiting")
    phone.sync.wake()
    amina.save(person())
    await until(lambda: sent(phone), within=10)
    assert not [at for at in asked if 0.5 < at - asked[0] < 2.0]
    assert len(endpoint.facts) == 2


async def test_what_the_endpoint_sets_aside_needs_somebody_and_stops_nothing(
    phones: Phones, endpoint: SmallEndpoint
) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    endpoint.set_aside = True
    amina.save(person())
    await until(lambda: phone.sync.state.phase == "action")
    assert (phone.sync.state.needs_action, phone.sync.state.reason) == (1, "delivery.quarantined")
    endpoint.set_aside = False
    amina.save(person())
    await until(lambda: len(endpoint.facts) == 1)
    await until(lambda: phone.sync.state.waiting == 0)


async def test_whoever_must_sign_in_anew_is_named_and_what_they_save_is_sent(
    phones: Phones, endpoint: SmallEndpoint
) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    await until(lambda: endpoint.paths("/v1/pull"))
    endpoint.staff_keys.clear()
    endpoint.tokens.clear()
    phone.sync.wake()
    await until(lambda: phone.sync.state.sign_in == {AMINA})
    amina.save(person())
    await until(lambda: len(endpoint.facts) == 1)
    amina.lock()
    await until(lambda: phone.sync.state.sign_in == frozenset())


async def test_whoever_has_signed_in_anew_is_pulled_for_again(
    phones: Phones, endpoint: SmallEndpoint
) -> None:
    phone = await phones.enrolled()
    await phones.sign_in(phone, AMINA)
    await until(lambda: endpoint.paths("/v1/pull"))
    endpoint.staff_keys.clear()
    endpoint.tokens.clear()
    phone.sync.wake()
    await until(lambda: phone.sync.state.sign_in == {AMINA})
    pulls = endpoint.paths("/v1/pull")
    await phones.sign_in(phone, AMINA)
    await until(lambda: endpoint.paths("/v1/pull") > pulls)
    await until(lambda: phone.sync.state.sign_in == frozenset())


async def test_waking_tries_at_once_however_long_the_pause_was(
    phones: Phones, endpoint: SmallEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.backoff.EAGER_CEILING_S", 60.0)
    monkeypatch.setattr("sync.backoff._FLOOR_S", 50.0)
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    endpoint.away = True
    amina.save(person())
    await until(lambda: phone.sync.state.phase == "offline")
    endpoint.away = False
    phone.sync.wake()
    assert await until(lambda: sent(phone)) < 1.0


async def test_a_phone_with_nobody_on_it_lets_itself_be_heard(
    phones: Phones, endpoint: SmallEndpoint
) -> None:
    phone = await phones.enrolled()
    await until(lambda: endpoint.paths("/v1/push"))
    await until(lambda: phone.sync.state.last_contact)
    assert endpoint.facts == {}
    assert phone.sync.state.phase == "sent"


async def test_a_storm_of_saves_is_sent_in_few_requests(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    before = endpoint.paths("/v1/push")
    endpoint.delay_s = 0.1
    await asyncio.to_thread(lambda: [amina.save(person()) for _ in range(100)])
    await until(lambda: len(endpoint.facts) == 100 and sent(phone))
    assert endpoint.paths("/v1/push") - before < 40


async def test_a_phone_that_is_not_enrolled_says_so(phones: Phones) -> None:
    phone = phones.new()
    with pytest.raises(NotEnrolled):
        await phone.sync.start_sign_in()
    assert phone.sync.state == SyncState()


async def test_a_wrong_code_is_refused_and_enrols_nothing(phones: Phones) -> None:
    phone = phones.new()
    with pytest.raises(Refused) as caught:
        await phone.sync.enrol("https://rapp.example.se", "0000-0000", "Granen 2")
    assert caught.value.code == "code"
    assert phone.store.device is None


@pytest.mark.parametrize("field", ["device", "unit", "unit_name", "sign_public", "seal_public", "signature"])
async def test_an_enrolments_answer_that_was_damaged_on_its_way_enrols_nothing(
    phones: Phones, endpoint: SmallEndpoint, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    enrol = endpoint._enrol

    def damaged(asked: EnrolRequest) -> Enrolled:
        answer = enrol(asked)
        said = getattr(answer, field)
        turned = f"{said[:-1]}{chr(ord(said[-1]) ^ 1)}" if isinstance(said, str) else turned_bit(said)
        return replace(answer, **{field: turned})

    monkeypatch.setattr(endpoint, "_enrol", damaged)
    phone = phones.new()
    with pytest.raises(BadAnswer):
        await phone.sync.enrol("https://rapp.example.se", "1234-5678", "Granen 2")
    assert phone.store.device is None
    monkeypatch.undo()
    await phone.sync.enrol("https://rapp.example.se", "1234-5678", "Granen 2")


def turned_bit(said: bytes) -> bytes:
    return bytes((said[0] ^ 1,)) + said[1:]


async def test_an_endpoint_from_before_answers_were_signed_is_believed_by_its_code(
    phones: Phones, endpoint: SmallEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol = endpoint._enrol
    monkeypatch.setattr(endpoint, "_enrol", lambda asked: replace(enrol(asked), signature=None))
    phone = phones.new()
    await phone.sync.enrol("https://rapp.example.se", "1234-5678", "Granen 2")
    assert phone.store.device


async def test_a_pin_that_may_not_be_chosen_costs_no_key(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    endpoint.next_sign_in = AMINA
    started = await phone.sync.start_sign_in()
    found = await phone.sync.wait_for_sign_in(started)
    with pytest.raises(PinRule):
        await phone.sync.certify(started, found, "12")
    assert endpoint.staff_keys == {}
    assert (await phone.sync.certify(started, found, PIN)).staff == AMINA


async def test_a_listener_that_fails_harms_nobody(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()

    def fails(state: SyncState) -> None:
        raise ValueError(state)

    phone.sync.subscribe(fails)
    amina = await phones.sign_in(phone, AMINA)
    amina.save(person())
    await until(lambda: sent(phone))


async def test_stopping_takes_moments_also_in_a_long_poll(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    await phones.sign_in(phone, AMINA)
    await until(lambda: endpoint.paths("/v1/pull") > 1)
    begun = time.monotonic()
    phone.sync.stop()
    assert time.monotonic() - begun < 1.0


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [(403, "forbidden", "delivery.refused"), (400, "protocol", "delivery.too_old")],
)
async def test_what_does_not_pass_by_itself_is_said_and_everything_kept(
    phones: Phones, endpoint: SmallEndpoint, status: int, code: str, reason: str
) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    refusal = encode(Problem(code=code))
    endpoint.tokens.clear()
    endpoint.fault = lambda request: httpx.Response(status, content=refusal, headers={HEADER: "1"})
    amina.save(person())
    await until(lambda: phone.sync.state.reason == reason)
    assert (phone.sync.state.phase, phone.sync.state.waiting) == ("action", 1)
    endpoint.fault = None
    phone.sync.wake()
    await until(lambda: sent(phone))


@pytest.mark.parametrize("path", ["/v1/enrol", "/v1/signin/s1/certify"])
async def test_enrolment_and_certificate_survive_a_lost_answer(
    phones: Phones, endpoint: SmallEndpoint, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("sync.link._BETWEEN_TRIES_S", 0.01)
    endpoint.lose_answer.add(path)
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    assert endpoint.paths(path) == 2
    amina.save(person())
    await until(lambda: sent(phone) and endpoint.facts)


async def test_stopped_and_started_again_it_delivers(phones: Phones, endpoint: SmallEndpoint) -> None:
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)
    for _ in range(3):
        phone.sync.stop()
        amina.save(person())
        phone.sync.start()
        amina.save(person())
        await until(lambda: sent(phone))
    assert len(endpoint.facts) == 6


async def test_a_fault_of_ours_is_said_and_does_not_end_delivery(
    phones: Phones, endpoint: SmallEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.delivery._TROUBLED_S", 0.3)
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)

    def broken(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/v1/push":
            endpoint.fault = None
            raise ZeroDivisionError
        return None

    endpoint.fault = broken
    amina.save(person())
    # The save may ring just then: the trouble lasts for a moment only.
    await until(lambda: any(one.reason == "delivery.error" for one in phone.seen))
    await until(lambda: sent(phone) and endpoint.facts)


async def test_no_save_is_forgotten_however_it_meets_the_receipts(
    phones: Phones, endpoint: SmallEndpoint
) -> None:
    """A save that is committed just as the last receipt is taken must ring all the same."""
    phone = await phones.enrolled()
    amina = await phones.sign_in(phone, AMINA)

    def save_at_odd_moments() -> None:
        for n in range(70):
            amina.save(person())
            time.sleep(0.001 * (n % 7))

    for _ in range(3):
        await asyncio.to_thread(save_at_odd_moments)
        await until(lambda: sent(phone))
    assert len(endpoint.facts) == 210
