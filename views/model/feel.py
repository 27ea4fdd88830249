"""What the hand feels: a click for each key and breath, a bump when something has been saved."""

import contextlib

import flet as ft

_haptics = ft.HapticFeedback()
"""Flet drops services that nobody holds."""


def tap() -> None:
    """A key, or a breath. A phone that cannot answers nothing, and nothing is lost by that."""
    with contextlib.suppress(RuntimeError):
        ft.context.page.run_task(_haptics.selection_click)
