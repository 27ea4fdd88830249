"""After a lock nothing in memory leads to a person's keys, or to what they opened, whatever was drawn."""

import gc
import weakref
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from care.documents import Document
from care.facts import Ref
from care.order import OrderPlaced, Plan, Slot
from care.schedule import STOCKHOLM
from storage import DiskFull, Unlocked, WrongPin, keys
from storage.keys import Signer
from storage.ring import Ring
from storage.rows import RowKeys
from storage.saving import Pen
from tests.statements import new_id
from tests.store_case import ANNA, asked, given, phone, sign_in
from tests.store_case import PIN as ANNAS
from tests.test_filling import Screen
from tests.ward import AMINA, INGEGERD, KARIN, PIN, Ward
from views.app import App
from views.model.in_hand import Filling
from views.places import Fill, Lock
from wire.seal import Sealer

OF_A_PERSON = (Signer, Pen, Sealer, Ring, RowKeys, Document, Filling)


def alive() -> Counter[str]:
    """How many of each kind anything leads to."""
    gc.collect()
    held = [one for one in gc.get_objects() if isinstance(one, OF_A_PERSON)]
    # Flet keeps the last effect that it ran, and with it a form: one that is empty by then.
    return Counter(type(one).__name__ for one in held if not (isinstance(one, Filling) and blank(one)))


def blank(form: Filling) -> bool:
    return not (form.answers or form.person or form.called or form.claimed) and form.finished


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Any]]:
    """What slots held once opened; too plain for the collector to know of. And scrypt costs nothing."""
    made: list[weakref.ref[Any]] = []
    unwrap = keys.unwrap

    def watched(*given: Any) -> Any:
        held = unwrap(*given)
        if held is not None:
            made.append(weakref.ref(held))
        return held

    monkeypatch.setattr("storage.keys.unwrap", watched)
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])
    return made


def test_a_locked_store_holds_nothing_of_the_person(tmp_path: Path, opened: list[weakref.ref[Any]]) -> None:
    with phone(tmp_path) as store:
        sign_in(store).lock()
        before = alive()
        anna = store.unlock(ANNA, ANNAS)
        mine = asked()
        anna.save(mine, given())
        anna.documents("sbar"), anna.envelopes("sbar", mine.aggregate.id)
        assert alive() > before
        anna.lock()
        with pytest.raises(WrongPin):
            store.unlock(ANNA, "000000")
        assert alive() == before
        assert len(opened) == 1
        assert opened[0]() is None


async def test_nothing_that_was_on_the_screen_keeps_a_key(
    ward: Ward, opened: list[weakref.ref[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = ward.phone("a", AMINA)
    slots = (Slot("m", "07:00"),)
    plan = Plan(what="Dospåse", form="pouch", amount="5 tabletter", slots=slots, start=date(2026, 1, 1))
    placed = OrderPlaced(plan=plan, effective=datetime(2026, 1, 1, tzinfo=STOCKHOLM))
    ward.say(placed, Ref("order", new_id()), INGEGERD, KARIN)
    ward.deliver()
    shift.lock()
    async with Screen(App, shift) as screen:
        before = alive()
        await screen.code("861432")
        await screen.code(PIN)
        assert shift.unlocked
        # A receipt with its undo, a form half filled, and a fault whose traceback went through open keys.
        await screen.click("Ingegerd")
        await screen.click("given")
        assert shift.saved
        await screen.click("contact")
        await screen.click("Ingegerd")
        assert isinstance(shift.place, Fill)
        await screen.click("Andas sämre")
        with monkeypatch.context() as patch:
            patch.setattr(Unlocked, "save_draft", full)
            await screen.click("Ont")
            await screen.settle(0.05)
            assert shift.fault
            assert alive() > before
            # It locks although what is in hand cannot be saved, and says so.
            await screen.click("put-down")
            await screen.settle(0.1)
        assert shift.place == Lock()
        assert screen.has("Telefonen är full")
        assert alive() == before
        assert [ref() for ref in opened] == [None]
    assert shift.unlocked is None


def full(me: Unlocked, key: str, data: bytes) -> None:
    held = me._keys()
    raise DiskFull(f"{held.own.id!r}")
