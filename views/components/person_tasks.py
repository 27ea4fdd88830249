"""One person's tasks on one card: whose they are is said once, and each line is a button."""

from typing import NamedTuple

import flet as ft

from views.components.cards import divider
from views.components.press import OnPress, pressable
from views.components.signs import Flag, flag_row, room_block, time_sign
from views.theme import Look, Radius, Space, Target, Tone


class TaskLine(NamedTuple):
    what: str
    icon: ft.IconData
    time: str
    time_tone: Tone
    on_press: OnPress
    identifier: str
    mark: Flag | None = None
    """Such as that the reader may not sign it."""


def person_tasks(
    look: Look,
    *,
    name: str,
    lines: list[TaskLine],
    room: str | None = None,
    address: str | None = None,
    flags: list[Flag] | None = None,
) -> ft.Control:
    """Room and name on top, then the tasks in a row."""
    p = look.palette
    words: list[ft.Control] = [look.text(name, "h2", p.ink)]
    if address:
        words.append(look.text(address, "small", p.ink2))
    parts: list[ft.Control] = [
        ft.Row([room_block(look, room), ft.Column(words, spacing=2, expand=1)], spacing=Space.M)
    ]
    if flags:
        parts.append(flag_row(look, flags, most=2))
    for line in lines:
        parts += [divider(look), _line(look, name, line)]
    return ft.Container(
        ft.Column(parts, spacing=Space.S, tight=True),
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        border_radius=Radius.CARD,
        padding=Space.M,
    )


def _line(look: Look, name: str, line: TaskLine) -> ft.Control:
    p = look.palette
    what = look.text(line.what, "body", p.ink, expand=1, semantics_label=f"{name} {line.what}")
    clock = time_sign(look, line.time, line.time_tone)
    row: list[ft.Control] = [look.icon(line.icon, p.ink2, 20), what]
    inside: list[ft.Control] = [ft.Row([*row, *([] if look.tight else [clock])], spacing=Space.S)]
    if look.tight:
        inside.append(ft.Row([clock]))
    if line.mark:
        inside.append(flag_row(look, [line.mark]))
    return pressable(
        look,
        ft.Column(inside, spacing=Space.XS, expand=True, alignment=ft.MainAxisAlignment.CENTER),
        line.on_press,
        radius=Radius.CHOICE,
        least=Target.CHOICE,
        identifier=line.identifier,
    )
