"""Öppna med finger eller ansikte: allowed with the code, by whoever has a phone of their own."""

from collections.abc import Callable

import flet as ft

from storage import NoSlot, PinNeeded, SlotClosed, WrongPin
from views.components import button, error_card, frame
from views.model import finger
from views.model.shift import Shift
from views.places import AllowFinger
from views.screens.code import code_pad, wrong_words
from views.screens.parts import back_bar
from views.theme import Look, use_look


def finger_button(look: Look, shift: Shift) -> list[ft.Control]:
    """In the menu, on a phone of one's own: to allow it, or to end it."""
    if not finger.possible(shift):
        return []

    async def end() -> None:
        await finger.end(shift)
        shift.changed()

    allowed = finger.allowed(shift)
    return [
        button(
            look,
            look.t("finger.end" if allowed else "finger.allow"),
            end if allowed else lambda: shift.go(AllowFinger()),
            kind="outlined",
            icon=ft.Icons.FINGERPRINT_ROUNDED,
            identifier="finger",
        )
    ]


def allow_finger(shift: Shift, place: AllowFinger) -> ft.Control:
    look = use_look()
    t = look.t
    digits, set_digits = ft.use_state("")
    fault, set_fault = ft.use_state("")
    trying, set_trying = ft.use_state(False)

    def enter(change: Callable[[str], str]) -> None:
        set_digits(change)
        set_fault("")

    async def allow() -> None:
        entered = digits
        set_digits("")
        set_trying(True)
        try:
            await finger.allow(shift, entered)
        except WrongPin as wrong:
            set_fault(wrong_words(look, wrong))
        except (SlotClosed, NoSlot):
            set_fault(t("code.closed"))
        except PinNeeded:
            set_fault(t("finger.not_alone"))
        except finger.NoFinger:
            set_fault(t("finger.none"))
        else:
            shift.home()
            shift.say_saved(t("finger.allowed"), t("finger.allowed_line"))
        finally:
            set_trying(False)

    body: list[ft.Control] = [error_card(look, fault)] if fault else []
    body += [look.heading(t("finger.allow")), look.text(t("finger.warning")), look.text(t("finger.how"))]
    pad = code_pad(look, digits, enter, t("finger.yes"), allow, busy=trying)
    return frame(look, back_bar(look, shift, t("common.back")), body, pad, sheet=True)
