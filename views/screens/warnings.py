"""What the phone itself needs somebody to know, on the lock screen and on Idag. It is in nobody's way."""

import flet as ft

from views.components import banner
from views.model.shift import Shift
from views.places import Waiting
from views.theme import Look


def warnings(look: Look, shift: Shift, short: bool = False) -> list[ft.Control]:
    """Little room left; something broken in the file; what befell it, until somebody has read it.

    `short`: what happened alone, where the keys for a code take the room.
    """
    t, store = look.t, shift.phone.store
    found: list[ft.Control] = []
    if shift.phone.low_on_space:
        icon = ft.Icons.SD_STORAGE_ROUNDED
        found.append(
            banner(look, "late", t("warning.space"), "" if short else t("warning.space_do"), icon=icon)
        )
    if store.doubted:
        found.append(banner(look, "late", t("errors.damaged"), t("errors.damaged_do")))
    if store.mishap:
        words = t(f"mishap.{store.mishap.what}")
        more = lambda: shift.go(Waiting())  # noqa: E731
        found.append(banner(look, "late", words, "" if short else t("mishap.read"), on_press=more))
    return found
