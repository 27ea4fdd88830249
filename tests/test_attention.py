"""The phone locks by itself, but never under a call, and whatever the clock is set to."""

from types import SimpleNamespace

import flet as ft
import pytest

from tests.test_filling import Screen
from tests.ward import AMINA, INGEGERD, Ward
from views.app import App, lifecycle, show
from views.model import filling, reading
from views.model.attention import Attention
from views.model.shift import Shift
from views.places import BlankScript, Lock

STATE = ft.AppLifecycleState


def minutes(number: float) -> float:
    return 60 * number


async def goes(shift: Shift, *states: ft.AppLifecycleState) -> None:
    for state in states:
        await lifecycle(shift, SimpleNamespace(state=state))


def dialled(screen: Screen) -> list[str]:
    return [str(asked["url"]) for name, asked in screen.wire.calls if name == "launch_url"]


@pytest.mark.parametrize(("after", "locks"), [(9.9, False), (10, True)])
def test_idle_time_locks(after: float, locks: bool) -> None:
    assert Attention(0.0).over(minutes(after)) is locks


@pytest.mark.parametrize(("after", "locks"), [(1.9, False), (2, True)])
def test_a_phone_that_was_put_away_locks(after: float, locks: bool) -> None:
    attention = Attention(0.0)
    attention.hide(0.0)
    assert attention.over(minutes(after)) is locks


@pytest.mark.parametrize(("after", "locks"), [(14.9, False), (15, True)])
def test_calling_never_locks_the_script_away(after: float, locks: bool) -> None:
    attention = Attention(0.0)
    attention.calls(0.0)
    attention.hide(0.0)
    assert attention.over(minutes(after)) is locks


def test_what_ends_by_itself_on_a_phone_put_away_gives_no_more_than_two_minutes() -> None:
    attention = Attention(0.0)
    attention.hide(0.0)
    attention.touch(minutes(1))
    attention.hide(minutes(1.5))
    assert not attention.over(minutes(2.9))
    assert attention.over(minutes(3))


def test_back_in_front_the_ten_minutes_begin() -> None:
    attention = Attention(0.0)
    attention.hide(0.0)
    attention.show(minutes(1))
    assert not attention.over(minutes(10.9))
    assert attention.over(minutes(11))


@pytest.mark.parametrize("days", [3650, -3650])
async def test_setting_the_clock_neither_locks_nor_keeps_open(ward: Ward, days: int) -> None:
    shift = ward.phone("a", AMINA)
    ward.set_clock(days=days)
    shift.lock_when_left()
    assert shift.unlocked
    await goes(shift, STATE.INACTIVE, STATE.HIDE)
    ward.set_clock(days=-2 * days)
    ward.pass_(1.9)
    shift.lock_when_left()
    assert shift.unlocked
    ward.pass_(0.1)
    shift.lock_when_left()
    assert shift.unlocked is None


async def test_a_phone_whose_app_slept_locks_the_moment_it_is_back(ward: Ward) -> None:
    """nothing_yet ran meanwhile: no clock of the app has ticked."""
    shift = ward.phone("a", AMINA)
    unlocked = shift.me
    await goes(shift, STATE.INACTIVE, STATE.HIDE, STATE.PAUSE)
    ward.pass_(2)
    assert shift.unlocked
    await goes(shift, STATE.RESTART, STATE.SHOW, STATE.RESUME)
    assert shift.place == Lock()
    assert unlocked.locked


async def test_the_phones_own_events_lock_it_and_save_what_is_in_hand(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = ward.phone("a", AMINA)
    monkeypatch.setattr("views.app.Shift", lambda phone: shift)
    await filling.begin(shift, "sbar", reading.person(shift, INGEGERD))
    draft = shift.place.draft  # type: ignore[attr-defined]
    filling.of(shift, draft).acknowledged.add("in hand")

    async with Screen(nothing_yet, shift) as screen:
        await show(screen.page, shift.phone)
        for state in ("inactive", "hide", "pause"):
            given = {"state": state}
            await screen.session.dispatch_event(screen.page._i, "app_lifecycle_state_change", given)
        assert b"in hand" in (shift.me.draft(draft) or b"")
        ward.pass_(2)
        await screen.session.dispatch_event(screen.page._i, "app_lifecycle_state_change", {"state": "resume"})
        await screen.settle()
        assert shift.place == Lock()


def nothing_yet(_: Shift) -> list[ft.View]:
    """Before the app has drawn anything."""
    return [ft.View(route="/")]


@pytest.mark.parametrize("back", [STATE.SHOW, STATE.RESUME])
async def test_seen_again_it_is_put_away_no_longer(ward: Ward, back: ft.AppLifecycleState) -> None:
    shift = ward.phone("a", AMINA)
    await goes(shift, STATE.HIDE)
    ward.pass_(1)
    await goes(shift, back)
    ward.pass_(9.9)
    shift.lock_when_left()
    assert shift.unlocked


async def test_a_call_may_take_a_quarter_of_an_hour_and_the_script_is_still_there(ward: Ward) -> None:
    shift = ward.phone("a", AMINA, BlankScript())
    async with Screen(App, shift) as screen:
        await screen.click("112")
        assert dialled(screen) == ["tel:112"]
        await goes(shift, STATE.INACTIVE, STATE.HIDE, STATE.PAUSE)
        ward.pass_(14.9)
        await goes(shift, STATE.RESUME)
        assert shift.place == BlankScript()
        await goes(shift, STATE.HIDE)
        ward.pass_(2)
        await goes(shift, STATE.RESUME)
        assert shift.place == Lock()


async def test_a_locked_phone_still_tells_what_is_sent_and_helps(ward: Ward) -> None:
    shift = ward.phone("a", AMINA)
    async with Screen(App, shift) as screen:
        await goes(shift, STATE.HIDE)
        ward.pass_(2)
        await goes(shift, STATE.RESUME)
        await screen.settle()
        report = "Rapportera utan inloggning"
        for help_ in ("Allt skickat", "112", "Ring Karin Ström", "SBAR utan kod", report):
            assert screen.find(help_).content.on_click
        await screen.click("Ring Karin Ström")
        assert dialled(screen) == ["tel:0701740605"]
