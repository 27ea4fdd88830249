"""Protected identity: initials in lists, where others may look over a shoulder; the name where one acts."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from care.facts import Ref
from care.person import PersonDocument, PersonSet, ProtectedSet
from tests.statements import new_id
from tests.test_answering import SHORT_OF_BREATH
from tests.test_filling import Screen
from tests.ward import AMINA, KARIN, VERA, Ward, as_needed, asks, sbar
from views.app import App
from views.model import filling, reading
from views.places import AsNeededList, ChoosePerson, Inbox, InboxCase, Place, Today

NAME, INITIALS = "Vera Holmgren", "V. H."


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    made.say(ProtectedSet(on=True), Ref("person", VERA), person=VERA)
    made.say(as_needed(), Ref("order", new_id()), person=VERA)
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


def test_lists_hold_initials_and_no_address() -> None:
    person = PersonDocument(id="x", name="Vera Anna Holmgren", street="Myrvägen 4")
    assert (person.listed, person.listed_first_name, person.listed_street) == (
        "Vera Anna Holmgren",
        "Vera",
        "Myrvägen 4",
    )
    person.protected = True
    assert (person.listed, person.listed_first_name, person.listed_street) == ("V. A. H.", "V. A. H.", "")


def test_an_import_that_knows_nothing_of_it_does_not_take_it_away(ward: Ward) -> None:
    imported = PersonSet(name=NAME, personnummer="19360302-2383", born=date(1936, 3, 2))
    ward.say(imported, Ref("person", VERA), person=VERA)
    shift = ward.phone("a", AMINA)
    assert [person.protected for person in reading.persons(shift) if person.id == VERA] == [True]


@pytest.mark.parametrize("place", [ChoosePerson("sbar"), AsNeededList(), Inbox()])
async def test_no_list_on_the_phone_shows_the_name(ward: Ward, place: Place) -> None:
    shift = ward.phone("n", KARIN)
    await shift.save(asks(VERA, sbar(SHORT_OF_BREATH), new_id()))
    shift.stack = [Today(), place]
    async with Screen(App, shift) as screen:
        assert screen.has(INITIALS)
        assert not screen.has(NAME)


async def test_where_something_is_done_for_the_person_the_name_is_there_and_what_it_asks_of_one(
    ward: Ward,
) -> None:
    shift, case = ward.phone("n", KARIN), new_id()
    await shift.save(asks(VERA, sbar(SHORT_OF_BREATH), case))
    shift.stack = [Today(), InboxCase(case)]
    async with Screen(App, shift) as screen:
        assert screen.has(NAME)
        assert screen.has("Skyddade personuppgifter")


async def test_typing_the_name_still_finds_the_person(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    await filling.begin(shift, "sbar", reading.person(shift, VERA))
    shift.stack = [Today(), ChoosePerson("sbar")]
    async with Screen(App, shift) as screen:
        await screen.click(INITIALS)
        assert screen.has(NAME)
