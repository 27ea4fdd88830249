"""The photos of a report: chosen, told what they show, taken out again. Who will see them is said before."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, get_args

import flet as ft

from care.deviation import DeviationDocument
from care.photo import PHOTOS_MOST, Shows
from care.streams import readers_of
from storage import HeldPhoto
from views.components import (
    Action,
    Option,
    banner,
    button,
    card,
    empty,
    frame,
    info_line,
    loading,
    question,
    thumb_bar,
)
from views.model import album, reading, reporting
from views.model import filling as fillings
from views.model.filling import Filling
from views.model.shift import Shift
from views.places import AddPhotos, Photos, TakePhoto
from views.screens.before_sending import named
from views.screens.parts import back_bar
from views.theme import Look, Radius, Space, use_look

SIDE = 240
"""dp of a photo's longer side in a list."""


def photos(shift: Shift, place: Photos) -> ft.Control:
    """In a report that is being written: they are saved with it."""
    look, choosing = use_look(), _use_choosing()
    t = look.t
    head = back_bar(look, shift, t("common.back"))
    if not fillings.has(shift, place.draft):
        return frame(look, head, [empty(look, t("fill.gone"))])
    filling = fillings.of(shift, place.draft)
    body = _body(look, shift, choosing, place.draft, reporting.readers(filling))
    bar = thumb_bar(
        look, Action(t("photo.done"), shift.back, ft.Icons.CHECK_ROUNDED, identifier="photos-done")
    )
    return frame(look, head, body, bar)


def add_photos(shift: Shift, place: AddPhotos) -> ft.Control:
    """To a report that has been saved: they are sent when somebody says so."""
    look, choosing = use_look(), _use_choosing()
    t = look.t
    head = back_bar(look, shift, t("common.back"))
    case = reading.one(shift, DeviationDocument, place.deviation)
    if case is None:
        return frame(look, head, [empty(look, t("report.gone"))])
    draft = album.draft_of(case.id)
    body = _body(look, shift, choosing, draft, frozenset(readers_of(case)), len(case.photos))
    chosen = shift.me.photo_count(draft)

    async def send() -> None:
        await album.send(shift, case)
        shift.back()
        shift.say_saved(t("photo.title"), t.n("photo.saved", chosen))

    main = Action(
        t.n("photo.send", chosen) if chosen else t("photo.send_none"),
        send if chosen else None,
        ft.Icons.SEND_ROUNDED,
        identifier="photos-send",
    )
    return frame(look, head, body, thumb_bar(look, main))


def photos_button(look: Look, shift: Shift, filling: Filling) -> list[ft.Control]:
    """In the form: how many there are, and the way to them. Nobody has to."""
    if not album.offered(shift, filling):
        return []
    count = shift.me.photo_count(filling.key)
    words = look.t.n("photo.count", count) if count else look.t("photo.add")
    return [
        button(
            look,
            words,
            lambda: shift.go(Photos(filling.key)),
            kind="outlined",
            icon=ft.Icons.ADD_A_PHOTO_ROUNDED,
            identifier="photos",
        )
    ]


def of_report(look: Look, shift: Shift, case: DeviationDocument, over: bool) -> list[ft.Control]:
    """In one's own report: each photo and what has become of it, and the way to add more."""
    t = look.t
    found: list[ft.Control] = []
    here, unsent = album.held(shift, case.id), shift.me.photos_unsent
    for photo in case.photos:
        waits = photo.id in unsent
        words = t("photo.unsent") if waits else t("photo.sent")
        icon = ft.Icons.SCHEDULE_SEND_ROUNDED if waits else ft.Icons.CHECK_CIRCLE_ROUNDED
        shown = here.get(photo.id)
        line = info_line(
            look, t(f"photo.shows.{photo.shows}"), words, icon=icon, tone="offline" if waits else "done"
        )
        inside = [_thumb(look, shown, t)] if shown else [look.text(t("photo.not_here"), "small")]
        found.append(card(look, ft.Column([*inside, line], spacing=Space.S, tight=True)))
    if not over:
        begun = shift.me.photo_count(album.draft_of(case.id))
        found.append(
            button(
                look,
                t.n("photo.left", begun) if begun else t("photo.add"),
                lambda: shift.go(AddPhotos(case.id)),
                kind="outlined",
                icon=ft.Icons.ADD_A_PHOTO_ROUNDED,
                identifier="photos",
            )
        )
    return found


