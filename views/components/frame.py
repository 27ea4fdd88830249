"""The frame of every screen: head, a body that scrolls, and a bar that nothing scrolls under."""

import flet as ft

from views.components.app_bar import Part
from views.components.buttons import button
from views.components.error_card import error_card
from views.theme import Look, Radius, Space


def frame(
    look: Look,
    head: Part,
    body: list[ft.Control],
    bar: Part | None = None,
    *,
    receipt: ft.Control | None = None,
    moved_at: int | None = None,
    spacing: float = 10,
    sheet: bool = False,
    dense: bool = False,
    switch: bool = True,
    body_key: str | None = None,
    scroller: ft.Ref[ft.Column] | None = None,
) -> ft.Control:
    """One screen. What head and bar have no room for at large text goes first, and at `moved_at` (or last).

    `sheet` rounds the bar (the lock screen's number pad). `body_key` resets the scroll position when it
    changes. `dense` is for forms that need every dp above a number pad. `scroller` will hold
    what scrolls, to bring something into view by its ScrollKey. What went wrong last stands above the bar,
    where nothing scrolls it away; what it means comes first in the body where there is little room. Without
    `switch` the screen has a button of its own that locks the phone for the next person.
    """
    moved = list(bar.moved) if bar else []
    at = len(body) if moved_at is None else moved_at
    fault, crowded = look.fault, look.large or look.short
    explained = [error_card(look, *fault)] if fault and crowded else []
    parts = [*explained, *head.moved, *body[:at], *moved, *body[at:]]
    if switch and look.put_down:
        parts.append(_switch(look))
    scrolling = ft.Column(
        [_narrow(look, ft.Column(parts, spacing=6 if dense else spacing), top=0 if dense else Space.S)],
        scroll=look.scroll,
        expand=True,
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        key=body_key,
        ref=scroller,
    )
    top = ft.Container(_narrow(look, head.control, top=10, bottom=6), alignment=ft.Alignment.TOP_CENTER)
    whole: list[ft.Control] = [ft.SafeArea(top, avoid_intrusions_bottom=False), scrolling]
    if fault is not None:
        shown = error_card(look, fault[0]) if crowded else error_card(look, *fault)
        whole.append(ft.Container(_narrow(look, shown, side=Space.M), alignment=ft.Alignment.CENTER))
    if receipt is not None:
        whole.append(ft.Container(_narrow(look, receipt, side=Space.M), alignment=ft.Alignment.CENTER))
    if bar is not None:
        whole.append(_bar(look, bar.control, sheet))
    return ft.Container(
        ft.Column(whole, spacing=0, expand=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=look.palette.bg,
        expand=True,
    )


def _switch(look: Look) -> ft.Control:
    """The phone is shared: from any screen it is one tap to a colleague's code. Last, out of the way."""
    icon = ft.Icons.SWITCH_ACCOUNT_ROUNDED
    return button(look, look.t("menu.switch"), look.put_down, kind="quiet", icon=icon, identifier="put-down")


def _narrow(
    look: Look,
    content: ft.Control,
    *,
    side: float = Space.PAGE,
    top: float = Space.S,
    bottom: float = Space.S,
) -> ft.Control:
    """The one column, centred and at most 560 dp wide."""
    around = ft.Padding(left=side, right=side, top=top, bottom=bottom)
    return ft.Container(content, width=look.column, padding=around)


def _bar(look: Look, content: ft.Control, sheet: bool) -> ft.Control:
    p = look.palette
    radius = ft.BorderRadius.only(top_left=Radius.SHEET, top_right=Radius.SHEET) if sheet else None
    return ft.Container(
        ft.SafeArea(
            ft.Container(_narrow(look, content, top=Space.M, bottom=Space.M), alignment=ft.Alignment.CENTER),
            avoid_intrusions_top=False,
        ),
        bgcolor=p.surface,
        border=None if sheet else ft.Border(top=ft.BorderSide(1, p.line)),
        border_radius=radius,
        shadow=None
        if p.dark
        else ft.BoxShadow(blur_radius=16, color=ft.Colors.with_opacity(0.06, p.ink), offset=ft.Offset(0, -4)),
    )
