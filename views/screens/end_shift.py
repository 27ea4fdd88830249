"""Avsluta passet: what is unsigned and for whom, a word to those who come; and what others left."""

import flet as ft

from care.handover import HandoverDocument
from views import dates
from views.components import (
    Action,
    banner,
    button,
    card,
    empty,
    frame,
    info_line,
    section_title,
    task_card,
    text_field,
    thumb_bar,
)
from views.model import ending, reading
from views.model.shift import Shift
from views.places import AskEffect, EndShift, Handovers, LedgerOf, Place, Sign
from views.screens.parts import ICONS, back_bar, local, time_words
from views.theme import Look, use_look


def end_shift(shift: Shift, place: EndShift) -> ft.Control:
    look = use_look()
    t = look.t
    note, set_note = ft.use_state("")
    found = ending.left(shift)

    async def hand_over() -> None:
        await ending.end(shift, note)
        if look.put_down:
            await look.put_down()

    body: list[ft.Control] = [look.heading(t("ending.title"))]
    if found:
        people = len({one.person.id for one in found})
        body.append(banner(look, "late", t.n("ending.left", len(found)), t.n("ending.left_people", people)))
        body += [open_card(look, shift, one) for one in found]
    else:
        body.append(info_line(look, t("ending.all_signed")))
    if shift.me.unsent:
        body.append(look.text(t("ending.unsent"), "body", look.palette.ink2))
    body.append(
        text_field(look, t("ending.note"), note, set_note, lines=2, length=500, hint=t("ending.note_hint"))
    )
    main = Action(
        t.n("ending.hand_over", len(found)) if found else t("ending.end"),
        hand_over,
        ft.Icons.LOGOUT_ROUNDED,
        identifier="hand-over",
    )
    return frame(look, back_bar(look, shift, t("today.title")), body, thumb_bar(look, main), switch=False)


def open_card(look: Look, shift: Shift, one: ending.Open) -> ft.Control:
    """One thing that is left; the card leads to where it is done."""
    t = look.t
    place: Place
    if one.task:
        words, tone = time_words(look, one.task)
        what, icon = one.task.dose.plan.what, ICONS[one.task.dose.plan.form]
        place = Sign(one.left.id)
    elif one.preparation:
        words, tone, what, icon = t("ledger.check_late"), "late", one.preparation, ft.Icons.CALCULATE_ROUNDED
        place = LedgerOf(one.person.id, one.preparation)
    else:
        words, tone, what, icon = (
            t("effect.ask"),
            "accent",
            t("effect.title"),
            ft.Icons.PSYCHOLOGY_ALT_ROUNDED,
        )
        place = AskEffect(one.left.id)
    return task_card(
        look,
        name=one.person.listed,
        what=what,
        icon=icon,
        time=words,
        time_tone=tone,  # type: ignore[arg-type]
        room=one.person.room or None,
        address=one.person.street or None,
        on_press=lambda: shift.go(place),
        identifier=f"left-{one.left.id}",
    )


def end_button(look: Look, shift: Shift) -> ft.Control:
    """In the menu."""
    return button(
        look,
        look.t("ending.title"),
        lambda: shift.go(EndShift()),
        kind="outlined",
        icon=ft.Icons.LOGOUT_ROUNDED,
        identifier="end-shift",
    )


def handed_over(look: Look, shift: Shift) -> list[ft.Control]:
    """On Idag: somebody has left word."""
    new = ending.unread(shift)
    if not new:
        return []
    first = new[0]
    name = reading.name_of(shift, first.by) or look.t("signed.unknown_person")
    at = dates.moment(local(first.at), shift.phone.now(), look.t) if first.at else ""
    words = look.t("ending.from", name=name, at=at)
    go = lambda: shift.go(Handovers())  # noqa: E731
    return [banner(look, "answer", words, look.t("ending.read"), on_press=go)]


def handovers(shift: Shift, place: Handovers) -> ft.Control:
    look = use_look()
    t = look.t
    found = ending.received(shift)
    ft.use_effect(lambda: ending.have_read(shift), [])
    body: list[ft.Control] = [look.heading(t("ending.handed_over"))]
    for document in found:
        body += one_handover(look, shift, document)
    if not found:
        body.append(empty(look, t("ending.nothing")))
    return frame(look, back_bar(look, shift, t("today.title")), body)


def one_handover(look: Look, shift: Shift, document: HandoverDocument) -> list[ft.Control]:
    """Who left what, the word with it, and what of it is still to be done."""
    t = look.t
    name = reading.name_of(shift, document.by) or t("signed.unknown_person")
    at = dates.moment(local(document.at), shift.phone.now(), t) if document.at else ""
    still = ending.still_open(shift, document)
    lines: list[ft.Control] = [
        look.text(t.n("ending.was_left", len(document.open)), "body", look.palette.ink2)
    ]
    if document.note:
        lines.insert(0, look.text(document.note, "strong"))
    if document.open and not still:
        lines.append(info_line(look, t("ending.all_done")))
    title = section_title(look, t("ending.from", name=name, at=at), None, icon=ft.Icons.FORUM_ROUNDED)
    return [title, card(look, lines), *(open_card(look, shift, one) for one in still)]
