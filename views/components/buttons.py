"""Buttons. One filled on a screen; the nurse in the accent, 112 in red; everything else soft or outlined."""

from typing import Literal, NamedTuple

import flet as ft

from views.components.press import OnPress, pressable
from views.theme import Look, Radius, Space, Target

Kind = Literal["filled", "soft", "outlined", "danger", "quiet", "on_danger"]


class Dress(NamedTuple):
    ground: str | None
    ink: str
    edge: str | None = None


def _dress(look: Look, kind: Kind, alive: bool) -> Dress:
    p = look.palette
    if not alive and kind != "quiet":
        return Dress(p.sunken, p.ink2)
    return {
        "filled": Dress(p.fill, p.on_fill),
        "soft": Dress(p.accent_soft, p.on_accent_soft),
        "outlined": Dress(None, p.ink, p.edge),
        "danger": Dress(p.danger_fill, p.on_danger_fill),
        "quiet": Dress(None, p.accent),
        "on_danger": Dress(p.danger_button, p.on_danger_button),
    }[kind]


def button(
    look: Look,
    label: str,
    on_press: OnPress,
    *,
    kind: Kind = "filled",
    icon: ft.IconData | None = None,
    second: str | None = None,
    start: bool = False,
    expand: bool | int | None = None,
    identifier: str | None = None,
) -> ft.Control:
    """A button. `second` is a smaller line (the Swedish word under a translated one); `start` aligns to the
    start.

    Without `on_press` it is drawn dead. At large text long labels align to the start, so that their words
    fit.
    """
    dress = _dress(look, kind, on_press is not None)
    words: list[ft.Control] = [look.text(label, "button", dress.ink)]
    if second:
        words.append(look.text(second, "small", dress.ink))
    inside: list[ft.Control] = [ft.Column(words, spacing=0, tight=True, expand=1, expand_loose=True)]
    if icon:
        inside.insert(0, look.icon(icon, dress.ink))
    start = start or (look.large and (kind not in ("filled", "danger") or len(label) > 12))
    content = ft.Row(
        inside,
        spacing=Space.M if look.width >= 375 else Space.S,
        alignment=ft.MainAxisAlignment.START if start else ft.MainAxisAlignment.CENTER,
        expand=True,
    )
    least = {"filled": Target.MAIN, "danger": Target.MAIN, "quiet": Target.LEAST}.get(kind, Target.BUTTON)
    return pressable(
        look,
        content,
        on_press,
        bgcolor=dress.ground,
        border=ft.Border.all(1.5, dress.edge) if dress.edge else None,
        radius=Radius.BUTTON,
        padding=ft.Padding.symmetric(
            horizontal=Space.L if (start and look.width >= 375) or look.large else Space.M,
            vertical=Space.M if look.large else Space.XS,
        ),
        least=least - 2 * Space.XS,
        expand=expand,
        identifier=identifier,
        what=label,
    )


def small_button(
    look: Look, label: str, on_press: OnPress, *, icon: ft.IconData | None = None, question: str = ""
) -> ft.Control:
    """A soft button inside a card (*Ring*, *Räkna*), as wide as its word. `question` completes its spoken
    name."""
    p = look.palette
    inside: list[ft.Control] = [
        look.text(label, "label", p.on_accent_soft, semantics_label=f"{label} {question}".strip())
    ]
    if icon:
        inside.insert(0, look.icon(icon, p.on_accent_soft))
    return ft.Row(
        [
            pressable(
                look,
                ft.Row(inside, spacing=Space.S, tight=True),
                on_press,
                bgcolor=p.accent_soft,
                radius=Radius.BUTTON,
                padding=ft.Padding.symmetric(horizontal=Space.L, vertical=0),
                tight=True,
                what=f"{label} {question}",
            )
        ],
        tight=True,
    )


def call_button(look: Look, on_press: OnPress, *, person: str = "") -> ft.Control:
    """*Ring*, on a colleague's row."""
    return small_button(look, look.t("common.call"), on_press, icon=ft.Icons.CALL_ROUNDED, question=person)
