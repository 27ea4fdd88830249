"""A phone that is being closed, or has been: nobody opens it, and help is still there."""

import flet as ft

from views.components import (
    app_bar_locked,
    button,
    card,
    colleague_row,
    colleagues_card,
    frame,
    says,
)
from views.model.dial import dial
from views.model.shift import Shift
from views.places import Enrol, PhoneClosed
from views.screens.lock import help_tiles
from views.screens.parts import chip
from views.screens.script import fallback
from views.theme import Look, Space, use_look


def closed(shift: Shift, place: PhoneClosed) -> ft.Control:
    look = use_look()
    t = look.t
    done = shift.phone.store.keeper.closed
    body: list[ft.Control] = []
    if done is None:
        body += [look.heading(t("closed.closing")), look.text(t("closed.closing_detail"), "body")]
        if waiting := shift.phone.store.counts().waiting:
            body.append(says(look, t.n("closed.waiting", waiting), icon=ft.Icons.SCHEDULE_SEND_ROUNDED))
    else:
        detail = "closed.detail_kept" if done.kept else "closed.detail"
        body += [look.heading(t("closed.title")), look.text(t(detail), "body")]
        if done.kept:
            body.append(says(look, t.n("closed.kept", done.kept)))
    body += [help_tiles(look, shift, report=False), *others(look, shift)]
    if done is not None:
        again = button(
            look,
            t("closed.again"),
            lambda: shift.go(Enrol()),
            kind="outlined",
            icon=ft.Icons.ADD_LINK_ROUNDED,
            identifier="enrol-again",
        )
        how = look.text(t("closed.again_detail"), "body", look.palette.ink2)
        body.append(card(look, [look.text(t("closed.again_title"), "strong"), how, again], spacing=Space.S))
    return frame(look, app_bar_locked(look, chip(look, shift, short=False)), body)


def others(look: Look, shift: Shift) -> list[ft.Control]:
    """Who else answers at this hour, as the phone knew it."""
    found = fallback(shift)
    if not found:
        return []
    rows = [colleague_row(look, one.name, one.phone, dial(look, one.phone)) for one in found]
    return [look.text(look.t("script.others"), "label", look.palette.ink2), colleagues_card(look, rows)]
