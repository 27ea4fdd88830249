"""Pull: what one saves the others see, each only what is theirs, and only what the endpoint signed."""

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

import tests.small_endpoint
from care.facts import Ref
from care.rights import Role
from storage import Locked, Unlocked
from sync import BadAnswer, NotSignedIn, Offline, Refused
from sync.link import HEADER
from sync.pull import pull
from sync.push import push
from tests.phones import AMINA, KARIN, Line, person, sbar, store_at
from tests.small_endpoint import EPOCH, UNIT, SmallEndpoint
from wire import signature
from wire.encoding import encode
from wire.messages import (
    Page,
    Problem,
    Pulled,
    Signed,
    signed,
)
from wire.signature import Context


@pytest.fixture
def endpoint() -> SmallEndpoint:
    made = SmallEndpoint()
    made.employ(AMINA, "Amina Test", Role.CARER)
    made.employ(KARIN, "Karin Test", Role.NURSE)
    return made


@pytest.fixture
async def one(endpoint: SmallEndpoint, tmp_path: Path) -> Line:
    return await Line(store_at(tmp_path / "one"), endpoint).enrol()


@pytest.fixture
async def two(endpoint: SmallEndpoint, tmp_path: Path) -> Line:
    return await Line(store_at(tmp_path / "two"), endpoint).enrol()


async def test_what_one_phone_saves_the_other_shows(endpoint: SmallEndpoint, one: Line, two: Line) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    saved = amina.save(person("Ingegerd Provsson"))[0]
    await push(one.store, one.sessions)
    outcome = await pull(two.store, karin, two.sessions)
    assert outcome.changed == {saved.aggregate}
    assert karin.document("person", saved.aggregate.id) == amina.document("person", saved.aggregate.id)


