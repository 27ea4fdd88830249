"""Questions with answers to choose among: tiles, chips, radio buttons, Ja and Nej."""

from collections.abc import Awaitable, Callable
from typing import Any

import flet as ft

from care.forms import Item, Value
from views import dates
from views.components import Option, Shape, button, drop_down, question, text_field
from views.forms.asking import Asking
from views.model import filling as fillings
from views.theme import Look, Space

THREE_IN_A_ROW = 10
TWO_IN_A_ROW = 30
"""Letters that an answer has room for in a third and in half of the narrowest phone."""
IN_SIGHT = 8
"""Answers that are always in sight: a list that opens is for more than these."""
ASIDE = 24
"""Letters of a question that two short answers have room beside."""


def chosen(look: Look, asking: Asking, item: Item) -> ft.Control:
    """One question of type choice, open-choice or boolean."""
    options = options_of(look, asking, item)
    by_key = dict(zip((option.value for option in options), values_of(item), strict=True))
    held = asking.filling.answers.get(item.link_id, [])
    keys = [key for key, value in by_key.items() if value in held]
    shape = shape_of(options, item)
    ask = asking.words.ask(item)

    async def press(key: str) -> None:
        await asking.choose(item, by_key[key])

    if item.control == "list" and len(options) > IN_SIGHT and not item.repeats:
        missing = asking.problem(item, look.t("fill.missing"))
        listed = drop_down(look, ask, options, keys[0] if keys else None, press, problem=missing)
        beside = [*_help(look, asking, item, listed), *_open_text(look, asking, item)]
        return ft.Column([listed, *beside], spacing=Space.XS, tight=True)
    control = question(
        look,
        ask,
        options,
        frozenset(keys) if item.repeats else (keys[0] if keys else None),
        press,
        origin=asking.origin(item, look.t("fill.from_record")),
        shape=shape,
        columns=columns_of(options, shape, look),
        aside=item.type == "boolean" and len(ask) <= ASIDE,
        problem=asking.problem(item, look.t("fill.missing")),
    )
    beside = [
        *_help(look, asking, item, control),
        *_open_text(look, asking, item),
        *earlier_line(look, asking, item),
        *not_measured(look, asking, item),
    ]
    return ft.Column([control, *beside], spacing=Space.XS, tight=True) if beside else control


def options_of(look: Look, asking: Asking, item: Item) -> list[Option]:
    """The answers; their keys are the options' codes."""
    if item.type == "boolean":
        return [Option("true", look.t("common.yes")), Option("false", look.t("common.no"))]
    return [
        Option(
            option.code,
            asking.words.option(option),
            icon_named(option.icon),
            danger=option.danger or option.emergency,
        )
        for option in item.options
    ]


def values_of(item: Item) -> list[Value]:
    return [True, False] if item.type == "boolean" else [option.value for option in item.options]


def icon_named(name: str) -> ft.IconData | None:
    """A Material icon by the name that the form gives it; none when this app does not have it."""
    found = getattr(ft.Icons, name, None) if name else None
    return found if isinstance(found, ft.IconData) else None


def shape_of(options: list[Option], item: Item) -> Shape:
    """Tiles where the form says so; a row with an icon for two answers, as *Såg någon?*"""
    if not any(option.icon for option in options):
        return "plain"
    if item.control == "tiles" and len(options) > 2:
        return "tile"
    return "row"


def columns_of(options: list[Option], shape: Shape, look: Look) -> int:
    """Three in a row when every word has room, otherwise two, or one."""
    labels = [option.label for option in options]
    longest = max((len(word) for label in labels for word in label.split()), default=0)
    if shape == "tile":
        room = longest <= THREE_IN_A_ROW and not look.narrow
        return 3 if room and (len(options) % 3 == 0 or len(options) > 4) else 2
    most = max((len(label) for label in labels), default=0)
    if shape == "row":
        return 2 if most <= TWO_IN_A_ROW - 12 else 1
    if most <= THREE_IN_A_ROW and len(options) != 2 and not look.narrow:
        return 3
    return 2 if most <= TWO_IN_A_ROW else 1


def earlier_line(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """*Förra värdet Vaken som vanligt, i går 14:10*, under a measurement without a field to stand beside."""
    last = asking.last.get(item.link_id)
    why = fillings.missing_item(asking.filling, item)
    if last is None or why is None or why.missing_of != item.link_id:
        return []
    at = dates.moment(last.at, asking.shift.phone.now(), look.t)
    words = look.t("common.last_with_time", value=asking.words.answers(item, [last.value]), at=at)
    return [look.text(words, "small", look.palette.ink2)]


def not_measured(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """*Kunde inte mäta*, and why, under a question that has such a sibling."""
    why = fillings.missing_item(asking.filling, item)
    if why is None or why.missing_of != item.link_id:
        return []
    return [reason_row(look, asking, why)]


def reason_row(look: Look, asking: Asking, why: Item) -> ft.Control:
    """The reasons, once *Kunde inte mäta* has been pressed or one of them has been chosen."""
    filling = asking.filling
    if filling.why_missing != why.link_id and not filling.answers.get(why.link_id):
        return button(
            look,
            look.t("vital.not_measured_button"),
            opener(asking, why),
            kind="quiet",
            icon=ft.Icons.BLOCK_ROUNDED,
        )
    return reasons(look, asking, why, lambda value: asking.choose(why, value))


def opener(asking: Asking, why: Item) -> Callable[[], None]:
    def press() -> None:
        asking.filling.why_missing = why.link_id
        asking.shift.changed()

    return press


def reasons(look: Look, asking: Asking, why: Item, on_value: Callable[[Value], Awaitable[Any]]) -> ft.Control:
    """Why it could not be measured, as answers."""
    by_key = {option.code: option.value for option in why.options}
    held = asking.filling.answers.get(why.link_id, [])
    now = next((key for key, value in by_key.items() if value in held), None)
    drawn = options_of(look, asking, why)

    async def press(key: str) -> None:
        asking.filling.why_missing = ""
        await on_value(by_key[key])

    shape = shape_of(drawn, why)
    return question(
        look, asking.words.ask(why), drawn, now, press, shape=shape, columns=columns_of(drawn, shape, look)
    )


def _help(look: Look, asking: Asking, item: Item, control: ft.Control) -> list[ft.Control]:
    """The help stands between the question and its answers."""
    words = asking.words.help(item)
    if words and isinstance(control, ft.Column):
        control.controls.insert(1, look.text(words, "small", look.palette.ink2))
    return []


def _open_text(look: Look, asking: Asking, item: Item) -> list[ft.Control]:
    """An answer of one's own, where the form takes one."""
    if item.type != "open-choice":
        return []
    options = values_of(item)
    held = asking.filling.answers.get(item.link_id, [])
    own = next((str(value) for value in held if isinstance(value, str) and value not in options), "")

    async def write(text: str) -> None:
        keep = [value for value in held if value in options] if item.repeats else []
        values = [*keep, text.strip()] if text.strip() else keep
        await fillings.answer(asking.shift, asking.filling.key, item.link_id, values, draw=False)

    return [text_field(look, look.t("fill.other_answer"), own, write, length=item.max_length)]
