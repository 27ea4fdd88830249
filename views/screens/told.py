"""What the watch has told of, as lines at the head of the nurse's inbox and of the chief's Idag."""

import flet as ft

from care.notice import Told
from views import dates
from views.components import banner
from views.model.shift import Shift
from views.model.watched import watched
from views.screens.parts import local
from views.theme import Look


def told_lines(look: Look, shift: Shift, to: Told) -> list[ft.Control]:
    """One line for each matter: what it is, how many, where, and when it was told."""
    t = look.t
    return [
        banner(
            look,
            "late",
            t.n(f"watch.said.{one.matter}", one.count, unit=one.unit),
            t("watch.told_at", at=dates.moment(local(one.at), shift.phone.now(), t)),
        )
        for one in watched(shift, to)
    ]
