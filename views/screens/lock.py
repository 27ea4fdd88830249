"""Vem är du? People first: the phone is shared. Help and reporting are open without a code."""

from collections.abc import Callable
from typing import Any

import flet as ft

from storage import PinNeeded, Slot, SlotClosed, WrongPin
from views.components import (
    Part,
    app_bar_locked,
    banner,
    button,
    error_card,
    frame,
    people,
    pressable,
)
from views.model import finger, reading
from views.model.dial import dial
from views.model.keystore import has_keystore
from views.model.shift import Shift
from views.places import BlankScript, ChooseReport, Enrol, Lock, SignIn
from views.screens.code import code_pad, wrong_words
from views.screens.parts import chip, receipt_of
from views.screens.warnings import warnings
from views.theme import Look, Radius, Space, use_look


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
        shift.choose(next((one.language for one in slots if one.staff == staff), ""))

    async def open_slot(code: str) -> None:
        if opening or slot is None:
            return
        set_opening(True)
        try:
            await shift.unlock(slot.staff, code)
        except WrongPin as wrong:
            set_fault(wrong_words(look, wrong))
        except SlotClosed:
            # The slot is drawn as closed from now on.
            set_fault("")
        finally:
            set_digits("")
            set_opening(False)

    async def open_by_finger() -> None:
        if opening or slot is None:
            return
        set_opening(True)
        try:
            await finger.unlock(look, shift, slot.staff)
        except (PinNeeded, SlotClosed):
            set_fault(t("finger.code_instead"))
        finally:
            set_digits("")
            set_opening(False)

    def enter(change: Callable[[str], str]) -> None:
        set_digits(change)
        set_fault("")

    device = shift.phone.store.device
    under = t("lock.where", unit=device.unit_name, phone=device.name) if device else ""
    body: list[ft.Control] = [
        ft.Column([look.heading(t("lock.who")), look.text(under, "body", look.palette.ink2)], spacing=0),
        people(look, [tile_of(look, one) for one in slots], chosen, choose),
        button(
            look,
            t("lock.someone_else"),
            lambda: shift.go(SignIn()),
            kind="quiet",
            icon=ft.Icons.PERSON_ADD_ROUNDED,
        ),
        help_tiles(look, shift),
    ]
    if slot is not None and two_steps(look):
        body = [chosen_alone(look, slot, lambda: choose("")), help_tiles(look, shift)]
    if device is None:
        body = [
            look.heading(t("lock.not_enrolled")),
            button(look, t("enrol.title"), lambda: shift.go(Enrol()), icon=ft.Icons.ADD_LINK_ROUNDED),
            help_tiles(look, shift, report=False),
        ]
    if shift.notice:
        # Why the phone locked by itself: said until somebody opens it.
        title, detail = t(f"notice.{shift.notice}"), t(f"notice.{shift.notice}_detail")
        body.insert(0, banner(look, "offline", title, detail, icon=ft.Icons.INFO_ROUNDED))
    told = warnings(look, shift, short=slot is not None)
    # Where there is room for one thing, it is help.
    body = [*body, *told] if slot is not None and two_steps(look) else [*told, *body]
    bar = None
    if slot is not None and slot.closed:
        bar = closed_bar(look, shift, slot)
    elif slot is not None:
        asked = t("lock.opening" if opening else "lock.enter_code", name=slot.name.split()[0])
        ink = look.palette.late if fault else look.palette.ink
        said = look.text(fault or asked, "strong", ink, text_align=ft.TextAlign.CENTER)
        above = by_finger(look, slot, open_by_finger)
        if fault or not (above and two_steps(look)):
            # Where there is little room the keys say it themselves.
            above.append(said)
        bar = code_pad(look, digits, enter, t("lock.open"), lambda: open_slot(digits), above, opening)
    return frame(
        look,
        app_bar_locked(look, chip(look, shift, short=False)),
        body,
        bar,
        sheet=True,
        spacing=Space.S,
        receipt=receipt_of(look, shift),
    )


def by_finger(look: Look, slot: Slot, on_press: Callable[[], Any]) -> list[ft.Control]:
    """Beside the code, never instead of it: where its owner has allowed it, and for as long."""
    if not (slot.biometric and has_keystore(ft.context.page)):
        return []
    words, icon = look.t("finger.open"), ft.Icons.FINGERPRINT_ROUNDED
    return [button(look, words, on_press, kind="soft", icon=icon, identifier="by-finger")]


def two_steps(look: Look) -> bool:
    """Where the people and the keys have no room together: first who, then the code."""
    return look.short or look.large


def chosen_alone(look: Look, slot: Slot, change: Callable[[], Any]) -> ft.Control:
    """The second step: who was chosen, and the way back to the others."""
    back = button(
        look,
        look.t("lock.change"),
        change,
        kind="quiet",
        icon=ft.Icons.SWITCH_ACCOUNT_ROUNDED,
        identifier="change-person",
    )
    return ft.Column([people(look, [tile_of(look, slot)], slot.staff, lambda _: change()), back], spacing=0)


def tile_of(look: Look, slot: Slot) -> tuple[str, str, str]:
    return slot.staff, slot.name, title_of(look, slot.title)


def title_of(look: Look, title: str) -> str:
    """A job title in words."""
    return look.t(f"title.{title}")


def closed_bar(look: Look, shift: Shift, slot: Slot) -> Part:
    """In place of the keys, after ten wrong codes: what opens it again, and what is safe meanwhile."""
    t = look.t
    # At large text the button says it, and help below is not to be pushed out of sight.
    more = () if look.large else (t("errors.safe"), t("lock.closed_do"))
    said = error_card(look, t("lock.closed", name=slot.name.split()[0]), *more)
    again = button(
        look,
        t("signin.needed"),
        lambda: shift.go(SignIn()),
        icon=ft.Icons.LOGIN_ROUNDED,
        identifier="sign-in",
    )
    return Part(ft.Column([said, again], spacing=Space.M, tight=True))


def help_tiles(look: Look, shift: Shift, report: bool = True) -> ft.Control:
    """What nobody is ever locked out of: the nurse, the script, the report."""
    t = look.t
    nurse = reading.nurse(shift)
    tiles = [
        tile(look, t("lock.script"), ft.Icons.RECORD_VOICE_OVER_ROUNDED, lambda: shift.go(BlankScript()))
    ]
    if report:
        icon = ft.Icons.ASSIGNMENT_LATE_ROUNDED
        tiles.append(tile(look, t("lock.report"), icon, lambda: shift.go(ChooseReport())))
    if nurse:
        call = dial(look, nurse.phone)
        tiles.insert(0, tile(look, t("lock.call_nurse", name=nurse.name), ft.Icons.CALL_ROUNDED, call))
    if look.large or look.narrow:
        return ft.Column(tiles, spacing=Space.S)
    return ft.Row(
        tiles, spacing=Space.S, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH
    )


def tile(look: Look, words: str, icon: ft.IconData, on_press: Callable[[], Any]) -> ft.Control:
    """Icon over words, soft: help stands beside the code, never over it."""
    p = look.palette
    label = look.text(words, "tiny", p.on_accent_soft, text_align=ft.TextAlign.CENTER)
    inside = ft.Column(
        [look.icon(icon, p.on_accent_soft), label],
        spacing=Space.XS,
        tight=True,
        alignment=ft.MainAxisAlignment.CENTER,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        expand=1,
    )
    return pressable(
        look,
        inside,
        on_press,
        bgcolor=p.accent_soft,
        radius=Radius.CHOICE,
        padding=Space.S,
        expand=None if look.large or look.narrow else 1,
    )
