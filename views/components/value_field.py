"""A measured value being entered with the number pad, beside the last one."""

import flet as ft

from views.components.cards import card
from views.components.press import OnPress, pressable
from views.theme import Look, Radius, Space


def value_field(
    look: Look,
    label: str,
    value: str,
    *,
    unit: str = "",
    active: bool = False,
    last: str = "",
    last_at: str = "",
    trend: str = "",
    remark: ft.Control | None = None,
    action: ft.Control | None = None,
    on_press: OnPress = None,
    identifier: str | None = None,
) -> ft.Control:
    """The field. `active`: large, with a caret, the last value at eye height with its `trend`, and `remark`
    (*Högre än vanligt*).

    Otherwise one line that `on_press` makes the active one.
    """
    if active:
        return _active(look, label, value, unit, last, last_at, trend, remark, action)
    return _line(look, label, value, last, on_press, identifier)


def _active(
    look: Look,
    label: str,
    value: str,
    unit: str,
    last: str,
    last_at: str,
    trend: str,
    remark: ft.Control | None,
    action: ft.Control | None,
) -> ft.Control:
    p = look.palette
    caret = ft.Container(
        width=3,
        height=round(44 * min(look.scale, 1.4)),
        bgcolor=p.accent,
        border_radius=2,
        margin=ft.Margin.only(bottom=8),
    )
    number = ft.Row(
        [
            look.text(value, "numeral"),
            caret,
            ft.Container(
                look.text(unit, "small", p.ink2),
                padding=ft.Padding.only(bottom=8),
                expand=1,
                expand_loose=True,
            ),
        ],
        spacing=6,
        vertical_alignment=ft.CrossAxisAlignment.END,
    )
    now = ft.Column(
        [look.text(label, "strong"), number], spacing=0, tight=True, expand=None if look.large else 1
    )
    side = ft.CrossAxisAlignment.START if look.large else ft.CrossAxisAlignment.END
    before = ft.Column(
        [
            look.text(look.t("common.last_value"), "small", p.ink2),
            look.text(last, "h1", p.ink2),
            look.text(last_at, "small", p.ink2),
            *([look.text(trend, "small", p.ink2)] if trend else []),
        ],
        spacing=0,
        tight=True,
        horizontal_alignment=side,
    )
    pair = [now, before] if last else [now]
    top = (
        ft.Column(pair, spacing=Space.S, tight=True)
        if look.large
        else ft.Row(pair, spacing=Space.S, vertical_alignment=ft.CrossAxisAlignment.START)
    )
    parts: list[ft.Control] = [top]
    below = [part for part in (remark, action) if part]
    if below and look.large:
        parts.append(ft.Column(below, spacing=Space.S))
    elif below:
        between = ft.MainAxisAlignment.SPACE_BETWEEN if remark else ft.MainAxisAlignment.END
        parts.append(ft.Row(below, alignment=between))
    return card(look, parts, active=True)


def _line(
    look: Look, label: str, value: str, last: str, on_press: OnPress, identifier: str | None
) -> ft.Control:
    p = look.palette
    inside: list[ft.Control] = [look.text(label, "strong", expand=1)]
    if last and not value:
        inside.append(look.text(look.t("common.last_short", value=last), "small", p.ink2))
    inside.append(look.text(value or "–", "h2", p.ink if value else p.ink2))
    return pressable(
        look,
        ft.Row(inside, spacing=Space.M, expand=True),
        on_press,
        bgcolor=p.surface,
        border=ft.Border.all(1, p.edge),
        radius=Radius.BUTTON,
        padding=ft.Padding.symmetric(horizontal=Space.L, vertical=Space.XS),
        identifier=identifier,
        repeats=True,
    )
