"""A screen that fails leaves a way out of it, and somebody to call."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.test_filling import Screen, called
from tests.ward import AMINA, Ward
from views.app import App, _bounded
from views.places import Lock, MyReports, Place, SignIn, Today
from views.screens import enrolling, register


@pytest.fixture(autouse=True)
def bounded_anew() -> Iterator[None]:
    _bounded.cache_clear()
    yield
    _bounded.cache_clear()


def breaks(*_: Any) -> Any:
    raise KeyError("what it was about")


def put(monkeypatch: pytest.MonkeyPatch, kind: type[Place], function: Callable[..., Any]) -> None:
    """Let another function draw a place."""
    monkeypatch.setattr("views.app.screen", lambda of: function if of is kind else register.screen(of))


async def test_the_way_out_of_a_failed_screen_is_what_was_below_it(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = ward.phone("a", AMINA, MyReports())
    put(monkeypatch, MyReports, breaks)
    async with Screen(App, amina) as screen:
        assert screen.has("Något gick fel")
        await screen.click("call-nurse")
        assert "070" in called(screen)[-1]
        await screen.click("leave")
        assert amina.stack == [Today()]
        assert not screen.has("Något gick fel")


async def test_the_way_out_of_a_failed_idag_is_to_lock(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = ward.phone("a", AMINA)
    put(monkeypatch, Today, breaks)
    async with Screen(App, amina) as screen:
        assert screen.has("Lås telefonen")
        await screen.click("leave")
        assert amina.unlocked is None
        assert amina.place == Lock()
        assert screen.has("Vem är du?")


async def test_choosing_a_code_has_a_way_out_of_its_own(ward: Ward) -> None:
    amina = ward.phone("a", AMINA, SignIn())

    def only_code(shift: Any, place: Any) -> Any:
        return enrolling.ChooseCode(shift, None, None)  # no answer from the sign-in to draw: it raises

    with pytest.MonkeyPatch.context() as patch:
        put(patch, SignIn, only_code)
        async with Screen(App, amina) as screen:
            assert screen.has("Något gick fel")
            await screen.click("leave")
            assert amina.stack == [Today()]
