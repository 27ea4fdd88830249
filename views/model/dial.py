"""Calling: one tap opens the dialler with the number. It never depends on anything else in the app."""

from collections.abc import Awaitable, Callable

import flet as ft

from views.theme import Look

_launcher = ft.UrlLauncher()
"""Flet drops services that nobody holds."""


def dial(look: Look, number: str) -> Callable[[], Awaitable[None]]:
    """A handler that opens the dialler. Not gated on `can_launch_url`, which says no where yes is right."""

    async def call() -> None:
        await _launcher.launch_url("tel:" + "".join(c for c in number if c.isdigit() or c == "+"))

    return call
