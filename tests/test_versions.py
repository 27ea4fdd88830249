"""A phone whose app has grown too old is told so, and keeps what it has until it has been updated."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from endpoint import versions
from storage import Unlocked
from tests.phones import Phone, sbar, until
from tests.phones_town import URL, Town, town
from tests.statements import AMINA


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


async def signed_in(here: Town) -> tuple[Phone, Unlocked]:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await until(lambda: amina.document("staff", AMINA), within=20)
    return phone, amina


async def test_a_phone_that_is_too_old_says_so_keeps_its_outbox_and_sends_it_once_updated(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, amina = await signed_in(here)
    monkeypatch.setattr(versions, "SPOKEN", frozenset({2}))
    fact = amina.save(sbar())[0]
    await until(lambda: phone.sync.state.reason == "delivery.too_old", within=20)
    assert phone.sync.state.phase == "action"
    assert phone.store.counts().waiting == 1
    assert amina.document("sbar", fact.aggregate.id)
    monkeypatch.setattr(versions, "SPOKEN", frozenset({1, 2}))
    phone.sync.wake()
    await until(lambda: not phone.store.counts().waiting, within=60)
    assert fact.id in here.held()


async def test_every_call_but_health_is_asked_for_its_version(here: Town) -> None:
    async with httpx.AsyncClient(transport=here.line, base_url=URL, headers={"Rapp-Protocol": "7"}) as client:
        for method, path in (("POST", "/v1/session"), ("GET", "/v1/pull"), ("GET", "/v1/device")):
            answer = await client.request(method, path, json={} if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (400, "protocol")
            assert answer.headers["Rapp-Protocol"] == "1"
        assert (await client.get("/v1/health")).json()["protocol"] == 1
