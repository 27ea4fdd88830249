"""Bevakning on the console: what there is to see to, who was told, and messages that did not arrive."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import asdict

from endpoint.demo import names
from endpoint.watch import outgoing
from endpoint.watch.outgoing import Message
from endpoint.watch.telling import watch
from tests.console_world import GRANEN, World, world

MESSAGE = "0192dddd-0000-7000-8000-000000000009"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def test_a_nurse_sees_what_waits_and_who_was_told_and_no_names(here: World) -> None:
    await here.sbar(ago=40)
    await here.sign_in("Karin Ström")
    page = await here.see("/watch")
    assert "1 SBAR i Granen är inte läst i tid." in page
    assert await here.parts.database.thread(lambda: watch(here.parts, here.now)) >= 1
    page = await here.see("/watch")
    assert "Vem fick veta" in page
    assert "Kvar" in page
    assert not [name for name in names.RESIDENTS if name in page]


async def test_a_message_that_did_not_arrive_is_shown_to_the_administrator_and_tried_again(
    here: World,
) -> None:
    made = Message(
        MESSAGE, GRANEN, "late_doses", 1, 2, "sms", "+46701740605", "Rapp", here.now - timedelta(hours=2),
        given_up=here.now, error="status_404",
    )  # fmt: skip
    await here.parts.database.write(lambda c: c.execute(outgoing.outgoing.insert().values(asdict(made))))
    await here.sign_in("Karin Ström")
    assert "Mottagaren svarade" not in await here.see("/watch")
    assert (await here.send(f"/watch/messages/{MESSAGE}/again")).status_code == 403
    await here.sign_in("Robin Sand")
    page = await here.see("/watch")
    assert "Mottagaren svarade 404." in page
    assert "1 meddelande från bevakningen kom inte fram" in await here.see("/")
    assert (await here.send(f"/watch/messages/{MESSAGE}/again")).status_code == 303
    assert await here.parts.database.read(lambda c: outgoing.due(c, here.now + timedelta(hours=1), 9)) == [
        MESSAGE
    ]
    assert (await here.send(f"/watch/messages/{MESSAGE}/again")).status_code == 404
