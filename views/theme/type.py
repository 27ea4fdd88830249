"""Text roles. Atkinson Hyperlegible Next: I l 1 and O 0 cannot be mixed up, which is what doses need."""

from typing import Any, Literal, NamedTuple

import flet as ft

FAMILY = "Atkinson"
FALLBACK = ["AtkinsonExt", "NotoArabic"]
GROWTH_LIMIT = 1.4

Role = Literal[
    "numeral",
    "dose",
    "h1",
    "h2big",
    "h2",
    "body",
    "reading",
    "strong",
    "button",
    "small",
    "small_strong",
    "label",
    "tiny",
    "tiny_plain",
    "initials",
    "key",
]


class Type(NamedTuple):
    """Size in sp, line height as a factor, weight, and whether the role stops growing at 1.4 times."""

    size: float
    height: float
    weight: ft.FontWeight
    big: bool = False


ROLES: dict[Role, Type] = {
    "numeral": Type(56, 1.10, ft.FontWeight.W_700, big=True),
    "dose": Type(34, 1.20, ft.FontWeight.W_700, big=True),
    "h1": Type(28, 1.20, ft.FontWeight.W_700, big=True),
    "h2big": Type(24, 1.25, ft.FontWeight.W_700, big=True),
    "h2": Type(21, 1.28, ft.FontWeight.W_700, big=True),
    "body": Type(18, 1.40, ft.FontWeight.W_400),
    "reading": Type(18, 1.33, ft.FontWeight.W_400),
    "strong": Type(18, 1.36, ft.FontWeight.W_600),
    "button": Type(18, 1.22, ft.FontWeight.W_600),
    "small": Type(16, 1.36, ft.FontWeight.W_400),
    "small_strong": Type(16, 1.36, ft.FontWeight.W_600),
    "label": Type(16, 1.25, ft.FontWeight.W_600),
    "tiny": Type(15, 1.25, ft.FontWeight.W_600),
    "tiny_plain": Type(15, 1.25, ft.FontWeight.W_400),
    "initials": Type(16, 1.0, ft.FontWeight.W_700, big=True),
    "key": Type(26, 1.0, ft.FontWeight.W_700, big=True),
}


def size(role: Role, scale: float = 1.0) -> float:
    """The size to ask for, sp. The system multiplies it by `scale`; big roles end at 1.4 times (Android 14).

    A big role never ends smaller than the body text beside it.
    """
    kind = ROLES[role]
    if not kind.big or scale <= GROWTH_LIMIT:
        return kind.size
    least = ROLES["body"].size * scale if kind.size > ROLES["body"].size else 0
    return max(kind.size * GROWTH_LIMIT, least) / scale


def longest_word(labels: list[str], role: Role, scale: float = 1.0) -> float:
    """About how wide the longest word of the labels is, dp. One that does not fit is broken.

    Measured on Atkinson: 0.52 of the size per letter at weight 600, 0.49 at 400; taken a little wider.
    """
    letters = max((len(word) for label in labels for word in label.split()), default=0)
    share = 0.55 if ROLES[role].weight != ft.FontWeight.W_400 else 0.5
    return letters * share * size(role, scale) * scale


def style(role: Role, color: str, scale: float = 1.0, **more: Any) -> ft.TextStyle:
    """The style of a role. Letter spacing is set, or Material's own leaks in."""
    kind = ROLES[role]
    return ft.TextStyle(
        size=size(role, scale),
        height=kind.height,
        weight=kind.weight,
        color=color,
        letter_spacing=0,
        font_family=FAMILY,
        font_family_fallback=FALLBACK,
        **more,
    )


def text(value: str, role: Role, color: str, scale: float = 1.0, **more: Any) -> ft.Text:
    """A text in a role. `more` goes to `ft.Text` (expand, text_align, semantics_label and so on)."""
    return ft.Text(value, style=style(role, color, scale), **more)
