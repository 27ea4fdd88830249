"""Läs igenom: everything that has been answered, before it is saved. A press on a part goes back to it."""

from functools import partial
from itertools import groupby

import flet as ft

from care.forms import Item, Page, asked_answers
from views.components import (
    Action,
    frame,
    pressable,
    thumb_bar,
)
from views.components.press import OnPress
from views.forms.occurring import group_name
from views.forms.words import Words
from views.model import filling as fillings
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import Review
from views.screens.fill import gone
from views.screens.parts import back_bar
from views.screens.photos import photos_button
from views.screens.turning import Turning
from views.theme import Look, Radius, Space, use_look


def review(shift: Shift, place: Review) -> ft.Control:
    look = use_look()
    scroller, _ = ft.use_state(lambda: ft.Ref[ft.Column]())
    if not fillings.has(shift, place.draft):
        return gone(look, shift)
    filling = fillings.of(shift, place.draft)
    pages = fillings.pages(filling)
    turning = Turning(look, shift, filling, len(pages) - 1, scroller)
    words = fillings.words(shift, filling, look.t("fill.neutral_name"))
    body: list[ft.Control] = [
        look.heading(look.t("fill.review")),
        *(_part(look, filling, words, page, partial(turning.to, n)) for n, page in enumerate(pages)),
        *photos_button(look, shift, filling),
    ]
    save = Action(look.t("fill.save"), turning.hand_in, ft.Icons.CHECK_ROUNDED, identifier="save")
    head = back_bar(look, shift, look.t("common.back"))
    return frame(look, head, body, thumb_bar(look, save), scroller=scroller)


def _part(look: Look, filling: Filling, words: Words, page: Page, on_press: OnPress) -> ft.Control:
    """One page of the form: its name, and each question that is asked with its answer, or *Inget svar*."""
    p = look.palette
    title = group_name(look, words, filling, page.item)
    asked = frozenset(item.link_id for item in fillings.shown(filling, page))
    head = ft.Row([look.text(title, "label", p.accent, expand=1), look.icon(ft.Icons.EDIT_ROUNDED, p.accent)])
    rows = [row for item in page.item.children for row in _rows(look, filling, words, item, asked)]
    return pressable(
        look,
        ft.Column([head, *rows], spacing=Space.M, tight=True, expand=True),
        on_press,
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=ft.Padding.all(Space.L),
        identifier=f"part-{page.item.link_id or 'loose'}",
        what=title,
    )


def _rows(look: Look, filling: Filling, words: Words, item: Item, asked: frozenset[str]) -> list[ft.Control]:
    """A question with its answer and what is asked beneath it, or a group with its name above."""
    rows: list[ft.Control] = []
    if item.link_id in asked:
        pair = [
            look.text(words.ask(item), "small", look.palette.ink2),
            look.text(_answer(look, filling, words, item), "strong"),
        ]
        rows.append(ft.Column(pair, spacing=0, tight=True))
    for number, several in groupby(item.children, lambda child: child.of_answer):
        inside = [row for child in several for row in _rows(look, filling, words, child, asked)]
        if inside and item.type == "group":
            rows.append(look.text(group_name(look, words, filling, item), "label"))
        elif inside and item.repeats:
            given = filling.answers.get(item.link_id, [])[number - 1 : number]
            rows.append(look.text(words.answers(item, given), "label"))
        rows += inside
    return rows


def _answer(look: Look, filling: Filling, words: Words, item: Item) -> str:
    given = asked_answers(filling.form, filling.answers).get(item.link_id)
    if given:
        return words.answers(item, given)
    why = fillings.missing_item(filling, item)
    if why and (reason := filling.answers.get(why.link_id)):
        return words.answers(why, reason)
    return look.t("common.unknown" if item.link_id in filling.skipped else "fill.not_answered")
