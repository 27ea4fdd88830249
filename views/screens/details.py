"""The value, the words or the amount that goes with a signature."""

from collections.abc import Callable
from typing import Any

import flet as ft

from care.order import Measured
from views.components import (
    Action,
    OnPress,
    Part,
    banner,
    frame,
    number_pad,
    text_field,
    thumb_bar,
    value_field,
)
from views.model import reading
from views.model.dial import dial
from views.model.shift import Shift
from views.places import Details
from views.screens.giving import sign_given
from views.screens.parts import back_bar, header_of
from views.screens.sign import gone
from views.theme import Look, use_look

LONGEST = 7


def details(shift: Shift, place: Details) -> ft.Control:
    look = use_look()
    t = look.t
    typed, set_typed = ft.use_state("")
    words, set_words = ft.use_state("")
    amount, set_amount = ft.use_state("")
    sure, set_sure = ft.use_state(False)
    task = reading.task(shift, place.dose)
    if task is None:
        return gone(look, shift)
    partly, asked = place.outcome == "partly_given", task.dose.plan.value
    value = number(typed)

    def enter(change: Callable[[str], str]) -> None:
        set_typed(change)
        set_sure(False)

    async def save() -> None:
        if asked and odd(asked, value) and not sure:
            set_sure(True)
            return
        given = place.outcome
        more = {"value": value, "note": words.strip(), "amount": amount.strip()}
        await sign_given(look, shift, task, given, **more)  # type: ignore[arg-type]

    body: list[ft.Control] = [header_of(look, task.person, task.dose.plan.what, flags=False)]
    if partly:
        body.append(
            text_field(look, t("details.amount"), amount, set_amount, hint=task.dose.plan.amount, length=60)
        )
    if task.dose.plan.note_asked or not asked:
        body.append(text_field(look, t("details.note"), words, set_words, lines=2, length=500))
    if asked:
        body += [measured(look, asked, typed), *remarks(look, shift, asked, value, sure)]
        main = t("details.right" if sure else "common.save")
        return frame(
            look,
            back_bar(look, shift, task.person.first_name),
            body,
            pad(look, enter, main, save if value is not None else None),
            dense=True,
        )
    ready = bool(amount.strip()) if partly else True
    main_action = Action(
        t("common.save"), save if ready else None, ft.Icons.CHECK_ROUNDED, identifier="save-details"
    )
    return frame(look, back_bar(look, shift, task.person.first_name), body, thumb_bar(look, main_action))


def measured(look: Look, asked: Measured, typed: str) -> ft.Control:
    return value_field(look, asked.what, typed, unit=asked.unit, active=True)


def number(typed: str) -> float | None:
    """What has been typed with the pad; None: nothing that is a number yet."""
    return float(typed.replace(",", ".")) if typed.strip(",") else None


def odd(asked: Measured, value: float | None) -> bool:
    """Whether it is asked if the value is right."""
    if value is None:
        return False
    return (asked.least is not None and value < asked.least) or (
        asked.most is not None and value > asked.most
    )


def alarming(asked: Measured, value: float | None) -> bool:
    """Whether the nurse is to be called."""
    low, high = asked.call_below, asked.call_above
    return value is not None and ((low is not None and value < low) or (high is not None and value > high))


def remarks(look: Look, shift: Shift, asked: Measured, value: float | None, sure: bool) -> list[ft.Control]:
    t = look.t
    if sure:
        shown = f"{value:g}".replace(".", ",")
        return [banner(look, "late", t("details.is_it", value=shown, unit=asked.unit), t("details.is_it_do"))]
    nurse = reading.nurse(shift)
    if alarming(asked, value):
        call = dial(look, nurse.phone) if nurse else None
        action = t("lock.call_nurse", name=nurse.name) if nurse else ""
        return [banner(look, "late", t("details.call"), t("details.call_do"), on_press=call, action=action)]
    return []


def pad(look: Look, change: Callable[[Callable[[str], str]], Any], main: str, on_main: OnPress) -> Part:
    """Keys for a number with at most one comma. Each changes what was there, not what was drawn."""

    def press(digit: str) -> None:
        change(lambda typed: (typed + digit)[:LONGEST])

    def comma() -> None:
        change(lambda typed: typed + "," if typed and "," not in typed else typed)

    return Part(number_pad(look, press, lambda: change(lambda typed: typed[:-1]), main, on_main, comma=comma))
