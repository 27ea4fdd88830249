"""What hand and ear are told: a click for each key, a bump and a sound when something is waiting."""

import contextlib

import flet as ft
from flet_audio import Audio, ReleaseMode

from views.model.device import service
from views.theme import Look

SOUND = "sounds/notice.wav"
"""In the app's assets; made by assets/sounds/build.py."""


class Notice(Audio):
    """The one sound, loaded once for each page."""

    def init(self) -> None:
        # Before it is registered: what is set later is not there when it first plays.
        self.src, self.release_mode = SOUND, ReleaseMode.STOP


def tap() -> None:
    """A key, or a breath. A phone that cannot answers nothing, and nothing is lost by that."""
    with contextlib.suppress(RuntimeError):
        ft.context.page.run_task(service(ft.HapticFeedback).selection_click)


async def notice(look: Look) -> None:
    """Something has come that somebody is waiting for. A phone set to silent still shakes.

    A browser shakes nothing, and sounds only after somebody has pressed something on the page.
    """
    with contextlib.suppress(RuntimeError, TimeoutError):
        if not look.web:
            await service(ft.HapticFeedback).vibrate()
    with contextlib.suppress(RuntimeError, TimeoutError):
        # Not play(): it first seeks, and waits half a minute for a seek that never ends in a browser.
        await service(Notice).resume()