async def test_a_long_history_comes_in_pages_each_after_the_last(
    endpoint: SmallEndpoint, one: Line, two: Line
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(*(person() for _ in range(120)))
    await push(one.store, one.sessions)
    asked = endpoint.paths("/v1/pull")
    assert not (await pull(two.store, karin, two.sessions)).more
    assert endpoint.paths("/v1/pull") - asked == 3
    assert len(karin.documents("person")) == 120
    assert two.store.cursor(f"unit:{UNIT}", karin) == f"{EPOCH}.120"


async def test_the_nurses_inbox_is_for_the_nurse(endpoint: SmallEndpoint, one: Line, two: Line) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    colleague = "77777777-7777-5777-8777-000000000007"
    endpoint.employ(colleague, "Bo Test", Role.CARER)
    bo = await two.sign_in(endpoint, colleague)
    amina.save(sbar())
    await push(one.store, one.sessions)
    await pull(two.store, karin, two.sessions)
    await pull(two.store, bo, two.sessions)
    assert len(karin.documents("sbar")) == 1
    assert bo.documents("sbar") == []


async def test_two_nurses_on_one_phone_each_have_their_inbox(
    endpoint: SmallEndpoint, one: Line, two: Line
) -> None:
    lena = "88888888-8888-5888-8888-000000000008"
    endpoint.employ(lena, "Lena Test", Role.NURSE)
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(sbar())
    await push(one.store, one.sessions)
    await pull(two.store, karin, two.sessions)
    karin.lock()
    other = await two.sign_in(endpoint, lena)
    await pull(two.store, other, two.sessions)
    assert len(other.documents("sbar")) == 1


async def test_a_page_that_somebody_else_here_has_taken_is_passed_by(
    endpoint: SmallEndpoint, one: Line, two: Line
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    bo = await two.sign_in(endpoint, AMINA)
    amina.save(person())
    await push(one.store, one.sessions)
    held: list[httpx.Response] = []

    def repeat(request: httpx.Request) -> httpx.Response | None:
        return held[0] if request.url.path == "/v1/pull" and held else None

    page = endpoint._page(f"unit:{UNIT}", 0)
    await pull(two.store, karin, two.sessions)
    held.append(answer(Pulled(pages=(page,), streams=(f"unit:{UNIT}",), now=opened(page).now)))
    endpoint.fault = repeat
    assert not (await pull(two.store, bo, two.sessions)).changed
    assert len(bo.documents("person")) == 1


def opened(page: Signed) -> Page:
    return msgspec.json.decode(page.data, type=Page)


def answer(message: Pulled) -> httpx.Response:
    return httpx.Response(200, content=encode(message), headers={HEADER: "1"})


async def test_nothing_is_pulled_once_locked(endpoint: SmallEndpoint, one: Line) -> None:
    amina = await one.sign_in(endpoint, AMINA)
    amina.lock()
    before = endpoint.paths("/v1/pull")
    with pytest.raises(Locked):
        await pull(one.store, amina, one.sessions)
    assert endpoint.paths("/v1/pull") == before


async def test_a_page_signed_by_another_key_is_not_taken(
    endpoint: SmallEndpoint, one: Line, two: Line
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(person())
    await push(one.store, one.sessions)
    endpoint.page_key = signature.new_key()
    with pytest.raises(BadAnswer):
        await pull(two.store, karin, two.sessions)
    assert karin.documents("person") == []
    assert two.store.cursor(f"unit:{UNIT}", karin) is None
    endpoint.page_key = endpoint.sign_key
    await pull(two.store, karin, two.sessions)
    assert len(karin.documents("person")) == 1


@pytest.mark.parametrize("lie", ["as a receipt", "one byte", "a gap", "not granted", "too many"])
async def test_a_page_that_is_not_whole_is_not_taken(
    endpoint: SmallEndpoint, one: Line, two: Line, lie: str
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(person(), person(), person())
    await push(one.store, one.sessions)
    right = endpoint._page(f"unit:{UNIT}", 0)
    page, key = opened(right), endpoint.sign_key
    wrong = {
        "as a receipt": lambda: signed(page, key, Context.RECEIPT),
        "one byte": lambda: Signed(data=right.data.replace(b"unit:", b"uniT:"), signature=right.signature),
        "a gap": lambda: signed(replace(page, facts=page.facts[::2]), key, Context.PAGE),
        "not granted": lambda: signed(replace(page, stream="chief:" + UNIT), key, Context.PAGE),
        "too many": lambda: signed(replace(page, upto=1), key, Context.PAGE),
    }[lie]()
    endpoint.fault = lambda request: (
        answer(Pulled(pages=(wrong,), streams=(f"unit:{UNIT}",), now=page.now))
        if request.url.path == "/v1/pull"
        else None
    )
    with pytest.raises(BadAnswer):
        await pull(two.store, karin, two.sessions)
    assert karin.documents("person") == []
    assert two.store.cursor(f"unit:{UNIT}", karin) is None


async def test_a_stream_that_begins_anew_is_read_from_its_beginning(
    endpoint: SmallEndpoint, one: Line, two: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(person())
    await push(one.store, one.sessions)
    await pull(two.store, karin, two.sessions)
    amina.save(person())
    await push(one.store, one.sessions)
    monkeypatch.setattr("tests.small_endpoint.EPOCH", "e2")
    await pull(two.store, karin, two.sessions)
    assert len(karin.documents("person")) == 2
    assert two.store.cursor(f"unit:{UNIT}", karin) == "e2.2"


async def test_a_stream_that_the_endpoint_has_less_of_is_read_anew_and_the_others_go_on(
    endpoint: SmallEndpoint, one: Line, two: Line
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(person(), sbar())
    await push(one.store, one.sessions)
    await pull(two.store, karin, two.sessions)
    amina.save(person())
    await push(one.store, one.sessions)
    unit = f"unit:{UNIT}"

    def restored(request: httpx.Request) -> httpx.Response | None:
        if not any(asked.startswith(unit) for asked in request.url.params.get_list("cursor")):
            return None
        problem = Problem(code="cursor_ahead", field=unit)
        return httpx.Response(410, content=encode(problem), headers={HEADER: "1"})

    endpoint.fault = restored
    await pull(two.store, karin, two.sessions)
    assert len(karin.documents("person")) == 2
    assert two.store.cursor(unit, karin) == f"{EPOCH}.2"
    assert two.store.cursor(f"nurse:{UNIT}", karin) == f"{EPOCH}.1"


async def test_another_refusal_of_the_pull_forgets_nothing(endpoint: SmallEndpoint, one: Line) -> None:
    amina = await one.sign_in(endpoint, AMINA)
    amina.save(person())
    await push(one.store, one.sessions)
    await pull(one.store, amina, one.sessions)
    problem = Problem(code="cursor_ahead", field="mas")
    endpoint.fault = lambda request: (
        httpx.Response(410, content=encode(problem), headers={HEADER: "1"})
        if request.url.path == "/v1/pull"
        else None
    )
    with pytest.raises(Refused):
        await pull(one.store, amina, one.sessions)
    assert one.store.cursor(f"unit:{UNIT}", amina) == f"{EPOCH}.1"


@pytest.mark.parametrize("data", [None, b"not a list"])
async def test_a_damaged_note_of_ones_streams_is_named_and_stops_no_pull(
    endpoint: SmallEndpoint, one: Line, two: Line, tmp_path: Path, data: bytes | None
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    await pull(two.store, karin, two.sessions)
    if data is None:
        with closing(sqlite3.connect(tmp_path / "two" / "rapp.db")) as rows, rows:
            rows.execute("UPDATE notes SET payload = x'00'")
    else:
        karin.remember("sync.streams", data)
    amina.save(person())
    await push(one.store, one.sessions)
    for _ in range(2):
        await pull(two.store, karin, two.sessions)
    assert len(karin.documents("person")) == 1
    assert [damaged.table for damaged in two.store.damage] == ["notes"]


async def test_who_loses_a_stream_loses_what_came_through_it_once_all_is_sent(
    endpoint: SmallEndpoint, one: Line, two: Line
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(sbar(), person())
    await push(one.store, one.sessions)
    await pull(two.store, karin, two.sessions)
    endpoint.employ(KARIN, "Karin Test", Role.CARER)
    karin.save(person())
    assert (await pull(two.store, karin, two.sessions)).dropped == frozenset()
    assert len(karin.documents("sbar")) == 1
    await push(two.store, two.sessions)
    assert (await pull(two.store, karin, two.sessions)).dropped == {f"nurse:{UNIT}"}
    assert karin.documents("sbar") == []
    assert len(karin.documents("person")) == 2


async def test_the_units_own_phone_keeps_the_units_stream_when_one_of_them_leaves(
    endpoint: SmallEndpoint, one: Line
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await one.sign_in(endpoint, KARIN)
    amina.save(person())
    await push(one.store, one.sessions)
    await pull(one.store, karin, one.sessions)
    await pull(one.store, amina, one.sessions)
    endpoint.employ(KARIN, "Karin Test", Role.NURSE, unit="99999999-9999-5999-8999-999999999999")
    await pull(one.store, karin, one.sessions)
    assert len(amina.documents("person")) == 1
    assert one.store.cursor(f"unit:{UNIT}", amina) == f"{EPOCH}.1"


async def test_whose_key_is_no_longer_vouched_for_must_sign_in_anew(
    endpoint: SmallEndpoint, one: Line
) -> None:
    amina = await one.sign_in(endpoint, AMINA)
    await pull(one.store, amina, one.sessions)
    endpoint.staff_keys.clear()
    endpoint.tokens.clear()
    with pytest.raises(NotSignedIn):
        await pull(one.store, amina, one.sessions)


async def test_the_clock_is_measured_and_goes_with_the_facts(
    endpoint: SmallEndpoint, one: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tests.small_endpoint.now
    monkeypatch.setattr(tests.small_endpoint, "now", lambda: real() + timedelta(minutes=3))
    amina = await one.sign_in(endpoint, AMINA)
    await pull(one.store, amina, one.sessions)
    one.sessions.contact()
    fact = amina.save(person())[0]
    assert fact.clock
    assert abs(fact.clock.offset_ms - 180_000) < 1000


async def test_the_next_page_is_on_its_way_while_one_is_stored_and_what_was_stored_stays_when_it_fails(
    endpoint: SmallEndpoint, one: Line, two: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina, karin = await one.sign_in(endpoint, AMINA), await two.sign_in(endpoint, KARIN)
    amina.save(*(person() for _ in range(120)))
    await push(one.store, one.sessions)
    seen: list[int] = []
    take = two.store.take_page

    def taken(page: Page, who: Unlocked) -> list[Ref]:
        # Ahead of the page by one request: it was asked for before this one is stored.
        time.sleep(0.1)
        seen.append(endpoint.paths("/v1/pull") - before)
        return take(page, who)

    before = endpoint.paths("/v1/pull")
    monkeypatch.setattr(two.store, "take_page", taken)
    get = two.sessions.link.get

    async def asked(path: str, *given: Any, **more: Any) -> Any:
        if path == "/v1/pull" and endpoint.paths("/v1/pull") - before == 2:
            raise Offline("gone")
        return await get(path, *given, **more)

    monkeypatch.setattr(two.sessions.link, "get", asked)
    with pytest.raises(Offline):
        await pull(two.store, karin, two.sessions)
    assert seen == [2, 2]
    assert two.store.cursor(f"unit:{UNIT}", karin) == f"{EPOCH}.100"
    monkeypatch.setattr(two.sessions.link, "get", get)
    await pull(two.store, karin, two.sessions)
    assert len(karin.documents("person")) == 120
