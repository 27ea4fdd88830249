"""The whole way, as users walk it: two phones, a real endpoint that is stopped and started, and the console."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo import CARER, PIN, Demo, free
from tests.browser.conftest import PATIENCE, Phone, free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

SOON = 15_000
"""ms until something that needs the network must be seen."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("town"), three_ports())
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()


def three_ports() -> int:
    while True:
        port = free_port()
        if all(free(port + more) for more in range(3)):
            return port


def unlock(phone: Phone, name: str) -> None:
    if phone.choice(name).get_attribute("aria-checked") != "true":
        phone.press(name)
    phone.keys(PIN)
    phone.by_id("key-main").click()
    phone.by_id("contact").wait_for(state="attached", timeout=PATIENCE)


def chip(phone: Phone, words: str, patience: float = SOON) -> None:
    phone.button(words).wait_for(state="attached", timeout=patience)


def sign_first(phone: Phone, person: str) -> None:
    """Two taps: the task, and Given."""
    phone.press(person)
    phone.by_id("given").click()
    phone.by_id("undo").wait_for(state="attached", timeout=PATIENCE)


def facts(town: Demo) -> dict[str, int]:
    """How many facts of each type the endpoint holds from phones."""
    with sqlite3.connect(f"file:{town.data}/endpoint/endpoint.sqlite?mode=ro", uri=True) as database:
        rows = database.execute(
            "select type, count(*) from facts where device != 'endpoint' group by type"
        ).fetchall()
    return dict(rows)


def report_fall(phone: Phone, person: str) -> None:
    phone.by_id("report").click()
    phone.press("Fall", exact=True)
    phone.press(person)
    for question in ("huvudet", "blodförtunnande", "smärta"):
        phone.page.get_by_role("checkbox", name="Nej").first.wait_for(state="attached")


def test_the_walk(town: Demo, phone: Callable[..., Phone], browser: Browser) -> None:
    carer = phone(town.address(1))
    unlock(carer, "Amina Yusuf")
    chip(carer, "Allt skickat")

    # 1. Sign a dose in two taps; it is sent.
    sign_first(carer, "Aina Rask")
    chip(carer, "Allt skickat")
    assert facts(town)["dose.given"] == 1
