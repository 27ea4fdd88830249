"""What is read for a screen is what it shows: not what has been, however much of that there is."""

from datetime import date, datetime

import pytest

from care.dose import DoseGiven
from care.facts import Ref
from care.order import OrderPlaced, Plan, Slot
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM
from storage.documents import DocumentRows, Row
from tests.statements import new_id
from tests.test_answering import SHORT_OF_BREATH
from tests.ward import AMINA, INGEGERD, KARIN, PIN, VERA, Ward, asks, sbar
from views.model import earlier, reading
from views.model.shift import Shift


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Every document that is decrypted from here on."""
    found: list[Row] = []
    opens = DocumentRows.open

    def open(self: DocumentRows, row: Row) -> bytes:
        found.append(row)
        return opens(self, row)

    monkeypatch.setattr(DocumentRows, "open", open)
    return found


def given(order: str, planned: datetime) -> DoseGiven:
    return DoseGiven(order=order, planned=planned, performed=planned, amount="1", order_fact=order)


def again(shift: Shift) -> None:
    """Lock, and unlock: nothing is in memory."""
    shift.me.lock()
    shift.opened(shift.phone.store.unlock(AMINA, PIN))


def a_morning_dose(ward: Ward, shift: Shift) -> str:
    plan = Plan(what="Dospåse", form="pouch", amount="5", slots=(Slot("m", "07:00"),), start=date(2026, 1, 1))
    since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    ward.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), INGEGERD, KARIN)
    ward.deliver()
    return reading.day(shift).now[0].dose.id


def test_idag_reads_no_dose_of_another_day_and_shows_those_of_this_one(ward: Ward, opened: list[Row]) -> None:
    amina = ward.phone("a", AMINA)
    dose = a_morning_dose(ward, amina)
    again(amina)
    opened.clear()
    reading.day(amina)
    before = len(opened)
    for _ in range(40):
        ward.say(given(new_id(), ward.now), Ref("dose", new_id()), INGEGERD, AMINA)
    ward.say(given(new_id(), ward.now), Ref("dose", dose), INGEGERD, AMINA)
    ward.deliver()
    again(amina)
    opened.clear()
    assert [task.dose.id for task in reading.day(amina).done] == [dose]
    assert len(opened) == before + 1
    opened.clear()
    assert [task.dose.id for task in reading.day(amina).done] == [dose]
    assert opened == []


def test_the_values_before_are_read_from_that_persons_sbars_alone(ward: Ward, opened: list[Row]) -> None:
    amina = ward.phone("a", AMINA)
    for person, many in ((INGEGERD, 2), (VERA, 9)):
        for _ in range(many):
            amina.me.save(asks(person, sbar(SHORT_OF_BREATH), new_id()))
    again(amina)
    opened.clear()
    assert earlier.last_values(amina, INGEGERD)
    assert len(opened) == 2
    assert len(reading.about(amina, SbarDocument, INGEGERD)) == 2
