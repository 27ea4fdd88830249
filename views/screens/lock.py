"""Vem är du? People first: the phone is shared. Help and reporting are open without a code."""

import flet as ft

from storage import SlotClosed, WrongPin
from views.components import Part, app_bar_locked, button, error_card, frame, number_pad, people, pin_dots
from views.model import reading
from views.model.dial import dial
from views.model.shift import Shift
from views.places import BlankScript, ChooseReport, Enrol, Lock, SignIn
from views.screens.parts import chip, receipt_of
from views.theme import Look, Space, use_look

PIN_LENGTH = 6


def lock(shift: Shift, place: Lock) -> ft.Control:
    look = use_look()
    t = look.t
    slots = shift.phone.store.slots()
    known = [slot.staff for slot in slots]
    chosen, set_chosen = ft.use_state(known[0] if len(known) == 1 else "")
    digits, set_digits = ft.use_state("")
    fault, set_fault = ft.use_state("")
    opening, set_opening = ft.use_state(False)
    slot = next((one for one in slots if one.staff == chosen), None)

    def choose(staff: str) -> None:
        set_chosen(staff)
        set_digits("")
        set_fault("")

    async def open_slot(code: str) -> None:
        if opening or slot is None:
            return
        set_opening(True)
        try:
            await shift.unlock(slot.staff, code)
        except WrongPin as wrong:
            set_fault(wrong_words(look, wrong))
        except SlotClosed:
            set_fault(t("lock.closed"))
        finally:
            set_digits("")
            set_opening(False)

    async def press(digit: str) -> None:
        code = (digits + digit)[:12]
        set_digits(code)
        set_fault("")

    device = shift.phone.store.device
    under = t("lock.where", unit=device.unit_name, phone=device.name) if device else ""
    tiles = [(one.staff, one.name, title_of(look, one.title)) for one in slots]
    body: list[ft.Control] = [
        ft.Column([look.heading(t("lock.who")), look.text(under, "body", look.palette.ink2)], spacing=0),
        people(look, tiles, chosen, choose),
        button(
            look,
            t("lock.someone_else"),
            lambda: shift.go(SignIn()),
            kind="quiet",
            icon=ft.Icons.PERSON_ADD_ROUNDED,
        ),
        *help_rows(look, shift),
    ]
    if device is None:
        body = [
            look.heading(t("lock.not_enrolled")),
            button(look, t("enrol.title"), lambda: shift.go(Enrol()), icon=ft.Icons.ADD_LINK_ROUNDED),
        ]
    if shift.fault_words(look):
        body.insert(0, error_card(look, *shift.fault_words(look)))
    bar = None
    if slot is not None:
        ready = len(digits) >= PIN_LENGTH and not opening
        bar = Part(
            ft.Column(
                [
                    look.text(
                        fault
                        or t("lock.opening" if opening else "lock.enter_code", name=slot.name.split()[0]),
                        "strong",
                        look.palette.late if fault else look.palette.ink,
                        text_align=ft.TextAlign.CENTER,
                    ),
                    pin_dots(look, len(digits), PIN_LENGTH),
                    number_pad(
                        look,
                        press,
                        lambda: set_digits(digits[:-1]),
                        t("lock.open"),
                        (lambda: open_slot(digits)) if ready else None,
                        big=True,
                    ),
                ],
                spacing=Space.M,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        )
    return frame(
        look,
        app_bar_locked(look, chip(look, shift, short=False)),
        body,
        bar,
        sheet=True,
        spacing=Space.L,
        receipt=receipt_of(look, shift),
    )


def title_of(look: Look, title: str) -> str:
    """A job title in words."""
    return look.t(f"title.{title}")


def wrong_words(look: Look, wrong: WrongPin) -> str:
    if wrong.wait_s:
        return look.t.n("lock.wait", int(wrong.wait_s))
    return look.t("lock.wrong")


def help_rows(look: Look, shift: Shift) -> list[ft.Control]:
    """What nobody is ever locked out of: the nurse, the script, the report."""
    t = look.t
    nurse = reading.nurse(shift)
    rows: list[ft.Control] = []
    if nurse:
        call = dial(look, nurse.phone)
        rows.append(
            button(look, t("lock.call_nurse", name=nurse.name), call, kind="soft", icon=ft.Icons.CALL_ROUNDED)
        )
    rows.append(
        ft.Row(
            [
                button(
                    look,
                    t("lock.script"),
                    lambda: shift.go(BlankScript()),
                    kind="outlined",
                    icon=ft.Icons.RECORD_VOICE_OVER_ROUNDED,
                    expand=1,
                ),
                button(
                    look,
                    t("lock.report"),
                    lambda: shift.go(ChooseReport()),
                    kind="outlined",
                    icon=ft.Icons.ASSIGNMENT_LATE_ROUNDED,
                    expand=1,
                ),
            ],
            spacing=Space.S,
            intrinsic_height=True,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        )
    )
    return rows
