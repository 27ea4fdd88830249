"""Phones and the real endpoint in its own process: enrol, sign in, save, lose the network, find it again."""

import asyncio
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from care.dose import DoseWithheld
from care.facts import Ref
from care.sbar import SbarAnswered, SbarDocument
from endpoint.demo.names import person_id, staff_id, unit_id
from storage import Statement, Unlocked
from sync import Link, Refused
from tests.endpoint_server import Server
from tests.phones import PIN, Phone, new_id, sbar, until

GRANEN = unit_id("granen")
AMINA, TESFAY, KARIN = staff_id("amina-yusuf"), staff_id("tesfay-mehari"), staff_id("karin-strom")
ASTA = person_id("asta-provdahl")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("endpoint"), "--demo")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def server(served: Server) -> Server:
    """Running, whatever the test before did to it."""
    if served.pid is None:
        served.start()
    return served


class Unit:
    """Granen's phones."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self.phones: list[Phone] = []

    async def phone(self, link: Callable[[str], Link] = Link) -> Phone:
        phone = Phone(self._folder / f"phone-{len(self.phones)}", link)
        self.phones.append(phone)
        code = self.server.enrol_code(GRANEN, "Telefon 3")
        await phone.sync.enrol(self.server.url, code, "Telefon 3")
        return phone

    async def sign_in(self, phone: Phone, staff: str) -> Unlocked:
        """As a person does: the phone shows a number, so does the browser, and a name is pressed."""
        started = await phone.sync.start_sign_in()
        async with httpx.AsyncClient(trust_env=False) as browser:
            page = await browser.get(started.url)
            assert started.number in page.text
            assert (await browser.post(started.url, data={"staff": staff})).is_success
        found = await phone.sync.wait_for_sign_in(started)
        assert (found.state, found.staff) == ("done", staff)
        unlocked = await phone.sync.certify(started, found, PIN)
        await until(lambda: unlocked.document("staff", staff), within=20)
        return unlocked

    def held(self, *facts: str) -> list[str]:
        """Those of the facts that the endpoint holds, as often as it does."""
        with sqlite3.connect(self.server.data / "endpoint.sqlite") as database:
            marks = ",".join("?" * len(facts))
            rows = database.execute(f"SELECT id FROM facts WHERE id IN ({marks})", facts).fetchall()
        database.close()
        return [id for (id,) in rows]


@pytest.fixture
def unit(server: Server, tmp_path: Path) -> Iterator[Unit]:
    made = Unit(server, tmp_path)
    yield made
    for phone in made.phones:
        phone.close()


def refused_dose() -> Statement:
    """Something that everybody in the unit may see."""
    at = datetime.now(UTC)
    body = DoseWithheld(order=new_id(), planned=at, performed=at, reason="asleep", order_fact=new_id())
    return Statement(body, Ref("dose", new_id()), GRANEN, ASTA)


def an_sbar() -> Statement:
    one = sbar()
    return Statement(one.body, one.aggregate, GRANEN, ASTA)


def all_sent(phone: Phone) -> bool:
    return phone.sync.state.phase == "sent" and phone.store.counts().waiting == 0


async def test_the_first_sync_brings_the_unit(unit: Unit) -> None:
    phone = await unit.phone()
    amina = await unit.sign_in(phone, AMINA)
    await until(lambda: amina.document("unit", GRANEN) and len(amina.documents("order")) > 10, within=20)
    assert phone.store.device
    assert phone.store.device.unit == GRANEN
    assert amina.document("person", ASTA)
    assert phone.store.lock_info
    assert phone.store.lock_info.nurse


async def test_what_is_saved_is_accepted(unit: Unit) -> None:
    phone = await unit.phone()
    amina = await unit.sign_in(phone, AMINA)
    fact = amina.save(refused_dose())[0]
    await until(lambda: all_sent(phone))
    assert unit.held(fact.id) == [fact.id]
    assert phone.sync.state.all_sent_at


async def test_a_stopped_endpoint_is_waited_for_and_then_told_once(unit: Unit) -> None:
    phone = await unit.phone()
    amina = await unit.sign_in(phone, AMINA)
    unit.server.stop()
    await until(lambda: phone.sync.state.phase == "offline")
    saved = [fact.id for _ in range(3) for fact in amina.save(refused_dose())]
    assert phone.sync.state.waiting == 3
    unit.server.start()
    assert await until(lambda: all_sent(phone)) < 4.0
    assert sorted(unit.held(*saved)) == sorted(saved)
    dose = amina.save(refused_dose())[0]
    await until(lambda: all_sent(phone))
    assert unit.held(dose.id) == [dose.id]


async def test_the_nurse_sees_answers_and_the_carer_hears_within_a_second(unit: Unit) -> None:
    one, two = await unit.phone(), await unit.phone()
    amina, karin = await unit.sign_in(one, AMINA), await unit.sign_in(two, KARIN)
    asked = amina.save(an_sbar())[0]
    assert await until(lambda: karin.document("sbar", asked.aggregate.id)) < 1.0
    answer = SbarAnswered(orders=("check_again",), text="Titta till henne igen om en timme")
    karin.save(Statement(answer, asked.aggregate, GRANEN, ASTA))

    def answered() -> bool:
        found = amina.document("sbar", asked.aggregate.id)
        return isinstance(found, SbarDocument) and found.state == "answered"

    assert await until(answered) < 1.0


async def test_the_inbox_is_the_nurses_and_a_colleague_on_the_same_phone_sees_nothing_of_it(
    unit: Unit,
) -> None:
    one, two = await unit.phone(), await unit.phone()
    amina = await unit.sign_in(one, AMINA)
    karin, tesfay = await unit.sign_in(two, KARIN), await unit.sign_in(two, TESFAY)
    asked, dose = amina.save(an_sbar())[0], amina.save(refused_dose())[0]
    await until(lambda: karin.document("sbar", asked.aggregate.id))
    await until(lambda: tesfay.document("dose", dose.aggregate.id))
    assert tesfay.document("sbar", asked.aggregate.id) is None


async def test_a_locked_phone_delivers_what_was_saved_without_coverage(unit: Unit) -> None:
    phone = await unit.phone()
    amina = await unit.sign_in(phone, AMINA)
    unit.server.stop()
    fact = amina.save(refused_dose())[0]
    amina.lock()
    report = phone.store.report(*_parts(an_sbar()))
    unit.server.start()
    await until(lambda: all_sent(phone))
    assert sorted(unit.held(fact.id, report.id)) == sorted([fact.id, report.id])


def _parts(statement: Statement) -> tuple[object, ...]:
    return statement.body, statement.aggregate, statement.unit, statement.person


class Losing(httpx.AsyncHTTPTransport):
    """Lets requests through, and loses the answers to the next pushes."""

    lose = 0
    lost = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if request.url.path == "/v1/push" and self.lose:
            self.lose -= 1
            self.lost += 1
            await response.aread()
            await response.aclose()
            raise httpx.ReadError("the line broke", request=request)
        return response


async def test_an_answer_lost_after_the_endpoint_had_written_makes_nothing_twice(unit: Unit) -> None:
    made: list[Losing] = []

    def link(url: str) -> Link:
        made.append(Losing())
        return Link(url, made[-1])

    phone = await unit.phone(link)
    amina = await unit.sign_in(phone, AMINA)
    await until(lambda: all_sent(phone))
    made[-1].lose = 2
    fact = amina.save(refused_dose())[0]
    await until(lambda: made[-1].lost == 2 and all_sent(phone), within=10)
    assert unit.held(fact.id) == [fact.id]
    assert phone.store.counts().needs_action == 0


async def test_a_killed_endpoint_loses_nothing_that_was_said_to_be_sent(unit: Unit) -> None:
    phone = await unit.phone()
    amina = await unit.sign_in(phone, AMINA)
    saved: list[str] = []
    ends = time.monotonic() + 1.0
    while time.monotonic() < ends:
        saved += [fact.id for fact in amina.save(refused_dose())]
        await asyncio.sleep(0.01)
    unit.server.stop(signal.SIGKILL)
    said = set(saved) - amina.unsent
    assert said <= set(unit.held(*saved))
    saved += [fact.id for fact in amina.save(refused_dose())]
    unit.server.start()
    await until(lambda: all_sent(phone))
    assert sorted(unit.held(*saved)) == sorted(saved)


async def test_a_code_is_good_for_one_phone(unit: Unit, tmp_path: Path) -> None:
    code = unit.server.command("admin", "enrol-code", "--unit", GRANEN, "--name", "Telefon 4")
    first, second = Phone(tmp_path / "first"), Phone(tmp_path / "second")
    unit.phones += [first, second]
    await first.sync.enrol(unit.server.url, code, "Telefon 4")
    with pytest.raises(Refused) as caught:
        await second.sync.enrol(unit.server.url, code, "Telefon 5")
    assert (caught.value.code, caught.value.field) == ("used_code", "code")
    assert second.store.device is None


async def test_a_phone_whose_clock_is_an_hour_wrong_is_corrected(unit: Unit, tmp_path: Path) -> None:
    phone = Phone(tmp_path / "wrong")
    unit.phones.append(phone)
    phone.sync._now = lambda: datetime.now(UTC) + timedelta(hours=1)
    await phone.sync.enrol(unit.server.url, unit.server.enrol_code(GRANEN), "Telefon 6")
    amina = await unit.sign_in(phone, AMINA)
    await until(lambda: phone.sync.state.last_contact)
    fact = amina.save(refused_dose())[0]
    assert fact.clock
    assert abs(fact.clock.offset_ms + 3_600_000) < 2000
    await until(lambda: all_sent(phone))
