"""What the form itself answers and nobody may change: shown where it stands.

What has no answer is not shown, unless it is calculated: then it is said that it comes, or that it cannot.
"""

import flet as ft

from care.forms import Item, reckoned
from views.forms.asking import Asking
from views.theme import Look, Space


def given(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """One question that is only to be read, with its answer."""
    found = reckoned(asking.filling.form, asking.filling.answers)
    values = found.answers.get(item.link_id)
    if not values and not item.calculated:
        return []
    failed = item.link_id in found.failed
    lines = [look.text(asking.words.ask(item), "small", look.palette.ink2)]
    if values:
        lines.append(look.text(asking.words.answers(item, values), "strong"))
    if failed or not values:
        words = look.t("fill.cannot_calculate" if failed else "fill.calculated_later")
        lines.append(look.text(words, "small", look.palette.late if failed else look.palette.ink2))
    if help_ := asking.words.help(item):
        lines.append(look.text(help_, "small", look.palette.ink2))
    return [ft.Container(ft.Column(lines, spacing=Space.XS, tight=True), key=ft.ScrollKey(item.link_id))]
