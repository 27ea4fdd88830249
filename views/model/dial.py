"""Calling: one tap opens the dialler with the number. It never depends on anything else in the app."""

from collections.abc import Awaitable, Callable

import flet as ft

from views.model.device import service
from views.theme import Look


def dial(look: Look, number: str) -> Callable[[], Awaitable[None]]:
    """A handler that opens the dialler. `can_launch_url` is not asked: it has said no where yes was right."""

    async def call() -> None:
        if look.leaving:
            look.leaving()
        digits = "".join(c for c in number if c.isdigit() or c == "+")
        await service(ft.UrlLauncher).launch_url(f"tel:{digits}")

    # Opening the dialler twice does no harm, and not opening it may.
    call.repeats = True  # type: ignore[attr-defined]
    return call
