"""One fault must not take the whole screen. Driven through a real flet session."""

import asyncio

import flet as ft
import pytest

from tests.headless import Headless
from views.components import Receipt, app_bar_back, button, frame, number_pad, text_field
from views.guard import boundary, guarded
from views.theme import use_look


def nothing() -> None:
    """A press that does nothing."""


async def test_a_press_changes_what_is_shown():
    @ft.component
    def counter():
        look = use_look()
        count, set_count = ft.use_state(0)
        return ft.Column([look.text(f"{count} andetag"), button(look, "Räkna", lambda: set_count(count + 1))])

    async with Headless(counter) as screen:
        assert screen.has("0 andetag")
        await screen.click("Räkna")
        await screen.click("Räkna")
        assert screen.has("2 andetag")


async def test_keys_and_fields_give_their_text():
    @ft.component
    def writer():
        look = use_look()
        digits, set_digits = ft.use_state("")
        words, set_words = ft.use_state("")
        return ft.Column(
            [
                look.text(f"<{digits}> <{words}>"),
                number_pad(
                    look,
                    lambda digit: set_digits(digits + digit),
                    lambda: set_digits(digits[:-1]),
                    "Öppna",
                    None,
                ),
                text_field(look, "Vad hände?", words, set_words),
            ]
        )

    async with Headless(writer) as screen:
        await screen.keys("104")
        await screen.click("Sudda")
        await screen.enter("Vad hände?", "Halkade")
        assert screen.has("<10> <Halkade>")
        with pytest.raises(AssertionError, match="cannot be pressed"):
            await screen.click("Öppna")


@pytest.mark.parametrize("kind", ["plain", "async"])
async def test_a_handler_that_raises_tells_without_naming_anybody(kind, caplog):
    told = []

    def plain():
        raise ValueError("Aina Testsson 19380302-0000")

    async def later():
        await asyncio.sleep(0)
        plain()

    @ft.component
    def screen_with_fault():
        look = use_look().with_(failed=told.append)
        return button(look, "Given", plain if kind == "plain" else later)

    async with Headless(screen_with_fault) as screen:
        await screen.click("Given")
        assert screen.has("Given")

    assert told[0].kind == "ValueError"
    assert "ValueError" in caplog.text
    assert "Aina" not in caplog.text
    assert "1938" not in caplog.text


async def test_handlers_are_given_only_what_they_take():
    got = []
    await guarded(lambda: got.append("none"))("event")
    await guarded(lambda event: got.append(event))("event")
    await guarded(lambda event, kept=1: got.append(kept))("event")
    assert got == ["none", "event", 1]
    assert guarded(None) is None


async def test_flet_stops_for_good_when_a_component_raises_without_a_boundary():
    """The reason for `boundary`: if this fails, flet has become kinder and the boundary may go."""

    @ft.component
    def unguarded():
        look = use_look()
        broken, set_broken = ft.use_state(False)
        if broken:
            raise ValueError
        return button(look, "Gör sönder", lambda: set_broken(True))

    async with Headless(unguarded) as screen:
        with pytest.raises(ValueError):  # noqa: PT011
            await screen.click("Gör sönder")


async def test_a_screen_that_raises_says_what_is_safe_and_leads_back():
    broken = {"now": False}
    rendered = []

    def fragile(set_place):
        look = use_look()
        count, set_count = ft.use_state(0)
        rendered.append(count)
        if broken["now"]:
            raise KeyError("Aina Testsson")
        return frame(
            look,
            app_bar_back(look, "Idag", lambda: set_place("home")),
            [look.text(f"{count}"), button(look, "Nästa", lambda: set_count(count + 1))],
        )

    place_of = {}

    def leave():
        broken["now"] = False
        place_of["set"]("home")

    safe = boundary(fragile, on_leave=leave)

    @ft.component
    def app():
        look = use_look()
        place, set_place = ft.use_state("screen")
        place_of["set"] = set_place
        return safe(set_place) if place == "screen" else button(look, "Hemma", lambda: set_place("screen"))

    async with Headless(app) as screen:
        await screen.click("Nästa")
        assert screen.has("1")
        broken["now"] = True
        await screen.click("Nästa")
        assert screen.has("Det du sparat finns kvar.")
        assert screen.find("Ring 112")
        await screen.click("Gå till Idag")
        await screen.click("Hemma")
        await screen.click("Nästa")
        assert screen.has("1")
    assert len(rendered) >= 4


async def test_the_receipt_goes_by_itself():
    @ft.component
    def saved():
        look = use_look()
        shown, show = ft.use_state(True)
        if not shown:
            return look.text("borta")
        return Receipt(
            look, "Aina, dospåse", "Given 07:21. Sparat.", nothing, lambda: show(False), seconds=0.05
        )

    async with Headless(saved) as screen:
        assert screen.has("Given 07:21. Sparat.")
        await screen.settle(0.2)
        assert screen.has("borta")
