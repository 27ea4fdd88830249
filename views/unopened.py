"""Instead of the app, where its store cannot be opened: why, what is safe, what to do, and help that
stays."""

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft
from msgspec import Struct

from care.forms import Questionnaire
from storage import LockInfo, StorageError
from views.app import dress
from views.components import (
    Action,
    Part,
    call_112,
    card,
    colleague_row,
    colleagues_card,
    error_card,
    frame,
    thumb_bar,
)
from views.faults import words_of
from views.forms.words import Words
from views.guard import Failure, report
from views.model.dial import dial
from views.model.shift import SPOKEN_HERE
from views.screens.blank_script import steps
from views.texts import Texts
from views.theme import DARK, LIGHT, Look, LookContext, use_measured


class Help(Struct, frozen=True):
    """What is there without the store: the script of the call, and the numbers, where the file still had
    them."""

    script: Questionnaire
    numbers: LockInfo = LockInfo()


def show_unopened(
    page: ft.Page, error: StorageError, again: Callable[[], Awaitable[None]], help: Help
) -> None:
    """Draw it. `again` tries to open the store once more."""
    dress(page)
    page.render_views(Unopened, report(error, "opening"), again, help)


@ft.component
def Unopened(failure: Failure, again: Callable[[], Awaitable[None]], help: Help) -> list[ft.View]:
    measured, probe = use_measured()
    look = Look(
        palette=DARK if measured.dark else LIGHT,
        texts=Texts.load(SPOKEN_HERE),
        scale=measured.scale,
        width=measured.width,
        height=measured.height,
        web=bool(ft.context.page.web),
    )
    look = look.with_(call_112=dial(look, "112"))
    content = LookContext(look, partial(unopened, look, failure, again, help))
    whole = ft.Stack([content, probe], expand=True)
    return [ft.View(route="/", padding=0, bgcolor=look.palette.bg, controls=[whole])]


def unopened(look: Look, failure: Failure, again: Callable[[], Awaitable[None]], help: Help) -> ft.Control:
    """The script for the call stands below: without the app it is still there, with everybody to call."""
    t, known = look.t, help.numbers
    head = Part(ft.Row([ft.Container(look.heading(t("unopened.title")), expand=1), call_112(look)]))
    body: list[ft.Control] = [error_card(look, *words_of(look, failure))]
    if known.fallback:
        rows = [colleague_row(look, one.name, one.phone, dial(look, one.phone)) for one in known.fallback]
        body += [look.text(t("script.others"), "label", look.palette.ink2), colleagues_card(look, rows)]
    body += [
        look.heading(t("script.blank_title"), "h2", level=2),
        card(look, [look.text(t("unopened.paper"), "body")]),
        *steps(look, help.script, Words(SPOKEN_HERE, t("fill.neutral_name"))),
    ]
    calls = [
        Action(
            t("lock.call_nurse", name=one.name),
            dial(look, one.phone),
            ft.Icons.CALL_ROUNDED,
            identifier="call-nurse",
        )
        for one in known.nurse[:1]
    ]
    retry = Action(t("errors.again"), again, ft.Icons.REFRESH_ROUNDED, identifier="leave")
    return frame(look, head, body, thumb_bar(look, retry, calls), moved_at=1)
