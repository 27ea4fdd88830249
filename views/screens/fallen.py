"""Instead of a screen that failed: the way out of it, and whom to call. It must not fail of the same."""

from contextlib import suppress
from typing import Any

import flet as ft

from care.unit import OnCall
from views.components import Action, error_page
from views.model import reading
from views.model.dial import dial
from views.model.shift import Shift
from views.places import Lock
from views.theme import Look


def fallen(look: Look, shift: Shift, *_: Any) -> ft.Control:
    """Back to what is below; from Idag the way out is to lock, and from the lock screen to try again."""
    nurse = _nurse(shift)
    calls = []
    if nurse:
        words = look.t("lock.call_nurse", name=nurse.name)
        calls = [Action(words, dial(look, nurse.phone), ft.Icons.CALL_ROUNDED, identifier="call-nurse")]
    if len(shift.stack) > 1:
        return error_page(look, shift.back, leave=look.t("common.back"), calls=calls)
    if isinstance(shift.place, Lock):
        return error_page(look, shift.lock, leave=look.t("errors.again"), calls=calls)
    return error_page(look, shift.lock, leave=look.t("errors.lock"), calls=calls)


def _nurse(shift: Shift) -> OnCall | None:
    """The nurse on call, as the lock screen knows her when the documents cannot be read."""
    with suppress(Exception):
        return reading.nurse(shift)
    with suppress(Exception):
        info = shift.phone.store.lock_info
        return info.nurse[0] if info and info.nurse else None
    return None
