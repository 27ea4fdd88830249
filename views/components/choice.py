"""Answers. Outline; chosen: soft ground, 2 dp outline and a check mark. Danger answers turn red with the same
mark."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import flet as ft

from views.components.press import OnPress, pressable
from views.theme import Look, Radius, Space, Target

Shape = Literal["plain", "row", "tile"]
"""plain: the word in the middle (*Ja*, *Nej*, *Vet inte*). row: icon and word. tile: icon above the word."""


class Option(NamedTuple):
    """One answer. `value` is what the callback is given; `danger` answers turn red when chosen."""

    value: Any
    label: str
    icon: ft.IconData | None = None
    danger: bool = False


def choice(
    look: Look,
    option: Option,
    chosen: bool,
    on_press: OnPress,
    *,
    shape: Shape = "plain",
    question: str = "",
    expand: bool | int | None = 1,
) -> ft.Control:
    """One answer. `question` is spoken before it, because *Ja* alone means nothing."""
    p = look.palette
    edge = (p.danger if option.danger else p.accent) if chosen else p.edge
    ink = (p.on_danger_soft if option.danger else p.on_accent_soft) if chosen else p.ink
    ground = (p.danger_soft if option.danger else p.accent_soft) if chosen else p.surface
    spoken = f"{question} {option.label}".strip()
    shape = "row" if shape == "tile" and look.large else shape
    mark = ft.Icon(ft.Icons.CHECK_CIRCLE_ROUNDED, size=20, color=edge)
    draw = {"plain": _plain, "row": _row, "tile": _tile}[shape]
    width = 2 if chosen else 1
    return pressable(
        look,
        draw(look, option, ink, spoken, mark if chosen else None),
        on_press,
        bgcolor=ground,
        border=ft.Border.all(width, edge),
        radius=Radius.CHOICE,
        # The outline takes from the padding, so that nothing moves when an answer is chosen.
        padding=ft.Padding.symmetric(horizontal=Space.M - width, vertical=Space.XS - width),
        least={"plain": Target.CHOICE, "row": Target.BUTTON, "tile": 76}[shape] - 2 * Space.XS,
        checked=chosen,
        repeats=True,
        expand=expand,
        animate=True,
    )


def choices(
    look: Look,
    options: list[Option],
    chosen: Any,
    on_choose: Callable[[Any], Any],
    *,
    question: str = "",
    shape: Shape = "plain",
    columns: int = 3,
) -> ft.Control:
    """Answers in equal tiles. `chosen` is one value, or a set of values where several may be chosen.

    `on_choose` is given the value that was pressed; what that does to the chosen ones is the caller's to say.
    There are fewer columns where a word would break, and one at large text.
    """
    several = isinstance(chosen, set | frozenset | list | tuple)
    beside = 2 * Space.M + (32 if shape == "row" and any(option.icon for option in options) else 0)
    wide = look.columns(min(columns, len(options)), [option.label for option in options], "label", beside)
    drawn = [
        choice(
            look,
            option,
            option.value in chosen if several else option.value == chosen,
            _chooser(on_choose, option.value),
            shape=shape,
            question=question,
        )
        for option in options
    ]
    rows = [drawn[at : at + wide] for at in range(0, len(drawn), wide)]
    return ft.Column(
        [_equal([*row, *(ft.Container(expand=1) for _ in range(wide - len(row)))]) for row in rows],
        spacing=Space.S,
    )


def _equal(row: list[ft.Control]) -> ft.Control:
    return ft.Row(
        row, spacing=Space.S, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH
    )


def question(
    look: Look,
    words: str,
    options: list[Option],
    chosen: Any,
    on_choose: Callable[[Any], Any],
    *,
    origin: str = "",
    shape: Shape = "plain",
    columns: int = 3,
    aside: bool = False,
    problem: str = "",
) -> ft.Control:
    """A question and its answers. `origin` says where a filled answer is from (*från journalen*).

    `aside` puts two short answers beside the question; `problem` is what is missing, in the late colour.
    """
    p = look.palette
    answers = choices(look, options, chosen, on_choose, question=words, shape=shape, columns=columns)
    if aside and not look.large and not look.narrow:
        return ft.Row(
            [look.text(words, "strong", expand=11), ft.Container(answers, expand=12)], spacing=Space.S
        )
    head: list[ft.Control] = [look.text(words, "strong", expand=1)]
    if origin:
        head.append(look.text(origin, "small", p.ink2))
    parts: list[ft.Control] = [ft.Row(head, wrap=False), answers]
    if problem:
        parts.append(look.text(problem, "small", p.late))
    return ft.Column(parts, spacing=Space.S)


def confirm_box(look: Look, label: str, checked: bool, on_press: OnPress) -> ft.Control:
    """A statement to stand behind (*Jag har upprepat och Karin har sagt ja*), with a square for the mark."""
    p = look.palette
    box = ft.Container(
        ft.Icon(ft.Icons.CHECK_ROUNDED, size=26, color=p.on_fill) if checked else None,
        width=36,
        height=36,
        border_radius=Radius.SIGN,
        bgcolor=p.fill if checked else None,
        border=None if checked else ft.Border.all(2, p.edge),
        alignment=ft.Alignment.CENTER,
    )
    ink = p.on_accent_soft if checked else p.ink
    width = 2 if checked else 1
    return pressable(
        look,
        ft.Row([box, look.text(label, "strong", ink, expand=1)], spacing=Space.L, expand=True),
        on_press,
        bgcolor=p.accent_soft if checked else p.surface,
        border=ft.Border.all(width, p.accent if checked else p.edge),
        radius=Radius.BUTTON,
        padding=ft.Padding.symmetric(horizontal=Space.L - width, vertical=Space.M - width),
        checked=checked,
        repeats=True,
        animate=True,
    )


def _chooser(on_choose: Callable[[Any], Any], value: Any) -> Callable[[], Any]:
    return lambda: on_choose(value)


def _word(look: Look, option: Option, ink: str, spoken: str, **more: Any) -> ft.Control:
    return look.text(option.label, "label", ink, semantics_label=spoken, **more)


def _plain(look: Look, option: Option, ink: str, spoken: str, mark: ft.Control | None) -> ft.Control:
    word = _word(look, option, ink, spoken, expand=1, expand_loose=True, text_align=ft.TextAlign.CENTER)
    inside = [mark, word] if mark else [word]
    return ft.Row(inside, spacing=6, alignment=ft.MainAxisAlignment.CENTER, expand=True)


def _row(look: Look, option: Option, ink: str, spoken: str, mark: ft.Control | None) -> ft.Control:
    inside: list[ft.Control] = [_word(look, option, ink, spoken, expand=1)]
    if option.icon:
        inside.insert(0, look.icon(option.icon, ink))
    if mark:
        inside.append(mark)
    return ft.Row(inside, spacing=Space.S, expand=True)


def _tile(look: Look, option: Option, ink: str, spoken: str, mark: ft.Control | None) -> ft.Control:
    inside: list[ft.Control] = [_word(look, option, ink, spoken, text_align=ft.TextAlign.CENTER)]
    if option.icon:
        inside.insert(0, look.icon(option.icon, ink, 28))
    column = ft.Column(
        inside,
        spacing=6,
        alignment=ft.MainAxisAlignment.CENTER,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    layers: list[ft.Control] = [
        ft.Container(column, alignment=ft.Alignment.CENTER, padding=ft.Padding.symmetric(vertical=Space.S))
    ]
    if mark:
        corner = {"left": 0} if look.rtl else {"right": 0}
        layers.append(ft.Container(mark, top=2, **corner))
    return ft.Stack(layers, fit=ft.StackFit.PASS_THROUGH, expand=True)
