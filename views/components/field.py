"""A field to write in. Its label stands above it and stays; a system keyboard may cover the page, so it
scrolls."""

from collections.abc import Callable
from typing import Any

import flet as ft

from views.guard import guarded
from views.theme import Look, Radius, Space


def text_field(
    look: Look,
    label: str,
    value: str,
    on_change: Callable[[str], Any],
    *,
    hint: str = "",
    problem: str = "",
    lines: int = 1,
    length: int | None = None,
    password: bool = False,
    keyboard: ft.KeyboardType | None = None,
    on_submit: Callable[[str], Any] | None = None,
    autofocus: bool = False,
    identifier: str | None = None,
) -> ft.Control:
    """A label, a field, and what is wrong with it. `on_change` is given the text; `lines` above 1 grows to
    8."""
    p = look.palette
    field = ft.TextField(
        value=value,
        # The field is named after its label, which is drawn above it, by one too small to see.
        label=ft.Text(label, style=ft.TextStyle(size=1, color=ft.Colors.TRANSPARENT)),
        text_style=look.style("body"),
        hint_text=hint or None,
        hint_style=look.style("body", p.ink2),
        multiline=lines > 1,
        min_lines=lines,
        max_lines=max(lines, 8) if lines > 1 else 1,
        max_length=length,
        password=password,
        can_reveal_password=password,
        keyboard_type=keyboard,
        autofocus=autofocus,
        filled=True,
        fill_color=p.surface,
        border={
            ft.ControlState.DEFAULT: _outline(p.late if problem else p.edge, 1),
            ft.ControlState.FOCUSED: _outline(p.accent, 2),
        },
        cursor_color=p.accent,
        content_padding=ft.Padding.symmetric(horizontal=Space.L, vertical=14),
        counter_style=look.style("small", p.ink2),
        scroll_padding=120,
        on_change=guarded(lambda event: on_change(event.control.value or ""), look.failed),
        on_submit=guarded(
            (lambda event: on_submit(event.control.value or "")) if on_submit else None, look.failed
        ),
    )
    parts: list[ft.Control] = [look.text(label, "strong"), field]
    if problem:
        parts.append(look.text(problem, "small", p.late))
    return ft.Semantics(
        container=True,
        identifier=identifier,
        content=ft.Column(
            parts, spacing=Space.XS, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
        ),
    )


def _outline(colour: str, width: float) -> ft.OutlineInputBorder:
    # No gap: the label that it is for is too small to see, and a notch in the line would be.
    return ft.OutlineInputBorder(
        side=ft.BorderSide(width, colour), border_radius=Radius.CHOICE, gap_padding=0
    )
