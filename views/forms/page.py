"""A page of a questionnaire as controls: its groups, texts and questions, in the order of the form."""

from itertools import groupby

import flet as ft

from care.forms import Item, enabled
from views.forms.asking import Asking
from views.forms.chosen import chosen
from views.forms.given import given
from views.forms.measured import measured
from views.forms.moments import moment
from views.forms.occurring import answer_button, beneath, earlier_answers, group_buttons, group_name
from views.forms.remarks import page_remarks, remarks
from views.forms.written import written
from views.theme import Look

DEEPEST = 6
"""The deepest heading that a screen reader tells apart."""
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
        *(
            control
            for item in asking.page.item.children
            for control in _drawn(look, asking, item, asked, level=2)
        ),
        *page_remarks(look, asking),
        *group_buttons(look, asking, asking.page.item),
    ]


def _drawn(look: Look, asking: Asking, item: Item, asked: frozenset[str], level: int) -> list[ft.Control]:
    if item.link_id not in asked or item.hidden or item.missing_of:
        return []
    if item.type == "display":
        return [look.text(asking.words.ask(item), "body", look.palette.ink2)]
    if item.type == "group":
        inside = _inside(look, asking, item, asked, level + 1)
        head = look.heading(group_name(look, asking.words, asking.filling, item), "h2", min(level, DEEPEST))
        below = [*remarks(look, asking, item), *group_buttons(look, asking, item)]
        return [head, *inside, *below] if inside else []
    if item.read_only:
        read = [*given(look, asking, item), *remarks(look, asking, item)]
        return [*read, *_inside(look, asking, item, asked, level)]
    return [
        *earlier_answers(look, asking, item),
        _keyed(look, asking, item),
        *remarks(look, asking, item),
        *answer_button(look, asking, item),
        *_inside(look, asking, item, asked, level),
    ]


def _inside(look: Look, asking: Asking, item: Item, asked: frozenset[str], level: int) -> list[ft.Control]:
    """What stands in a group, or beneath the answers to a question, told apart by the answer."""
    controls: list[ft.Control] = []
    for number, several in groupby(item.children, lambda child: child.of_answer):
        drawn = [control for child in several for control in _drawn(look, asking, child, asked, level)]
        controls += [*beneath(look, asking, item, number), *drawn] if drawn else []
    return controls


def _keyed(look: Look, asking: Asking, item: Item) -> ft.Control:
    return ft.Container(_BY_TYPE[item.type](look, asking, item), key=ft.ScrollKey(item.link_id))
