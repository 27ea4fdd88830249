"""Colours, space, radii and target sizes. Warm paper, ink, one accent.

Red is kept for danger to life, allergy and 112, so that it still means something. Every pair of text and
ground in `TEXT_PAIRS` is at least 4.5:1, every outline in `OUTLINE_PAIRS` at least 3:1 (WCAG 2.2, 1.4.3 and
1.4.11); tests/test_theme.py measures both palettes.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Tone = Literal["quiet", "accent", "late", "done", "danger", "offline"]


@dataclass(frozen=True, slots=True)
class Palette:
    """One set of colours. `x_soft` is a ground, `on_x_soft` the text on it, `x` the colour on a page."""

    dark: bool
    bg: str  # the page
    surface: str  # cards, the bar at the thumb
    sunken: str  # keys, quiet signs, notes
    ink: str
    ink2: str  # second lines
    line: str  # hairlines
    edge: str  # outlines of controls
    accent: str  # text and icons
    fill: str  # the ground of a filled button: deeper than accent in the dark, or it blinds at night
    on_fill: str
    accent_soft: str
    on_accent_soft: str
    late: str
    late_soft: str
    on_late_soft: str
    done: str
    done_soft: str
    on_done_soft: str
    danger: str
    danger_fill: str
    on_danger_fill: str
    danger_soft: str
    on_danger_soft: str
    danger_button: str  # a button on danger_fill
    on_danger_button: str
    offline: str
    offline_soft: str
    on_offline_soft: str
    receipt: str  # the dark bar that says what was saved
    on_receipt: str
    receipt_done: str


LIGHT = Palette(
    dark=False,
    bg="#F5F0E6",
    surface="#FFFDF8",
    sunken="#ECE5D8",
    ink="#221C15",
    ink2="#5A5044",
    line="#E0D7C7",
    edge="#857A6A",
    accent="#0E5A58",
    fill="#0E5A58",
    on_fill="#FFFFFF",
    accent_soft="#D9EAE4",
    on_accent_soft="#0A403E",
    late="#924600",
    late_soft="#FFE8CC",
    on_late_soft="#6E3400",
    done="#2E6331",
    done_soft="#E0EEDA",
    on_done_soft="#214A24",
    danger="#B3231B",
    danger_fill="#B3231B",
    on_danger_fill="#FFFFFF",
    danger_soft="#FCE3DD",
    on_danger_soft="#8A1610",
    danger_button="#FFFFFF",
    on_danger_button="#8A1610",
    offline="#4C4B5E",
    offline_soft="#E6E4EA",
    on_offline_soft="#3A3949",
    receipt="#221C15",
    on_receipt="#FFFDF8",
    receipt_done="#A3D594",
)

DARK = Palette(
    dark=True,
    bg="#161310",
    surface="#221E19",
    sunken="#302A23",
    ink="#F3EBDF",
    ink2="#CBBFAF",
    line="#3A332B",
    edge="#978B7B",
    accent="#83D2C6",
    fill="#207A72",
    on_fill="#FFFFFF",
    accent_soft="#1C423E",
    on_accent_soft="#C4EEE6",
    late="#FFBC80",
    late_soft="#4A2D10",
    on_late_soft="#FFDDB8",
    done="#A3D594",
    done_soft="#253F24",
    on_done_soft="#CDECC1",
    danger="#FF9D92",
    danger_fill="#C43A30",
    on_danger_fill="#FFFFFF",
    danger_soft="#5A1B15",
    on_danger_soft="#FFDAD4",
    danger_button="#FFDAD4",
    on_danger_button="#8A1610",
    offline="#C6C4DD",
    offline_soft="#393848",
    on_offline_soft="#E1DFF1",
    receipt="#F3EBDF",
    on_receipt="#221C15",
    receipt_done="#2E6331",
)


class Shade(NamedTuple):
    """The three colours of a tone: alone on a page, as a soft ground, and the text on that ground."""

    alone: str
    soft: str
    on_soft: str


def tone(palette: Palette, name: Tone) -> Shade:
    """The colours of *Sen* (late), *Given* (done), an allergy (danger), *Offline* and so on."""
    if name == "quiet":
        return Shade(palette.ink2, palette.sunken, palette.ink2)
    return Shade(
        getattr(palette, name), getattr(palette, f"{name}_soft"), getattr(palette, f"on_{name}_soft")
    )


class Space:
    """Steps of distance, dp."""

    XS, S, M, L, XL, XXL = 4, 8, 12, 16, 24, 32
    PAGE = 16


class Radius:
    """Corners, dp."""

    SIGN, CHIP, KEY, CHOICE, BUTTON, CARD, SHEET = 8, 12, 14, 14, 16, 20, 28


class Target:
    """Heights that a thumb can hit, dp. Nothing that can be tapped is smaller than `LEAST`."""

    LEAST, CHOICE, KEY_SMALL, KEY, BUTTON, MAIN = 48, 50, 48, 60, 58, 62
    SIGN = 40  # what is drawn of a sign in the app bar; the target around it is LEAST


TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((text, ground) for text in ("ink", "ink2") for ground in ("bg", "surface", "sunken")),
    *(
        (text, ground)
        for text in ("accent", "late", "done", "danger", "offline")
        for ground in ("bg", "surface")
    ),
    ("on_fill", "fill"),
    ("on_danger_fill", "danger_fill"),
    ("on_danger_button", "danger_button"),
    *((f"on_{name}_soft", f"{name}_soft") for name in ("accent", "late", "done", "danger", "offline")),
    ("danger", "danger_soft"),
    ("done", "done_soft"),
    *(("ink", f"{name}_soft") for name in ("accent", "late", "danger")),
    ("on_receipt", "receipt"),
)
"""Every (text, ground) drawn by views/components."""

OUTLINE_PAIRS: tuple[tuple[str, str], ...] = (
    *(("edge", ground) for ground in ("bg", "surface")),
    *(("accent", ground) for ground in ("bg", "surface", "accent_soft")),
    *(("danger", ground) for ground in ("bg", "surface", "danger_soft")),
    *((fill, ground) for fill in ("fill", "danger_fill") for ground in ("bg", "surface")),
    ("receipt_done", "receipt"),
)
"""Every (outline, icon or filled button; ground) that a control is told from its ground by."""


def _channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (_channel(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