class _Choosing(NamedTuple):
    """Whether pictures are being chosen or made ready, and what went wrong with the last ones."""

    busy: bool
    set_busy: Callable[[bool], None]
    fault: str
    set_fault: Callable[[str], None]


def _use_choosing() -> _Choosing:
    return _Choosing(*ft.use_state(False), *ft.use_state(""))


def _body(
    look: Look,
    shift: Shift,
    choosing: _Choosing,
    draft: str,
    readers: frozenset[str],
    before: int = 0,
) -> list[ft.Control]:
    """What to photograph and what not, who sees it, each photo, and the way to choose more."""
    t, busy, fault = look.t, choosing.busy, choosing.fault
    found = album.begun(shift, draft)
    room = album.room(shift, draft, before)

    async def choose() -> None:
        choosing.set_busy(True)
        choosing.set_fault("")
        try:
            choosing.set_fault(await album.choose(shift, draft, room))
        finally:
            choosing.set_busy(False)

    body: list[ft.Control] = [
        look.heading(t("photo.title")),
        info_line(
            look,
            t("photo.only_what_is_needed"),
            t("photo.no_faces"),
            icon=ft.Icons.FACE_RETOUCHING_OFF_ROUNDED,
            tone="accent",
        ),
        info_line(
            look,
            t("fill.who_reads", readers=named(look, readers)),
            t("photo.stripped"),
            icon=ft.Icons.VISIBILITY_ROUNDED,
            tone="quiet",
        ),
    ]
    if not found and not busy:
        body.append(empty(look, t("photo.none"), t("photo.none_detail")))
    body += [_photo(look, shift, number, one) for number, one in enumerate(found, 1)]
    if fault:
        body.append(banner(look, "late", t(fault, count=PHOTOS_MOST)))
    if busy:
        body += [look.text(t("photo.preparing"), "body"), loading(look, 1)]
    elif room:
        if album.takes(ft.context.page):
            body.append(
                button(
                    look,
                    t("camera.title"),
                    lambda: shift.go(TakePhoto(draft)),
                    kind="outlined",
                    icon=ft.Icons.PHOTO_CAMERA_ROUNDED,
                    identifier="to-camera",
                )
            )
        body.append(
            button(
                look,
                t("photo.choose_more") if found else t("photo.choose"),
                choose,
                kind="outlined",
                icon=ft.Icons.PHOTO_LIBRARY_ROUNDED,
                identifier="choose-photos",
            )
        )
    else:
        body.append(look.text(t("photo.full", count=PHOTOS_MOST), "body", look.palette.ink2))
    if found:
        body.append(look.text(t("photo.remove_from_album"), "small", look.palette.ink2))
    return body


def _photo(look: Look, shift: Shift, number: int, photo: HeldPhoto) -> ft.Control:
    """One that has been chosen: what it shows, and the way to take it out."""
    t = look.t
    options = [Option(one, t(f"photo.shows.{one}")) for one in get_args(Shows)]
    ask = question(
        look,
        t("photo.what", number=number),
        options,
        photo.said.shows,
        partial(album.describe, shift, photo.id),
        columns=2,
    )
    out = button(
        look,
        t("photo.remove"),
        _removing(shift, photo.id),
        kind="quiet",
        icon=ft.Icons.DELETE_OUTLINE_ROUNDED,
        identifier=f"remove-photo-{number}",
    )
    return card(look, ft.Column([_thumb(look, photo, t), ask, out], spacing=Space.S, tight=True))


def _removing(shift: Shift, photo: str) -> Callable[[], Any]:
    async def remove() -> None:
        await album.remove(shift, photo)

    return remove


def _thumb(look: Look, photo: HeldPhoto, t: Any) -> ft.Control:
    said = photo.said
    scale = SIDE / max(said.width, said.height)
    image = ft.Image(
        src=photo.thumb,
        width=max(1, round(said.width * scale)),
        height=max(1, round(said.height * scale)),
        fit=ft.BoxFit.CONTAIN,
        border_radius=Radius.CARD,
        gapless_playback=True,
        semantics_label=t("photo.alt", shows=t(f"photo.shows.{said.shows}")),
    )
    return ft.Row([image], alignment=ft.MainAxisAlignment.CENTER)
