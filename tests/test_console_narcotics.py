"""Narcotics on the console: ledgers with their balance carried over, counts by two, to print."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.facts import Body, Ref
from care.ids import stock_id
from care.ledger import month_of, name_of
from care.stock import StockCounted, StockDocument, StockReceived, StockUsed, StockWasted, StockWitnessed
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, World, world
from tests.test_console_delegations import text

MARTA = names.RESIDENTS["Märta Åslund"]
OXYNORM = "Oxynorm 5 mg"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.sign_in("Karin Ström")
        yield found


async def book(here: World, cls: Any, days_ago: int, by: str = "Amina Yusuf", **values: Any) -> None:
    at = here.now - timedelta(days=days_ago)
    body = cls(preparation=OXYNORM, unit="kapslar", month=month_of(at), at=at, **values)
    await say(here, body, days_ago, by)


async def say(here: World, body: Body, days_ago: int, by: str) -> None:
    at = here.now - timedelta(days=days_ago)
    ref = Ref("stock", stock_id(MARTA, name_of(OXYNORM), month_of(at)))
    await here.says(by, body, ref, GRANEN, "Märta Åslund", at=at)


async def counted(here: World, days_ago: int, many: float) -> None:
    """By two people."""
    await book(here, StockCounted, days_ago, counted=many, expected=many)
    at = here.now - timedelta(days=days_ago)
    id = stock_id(MARTA, name_of(OXYNORM), month_of(at))
    document = await documents.get(here.parts.database, StockDocument, id)
    assert document is not None
    await say(here, StockWitnessed(witnesses=document.entries[-1].fact), days_ago, "Lena Backlund")


async def test_the_balance_is_carried_over_from_month_to_month(here: World) -> None:
    await book(here, StockReceived, 70, amount=20)
    await book(here, StockUsed, 69, amount=1, dose="d")
    await book(here, StockWasted, 35, amount=2, reason="dropped")
    shown = text(await here.see(f"/narcotics/{MARTA}"))
    assert "Saldo: 17 kapslar" in shown
    assert "Ingående saldo 19 kapslar · Utgående saldo 17 kapslar" in shown
    assert "Kassation Tappad En andra signatur saknas 19 -2 17 Amina Yusuf" in shown


async def test_counts_by_two_are_done_or_late_and_a_difference_comes_first(here: World) -> None:
    await book(here, StockReceived, 100, amount=20)
    listed = text(await here.see(f"/narcotics?unit={GRANEN}"))
    assert "sena" in listed
    assert "Aldrig" in listed
    await counted(here, 0, 18)
    listed = text(await here.see(f"/narcotics?unit={GRANEN}"))
    assert "Skiljer -2 kapslar" in listed
    assert "Gjord" in listed
    shown = text(await here.see(f"/narcotics/{MARTA}"))
    assert "Räknat: 18 Skiljer -2 kapslar" in shown
    # The count has not changed the balance.
    assert "Saldo: 20 kapslar" in shown
    assert "Amina Yusuf och Lena Backlund Gjord" in shown


async def test_a_person_without_a_ledger_has_no_page(here: World) -> None:
    await here.see(f"/narcotics/{MARTA}", 404)
    assert "Ingen liggare än." in await here.see(f"/narcotics?unit={GRANEN}")
