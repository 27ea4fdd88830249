"""What outranks the rest of the screen: call the nurse now, an answer has come, there is no coverage."""

from typing import Literal

import flet as ft

from views.components.buttons import button
from views.components.press import OnPress, pressable
from views.theme import Look, Radius, Space

BannerKind = Literal["danger", "answer", "offline", "late", "done"]

_ICONS: dict[BannerKind, ft.IconData] = {
    "danger": ft.Icons.WARNING_ROUNDED,
    "answer": ft.Icons.MARK_CHAT_UNREAD_ROUNDED,
    "offline": ft.Icons.CLOUD_OFF_ROUNDED,
    "late": ft.Icons.ERROR_ROUNDED,
    "done": ft.Icons.CHECK_CIRCLE_ROUNDED,
}


def banner(
    look: Look,
    kind: BannerKind,
    title: str,
    detail: str = "",
    *,
    on_press: OnPress = None,
    action: str = "",
    action_icon: ft.IconData = ft.Icons.CALL_ROUNDED,
    icon: ft.IconData | None = None,
) -> ft.Control:
    """A banner. With `action` it holds a button of its own (danger); without, `on_press` makes all of it
    one."""
    ground, ink = _colours(look, kind)
    head = ft.Row(
        [
            *([] if look.large and kind == "danger" else [look.icon(icon or _ICONS[kind], ink, 30)]),
            ft.Column(
                [
                    look.text(title, "h2" if kind == "danger" else "strong", ink),
                    *([look.text(detail, "strong" if kind == "danger" else "small", ink)] if detail else []),
                ],
                spacing=2,
                tight=True,
                expand=1,
            ),
        ],
        spacing=Space.L,
        expand=True,
    )
    around = ft.Padding.symmetric(horizontal=Space.L, vertical=14)
    if on_press and not action:
        if not look.large:
            head.controls.append(look.icon(ft.Icons.CHEVRON_RIGHT_ROUNDED, ink))
        return pressable(look, head, on_press, bgcolor=ground, radius=Radius.CARD, padding=around)
    inside: list[ft.Control] = [ft.Row([head])]
    if action:
        drawn = "on_danger" if kind == "danger" else "filled"
        inside.append(button(look, action, on_press, kind=drawn, icon=action_icon))
    return ft.Semantics(
        container=True,
        live_region=True,
        content=ft.Container(
            ft.Column(inside, spacing=Space.M, tight=True),
            bgcolor=ground,
            border_radius=Radius.CARD,
            padding=around,
        ),
    )


def _colours(look: Look, kind: BannerKind) -> tuple[str, str]:
    p = look.palette
    return {
        "danger": (p.danger_fill, p.on_danger_fill),
        "answer": (p.fill, p.on_fill),
        "offline": (p.offline_soft, p.on_offline_soft),
        "late": (p.late_soft, p.on_late_soft),
        "done": (p.done_soft, p.on_done_soft),
    }[kind]
