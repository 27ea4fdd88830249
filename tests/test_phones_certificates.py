"""What was signed when the sign-in on the phone had ended is shown so, wherever the console says by whom."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from care.dose import DoseGiven
from care.facts import Ref
from care.order import OrderDocument
from care.schedule import planned
from care.staff import StaffCertified, StaffKey, StaffKeyEnded
from endpoint import documents, statements
from endpoint.demo import names
from tests.console_world import GRANEN, World, world

AMINA, PHONE = "Amina Yusuf", "telefon-7"
WORDS = "inloggningen på telefonen hade gått ut"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def certified(here: World, days: int) -> None:
    """Amina's key on the phone was vouched for from a month ago, for so many days."""
    start = here.now - timedelta(days=30)
    key = StaffKey(PHONE, bytes(32), start, start + timedelta(days=days))
    await here.says(None, StaffCertified(key=key), Ref("staff", names.STAFF[AMINA]), GRANEN)


async def given(here: World) -> None:
    order = await documents.get(here.parts.database, OrderDocument, names.order_id("siv-hedman/near"))
    assert order is not None
    dose = planned(order, here.now - timedelta(hours=4), here.now + timedelta(hours=4))[0]
    body = DoseGiven(
        order=order.id,
        planned=dose.at,
        performed=here.now,
        amount=dose.plan.amount,
        order_fact=order.versions[-1].fact,
    )
    await here.says(AMINA, body, Ref("dose", dose.id), GRANEN, "Siv Hedman")


async def shown(here: World, monkeypatch: pytest.MonkeyPatch, device: str) -> list[bool]:
    """Whether the sign stands beside Amina's dose, SBAR and deviation, all made on the device."""
    made = statements._fact

    def on_device(*given: Any) -> Any:
        return replace(made(*given), device=device)

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(statements, "_fact", on_device)
        await given(here)
        sbar, deviation = await here.sbar(), await here.deviation()
    await here.sign_in("Karin Ström")
    pages = (f"/signing?unit={GRANEN}", f"/inbox/{sbar}", f"/inbox/{deviation}", f"/deviations/{deviation}")
    return [WORDS in await here.see(page) for page in pages]


@pytest.mark.parametrize("days", [0, 29])
async def test_it_is_shown_beside_the_name_on_every_page(
    here: World, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    if days:
        await certified(here, days)
    assert await shown(here, monkeypatch, PHONE) == [True, True, True, True]


async def test_a_lost_phones_signatures_are_shown_so_from_then_on(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await certified(here, 60)
    ended = StaffKeyEnded(device=PHONE, reason="lost")
    lost = here.now - timedelta(hours=1)
    await here.says(None, ended, Ref("staff", names.STAFF[AMINA]), GRANEN, at=lost)
    assert await shown(here, monkeypatch, PHONE) == [True, True, True, True]


async def test_what_was_signed_in_time_and_on_the_console_has_no_sign(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await certified(here, 60)
    assert await shown(here, monkeypatch, PHONE) == [False, False, False, False]
    assert await shown(here, monkeypatch, "endpoint") == [False, False, False, False]
