"""The one thing that can be pressed. Buttons, cards, choices and keys are all made of it."""

from collections.abc import Callable
from typing import Any

import flet as ft

from views.guard import guarded
from views.presses import each, once
from views.theme import Look, Target

OnPress = Callable[[], Any] | None


def strut(height: float) -> ft.Control:
    """An invisible post as high as a target must at least be; what stands beside it may grow higher."""
    return ft.Container(width=0, height=height)


def pressable(
    look: Look,
    content: ft.Control,
    on_press: OnPress,
    *,
    bgcolor: str | None = None,
    border: ft.Border | None = None,
    radius: float = 0,
    padding: ft.PaddingValue = 0,
    least: float = Target.LEAST,
    checked: bool | None = None,
    label: str | None = None,
    identifier: str | None = None,
    expand: bool | int | None = None,
    expand_loose: bool | None = None,
    center: bool = True,
    animate: bool = False,
    tight: bool = False,
    repeats: bool = False,
    what: str = "",
) -> ft.Control:
    """A target of at least `least` dp that presses. Its name to a screen reader is the text inside.

    `checked` makes it an answer that is chosen or not; `label` is added to the name. Without `on_press` it is
    disabled; `tight` makes it as wide as its content. Pressed twice in haste it is pressed once, unless it
    `repeats`: a key, an answer, a breath. `what` tells it from others where it has no identifier.
    """
    repeats = repeats or getattr(on_press, "repeats", False)
    named = identifier or what or label or ""
    press = each(on_press, look.presses) if repeats else once(on_press, look.presses, named)
    row = ft.Row(
        [strut(least), content],
        spacing=0,
        tight=tight,
        alignment=ft.MainAxisAlignment.CENTER if center else ft.MainAxisAlignment.START,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    return ft.Semantics(
        container=True,
        button=True if checked is None else None,
        checked=checked,
        label=label,
        identifier=identifier,
        disabled=on_press is None,
        expand=expand,
        expand_loose=expand_loose,
        content=ft.Container(
            row,
            ink=True,
            on_click=guarded(press, look.failed),
            bgcolor=bgcolor,
            border=border,
            border_radius=radius,
            padding=padding,
            animate=ft.Animation(120) if animate else None,
        ),
    )
