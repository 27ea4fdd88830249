"""What the hand feels: a click for each key and breath, a bump when something has been saved."""

import contextlib

import flet as ft

from views.model.device import service


def tap() -> None:
    """A key, or a breath. A phone that cannot answers nothing, and nothing is lost by that."""
    with contextlib.suppress(RuntimeError):
        ft.context.page.run_task(service(ft.HapticFeedback).selection_click)
