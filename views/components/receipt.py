"""The receipt: what was saved, and a way back for 60 seconds. It stands above the bar and covers no
button."""

import asyncio
from collections.abc import Callable
from typing import Any

import flet as ft

from views.components.press import OnPress, pressable
from views.guard import guarded
from views.theme import Look, Radius, Space

SECONDS = 60


@ft.component
def Receipt(
    look: Look,
    title: str,
    detail: str,
    on_undo: OnPress,
    on_gone: Callable[[], Any],
    seconds: float = SECONDS,
) -> ft.Control:
    """A receipt that calls `on_gone` after `seconds`. Give it a key per saving, or the next one inherits its
    time."""

    async def wait() -> None:
        await asyncio.sleep(seconds)
        await guarded(on_gone, look.failed)()

    ft.use_effect(wait, [], cleanup=lambda: None)
    return receipt(look, title, detail, on_undo)


def receipt(look: Look, title: str, detail: str, on_undo: OnPress = None) -> ft.Control:
    """The bar alone: *Aina Rask, dospåse. Given 07:21. Sparat.* with *Ångra*. Sent is said by the chip
    only."""
    p = look.palette
    words = ft.Column(
        [look.text(title, "strong", p.on_receipt), look.text(detail, "small", p.on_receipt)],
        spacing=0,
        tight=True,
        expand=1,
    )
    inside: list[ft.Control] = [look.icon(ft.Icons.CHECK_CIRCLE_ROUNDED, p.receipt_done, 26), words]
    if on_undo and not look.large:
        inside.append(_undo(look, on_undo))
    row = ft.Row(inside, spacing=Space.M)
    content: ft.Control = row
    if on_undo and look.large:
        content = ft.Column([row, _undo(look, on_undo)], spacing=Space.S, tight=True)
    return ft.Semantics(
        container=True,
        live_region=True,
        content=ft.Container(
            content,
            bgcolor=p.receipt,
            border_radius=Radius.CARD,
            padding=ft.Padding.symmetric(horizontal=Space.L, vertical=10),
        ),
    )


def _undo(look: Look, on_undo: OnPress) -> ft.Control:
    ink = look.palette.on_receipt
    return pressable(
        look,
        ft.Row(
            [look.icon(ft.Icons.UNDO_ROUNDED, ink, 20), look.text(look.t("common.undo"), "label", ink)],
            spacing=Space.S,
            tight=True,
        ),
        on_undo,
        border=ft.Border.all(1.5, ink),
        radius=Radius.CHOICE,
        padding=ft.Padding.symmetric(horizontal=Space.L),
        least=50,
        tight=True,
        identifier="undo",
    )
