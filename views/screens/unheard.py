"""Varför har telefonen inte haft kontakt? Asked once a shift, before something is signed on a delegation."""

from typing import get_args

import flet as ft

from care.dose import Unheard
from views import dates
from views.components import Action, Option, banner, choices, frame, thumb_bar
from views.model import reading, unheard
from views.model.dial import dial
from views.model.shift import Shift
from views.screens.parts import back_bar, local
from views.theme import Look


def why_unheard(look: Look, shift: Shift, about: list[ft.Control]) -> ft.Control:
    t, since = look.t, unheard.since(shift)
    assert since is not None
    day = dates.moment(local(since), shift.phone.now(), t)
    options = [Option(reason, t(f"unheard.{reason}")) for reason in get_args(Unheard)]
    body = [
        about[0],
        banner(look, "late", t("unheard.title", at=day), t("unheard.detail")),
        look.heading(t("unheard.why"), "h2"),
        choices(
            look,
            options,
            "",
            lambda reason: unheard.say(shift, reason),
            question=t("unheard.why"),
            shape="row",
            columns=1,
        ),
    ]
    nurse = reading.nurse(shift)
    call = None
    if nurse:
        words = t("lock.call_nurse", name=nurse.name)
        call = thumb_bar(look, Action(words, dial(look, nurse.phone), ft.Icons.CALL_ROUNDED))
    return frame(look, back_bar(look, shift, t("today.title")), body, call)
