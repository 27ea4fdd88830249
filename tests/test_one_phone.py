"""Several people, one phone: it is taken over with a tap and a code, and everybody finds what is theirs."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import fields

from care.dose import DoseDocument
from care.facts import Ref
from care.order import OrderPlaced, Plan, Slot
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM
from tests import store_case
from tests.statements import new_id
from tests.test_answering import SHORT_OF_BREATH
from tests.test_filling import Screen
from tests.ward import AMINA, INGEGERD, KARIN, LENA, PIN, START, Ward, asks, sbar
from views import places
from views.app import App
from views.model import drafts, filling, reading
from views.model.shift import Shift
from views.places import Fill, InboxCase, Lock, Place, Sign, Today
from views.screens.register import SCREENS

CODES = {AMINA: PIN, LENA: "591736", KARIN: PIN}
NAMES = {AMINA: "Amina Yusuf", LENA: "Lena Bäcklund", KARIN: "Karin Ström"}


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    monkeypatch.setattr("storage.keys._kek", lambda pin, secret, salt, n: (pin.encode() * 6)[:32])
    made = Ward(tmp_path)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


def colleague(shift: Shift, staff: str) -> None:
    """Somebody else has signed in on the same phone before."""
    own = bytes([staff.encode()[-1] ^ 0xFF]) * 32
    title = "nurse" if staff == KARIN else "assistant_nurse"
    shift.phone.store.set_slot(
        staff,
        NAMES[staff],
        title,
        "sv",
        CODES[staff],
        bytes([staff.encode()[-1]]) * 32,
        store_case.PHONE_KEY,
        own,
        START + timedelta(days=30),
    ).lock()


async def take(screen: Screen, staff: str) -> None:
    """One tap on the screen that is open, then who, and the code."""
    await screen.click("put-down")
    assert isinstance(screen.arguments[0].place, Lock)
    await screen.click(NAMES[staff])
    await screen.code(CODES[staff])


async def test_a_half_filled_sbar_waits_while_a_colleague_signs_a_dose(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    slots = (Slot("m", "07:00"),)
    plan = Plan(what="Dospåse", form="pouch", amount="5 tabletter", slots=slots, start=date(2026, 1, 1))
    placed = OrderPlaced(plan=plan, effective=datetime(2026, 1, 1, tzinfo=STOCKHOLM))
    ward.say(placed, Ref("order", new_id()), INGEGERD, KARIN)
    ward.deliver()
    colleague(shift, LENA)
    async with Screen(App, shift) as screen:
        await screen.click("contact")
        await screen.click("Ingegerd")
        assert isinstance(shift.place, Fill)
        await screen.click("Andas sämre")
        draft = shift.place.draft

        await take(screen, LENA)
        assert shift.me.staff == LENA
        assert drafts.begun(shift) == []
        assert not screen.has("Andas sämre")
        await screen.click("Ingegerd")
        assert isinstance(shift.place, Sign)
        await screen.click("given")
        assert screen.has("Sparat.")

        await take(screen, AMINA)
        assert [one.key for one in drafts.begun(shift)] == [draft]
        await screen.click("contact")
        await screen.click("Ingegerd")
        assert isinstance(shift.place, Fill)
        assert shift.place.draft == draft
        assert screen.find("Andas sämre").checked
    [dose] = reading.all_of(shift, DoseDocument)
    assert [one.author for one in dose.standing] == [LENA]


async def test_a_nurses_inbox_and_the_answer_she_began_are_hers_alone(ward: Ward) -> None:
    shift = ward.phone("k", KARIN)
    amina = ward.phone("a", AMINA)
    case = new_id()
    amina.me.save(asks(INGEGERD, sbar(SHORT_OF_BREATH), case))
    ward.deliver()
    colleague(shift, AMINA)
    async with Screen(App, shift) as screen:
        shift.go(InboxCase(case))
        await screen.settle()
        await screen.click("Titta till")
        await screen.settle(0.1)

        await take(screen, AMINA)
        assert shift.me.documents("sbar") == shift.me.drafts() == []
        assert not reading.reads(shift, "nurse")

        await take(screen, KARIN)
        assert [one.id for one in reading.all_of(shift, SbarDocument)] == [case]
        shift.go(InboxCase(case))
        await screen.settle()
        assert screen.find("Titta till").checked


NOT_YET = {places.Lock, places.PhoneClosed, places.Enrol}
"""Where nobody is signed in."""
ITS_OWN = {places.Menu: "lock", places.EndShift: "hand-over"}
"""Screens with a button of their own that locks the phone."""


async def test_a_draft_still_on_its_way_when_the_phone_changes_hands_lands_with_nobody(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    colleague(shift, LENA)
    await filling.begin(shift, "sbar", reading.person(shift, INGEGERD))
    begun = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
    begun.answers["b.allergies"] = ["penicillin"]
    async with begun.lock:
        late = asyncio.create_task(drafts.keep(shift, begun))
        await asyncio.sleep(0)
        shift.lock()
        shift.opened(shift.phone.store.unlock(LENA, CODES[LENA]))
    await late
    assert shift.me.drafts() == []
    assert not begun.answers
    assert begun.person is None


async def test_from_every_screen_it_is_one_tap_to_the_lock_screen(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    await filling.begin(shift, "sbar", reading.person(shift, INGEGERD))
    draft = shift.place.draft  # type: ignore[attr-defined]
    async with Screen(App, shift) as screen:
        for kind in SCREENS.keys() - NOT_YET:
            shift.stack = [Today()] if kind is Today else [Today(), at(kind, draft)]
            shift.changed()
            await screen.settle()
            await screen.click(ITS_OWN.get(kind, "put-down"))
            assert (shift.place, shift.unlocked, shift.fault) == (Lock(), None, None), kind
            shift.opened(shift.phone.store.unlock(AMINA, PIN))


def at(kind: type[Place], draft: str) -> Place:
    given = [draft if field.name == "draft" else "x" for field in fields(kind) if field.required]
    return kind(*given)
