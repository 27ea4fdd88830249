"""How far one has come: bars over a form, S B A R over a case, a line of steps under a report."""

from collections.abc import Callable
from typing import Any, NamedTuple

import flet as ft

from views.components.cards import card
from views.components.press import pressable
from views.theme import Look, Radius, Space
from views.theme.type import longest_word


def progress_bars(look: Look, step: int, steps: int, *, title: str = "") -> ft.Control:
    """Bars for `step` of `steps` (from 1), with the title and *2 av 5* under them."""
    p = look.palette
    words = ft.Row(
        [
            look.text(title, "small", p.ink2, expand=1),
            look.text(look.t("common.step_of", step=step, steps=steps), "small", p.ink2),
        ],
        spacing=Space.S,
    )
    return ft.Column([_bars(look, step, steps), words], spacing=6)


def progress_title(look: Look, title: str, step: int, steps: int) -> ft.Control:
    """A page's title with *2 av 5* beside it and the bars under. On a short phone the bars are left out."""
    of = look.text(look.t("common.step_of", step=step, steps=steps), "label", look.palette.ink2)
    head = ft.Row([ft.Container(look.heading(title), expand=1), of], spacing=Space.S)
    return head if look.short else ft.Column([head, _bars(look, step, steps)], spacing=10)


def _bars(look: Look, step: int, steps: int) -> ft.Control:
    p = look.palette
    return ft.Row(
        [
            ft.Container(expand=1, height=6, border_radius=3, bgcolor=p.fill if at < step else p.sunken)
            for at in range(steps)
        ],
        spacing=5,
    )


STEP_GAP = 6
"""dp between the signs of S B A R."""


def sbar_stepper(
    look: Look, current: str, done: set[str] | frozenset[str], on_step: Callable[[str], Any] | None = None
) -> ft.Control:
    """S B A R. `current` is one of "s", "b", "a", "r"; `done` those that are ready. Hidden on a short
    phone."""
    p = look.palette
    signs: list[ft.Control] = []
    for letter in "sbar":
        here = letter == current
        ready = letter in done and not here
        ground, ink = (
            (p.fill, p.on_fill) if here else (p.done_soft, p.on_done_soft) if ready else (p.sunken, p.ink2)
        )
        name = look.t(f"sbar.step_{letter}")
        named = here and not look.large and _has_room(look, f"{letter.upper()} {name}")
        shown = f"{letter.upper()} {name}" if named else letter.upper()
        spoken = f"{letter.upper()} {name}{', ' + look.t('common.done') if ready else ''}"
        word = look.text(shown, "label", ink, semantics_label=spoken, no_wrap=True)
        mark = [look.icon(ft.Icons.CHECK_ROUNDED, ink, 20)] if ready and not look.large else []
        drawn = ft.Container(
            ft.Row([*mark, word], spacing=6, alignment=ft.MainAxisAlignment.CENTER, expand=True),
            bgcolor=ground,
            border_radius=Radius.CHIP,
            height=None if look.large else 40,
            padding=ft.Padding.symmetric(vertical=4),
            expand=True,
        )
        press = (lambda to=letter: on_step(to)) if on_step else None
        signs.append(
            pressable(look, drawn, press, radius=Radius.CHIP, expand=6 if here and not look.large else 2)
        )
    return ft.Row(signs, spacing=STEP_GAP)


def _has_room(look: Look, words: str) -> bool:
    """Whether a step's name fits on its sign, which has half of the row: 6 shares of 12."""
    row = look.column - 2 * Space.PAGE - 3 * STEP_GAP
    return row / 2 >= longest_word([words.replace(" ", "-")], "label", look.scale)


class Step(NamedTuple):
    """One step of a case: *Bedömd, 13 nov 10:30, Karin Ström, sjuksköterska*."""

    title: str
    at: str = ""
    detail: str = ""
    done: bool = True


def timeline(look: Look, steps: list[Step]) -> ft.Control:
    """The steps of a report, as proof, under what changed."""
    return card(look, [_step(look, step, last=step is steps[-1]) for step in steps], spacing=0)


def _step(look: Look, step: Step, last: bool) -> ft.Control:
    p = look.palette
    colour = p.done if step.done else p.edge
    icon = ft.Icons.CHECK_CIRCLE_ROUNDED if step.done else ft.Icons.RADIO_BUTTON_UNCHECKED_ROUNDED
    rail: list[ft.Control] = [ft.Icon(icon, size=26, color=colour)]
    if not last:
        rail.append(ft.Container(width=3, expand=True, bgcolor=colour, border_radius=2))
    title: list[ft.Control] = [look.text(step.title, "strong", expand=1)]
    if step.at and not look.large:
        title.append(look.text(step.at, "small", p.ink2))
    words: list[ft.Control] = [ft.Row(title, spacing=Space.S)]
    if step.at and look.large:
        words.append(look.text(step.at, "small", p.ink2))
    if step.detail:
        words.append(look.text(step.detail, "small", p.ink2))
    return ft.Row(
        [
            ft.Column(rail, spacing=2, horizontal_alignment=ft.CrossAxisAlignment.CENTER),
            ft.Container(
                ft.Column(words, spacing=0, tight=True),
                expand=1,
                padding=ft.Padding(left=0, right=0, top=0, bottom=0 if last else Space.M),
            ),
        ],
        spacing=Space.M,
        intrinsic_height=True,
        vertical_alignment=ft.CrossAxisAlignment.STRETCH,
    )
