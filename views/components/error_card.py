"""What went wrong, in a card. Never the fault's own words."""

import flet as ft

from views.theme import Look, Radius, Space


def error_card(look: Look, happened: str, safe: str = "", to_do: str = "") -> ft.Control:
    """What happened, what is safe, what to do: *Telefonen är full. Det du sparat finns kvar. Ring chefen.*"""
    p = look.palette
    return ft.Semantics(
        container=True,
        live_region=True,
        content=ft.Container(
            ft.Row(
                [
                    look.icon(ft.Icons.ERROR_ROUNDED, p.on_late_soft, 26),
                    ft.Column(
                        [
                            look.text(happened, "strong", p.on_late_soft),
                            *(look.text(words, "body", p.ink) for words in (safe, to_do) if words),
                        ],
                        spacing=Space.XS,
                        tight=True,
                        expand=1,
                    ),
                ],
                spacing=Space.M,
                vertical_alignment=ft.CrossAxisAlignment.START,
            ),
            bgcolor=p.late_soft,
            border_radius=Radius.CARD,
            padding=Space.L,
        ),
    )
