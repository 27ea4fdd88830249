"""The photos of a case, for whoever handles it: fetched when they ask, gone when the page is left."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from types import MappingProxyType
from typing import NamedTuple

import flet as ft

from care.deviation import DeviationDocument
from care.photo import Photo
from storage import Locked
from sync import SyncError
from views.components import banner, button, card, info_line, loading
from views.model import cases
from views.model.shift import Shift
from views.theme import Look, Radius, Space

SIDE = 326
"""dp of a photo's longer side: as wide as a card is on 390 dp."""


class Progress(NamedTuple):
    """Which photo is on its way, and how many of its pieces have come."""

    number: int
    of: int
    come: int = 0
    pieces: int = 1


class Fetched(NamedTuple):
    """What has come, by the photo's id; None: the endpoint has it not yet. Held by the page alone."""

    pictures: Mapping[str, bytes | None] = MappingProxyType({})
    progress: Progress | None = None
    fault: SyncError | None = None


class Fetching(NamedTuple):
    """What has come to a page, and the work that fetches more."""

    found: Fetched
    set: Callable[[Fetched], None]
    task: "ft.Ref[asyncio.Task[None] | None]"


def use_fetching() -> Fetching:
    """A hook: nothing is fetched until somebody asks; what is under way ends when the page is left."""
    found, set_found = ft.use_state(Fetched())
    task: ft.Ref[asyncio.Task[None] | None] = ft.use_ref(None)

    def leave() -> None:
        if task.current is not None:
            task.current.cancel()

    ft.use_effect(lambda: None, [], cleanup=leave)
    return Fetching(found, set_found, task)


def photos_of_case(look: Look, shift: Shift, case: DeviationDocument, fetching: Fetching) -> list[ft.Control]:
    """How many there are, the way to see them, and each that has come."""
    t, found = look.t, fetching.found
    if not case.photos:
        return []
    count = len(case.photos)
    if cases.read_as(shift, case) == "safety":
        # Whom a report concerns is not told to a skyddsombud, and a picture would.
        words, icon = t.n("photo.there_are", count), ft.Icons.PHOTO_CAMERA_ROUNDED
        return [info_line(look, words, icon=icon, tone="quiet")]
    body: list[ft.Control] = [
        _picture(look, one, found.pictures[one.id]) for one in case.photos if one.id in found.pictures
    ]
    if found.fault is not None:
        body.append(banner(look, "late", t(found.fault.key), t("photo.fetch_do")))
    if found.progress is not None:
        at = found.progress
        words = t("photo.fetching", number=at.number, count=at.of)
        bar = ft.ProgressBar(value=at.come / at.pieces, semantics_label=words, bar_height=8)
        return [*body, look.text(words, "body"), bar, loading(look, 1)]
    if all(found.pictures.get(one.id) for one in case.photos):
        return body

    async def fetch() -> None:
        fetching.task.current = asyncio.ensure_future(_fetch(shift, case, fetching))
        # Whoever leaves the page has ended it.
        with suppress(asyncio.CancelledError):
            await fetching.task.current

    words = t.n("photo.show", count)
    icon = ft.Icons.PHOTO_CAMERA_ROUNDED
    body.append(button(look, words, fetch, kind="outlined", icon=icon, identifier="show-photos"))
    return body


async def _fetch(shift: Shift, case: DeviationDocument, fetching: Fetching) -> None:
    """One photo after the other; one that fails ends it, and what has come is shown."""
    who, pictures = shift.me, dict(fetching.found.pictures)
    wanted = [one for one in case.photos if not pictures.get(one.id)]
    for number, photo in enumerate(wanted, 1):
        at = Progress(number, len(wanted))
        fetching.set(Fetched(dict(pictures), at))
        try:
            pictures[photo.id] = await shift.phone.sync.photo(who, photo, _telling(fetching, pictures, at))
        except Locked:
            return
        except SyncError as error:
            fetching.set(Fetched(dict(pictures), fault=error))
            return
    fetching.set(Fetched(pictures))


def _telling(
    fetching: Fetching, pictures: Mapping[str, bytes | None], at: Progress
) -> Callable[[int, int], None]:
    """From the sync's thread to the page: which page that is, is known through the context alone."""
    loop, here, held = asyncio.get_running_loop(), copy_context(), dict(pictures)

    def told(come: int, pieces: int) -> None:
        now = Fetched(held, at._replace(come=come, pieces=pieces))
        if come < pieces:
            loop.call_soon_threadsafe(fetching.set, now, context=here)

    return told


def _picture(look: Look, photo: Photo, data: bytes | None) -> ft.Control:
    t = look.t
    shows = t(f"photo.shows.{photo.shows}")
    if data is None:
        icon = ft.Icons.SCHEDULE_SEND_ROUNDED
        return info_line(look, shows, t("photo.not_come"), icon=icon, tone="offline")
    scale = min(SIDE, look.width - 4 * Space.PAGE) / max(photo.width, photo.height)
    image = ft.Image(
        src=data,
        width=max(1, round(photo.width * scale)),
        height=max(1, round(photo.height * scale)),
        fit=ft.BoxFit.CONTAIN,
        border_radius=Radius.CARD,
        gapless_playback=True,
        semantics_label=t("photo.alt", shows=shows),
    )
    row = ft.Row([image], alignment=ft.MainAxisAlignment.CENTER)
    line = look.text(shows, "small", look.palette.ink2)
    return card(look, ft.Column([row, line], spacing=Space.S, tight=True))
