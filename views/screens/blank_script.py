"""SBAR without a code: what to check and what to say, with blanks. Nobody is locked out of help."""

import flet as ft

from care.forms import Item, Questionnaire
from views.components import Action, card, colleague_row, colleagues_card, frame, info_line, thumb_bar
from views.forms.words import Words
from views.model import filling as fillings
from views.model import reading
from views.model.dial import dial
from views.model.phone import SBAR
from views.model.shift import Shift
from views.places import BlankScript
from views.screens.parts import back_bar
from views.screens.script import fallback
from views.theme import Look, Radius, Space, use_look


def blank_script(shift: Shift, place: BlankScript) -> ft.Control:
    look = use_look()
    t = look.t
    form = fillings.form_of(shift, SBAR)
    words = Words(shift.language, t("fill.neutral_name"))
    nurse = reading.nurse(shift)
    body: list[ft.Control] = [
        look.heading(t("script.blank_title")),
        info_line(look, t("sbar.life_threat"), icon=ft.Icons.WARNING_ROUNDED, tone="danger"),
        *steps(look, form, words),
    ]
    others = fallback(shift)
    if others:
        rows = [colleague_row(look, one.name, one.phone, dial(look, one.phone)) for one in others]
        body += [look.text(t("script.others"), "label", look.palette.ink2), colleagues_card(look, rows)]
    bar = None
    if nurse:
        call = Action(
            t("sbar.call_nurse", name=nurse.name), dial(look, nurse.phone), ft.Icons.SUPPORT_AGENT_ROUNDED
        )
        bar = thumb_bar(look, call)
    return frame(look, back_bar(look, shift, t("common.back")), body, bar)


def steps(look: Look, form: Questionnaire, words: Words) -> list[ft.Control]:
    """A card for each letter: the sentence to say, and what the form asks under it."""
    return [_step(look, group, words) for group in form.items if group.type == "group"]


def _step(look: Look, group: Item, words: Words) -> ft.Control:
    t, p = look.t, look.palette
    letter = group.prefix.swedish or group.link_id.upper()
    side = round(32 * min(look.scale, 1.4))
    sign = ft.Container(
        look.text(letter, "initials", p.on_accent_soft),
        width=side,
        height=side,
        bgcolor=p.accent_soft,
        border_radius=Radius.SIGN,
        alignment=ft.Alignment.CENTER,
    )
    head = ft.Row([sign, look.text(words.ask(group), "h2", expand=1)], spacing=Space.M)
    say = f"script.blank_{group.link_id}"
    lines: list[ft.Control] = [look.text(t(say), "reading")] if t.has(say) else []
    asked = [
        item
        for item in group.walk()
        if item.is_question() and not item.missing_of and not item.enable_when and not item.hidden
    ]
    lines += [
        ft.Row(
            [
                look.icon(ft.Icons.CHECK_BOX_OUTLINE_BLANK_ROUNDED, p.ink2, 20),
                look.text(words.ask(item), "small", expand=1),
            ],
            spacing=Space.S,
        )
        for item in asked
    ]
    return card(look, [head, *lines])
