"""Who are you? Only colleagues on shift; nothing about residents."""

from collections.abc import Callable
from typing import Any

import flet as ft

from views.components.press import pressable
from views.components.signs import avatar
from views.theme import Look, Radius, Space


def people(
    look: Look, colleagues: list[tuple[Any, str, str]], chosen: Any, on_choose: Callable[[Any], Any]
) -> ft.Control:
    """Tiles of (value, name, title), two beside one another; a single one takes the whole line.

    `on_choose` is given the value.
    """
    face = 40 if look.width >= 375 else 32
    titles = [title for _, _, title in colleagues]
    wide = look.columns(min(2, len(colleagues)), titles, "tiny_plain", 2 * Space.S + face + Space.S - 4)
    tiles = [
        _tile(look, value, name, title, value == chosen, on_choose, face) for value, name, title in colleagues
    ]
    rows = [tiles[at : at + wide] for at in range(0, len(tiles), wide)]
    return ft.Column(
        [
            ft.Row(
                [*row, *(ft.Container(expand=1) for _ in range(wide - len(row)))],
                spacing=Space.S,
                intrinsic_height=True,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            )
            for row in rows
        ],
        spacing=Space.S,
    )


def _tile(
    look: Look, value: Any, name: str, title: str, chosen: bool, on_choose: Callable[[Any], Any], face: float
) -> ft.Control:
    p = look.palette
    width = 2 if chosen else 1
    words = ft.Column(
        [
            look.text(name, "label", p.on_accent_soft if chosen else p.ink),
            look.text(title, "tiny_plain", p.on_accent_soft if chosen else p.ink2),
        ],
        spacing=0,
        tight=True,
        expand=1,
    )
    return pressable(
        look,
        ft.Row([avatar(look, name, strong=chosen, size=face), words], spacing=6, expand=True),
        lambda: on_choose(value),
        bgcolor=p.accent_soft if chosen else p.surface,
        border=ft.Border.all(width, p.accent if chosen else p.edge),
        radius=Radius.BUTTON,
        padding=ft.Padding.symmetric(horizontal=7 - width, vertical=Space.S - width),
        least=64,
        checked=chosen,
        expand=1,
        animate=True,
    )
