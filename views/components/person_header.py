"""Whom it is about. Stays at the top of every care act; the birth date is the identity check."""

import flet as ft

from views.components.signs import Flag, flag_row, icon_block, room_block
from views.theme import Look, Space


def person_header(
    look: Look,
    *,
    name: str,
    second: str,
    room: str | None = None,
    room_label: str | None = None,
    flags: list[Flag] | None = None,
) -> ft.Control:
    """Room, name, `second` (*Född 2 mars 1938*, or what is being done) and all flags, allergies first."""
    return _header(look, room_block(look, room, label=room_label), name, second, flags or [])


def case_header(look: Look, *, title: str, second: str, icon: ft.IconData) -> ft.Control:
    """The same place on a page that is about a case: *Fall, Sune Öberg*."""
    return _header(look, icon_block(look, icon), title, second, [])


def person_line(look: Look, words: str) -> ft.Control:
    """*Ingegerd Norling, rum 5*: one line, on pages where the form needs the height."""
    return ft.Row(
        [
            look.icon(ft.Icons.PERSON_ROUNDED, look.palette.ink2),
            look.text(words, "strong", expand=1),
        ],
        spacing=Space.S,
    )


def _header(look: Look, block: ft.Control, title: str, second: str, flags: list[Flag]) -> ft.Control:
    words = ft.Column(
        [look.heading(title, "h2big", level=1), look.text(second, "small", look.palette.ink2)],
        spacing=2,
        expand=1,
    )
    parts: list[ft.Control] = [ft.Row([block, words], spacing=Space.M)]
    if flags:
        parts.append(flag_row(look, flags))
    return ft.Column(parts, spacing=Space.M)
