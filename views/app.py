"""The app: which screen is shown, how it looks, and what happens when something fails."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from functools import cache, partial
from typing import Any

import flet as ft

from views.faults import remember_fault, words_of
from views.guard import boundary
from views.model import drafts
from views.model.dial import dial
from views.model.notices import use_notices
from views.model.phone import Phone
from views.model.shift import Shift
from views.places import Lock, PhoneClosed, Place
from views.screens.fallen import fallen
from views.screens.register import load_all, screen
from views.texts import Texts
from views.theme import DARK, FONTS, LIGHT, Look, LookContext, flet_theme, use_measured

TICK_S = 15
"""How often the clock on the screen moves on: *Sen 20 min*, receipts that leave."""


async def show(page: ft.Page, phone: Phone) -> None:
    """Draw the app on a page. Called once for each session; on Android also again in the same process."""
    dress(page)
    shift = Shift(phone)
    page.on_view_pop = lambda _: shift.back()
    page.on_app_lifecycle_state_change = partial(lifecycle, shift)
    page.on_close = lambda _: shift.leave()
    page.render_views(App, shift)
    asyncio.get_running_loop().run_in_executor(None, load_all)


def dress(page: ft.Page) -> None:
    """Fonts, colours and languages of a page."""
    page.title = "Rapp"
    page.fonts = FONTS
    page.theme, page.dark_theme = flet_theme(LIGHT), flet_theme(DARK)
    page.theme_mode = ft.ThemeMode.SYSTEM
    page.locale_configuration = ft.LocaleConfiguration(
        supported_locales=[ft.Locale("sv", "SE"), ft.Locale("en", "GB")], current_locale=ft.Locale("sv", "SE")
    )


async def lifecycle(shift: Shift, event: Any) -> None:
    """Losing the screen saves what is in hand. Put away, the phone locks after a while; back in front too, if
    that while has passed as it slept; then it sends and fetches."""
    now = shift.phone.ticks()
    if event.state == ft.AppLifecycleState.INACTIVE:
        await drafts.keep_all(shift)
    elif event.state in (ft.AppLifecycleState.HIDE, ft.AppLifecycleState.PAUSE):
        shift.attention.hide(now)
    elif event.state in (ft.AppLifecycleState.SHOW, ft.AppLifecycleState.RESUME):
        # A window beside others is shown and may never be resumed.
        shift.lock_when_left()
        shift.attention.show(now)
        shift.phone.sync.wake()


async def put_down(shift: Shift) -> None:
    """Lock the phone, for whoever takes it next; what was begun is there when its owner is back."""
    try:
        await drafts.keep_all(shift)
    finally:
        shift.lock()


@ft.component
def App(shift: Shift) -> list[ft.View]:
    measured, probe = use_measured()
    _redrawn_by(shift)
    look = Look(
        palette=DARK if measured.dark else LIGHT,
        texts=Texts.load(shift.language),
        scale=measured.scale,
        width=measured.width,
        height=measured.height,
        web=bool(ft.context.page.web),
        presses=shift.presses,
        failed=partial(remember_fault, shift),
        leaving=lambda: shift.attention.calls(shift.phone.ticks()),
        put_down=partial(put_down, shift) if shift.unlocked else None,
    )
    look = look.with_(call_112=dial(look, "112"), fault=words_of(look, shift.fault) if shift.fault else None)
    use_notices(look, shift)
    place = _shown(shift)
    content = LookContext(look, partial(_screen, shift, place, len(shift.stack)))
    top = ft.View(
        route=f"/{len(shift.stack)}",
        padding=0,
        bgcolor=look.palette.bg,
        controls=[ft.Stack([content, probe], expand=True)],
        can_pop=len(shift.stack) > 1,
    )
    # The phone's own back button needs something below to go back to.
    return [ft.View(route="/", controls=[]), top] if len(shift.stack) > 1 else [top]


def _shown(shift: Shift) -> Place:
    """Where the shift is; on a phone that is being closed, the lock screen is another."""
    keeper = shift.phone.store.keeper
    ended = keeper.closing or keeper.closed is not None
    return PhoneClosed() if ended and isinstance(shift.place, Lock) else shift.place


def _screen(shift: Shift, place: Place, depth: int) -> Any:
    return _bounded(type(place))(shift, place, key=f"{depth}:{place}")


@cache
def _bounded(kind: type[Place]) -> Callable[..., Any]:
    """The screen of a place behind its error boundary; made once, so that it keeps its state."""
    return boundary(screen(kind), page=fallen)


def _redrawn_by(shift: Shift) -> None:
    """Draw again when the shift, the store or the sync says that something may look different."""
    _, tick = ft.use_state(0)

    def listen() -> None:
        loop = asyncio.get_running_loop()

        def again(*_: object) -> None:
            shift.lock_when_ended()
            tick(lambda number: number + 1)

        # The page that a draw belongs to is found through the context, which other threads do not have.
        here = copy_context()

        def from_elsewhere(*_: object) -> None:
            loop.call_soon_threadsafe(again, context=here)

        async def clock() -> None:
            while True:
                await asyncio.sleep(TICK_S)
                shift.lock_when_left()
                again()

        ticking = loop.create_task(clock())
        stops = [
            shift.subscribe(again),
            shift.phone.store.subscribe(from_elsewhere),
            shift.phone.sync.subscribe(from_elsewhere),
            ticking.cancel,
        ]
        shift.stops = stops

    ft.use_effect(listen, [], cleanup=shift.stop_listening)
