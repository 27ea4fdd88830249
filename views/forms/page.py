"""A page of a questionnaire as controls: its groups, texts and questions, in the order of the form."""

import flet as ft

from care.forms import Item, enabled
from views.forms.asking import Asking
from views.forms.chosen import chosen
from views.forms.measured import measured
from views.forms.moments import moment
from views.forms.written import written
from views.theme import Look

_BY_TYPE = {
    "choice": chosen,
    "open-choice": chosen,
    "boolean": chosen,
    "integer": measured,
    "decimal": measured,
    "quantity": measured,
    "time": moment,
    "date": moment,
    "dateTime": moment,
    "string": written,
    "text": written,
}


def page_controls(look: Look, asking: Asking) -> list[ft.Control]:
    """The questions of a page that are asked now. Each stands under a key of its linkId, to scroll to."""
    filling = asking.filling
    alone = filling.form.item(filling.active) if look.large or look.short else None
    if alone is not None:
        # The pad leaves room for one question, and that is the one being answered.
        return [_keyed(look, asking, alone)]
    asked = enabled(filling.form, filling.answers)
    return [
        control
        for item in asking.page.item.children
        for control in _drawn(look, asking, item, asked, level=2)
    ]


def _drawn(look: Look, asking: Asking, item: Item, asked: frozenset[str], level: int) -> list[ft.Control]:
    if item.link_id not in asked or item.hidden or item.missing_of:
        return []
    if item.type == "display":
        return [look.text(asking.words.ask(item), "body", look.palette.ink2)]
    if item.type == "group":
        inside = [
            control for child in item.children for control in _drawn(look, asking, child, asked, level + 1)
        ]
        return [look.heading(asking.words.ask(item), "h2", level), *inside] if inside else []
    return [_keyed(look, asking, item)]


def _keyed(look: Look, asking: Asking, item: Item) -> ft.Control:
    return ft.Container(_BY_TYPE[item.type](look, asking, item), key=ft.ScrollKey(item.link_id))
