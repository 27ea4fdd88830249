"""What is to be done, for whom, and by when. The whole card is the button."""

import flet as ft

from views.components.press import OnPress, pressable
from views.components.signs import Flag, flag_row, room_block, time_sign
from views.theme import Look, Radius, Space, Tone


def task_card(
    look: Look,
    *,
    name: str,
    what: str,
    icon: ft.IconData,
    time: str,
    time_tone: Tone = "quiet",
    room: str | None = None,
    room_label: str | None = None,
    address: str | None = None,
    flags: list[Flag] | None = None,
    on_press: OnPress = None,
    identifier: str | None = None,
) -> ft.Control:
    """A task. At most two flags and then *+2*; an allergy first, and the only red one.

    In home care `room` is None (a house is drawn) and `address` stands under the name.
    """
    p = look.palette
    under = look.tight
    clock = time_sign(look, time, time_tone)
    title: list[ft.Control] = [look.text(name, "h2", p.ink, expand=1)]
    if not under:
        title.append(clock)
    lines: list[ft.Control] = [ft.Row(title, spacing=Space.S)]
    if under:
        lines.append(ft.Row([clock]))
    if address:
        lines.append(look.text(address, "small", p.ink2))
    doing = ft.Row(
        [look.icon(icon, p.ink2, 20), look.text(what, "body", p.ink, expand=1)],
        spacing=Space.S,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    block = room_block(look, room, label=room_label)
    if under:
        head: list[ft.Control] = [
            ft.Row([block, ft.Column(lines, spacing=2, expand=1)], spacing=Space.M),
            doing,
        ]
    else:
        head = [ft.Row([block, ft.Column([*lines, doing], spacing=2, expand=1)], spacing=Space.M)]
    if flags:
        head.append(flag_row(look, flags, most=2))
    return pressable(
        look,
        ft.Column(head, spacing=10, expand=True),
        on_press,
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.M,
        identifier=identifier,
    )


def section_title(
    look: Look, label: str, count: int | None, *, icon: ft.IconData, tone: Tone = "quiet"
) -> ft.Control:
    """*Försenat 1*, *Nu 2*, *Senare 6*, *Sparat, väntar på nät 3*."""
    colour = look.tone(tone).alone
    words: list[ft.Control] = [
        look.icon(icon, colour, 20),
        ft.Semantics(
            header=True,
            heading_level=2,
            content=look.text(label, "label", colour),
            expand=1,
            expand_loose=True,
        ),
    ]
    if count is not None:
        words.append(look.text(str(count), "label", colour))
    return ft.Container(ft.Row(words, spacing=Space.S), padding=ft.Padding.symmetric(horizontal=Space.XS))
