"""What the components promise, without a browser."""

import flet as ft
import pytest

from tests.headless import Headless
from views.components import (
    Action,
    Flag,
    Option,
    app_bar_back,
    choices,
    confirm_box,
    flag_row,
    frame,
    initials,
    note,
    number_pad,
    sync_chip,
    task_card,
    thumb_bar,
)
from views.components.sync_chip import sync_words
from views.texts import Texts
from views.theme import LIGHT, Look

SV = Texts.load("sv")
LOOK = Look(palette=LIGHT, texts=SV)
LARGE = LOOK.with_(scale=2.0)
FLAGS = [
    Flag("Diabetes", ft.Icons.WATER_DROP_ROUNDED),
    Flag("Sväljer svårt", ft.Icons.RESTAURANT_ROUNDED),
    Flag("Blodförtunnande", ft.Icons.BLOODTYPE_ROUNDED),
    Flag("Allergi: penicillin", ft.Icons.BLOCK_ROUNDED, allergy=True),
]


def nothing(*_):
    """A press that does nothing."""


def shown(control):
    """Mounts one control and gives the screen."""

    @ft.component
    def root():
        return control

    return Headless(root)


async def test_an_allergy_comes_first_is_red_and_is_never_the_one_left_out():
    async with shown(flag_row(LOOK, FLAGS, most=2)) as screen:
        assert screen.texts() == ["Allergi: penicillin", "Diabetes", "+2"]
        grounds = [c.bgcolor for c in screen.controls() if isinstance(c, ft.Container) and c.bgcolor]
    assert grounds == [LIGHT.danger_soft, LIGHT.sunken, LIGHT.sunken]


async def test_only_an_allergy_is_red():
    async with shown(flag_row(LOOK, FLAGS[:3])) as screen:
        colours = {c.bgcolor for c in screen.controls() if isinstance(c, ft.Container)}
    assert LIGHT.danger_soft not in colours


@pytest.mark.parametrize(
    ("state", "count", "at", "long", "short"),
    [
        ("sent", 0, "07:12", "Allt skickat 07:12", "Skickat"),
        ("sent", 0, "", "Allt skickat", "Skickat"),
        ("sending", 1, "", "Skickar 1", "1 väntar"),
        ("offline", 3, "", "Offline, 3 väntar", "Offline"),
        ("offline", 0, "", "Offline", "Offline"),
        ("saved", 3, "", "Sparat på telefonen, 3 väntar", "3 väntar"),
        ("action", 1, "", "Behöver åtgärd", "Åtgärd"),
    ],
)
async def test_the_chip_says_what_became_of_it(state, count, at, long, short):
    assert sync_words(LOOK, state, count, at, False) == long
    assert sync_words(LOOK, state, count, at, True) == short
    async with shown(sync_chip(LOOK, state, nothing, count=count, at=at, short=True)) as screen:
        assert screen.texts() == [short]
        assert screen.find(long)


async def test_being_offline_is_not_red():
    async with shown(sync_chip(LOOK, "offline", nothing, count=3)) as screen:
        grounds = {c.bgcolor for c in screen.controls() if isinstance(c, ft.Container)}
    assert LIGHT.offline_soft in grounds
    assert not grounds & {LIGHT.danger_soft, LIGHT.danger_fill, LIGHT.late_soft}


async def test_the_whole_task_card_is_one_button():
    pressed = []
    card = task_card(
        LOOK,
        name="Aina Rask",
        room="3",
        what="Dospåse morgon, 5 tabletter",
        icon=ft.Icons.MEDICATION_ROUNDED,
        time="Till 09:00",
        flags=FLAGS,
        on_press=lambda: pressed.append(1),
    )
    async with shown(card) as screen:
        await screen.click("Rum 3 Aina Rask Till 09:00")
    assert pressed == [1]


async def test_a_chosen_answer_has_a_mark_and_a_danger_answer_turns_red():
    options = [Option("yes", "Ja", danger=True), Option("no", "Nej"), Option("unknown", "Vet inte")]
    for chosen, colour in (("yes", LIGHT.danger), ("no", LIGHT.accent)):
        async with shown(choices(LOOK, options, chosen, nothing, question="Slog han i huvudet?")) as screen:
            marks = [c.color for c in screen.controls() if isinstance(c, ft.Icon)]
            assert marks == [colour]
            assert screen.find("Slog han i huvudet? Ja").checked is (chosen == "yes")


async def test_several_answers_may_be_chosen():
    got = []
    options = [Option(value, value) for value in ("Ambulans", "Mät igen", "Sitta upp")]
    async with shown(choices(LOOK, options, {"Ambulans", "Sitta upp"}, got.append, shape="row")) as screen:
        assert [screen.find(o.label).checked for o in options] == [True, False, True]
        await screen.click("Mät igen")
    assert got == ["Mät igen"]


async def test_at_large_text_the_rest_of_the_bar_moves_into_the_page():
    main, rest = Action("Given", nothing), [Action("Inte given", nothing), Action("Annat", nothing)]
    assert thumb_bar(LOOK, main, rest, says="Du signerar som Amina").moved == ()
    part = thumb_bar(LARGE, main, rest, says="Du signerar som Amina")
    assert len(part.moved) == 3
    async with shown(part.control) as screen:
        assert screen.texts() == ["Given"]
    chip = sync_chip(LARGE, "sent", nothing, short=True)
    async with shown(frame(LARGE, app_bar_back(LARGE, "Idag", nothing, chip), [], part)) as screen:
        assert screen.texts() == [
            "Idag", "112", "Skickat", "Du signerar som Amina", "Inte given", "Annat", "Given"
        ]  # fmt: skip


async def test_112_is_on_every_bar_and_calls():
    called = []
    look = LOOK.with_(call_112=lambda: called.append(112))
    async with shown(app_bar_back(look, "Idag", nothing).control) as screen:
        await screen.click("Ring 112")
    assert called == [112]


async def test_digits_stand_from_the_left_in_every_direction():
    for look, first in ((LOOK, "1"), (_arabic(LOOK), "3")):  # the page itself mirrors the row
        async with shown(number_pad(look, nothing, nothing, "Nästa", nothing)) as screen:
            assert screen.texts()[0] == first


def _arabic(look):
    """A look that is right to left and still has Swedish words, as no Arabic catalogue exists yet."""

    class RightToLeft(Texts):
        rtl = True

    return look.with_(texts=RightToLeft("sv"))


async def test_a_swedish_note_keeps_its_direction_on_a_right_to_left_page():
    async with shown(note(_arabic(LOOK), "Har hon ätit?", "Karin")) as screen:
        assert screen.texts()[0] == "\u2066Har hon ätit?\u2069"


async def test_a_statement_is_checked_or_not():
    for checked in (True, False):
        async with shown(confirm_box(LOOK, "Jag har upprepat", checked, nothing)) as screen:
            assert screen.find("Jag har upprepat").checked is checked


def test_initials():
    assert [initials(name) for name in ("Amina Yusuf", "Karin", "Anna Maria af Test")] == ["AY", "K", "AT"]
