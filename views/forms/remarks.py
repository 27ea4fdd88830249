"""What the form's own constraints say: a warning at once, an error when *Nästa* has looked for it."""

import flet as ft

from care.forms import Item
from views.forms.asking import Asking
from views.model import filling as fillings
from views.theme import Look, Space


def remarks(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """Under an item. What is wrong with a single answer is said with its question."""
    if not item.constraints:
        return []
    lines = [_said(look, words) for words in _wrong(asking, item)]
    lines += [_said(look, words) for words in fillings.broken(asking.filling, item.link_id, "warning")]
    if item.type != "group":
        return lines
    # There before it says anything: *Nästa* scrolls to it in the moment in which it begins to.
    return [ft.Container(ft.Column(lines, spacing=Space.S, tight=True), key=ft.ScrollKey(item.link_id))]


def page_remarks(look: Look, asking: Asking) -> list[ft.Control]:
    """At the end of a page: of the page itself, and on the last one of its step."""
    page = asking.page
    of_step = page.number == page.count and page.step.link_id != page.item.link_id
    return [
        *remarks(look, asking, page.item),
        *(remarks(look, asking, page.step) if of_step else []),
    ]


def _wrong(asking: Asking, item: Item) -> list[str]:
    together = item.type == "group" or item.read_only
    if not together or item.link_id not in asking.filling.looked_for:
        return []
    return fillings.broken(asking.filling, item.link_id, "error")


def _said(look: Look, words: str) -> ft.Control:
    p = look.palette
    line = ft.Row(
        [look.icon(ft.Icons.ERROR_OUTLINE_ROUNDED, p.late), look.text(words, "strong", p.late, expand=1)],
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    return ft.Semantics(live_region=True, content=line)
