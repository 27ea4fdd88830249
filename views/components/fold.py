"""A part of a form that is seldom needed: closed, a line that says what it holds; open, its fields."""

import flet as ft

from views.components.press import OnPress, pressable
from views.theme import Look, Radius, Space


def fold(
    look: Look,
    label: str,
    said: str,
    opened: bool,
    on_press: OnPress,
    content: list[ft.Control],
    *,
    identifier: str,
    problem: bool = False,
) -> ft.Control:
    """The line opens and closes it. `said` is what is filled in, shown while it is closed; `problem` marks
    that something in it is wrong."""
    p = look.palette
    words: list[ft.Control] = [look.text(label, "strong")]
    if said and not opened:
        words.append(look.text(said, "small", p.ink2))
    arrow = ft.Icons.EXPAND_LESS_ROUNDED if opened else ft.Icons.EXPAND_MORE_ROUNDED
    line = ft.Row(
        [ft.Column(words, spacing=2, tight=True, expand=1), look.icon(arrow, p.ink2)],
        spacing=Space.S,
        expand=True,
    )
    head = pressable(
        look,
        line,
        on_press,
        radius=Radius.CHOICE,
        padding=ft.Padding.symmetric(horizontal=Space.M, vertical=Space.XS),
        identifier=identifier,
        repeats=True,
    )
    inside: list[ft.Control] = [head]
    if opened:
        filled = ft.Column(content, spacing=Space.M, tight=True)
        inside.append(ft.Container(filled, padding=ft.Padding(Space.M, 0, Space.M, Space.M)))
    return ft.Container(
        ft.Column(inside, spacing=0, tight=True),
        bgcolor=p.surface,
        border=ft.Border.all(1, p.late if problem else p.line),
        border_radius=Radius.CARD,
    )
