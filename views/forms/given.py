"""What the form itself answers and nobody may change: shown where it stands, and nothing when it is empty."""

import flet as ft

from care.forms import Item, asked_answers
from views.forms.asking import Asking
from views.theme import Look, Space


def given(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """One question that is only to be read, with its answer."""
    values = asked_answers(asking.filling.form, asking.filling.answers).get(item.link_id)
    if not values:
        return []
    lines = [
        look.text(asking.words.ask(item), "small", look.palette.ink2),
        look.text(asking.words.answers(item, values), "strong"),
    ]
    if help_ := asking.words.help(item):
        lines.append(look.text(help_, "small", look.palette.ink2))
    return [ft.Container(ft.Column(lines, spacing=Space.XS, tight=True), key=ft.ScrollKey(item.link_id))]
