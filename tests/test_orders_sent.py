"""An order written on a phone without a network is taken in later, and the carer's phone shows the dose."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from care.facts import ENDPOINT, Ref
from care.order import OrderDocument
from care.person import PersonSet
from endpoint import documents
from endpoint.statements import Statement as Said
from endpoint.statements import write
from storage import Unlocked
from tests.phones import Phone, until
from tests.phones_town import Town, town
from tests.statements import AMINA, KARIN, PERSON, UNIT
from tests.test_answering import screen
from tests.test_orders_phone import place_alvedon, quick
from tests.ward import FORMS
from views.model import ordering, reading
from views.model.phone import Phone as Shown
from views.model.shift import Shift
from views.places import Order, Orders

__all__ = ["quick"]
ROUND_THE_CLOCK = "var dag 01 04 07 10 13 16 19 22"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        set_ = PersonSet(name="Siv Provdahl", personnummer="19360302-2383", born=date(1936, 3, 2), room="8")
        said = [Said(set_, Ref("person", PERSON), UNIT, PERSON)]
        made.database.write_now(lambda c: write(c, made.parts.keys, said, ENDPOINT))
        yield made


def shift_of(phone: Phone, me: Unlocked) -> Shift:
    shift = Shift(Shown(phone.store, phone.sync, FORMS))
    shift.opened(me)
    return shift


async def test_it_is_taken_in_and_the_dose_is_on_the_carers_phone(here: Town) -> None:
    hers, theirs = await here.phone(), await here.phone()
    karin = shift_of(hers, await here.sign_in(hers, KARIN))
    amina = shift_of(theirs, await here.sign_in(theirs, AMINA))
    await until(lambda: reading.person(karin, PERSON) and reading.me(karin) and reading.me(amina))
    here.line.away = True
    async with screen(karin, Orders(PERSON)) as seen:
        await place_alvedon(seen, ROUND_THE_CLOCK)
        [known] = ordering.of_person(karin, PERSON)
        assert known.state == "active", "on her own phone it holds at once"
    here.line.away = False
    hers.sync.wake()
    theirs.sync.wake()
    await until(lambda: reading.one(amina, OrderDocument, known.order.id))
    day = reading.day(amina)
    tasks = [*day.late, *day.now, *day.later]
    assert {task.dose.plan.what for task in tasks} == {"Alvedon 500 mg"}
    assert tasks[0].dose.order == known.order.id
    assert hers.store.counts().needs_action == 0

    async with screen(karin, Order(known.order.id)) as seen:
        await seen.click("stop")
        await seen.enter("Varför sätts den ut?", "Smärtfri")
        await seen.click("save-stop")
    await until(lambda: (one := reading.one(amina, OrderDocument, known.order.id)) and one.stopped)
    held = here.database.read_now(lambda c: documents.one(c, OrderDocument, known.order.id))
    assert held is not None
    assert (held.person, held.unit, held.by, held.stop_reason) == (PERSON, UNIT, KARIN, "Smärtfri")
