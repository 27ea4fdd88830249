"""What became of what the user saved: on every screen, also when locked. Never a spinner."""

from typing import Literal

import flet as ft

from views.components.press import OnPress, pressable
from views.theme import Look, Radius, Target, Tone

SyncState = Literal["sent", "sending", "offline", "saved", "action"]
"""sent: all of it, with verified receipts. sending: on its way. saved: on the phone and waiting. action: a
person must act."""

_DRAWN: dict[SyncState, tuple[ft.IconData, Tone]] = {
    "sent": (ft.Icons.CLOUD_DONE_ROUNDED, "done"),
    "sending": (ft.Icons.CLOUD_UPLOAD_ROUNDED, "offline"),
    "offline": (ft.Icons.CLOUD_OFF_ROUNDED, "offline"),
    "saved": (ft.Icons.CLOUD_QUEUE_ROUNDED, "offline"),
    "action": (ft.Icons.ERROR_ROUNDED, "late"),
}


def sync_words(look: Look, state: SyncState, count: int, at: str, short: bool) -> str:
    t = look.t
    if state == "sent":
        if short:
            return t("sync.sent_short")
        return t("sync.sent_at", at=at) if at else t("sync.sent")
    if state == "action":
        return t("sync.action_short" if short else "sync.action")
    if state == "offline" and (short or not count):
        return t("sync.offline")
    if state == "offline":
        return t.n("sync.offline_waiting", count)
    if state == "saved":
        return t.n("sync.waiting" if short else "sync.saved_waiting", count)
    return t.n("sync.waiting" if short else "sync.sending", count)


def sync_chip(
    look: Look, state: SyncState, on_press: OnPress, *, count: int = 0, at: str = "", short: bool = False
) -> ft.Control:
    """The chip. `count` is what the user saved and that waits, `at` the clock of the last receipt (07:12).

    Idag and the lock screen show whole words; elsewhere `short`. A tap tells what waits, since when, and
    tries now.
    """
    icon, tone = _DRAWN[state]
    shade = look.tone(tone)
    long_words = sync_words(look, state, count, at, False)
    words = look.text(
        sync_words(look, state, count, at, short),
        "tiny",
        shade.on_soft,
        expand=1,
        expand_loose=True,
        semantics_label=long_words,
    )
    drawn = ft.Container(
        ft.Row([look.icon(icon, shade.on_soft, 20), words], spacing=6, tight=True),
        bgcolor=shade.soft,
        border_radius=Radius.CHIP,
        padding=ft.Padding.symmetric(horizontal=10, vertical=4 if look.large else 0),
        height=None if look.large else Target.SIGN,
        expand=1,
        expand_loose=True,
    )
    return ft.Row(
        [
            pressable(
                look,
                drawn,
                on_press or (lambda: None),
                tight=True,
                radius=Radius.CHIP,
                identifier="sync",
                expand=1,
                expand_loose=True,
            )
        ],
        tight=True,
    )
