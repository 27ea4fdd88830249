"""A list that opens: only where there are more answers than a page has room for."""

from collections.abc import Callable
from typing import Any

import flet as ft

from views.components.choice import Option
from views.guard import guarded
from views.theme import Look, Radius, Space


def drop_down(
    look: Look,
    words: str,
    options: list[Option],
    chosen: str | None,
    on_choose: Callable[[str], Any],
    *,
    problem: str = "",
) -> ft.Control:
    """A question with its answers in a list that is searched by typing. `on_choose` is given the key."""
    p = look.palette
    listed = ft.Dropdown(
        value=chosen,
        # Named after the question above it, by a label too small to see.
        label=ft.Text(words, style=ft.TextStyle(size=1, color=ft.Colors.TRANSPARENT)),
        options=[ft.DropdownOption(key=option.value, text=option.label) for option in options],
        editable=True,
        enable_filter=True,
        text_style=look.style("body"),
        filled=True,
        fill_color=p.surface,
        border=ft.OutlineInputBorder(
            side=ft.BorderSide(1, p.late if problem else p.edge), border_radius=Radius.CHOICE, gap_padding=0
        ),
        menu_height=360,
        expand=True,
        on_select=guarded(lambda event: on_choose(str(event.control.value)), look.failed),
    )
    parts: list[ft.Control] = [look.text(words, "strong"), ft.Row([listed])]
    if problem:
        parts.append(look.text(problem, "small", p.late))
    return ft.Column(parts, spacing=Space.XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
