"""What to say on the phone, and what the advice is before it."""

import flet as ft

from views.components.cards import card
from views.theme import Look, Radius, Space, Tone


def script_card(look: Look, parts: list[tuple[str, str]]) -> ft.Control:
    """*Läs upp det här*: (letter, sentences) for S, B, A and R. Always Swedish: it is read to a Swedish
    nurse."""
    p = look.palette
    head = ft.Row(
        [
            look.icon(ft.Icons.RECORD_VOICE_OVER_ROUNDED, p.accent),
            look.text(look.t("sbar.read_aloud"), "label", p.accent, expand=1),
        ],
        spacing=Space.M,
    )
    return card(look, [head, *(_part(look, letter, words) for letter, words in parts)], spacing=Space.S)


def _part(look: Look, letter: str, words: str) -> ft.Control:
    p = look.palette
    side = round(32 * min(look.scale, 1.4))
    return ft.Row(
        [
            ft.Container(
                look.text(letter, "initials", p.on_accent_soft),
                width=side,
                height=side,
                bgcolor=p.accent_soft,
                border_radius=Radius.SIGN,
                alignment=ft.Alignment.CENTER,
            ),
            look.text(f"\u2066{words}\u2069" if look.rtl else words, "reading", expand=1),
        ],
        spacing=10,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def say_card(look: Look, title: str, words: str) -> ft.Control:
    """*Säg till Karin*, and the sentence to say back."""
    p = look.palette
    return card(
        look,
        [
            ft.Row(
                [
                    look.icon(ft.Icons.RECORD_VOICE_OVER_ROUNDED, p.accent),
                    ft.Column(
                        [look.text(title, "label", p.accent), look.text(words, "body")],
                        spacing=Space.XS,
                        tight=True,
                        expand=1,
                    ),
                ],
                spacing=Space.M,
                vertical_alignment=ft.CrossAxisAlignment.START,
            )
        ],
    )


def score_card(
    look: Look, *, name: str, score: str, title: str, advice: str, detail: str, tone: Tone = "danger"
) -> ft.Control:
    """The advice before the score before the script. Red only from NEWS2 7."""
    p = look.palette
    shade = look.tone(tone)
    grounds = {"danger": (p.danger_fill, p.on_danger_fill), "accent": (p.fill, p.on_fill)}
    ground, on_ground = grounds.get(tone, (p.surface, shade.on_soft))
    tile = ft.Container(
        ft.Column(
            [look.text(name, "tiny", on_ground), look.text(score, "numeral", on_ground)],
            spacing=0,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        bgcolor=ground,
        border_radius=Radius.CHOICE,
        padding=ft.Padding.symmetric(horizontal=Space.L, vertical=10),
    )
    icon = ft.Icons.WARNING_ROUNDED if tone in ("danger", "late") else ft.Icons.INFO_ROUNDED
    words = ft.Column(
        [
            ft.Row(
                [look.icon(icon, shade.alone), look.text(title, "h2big", shade.on_soft, expand=1)], spacing=10
            ),
            look.text(advice, "strong", p.ink),
        ],
        spacing=Space.XS,
        tight=True,
        expand=None if look.large else 1,
    )
    top = (
        ft.Column([ft.Row([tile]), words], spacing=Space.M)
        if look.large
        else ft.Row([tile, words], spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START)
    )
    return ft.Container(
        ft.Column([top, look.text(detail, "small", shade.on_soft)], spacing=Space.M, tight=True),
        bgcolor=shade.soft,
        border_radius=Radius.CARD,
        padding=14,
    )
