"""Small signs: flags, times, rooms, faces, and 112."""

from typing import NamedTuple

import flet as ft

from views.components.press import pressable
from views.theme import Look, Radius, Space, Target, Tone


class Flag(NamedTuple):
    """One thing to know about a person: *Allergi: penicillin*, *Sväljer svårt*. Only an allergy may be
    danger."""

    label: str
    icon: ft.IconData
    tone: Tone = "quiet"
    allergy: bool = False


def sign(look: Look, label: str, *, icon: ft.IconData | None = None, tone: Tone = "quiet") -> ft.Control:
    """A word on a soft ground, as wide as the word. It wraps when the text is large."""
    shade = look.tone(tone)
    inside: list[ft.Control] = [look.text(label, "tiny", shade.on_soft, expand=1, expand_loose=True)]
    if icon:
        inside.insert(0, look.icon(icon, shade.on_soft, 18))
    return ft.Container(
        ft.Row(inside, spacing=6, tight=True),
        bgcolor=shade.soft,
        border_radius=Radius.SIGN,
        padding=ft.Padding.symmetric(horizontal=Space.S, vertical=4),
    )


def flag_sign(look: Look, flag: Flag) -> ft.Control:
    if flag.allergy:
        return sign(look, flag.label, icon=ft.Icons.BLOCK_ROUNDED, tone="danger")
    return sign(look, flag.label, icon=flag.icon, tone=flag.tone)


def flag_row(look: Look, flags: list[Flag], most: int | None = None) -> ft.Control:
    """Flags, allergies first. With `most`, that many and then *+2*: an allergy is never the one left out."""
    ordered = sorted(flags, key=lambda flag: not flag.allergy)
    shown = ordered if most is None else ordered[:most]
    signs = [flag_sign(look, flag) for flag in shown]
    if len(ordered) > len(shown):
        signs.append(sign(look, look.t("common.more_flags", count=len(ordered) - len(shown))))
    return ft.Row(signs, wrap=True, spacing=6, run_spacing=6)


def time_sign(look: Look, label: str, tone: Tone = "quiet") -> ft.Control:
    """*Sen 20 min* (late), *Till 09:00* (accent), *09:30* (quiet). Says what to know, not only the clock."""
    icon = ft.Icons.ALARM_ROUNDED if tone == "late" else ft.Icons.SCHEDULE_ROUNDED
    return sign(look, label, icon=icon, tone=tone)


def room_block(look: Look, room: str | None, *, label: str | None = None) -> ft.Control:
    """The room, which leads every task. In home care: the street number with its own label, or a house when
    None."""
    p = look.palette
    if room is None:
        inside: list[ft.Control] = [look.icon(ft.Icons.HOME_ROUNDED, p.ink2, 28)]
    else:
        inside = [
            look.text(look.t("common.room") if label is None else label, "tiny_plain", p.ink2, no_wrap=True),
            look.text(room, "h2", p.ink, no_wrap=True),
        ]
    # Never a fixed box: a room number that does not fit would be cut off, and the room leads the task.
    least = ft.Container(width=round(44 * min(look.scale, 1.4)), height=0 if room else 8)
    return ft.Container(
        ft.Column(
            [least, *inside, *([] if room else [ft.Container(height=8)])],
            spacing=0,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        bgcolor=p.sunken,
        border_radius=Radius.CHIP,
        padding=ft.Padding.symmetric(horizontal=Space.XS, vertical=3),
    )


def icon_block(look: Look, icon: ft.IconData) -> ft.Control:
    """A quiet block with a picture, where a page is about a case and not a person."""
    return ft.Container(
        look.icon(icon, look.palette.ink, 28),
        bgcolor=look.palette.sunken,
        border_radius=Radius.CHIP,
        padding=Space.M,
    )


def initials(name: str) -> str:
    """AY for Amina Yusuf."""
    words = name.split()
    return "".join(word[0] for word in (words if len(words) < 3 else [words[0], words[-1]])).upper()


def avatar(look: Look, name: str, *, strong: bool = False, size: float = 44) -> ft.Control:
    """A colleague's initials in a circle."""
    p = look.palette
    across = round(size * min(look.scale, 1.4))
    return ft.Container(
        look.text(initials(name), "initials", p.on_fill if strong else p.on_accent_soft, no_wrap=True),
        width=across,
        height=across,
        border_radius=across / 2,
        bgcolor=p.fill if strong else p.accent_soft,
        alignment=ft.Alignment.CENTER,
    )


def call_112(look: Look) -> ft.Control:
    """112, in the same place on every screen. One tap opens the dialler; the phone itself asks before it
    rings."""
    p = look.palette
    drawn = ft.Container(
        ft.Row(
            [
                look.icon(ft.Icons.CALL_ROUNDED, p.danger, 20),
                look.text(
                    look.t("common.112"),
                    "strong",
                    p.danger,
                    no_wrap=True,
                    semantics_label=look.t("common.call_112"),
                ),
            ],
            spacing=6,
            tight=True,
        ),
        bgcolor=p.danger_soft,
        border_radius=Radius.CHIP,
        padding=ft.Padding.symmetric(horizontal=Space.M, vertical=4 if look.large else 0),
        height=None if look.large else Target.SIGN,
    )
    return ft.Row(
        [
            pressable(
                look,
                drawn,
                look.call_112 or (lambda: None),
                tight=True,
                radius=Radius.CHIP,
                identifier="call-112",
            )
        ],
        tight=True,
    )
