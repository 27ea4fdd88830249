"""Measures what Flet has no API for: the system's text scale, with the window's size and brightness."""

from dataclasses import dataclass, replace

import flet as ft

PROBE = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """The system's text scale (1.0 is the ordinary size), the window in dp, whether the system is dark."""

    scale: float
    width: float
    height: float
    dark: bool


def use_measured() -> tuple[Measured, ft.Control]:
    """A hook: what is measured now, and the invisible probe that must be put in a Stack of the page.

    The probe is an "I" of 100 sp; its height in dp is the scale. It is wrapped, because a control with both a
    position and on_size_change directly in a Stack paints the screen grey.
    """
    page = ft.context.page
    now, set_now = ft.use_state(Measured(1.0, page.width or 390, page.height or 844, _dark(page)))

    def remeasure(**found: float) -> None:
        set_now(
            lambda old: replace(
                old,
                width=page.width or old.width,
                height=page.height or old.height,
                dark=_dark(page),
                **found,
            )
        )

    def listen() -> None:
        page.on_resize = lambda: remeasure()
        page.on_platform_brightness_change = lambda: remeasure()

    ft.use_effect(listen, [])
    probe = ft.Text(
        "I",
        style=ft.TextStyle(size=PROBE, height=1.0),
        opacity=0,
        on_size_change=lambda event: remeasure(scale=round(event.height / PROBE, 2)),
    )
    return now, ft.Container(probe, left=-600, top=0)


def _dark(page: ft.Page) -> bool:
    return page.platform_brightness == ft.Brightness.DARK
