"""Grounds that hold text: cards, notes, reasons, right to act, colleagues."""

import flet as ft

from views.components.buttons import call_button
from views.components.press import OnPress
from views.components.signs import avatar, time_sign
from views.theme import Look, Radius, Space, Tone


def card(
    look: Look, content: list[ft.Control], *, spacing: float = Space.S, active: bool = False
) -> ft.Control:
    """Paper on the page. `active` outlines the one that is being filled in."""
    p = look.palette
    return ft.Container(
        ft.Column(content, spacing=spacing, tight=True),
        bgcolor=p.surface,
        border=ft.Border.all(2, p.accent) if active else ft.Border.all(1, p.line),
        border_radius=Radius.CARD,
        padding=Space.L - (1 if active else 0),
    )


def divider(look: Look) -> ft.Control:
    return ft.Container(height=1, bgcolor=look.palette.line)


def dose_card(
    look: Look,
    *,
    title: str,
    amount: str,
    detail: str = "",
    icon: ft.IconData,
    time: str = "",
    time_tone: Tone = "quiet",
    contents: list[tuple[str, str]] | None = None,
) -> ft.Control:
    """What is to be given. The amount is the largest text; a pouch's contents are listed for counting."""
    p = look.palette
    name = ft.Row(
        [look.icon(icon, p.ink2), look.text(title, "strong", expand=1)],
        spacing=Space.M,
        expand=1,
    )
    clock = [time_sign(look, time, time_tone)] if time else []
    beside = not look.large and look.column / look.scale >= 340
    parts: list[ft.Control] = [ft.Row([name, *(clock if beside else [])], spacing=Space.S)]
    if clock and not beside:
        parts.append(ft.Row(list(clock)))
    parts.append(look.text(amount, "dose"))
    if detail:
        parts.append(look.text(detail, "body", p.ink2))
    if contents:
        parts.append(divider(look))
        parts.extend(value_row(look, label, value) for label, value in contents)
    return card(look, parts)


def value_row(look: Look, label: str, value: str) -> ft.Control:
    """A name and a number: *Metoprolol 50 mg   1*."""
    return ft.Row(
        [look.text(label, "small", look.palette.ink2, expand=1), look.text(value, "small_strong")],
        spacing=Space.S,
    )


def worded_row(look: Look, label: str, words: str) -> ft.Control:
    """A name, and what is said of it under it, however long; as wide as what it stands in."""
    lines: list[ft.Control] = [look.text(label, "small", look.palette.ink2), look.text(words, "strong")]
    return ft.Row([ft.Column(lines, spacing=0, tight=True, expand=1)])


def note(look: Look, words: str, by: str) -> ft.Control:
    """The nurse's own words, in bold, always Swedish as written. `by`: her name and title."""
    p = look.palette
    if look.rtl:  # or the question mark of a Swedish sentence jumps
        words = f"\u2066{words}\u2069"
    return _sunken(
        look,
        look.icon(ft.Icons.STICKY_NOTE_2_ROUNDED, p.ink2),
        [look.text(words, "strong"), look.text(by, "small", p.ink2)],
    )


def _sunken(look: Look, mark: ft.Control, words: list[ft.Control]) -> ft.Control:
    return ft.Container(
        ft.Row(
            [mark, ft.Column(words, spacing=4, tight=True, expand=1)],
            spacing=Space.M,
            vertical_alignment=ft.CrossAxisAlignment.START,
        ),
        bgcolor=look.palette.sunken,
        border_radius=Radius.CARD,
        padding=Space.L,
    )


def reason_card(
    look: Look, title: str, detail: str, *, icon: ft.IconData = ft.Icons.LOCK_ROUNDED
) -> ft.Control:
    """Why something is not this person's to do. Never blames."""
    p = look.palette
    return ft.Container(
        ft.Column(
            [
                ft.Row(
                    [
                        look.icon(icon, p.on_late_soft, 26),
                        look.text(title, "h2", p.on_late_soft, expand=1),
                    ],
                    spacing=Space.M,
                ),
                look.text(detail, "body", p.ink),
            ],
            spacing=Space.S,
            tight=True,
        ),
        bgcolor=p.late_soft,
        border_radius=Radius.CARD,
        padding=Space.L,
    )


def info_line(
    look: Look,
    title: str,
    detail: str = "",
    *,
    icon: ft.IconData = ft.Icons.VERIFIED_ROUNDED,
    tone: Tone = "done",
) -> ft.Control:
    """A line that assures (*Du har delegering*) or informs, straight on the page."""
    p = look.palette
    words: list[ft.Control] = [look.text(title, "label", look.tone(tone).alone)]
    if detail:
        words.append(look.text(detail, "small", p.ink2))
    return ft.Container(
        ft.Row(
            [look.icon(icon, look.tone(tone).alone), ft.Column(words, spacing=2, tight=True, expand=1)],
            spacing=Space.M,
        ),
        padding=ft.Padding.symmetric(horizontal=Space.M),
    )


def says(look: Look, words: str, *, icon: ft.IconData = ft.Icons.INFO_ROUNDED) -> ft.Control:
    """A line above the buttons of the bar: *Sjuksköterskan behöver veta det.*"""
    return ft.Row(
        [look.icon(icon, look.palette.accent, 22), look.text(words, "small", expand=1)], spacing=Space.M
    )


def feedback_card(look: Look, title: str, by: str, words: str, *, name: str) -> ft.Control:
    """What came of a report. Begins with *Tack*."""
    p = look.palette
    head = ft.Row(
        [
            avatar(look, name, strong=True),
            ft.Column(
                [look.text(title, "strong", p.on_accent_soft), look.text(by, "small", p.on_accent_soft)],
                spacing=0,
                tight=True,
                expand=1,
            ),
        ],
        spacing=Space.M,
    )
    return ft.Container(
        ft.Column([head, look.text(words, "body", p.ink)], spacing=Space.M, tight=True),
        bgcolor=p.accent_soft,
        border_radius=Radius.CARD,
        padding=Space.L,
    )


def colleague_row(look: Look, name: str, second: str, on_call: OnPress) -> ft.Control:
    """Somebody who can, with *Ring*."""
    words = ft.Column(
        [look.text(name, "strong"), look.text(second, "small", look.palette.ink2)],
        spacing=0,
        tight=True,
        expand=1,
    )
    who = ft.Row([avatar(look, name), words], spacing=Space.M, expand=1)
    call = call_button(look, on_call, person=name)
    if look.large:
        return ft.Column([ft.Row([who]), call], spacing=Space.S, tight=True)
    return ft.Row([who, call], spacing=Space.S)


def colleagues_card(look: Look, rows: list[ft.Control]) -> ft.Control:
    """Rows with a hairline between them."""
    parts: list[ft.Control] = []
    for row in rows:
        parts.extend([divider(look), row] if parts else [row])
    return card(look, parts, spacing=Space.M)


def saved_row(
    look: Look,
    name: str,
    what: str,
    *,
    icon: ft.IconData = ft.Icons.CHECK_CIRCLE_ROUNDED,
    waiting: bool = True,
) -> ft.Control:
    """*Siv Hedman, Given 07:18*, with the sign of waiting for the network."""
    p = look.palette
    inside: list[ft.Control] = [
        look.icon(icon, p.done),
        look.text(name, "strong", expand=1),
        look.text(what, "small", p.ink2, expand=1 if look.large else None),
    ]
    if waiting:
        inside.append(look.icon(ft.Icons.SCHEDULE_SEND_ROUNDED, p.offline, 20))
    return ft.Row(inside, spacing=Space.M)
