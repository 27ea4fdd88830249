"""What repeats: how many there are, and the buttons for one more and one less."""

import flet as ft

from care.forms import Item, answer_text
from care.forms.values import Value
from views.components import button, small_button
from views.forms.asking import Asking
from views.forms.words import Words
from views.model import occurring
from views.model.filling import Filling
from views.theme import Look, Space


def group_name(look: Look, words: Words, filling: Filling, group: Item) -> str:
    """*Läkemedel 2*, when there is more than one."""
    name = words.ask(group)
    if not group.is_repeated_group() or occurring.count(filling, group) == 1:
        return name
    return look.t("fill.numbered", what=name, number=occurring.number(filling, group))


def group_buttons(look: Look, asking: Asking, group: Item) -> list[ft.Control]:
    """*Lägg till en till* under the last of a group, and *Ta bort* under each that may go."""
    filling, shift = asking.filling, asking.shift
    words = group_name(look, asking.words, filling, group)

    async def remove() -> None:
        await occurring.remove_group(shift, filling.key, group)

    async def add() -> None:
        await occurring.add_group(shift, filling.key, group)

    buttons: list[ft.Control] = []
    if occurring.may_remove(filling, group):
        label, icon = look.t("fill.remove", what=words), ft.Icons.DELETE_OUTLINE_ROUNDED
        buttons.append(
            button(look, label, remove, kind="quiet", icon=icon, identifier=f"less-{group.link_id}")
        )
    if occurring.may_add(filling, group):
        label = look.t("fill.add", what=asking.words.ask(group))
        buttons.append(
            button(look, label, add, kind="outlined", icon=ft.Icons.ADD_ROUNDED, identifier="more")
        )
    return buttons


def earlier_answers(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """The answers before the one in the field, each with *Ta bort*."""
    if not item.is_listed():
        return []
    held = asking.filling.answers.get(item.link_id, [])
    shown = len(asking.filling.in_hand(item))
    return [_given(look, asking, item, value) for value in held[: len(held) - shown]]


def answer_button(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """*Ett svar till* under a question that takes several."""
    if not item.is_listed() or not occurring.may_add(asking.filling, item):
        return []

    async def add() -> None:
        await occurring.add_answer(asking.shift, asking.filling.key, item)

    icon = ft.Icons.ADD_ROUNDED
    return [
        button(look, look.t("fill.one_more"), add, kind="quiet", icon=icon, identifier=f"more-{item.link_id}")
    ]


def beneath(look: Look, asking: Asking, question: Item, number: int) -> list[ft.Control]:
    """Which of several answers the questions that follow are about."""
    held = asking.filling.answers.get(question.link_id, [])
    if not question.repeats or not 0 < number <= len(held):
        return []
    return [look.text(asking.words.answers(question, [held[number - 1]]), "strong")]


def _given(look: Look, asking: Asking, item: Item, value: Value) -> ft.Control:
    async def remove() -> None:
        await occurring.remove_answer(asking.shift, asking.filling.key, item, value)

    words = answer_text(item, [value])
    named = look.t("fill.numbered", what=asking.words.ask(item), number=words)
    take = small_button(
        look, look.t("fill.remove_answer"), remove, icon=ft.Icons.DELETE_OUTLINE_ROUNDED, question=words
    )
    return ft.Row(
        [look.text(named, "body", expand=1), take],
        spacing=Space.S,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
