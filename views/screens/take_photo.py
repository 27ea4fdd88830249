"""Ta en bild: what the camera sees, then the picture itself, before it is in the report."""

import asyncio
from typing import NamedTuple

import flet as ft

from views.components import Action, banner, frame, info_line, thumb_bar
from views.model import album, picture
from views.model.camera import CameraError, Lens
from views.model.picture import Picture, PictureError
from views.model.shift import Shift
from views.places import TakePhoto
from views.screens.parts import back_bar
from views.theme import Look, Radius, use_look

QUARTER = 90
HALF_OF_HEIGHT = 0.5
"""What the picture has of the screen; the rest is for what is said, and for the thumb."""


class _Taken(NamedTuple):
    """What the camera gave, how far it is turned, and what would be kept of it."""

    data: bytes
    turn: int
    made: Picture


def take_photo(shift: Shift, place: TakePhoto) -> ft.Control:
    """Nothing is kept before somebody says so; leaving takes nothing along."""
    look = use_look()
    t = look.t
    opened, set_opened = ft.use_state(1)
    lens = ft.use_memo(Lens, [opened])
    state, set_state = ft.use_state("opening")
    taken, set_taken = ft.use_state(None)
    fault, set_fault = ft.use_state("")

    async def begin() -> None:
        # The system asks whether Rapp may, which hides the app.
        shift.attention.calls(shift.phone.ticks())
        try:
            await lens.open()
            set_state("ready")
        except CameraError as error:
            set_fault(error.key)
            set_state("none")
        shift.attention.touch(shift.phone.ticks())

    ft.use_effect(begin, [opened], cleanup=lambda: None)

    async def made(data: bytes, turn: int) -> None:
        set_taken(_Taken(data, turn, await asyncio.to_thread(picture.fitted, data, turn)))

    async def take() -> None:
        set_state("taking")
        set_fault("")
        try:
            await made(*await lens.take())
        except (CameraError, PictureError) as error:
            set_fault(error.key)
        set_state("ready")

    async def turn() -> None:
        await made(taken.data, (taken.turn + QUARTER) % 360)

    def again() -> None:
        """The camera was closed when the picture took its place, or could not be opened."""
        set_taken(None)
        set_fault("")
        set_state("opening")
        set_opened(opened + 1)

    async def use() -> None:
        await album.keep_taken(shift, place.draft, taken.made)
        shift.back()

    body: list[ft.Control] = [look.heading(t("camera.title"))]
    said = [banner(look, "late", t(fault))] if fault else []
    if taken is not None:
        body += [_picture(look, taken.made), *said, look.text(t("camera.look"), "body", look.palette.ink2)]
        main = Action(t("camera.use"), use, ft.Icons.CHECK_ROUNDED, identifier="use-photo")
        others = [
            Action(t("camera.turn"), turn, ft.Icons.ROTATE_90_DEGREES_CW_ROUNDED, identifier="turn-photo"),
            Action(t("camera.again"), again, ft.Icons.REPLAY_ROUNDED, identifier="again"),
        ]
        return frame(look, back_bar(look, shift, t("common.back")), body, thumb_bar(look, main, others))
    if state != "none":
        body.append(_seen(look, lens))
    body += said
    if state == "opening":
        body.append(look.text(t("camera.opening"), "body"))
    elif state != "none":
        body.append(_what_to_show(look))
    if state == "none":
        # It may have been allowed in the settings meanwhile.
        main = Action(t("errors.again"), again, ft.Icons.REPLAY_ROUNDED, identifier="open-again")
    else:
        words = t("camera.taking") if state == "taking" else t("camera.take")
        ready = take if state == "ready" else None
        main = Action(words, ready, ft.Icons.CAMERA_ROUNDED, identifier="take-photo")
    bar = thumb_bar(look, main)
    return frame(look, back_bar(look, shift, t("common.back")), body, bar)


def _seen(look: Look, lens: Lens) -> ft.Control:
    """What the camera sees. It stands in one place while it is opened and a picture is taken: a control that
    moves is made anew, and the camera with it."""
    return ft.Semantics(
        content=ft.Container(
            _viewfinder(lens),
            height=look.height * HALF_OF_HEIGHT,
            alignment=ft.Alignment.CENTER,
            border_radius=Radius.CARD,
            clip_behavior=ft.ClipBehavior.HARD_EDGE,
            bgcolor=look.palette.sunken,
        ),
        key="camera",
        label=look.t("camera.seen"),
        image=True,
    )


@ft.memo
@ft.component
def _viewfinder(lens: Lens) -> ft.Control:
    """Drawn once for each opening, so that the control which is asked is the one on the screen."""
    return lens.control


def _what_to_show(look: Look) -> ft.Control:
    return info_line(
        look,
        look.t("photo.only_what_is_needed"),
        look.t("photo.no_faces"),
        icon=ft.Icons.FACE_RETOUCHING_OFF_ROUNDED,
        tone="accent",
    )


def _picture(look: Look, made: Picture) -> ft.Control:
    return ft.Container(
        ft.Image(
            src=made.data,
            fit=ft.BoxFit.CONTAIN,
            gapless_playback=True,
            semantics_label=look.t("camera.taken"),
        ),
        height=look.height * HALF_OF_HEIGHT,
        alignment=ft.Alignment.CENTER,
        border_radius=Radius.CARD,
        clip_behavior=ft.ClipBehavior.HARD_EDGE,
    )
