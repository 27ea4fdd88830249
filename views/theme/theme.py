"""Flet's own theme, so that pickers, snack bars and scroll bars wear our colours too."""

import flet as ft

from views.theme.tokens import Palette
from views.theme.type import FAMILY, Role, style

FONTS = {
    "Atkinson": "fonts/Atkinson.ttf",
    "AtkinsonExt": "fonts/AtkinsonExt.ttf",
    "NotoArabic": "fonts/NotoArabic.ttf",
}
"""For `page.fonts`: family -> path under assets/."""

_MATERIAL: dict[str, Role] = {
    "display_large": "numeral",
    "display_medium": "numeral",
    "display_small": "dose",
    "headline_large": "dose",
    "headline_medium": "h1",
    "headline_small": "h1",
    "title_large": "h2",
    "title_medium": "strong",
    "title_small": "label",
    "body_large": "body",
    "body_medium": "small",
    "body_small": "small",
    "label_large": "button",
    "label_medium": "label",
    "label_small": "tiny",
}


def flet_theme(palette: Palette) -> ft.Theme:
    """`page.theme` for LIGHT, `page.dark_theme` for DARK."""
    # A fade between screens takes no taps while it lasts: wet hands would have to tap twice.
    none = ft.PageTransitionTheme.NONE
    return ft.Theme(
        font_family=FAMILY,
        color_scheme=_colours(palette),
        scaffold_bgcolor=palette.bg,
        canvas_color=palette.bg,
        divider_color=palette.line,
        text_theme=ft.TextTheme(**{name: style(role, palette.ink) for name, role in _MATERIAL.items()}),
        page_transitions=ft.PageTransitionsTheme(
            android=none, ios=none, linux=none, macos=none, windows=none
        ),
        scrollbar_theme=ft.ScrollbarTheme(thumb_color=palette.edge, thickness=4, radius=2),
        visual_density=ft.VisualDensity.STANDARD,
    )


def _colours(p: Palette) -> ft.ColorScheme:
    return ft.ColorScheme(
        primary=p.fill,
        on_primary=p.on_fill,
        primary_container=p.accent_soft,
        on_primary_container=p.on_accent_soft,
        secondary=p.accent,
        on_secondary=p.bg,
        secondary_container=p.accent_soft,
        on_secondary_container=p.on_accent_soft,
        tertiary=p.late,
        on_tertiary=p.bg,
        tertiary_container=p.late_soft,
        on_tertiary_container=p.on_late_soft,
        error=p.danger,
        on_error=p.bg,
        error_container=p.danger_soft,
        on_error_container=p.on_danger_soft,
        surface=p.bg,
        on_surface=p.ink,
        on_surface_variant=p.ink2,
        surface_tint=p.bg,
        surface_container_lowest=p.surface,
        surface_container_low=p.surface,
        surface_container=p.surface,
        surface_container_high=p.sunken,
        surface_container_highest=p.sunken,
        outline=p.edge,
        outline_variant=p.line,
        inverse_surface=p.receipt,
        on_inverse_surface=p.on_receipt,
        inverse_primary=p.receipt_done,
    )
