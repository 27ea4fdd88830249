"""Questions answered in words. One that may be left empty is folded until it is wanted."""

import flet as ft

from care.forms import Item
from views.components import button, text_field
from views.forms.asking import Asking
from views.model import filling as fillings
from views.theme import Look, Space


def written(look: Look, asking: Asking, item: Item) -> ft.Control:
    """One question of type string or text."""
    filling = asking.filling
    value = str(next(iter(filling.in_hand(item)), ""))
    folded = f"text:{item.link_id}"
    if not item.required and not value and folded not in filling.opened and not _revealed(item):
        return _folded(look, asking, item, folded)
    return _field(look, asking, item, value, focus=folded in filling.opened)


def _revealed(item: Item) -> bool:
    """It is there because of an answer just given, so it is wanted."""
    return bool(item.enable_when or item.enable_expression)


def _folded(look: Look, asking: Asking, item: Item, mark: str) -> ft.Control:
    def unfold() -> None:
        asking.filling.opened.add(mark)
        asking.shift.changed()

    words = asking.words.ask(item)
    return button(look, words, unfold, kind="quiet", icon=ft.Icons.EDIT_ROUNDED, start=True)


def _field(look: Look, asking: Asking, item: Item, value: str, focus: bool) -> ft.Control:
    async def write(text: str) -> None:
        given = [text.strip()] if text.strip() else []
        # Not drawn anew at every letter: what is on its way from the keyboard would be overwritten.
        await fillings.answer(asking.shift, asking.filling.key, item.link_id, list(given), draw=False)

    filling = asking.filling
    label = asking.words.ask(item)
    field = text_field(
        look,
        label,
        value,
        write,
        lines=1 if item.type == "string" else 2 if item.link_id in filling.prefilled else 3,
        length=item.max_length,
        hint=asking.words.help(item) or item.entry_format,
        problem=asking.problem(item, look.t("fill.missing")),
        autofocus=focus,
    )
    origin = asking.origin(item, look.t("fill.from_record"))
    if not origin:
        return field
    return ft.Column([field, look.text(origin, "small", look.palette.ink2)], spacing=Space.XS, tight=True)
