"""Räkna andetag: half the screen is the button, so that the eyes stay on the chest."""

import asyncio
import time

import flet as ft

from views.components import Action, Option, choices, frame, pressable, thumb_bar
from views.model import filling as fillings
from views.model import measuring
from views.model.feel import tap
from views.model.shift import Shift
from views.places import CountBreaths
from views.screens.fill import gone
from views.screens.parts import back_bar
from views.theme import Look, Radius, Space, use_look

MINUTE_S = 60
LENGTHS = (30, MINUTE_S)
RING = 150
STROKE = 12


def count_breaths(shift: Shift, place: CountBreaths) -> ft.Control:
    """The first press starts the clock and is the first breath. At the end the number is in its field."""
    look = use_look()
    t = look.t
    length, set_length = ft.use_state(LENGTHS[0])
    breaths, set_breaths = ft.use_state(0)
    started, set_started = ft.use_state(0.0)
    left, set_left = ft.use_state(float(LENGTHS[0]))
    count = ft.use_ref(0)

    async def run() -> None:
        """The countdown of one counting; ends with it, or when another begins."""
        if not started:
            return
        while (remaining := started + length - time.monotonic()) > 0:
            set_left(remaining)
            await asyncio.sleep(min(1.0, remaining))
        await _counted(shift, place, round(count.current * MINUTE_S / length))

    ft.use_effect(run, [started], cleanup=lambda: None)

    if not fillings.has(shift, place.draft):
        return gone(look, shift)

    def begin_again(to: int | None = None) -> None:
        count.current = 0
        set_breaths(0)
        set_started(0.0)
        set_length(to or length)
        set_left(float(to or length))

    def breath() -> None:
        count.current += 1
        set_breaths(count.current)
        if not started:
            set_started(time.monotonic())
        tap()

    options = [Option(s, t("vital.seconds", count=s), ft.Icons.TIMER_ROUNDED) for s in LENGTHS]
    lengths = choices(
        look, options, length, begin_again, question=t("vital.count_title"), shape="row", columns=1
    )
    top: ft.Control = ft.Row(
        [_ring(look, left, length), ft.Container(lengths, expand=1)],
        spacing=Space.L,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    if look.large or look.narrow:
        top = ft.Column([_ring(look, left, length), lengths], spacing=Space.M)
    body: list[ft.Control] = [
        look.heading(t("vital.count_title")),
        look.text(t("vital.count_how"), "body", look.palette.ink2),
        top,
        _button(look, breaths, breath),
    ]
    bar = thumb_bar(
        look,
        None,
        [
            Action(t("vital.count_again"), begin_again, ft.Icons.REPLAY_ROUNDED, identifier="again"),
            Action(t("common.cancel"), shift.back, ft.Icons.CLOSE_ROUNDED),
        ],
    )
    filling = fillings.of(shift, place.draft)
    words = fillings.words(shift, filling, t("fill.neutral_name"))
    page = next(
        (p for p in fillings.pages(filling) if place.link_id in {i.link_id for i in p.item.walk()}), None
    )
    title = words.ask(page.item) if page else t("common.back")
    return frame(look, back_bar(look, shift, title), body, bar)


async def _counted(shift: Shift, place: CountBreaths, rate: int) -> None:
    """Into the field, which stays open so that the number is seen; *Börja om* counts anew."""
    if shift.place != place or not fillings.has(shift, place.draft):
        return
    filling = fillings.of(shift, place.draft)
    item = filling.form.item(place.link_id)
    if item is None:
        return
    filling.counted = place.link_id
    await fillings.answer(shift, place.draft, place.link_id, [rate], draw=False)
    measuring.select(shift, filling, item)
    shift.back()


def _ring(look: Look, left: float, length: int) -> ft.Control:
    """What is left, as a ring that empties. Its stroke is drawn outside its box, so it is inset by half."""
    p = look.palette
    side = RING
    shown = [
        look.text(str(round(left)), "dose"),
        look.text(look.t("vital.seconds_left"), "tiny_plain", p.ink2, text_align=ft.TextAlign.CENTER),
    ]
    return ft.Container(
        ft.Stack(
            [
                ft.Container(
                    ft.ProgressRing(
                        value=max(0.0, min(1.0, left / length)),
                        stroke_width=STROKE,
                        color=p.fill,
                        bgcolor=p.sunken,
                        width=side - STROKE,
                        height=side - STROKE,
                    ),
                    padding=STROKE / 2,
                ),
                ft.Container(
                    ft.Column(
                        shown,
                        spacing=0,
                        alignment=ft.MainAxisAlignment.CENTER,
                        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                    ),
                    width=side,
                    height=side,
                    alignment=ft.Alignment.CENTER,
                ),
            ],
            width=side,
            height=side,
        ),
        width=side,
        height=side,
    )


def _button(look: Look, breaths: int, on_press: object) -> ft.Control:
    p = look.palette
    inside = ft.Column(
        [
            look.icon(ft.Icons.TOUCH_APP_ROUNDED, p.on_fill, 44),
            look.text(look.t("vital.press_each"), "h2", p.on_fill, text_align=ft.TextAlign.CENTER),
            look.text(str(breaths), "numeral", p.on_fill),
            look.text(look.t("vital.breaths_so_far"), "body", p.on_fill),
        ],
        spacing=Space.M,
        expand=1,
        alignment=ft.MainAxisAlignment.CENTER,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    # Half of the height, whatever the phone: what stands above and below it is nearly fixed.
    least = max(220.0, look.height * 0.47)
    return pressable(
        look,
        inside,
        on_press,  # type: ignore[arg-type]
        bgcolor=p.fill,
        radius=Radius.SHEET,
        least=least,
        identifier="breath",
        repeats=True,
    )
