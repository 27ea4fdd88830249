"""The top of a screen. 112 is always in the same corner, and what was sent is always told."""

from typing import NamedTuple

import flet as ft

from views.components.press import OnPress, pressable
from views.components.signs import avatar, call_112
from views.theme import Look, Radius, Space
from views.theme.type import GROWTH_LIMIT, longest_word


class Part(NamedTuple):
    """A fixed part of a frame, and what it has no room for at large text: the frame moves that into the
    page."""

    control: ft.Control
    moved: tuple[ft.Control, ...] = ()


def app_bar_person(look: Look, name: str, place: str, on_press: OnPress) -> Part:
    """The top of Idag: who works here now. A tap opens switch user, my reports, language, lock."""
    p = look.palette
    first = name.split()[0]
    lines: list[ft.Control] = [
        ft.Row(
            [
                look.text(first, "strong", p.ink, expand=1, expand_loose=True),
                look.icon(ft.Icons.KEYBOARD_ARROW_DOWN_ROUNDED, p.ink2, 22),
            ],
            spacing=4,
            tight=True,
        )
    ]
    if not look.large:
        lines.append(look.text(place, "small", p.ink2))
    # The circle (44 dp), the arrow (22), 112 (80) and the gaps leave this much for the name, which says more
    # than the initials do.
    grown = (44 + 22 + 20) * min(look.scale, GROWTH_LIMIT) + 30 * look.scale
    left = look.column - 2 * Space.PAGE - 52 - grown
    face = [avatar(look, name)] if longest_word([first], "strong", look.scale) <= left else []
    who = ft.Row(
        [*face, ft.Column(lines, spacing=0, tight=True, expand=1, expand_loose=True)],
        spacing=10,
        expand=True,
    )
    press = pressable(look, who, on_press, radius=Radius.CHIP, expand=1, center=False)
    return Part(_bar([press, call_112(look)]))


def app_bar_back(look: Look, title: str, on_back: OnPress, chip: ft.Control | None = None) -> Part:
    """The top of every other screen: a way back named after where it leads, the short chip, 112."""
    p = look.palette
    back = pressable(
        look,
        ft.Row(
            [
                look.icon(ft.Icons.ARROW_BACK_ROUNDED, p.ink),
                look.text(title, "strong", p.ink, expand=1, expand_loose=True, max_lines=2),
            ],
            spacing=Space.S,
            expand=True,
        ),
        on_back,
        radius=Radius.CHIP,
        expand=1,
        center=False,
        identifier="back",
    )
    # The chip (98 dp), 112 (84), the arrow and the gaps leave this much for the title's longest word.
    left = look.column - 2 * Space.PAGE - 3 * Space.S - (98 + 84 + 24) * look.scale
    crowded = look.large or longest_word([title], "strong", look.scale) > left
    beside = [chip] if chip and not crowded else []
    return Part(_bar([back, *beside, call_112(look)]), (chip,) if chip and crowded else ())


def app_bar_locked(look: Look, chip: ft.Control) -> Part:
    """The top of the lock screen: the long chip and 112."""
    if look.large:
        return Part(_bar([ft.Container(expand=1), call_112(look)]), (chip,))
    return Part(_bar([chip, ft.Container(expand=1), call_112(look)]))


def title_row(look: Look, title: str, chip: ft.Control) -> ft.Control:
    """*Idag* and the long chip; under one another when the text is large."""
    if look.large or look.column / look.scale < 340:
        return ft.Column([look.heading(title), ft.Row([chip])], spacing=Space.XS)
    return ft.Row([ft.Container(look.heading(title), expand=1), chip], spacing=Space.S)


def title_block(look: Look, title: str, second: str) -> ft.Control:
    """A page's title and the line under it."""
    return ft.Column([look.heading(title), look.text(second, "small", look.palette.ink2)], spacing=2)


def _bar(controls: list[ft.Control]) -> ft.Control:
    return ft.Row(controls, spacing=Space.S, vertical_alignment=ft.CrossAxisAlignment.CENTER)
