"""What has left the phone when it was over, and comes back when it is opened or something new is said."""

from contextlib import suppress

import flet as ft

from storage import StorageError
from sync import SyncError
from views.components import empty, info_line
from views.model.shift import Shift
from views.theme import Look


def use_brought(shift: Shift, kind: str, id: str, here: bool) -> bool:
    """A hook: ask the endpoint for what is opened and not here. Whether it is being asked for."""
    asking, set_asking = ft.use_state(not here)

    async def ask() -> None:
        if not here:
            # Without contact it is not here, and the screen says so.
            with suppress(SyncError, StorageError):
                await shift.phone.sync.bring(shift.me, kind, id)
            set_asking(False)

    ft.use_effect(ask, [id])
    return asking and not here


def not_here(look: Look, asking: bool, gone: str) -> ft.Control:
    """In the place of what is not on the phone. `gone`: what is said when it cannot be had."""
    return empty(look, look.t("brought.asking")) if asking else empty(look, gone)


def incomplete(look: Look, shift: Shift, kind: str, id: str) -> list[ft.Control]:
    """That what came before is yet to be fetched; nothing when all of it is here."""
    if not shift.me.incomplete(kind, id):
        return []
    t = look.t
    return [
        info_line(
            look,
            t("brought.incomplete"),
            t("brought.incomplete_detail"),
            icon=ft.Icons.HISTORY_ROUNDED,
            tone="late",
        )
    ]
