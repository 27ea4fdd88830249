"""Instead of the app, where its store cannot be opened: why, what is safe, what to do, and 112."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import flet as ft

from storage import StorageError
from views.app import dress
from views.components import error_page
from views.faults import words_of
from views.guard import report
from views.model.dial import dial
from views.texts import Texts
from views.theme import DARK, LIGHT, Look, LookContext, use_measured


def show_unopened(page: ft.Page, error: StorageError, again: Callable[[], Awaitable[None]]) -> None:
    """Draw it. Who the nurse is stands in the store, so that 112 is the one number that is known here."""
    dress(page)
    page.render_views(Unopened, report(error, "opening"), again)


@ft.component
def Unopened(failure: Any, again: Callable[[], Awaitable[None]]) -> list[ft.View]:
    measured, probe = use_measured()
    look = Look(
        palette=DARK if measured.dark else LIGHT,
        texts=Texts.load("sv"),
        scale=measured.scale,
        width=measured.width,
        height=measured.height,
        web=bool(ft.context.page.web),
    )
    look = look.with_(call_112=dial(look, "112"))
    told, leave = words_of(look, failure), look.t("errors.again")
    content = LookContext(look, partial(error_page, look, again, leave=leave, told=told))
    whole = ft.Stack([content, probe], expand=True)
    return [ft.View(route="/", padding=0, bgcolor=look.palette.bg, controls=[whole])]
