"""A number pad of our own: a system pad has no Done on iOS, and small keys. Digits 0-9 in every language."""

from collections.abc import Callable
from typing import Any

import flet as ft

from views.components.press import OnPress, pressable
from views.theme import Look, Radius, Space, Target

_ROWS = ("123", "456", "789")


def number_pad(
    look: Look,
    on_digit: Callable[[str], Any],
    on_erase: OnPress,
    main: str,
    on_main: OnPress,
    *,
    comma: OnPress = None,
    minus: OnPress = None,
    big: bool = False,
) -> ft.Control:
    """Twelve keys. `main` is the last one's word (*Öppna*, *Nästa*), drawn dead without `on_main`.

    `comma` puts a comma beside the zero, for a value that cannot set its own; `minus` a minus. `big` keys
    for the lock screen.
    """
    height = Target.KEY_SMALL if look.short else Target.MAIN if big else Target.KEY - 4
    rows = [
        [_digit(look, digit, on_digit, height) for digit in _from_left(look, list(digits))]
        for digits in _ROWS
    ]
    last = [
        _erase(look, on_erase, height),
        _digit(look, "0", on_digit, height),
        _main(look, main, on_main, height),
    ]
    if comma:
        last.insert(2, _key(look, look.text(",", "key"), comma, height, identifier="key-comma"))
    if minus:
        last.insert(1, _key(look, look.text("−", "key"), minus, height, identifier="key-minus"))
    rows.append(_from_left(look, last))
    return ft.Column([ft.Row(row, spacing=Space.S) for row in rows], spacing=Space.S, tight=True)


def _from_left(look: Look, keys: list[Any]) -> list[Any]:
    """Keys stand 1 2 3 from the left everywhere; a row in a right-to-left page is mirrored, so turn it
    back."""
    return keys[::-1] if look.rtl else keys


def _key(
    look: Look,
    content: ft.Control,
    on_press: OnPress,
    height: float,
    *,
    ground: str | None = "",
    identifier: str | None = None,
) -> ft.Control:
    return pressable(
        look,
        content,
        on_press,
        bgcolor=look.palette.sunken if ground == "" else ground,
        radius=Radius.KEY,
        least=height,
        expand=1,
        identifier=identifier,
        repeats=identifier != "key-main",
    )


def _digit(look: Look, digit: str, on_digit: Callable[[str], Any], height: float) -> ft.Control:
    return _key(look, look.text(digit, "key"), lambda: on_digit(digit), height, identifier=f"key-{digit}")


def _erase(look: Look, on_erase: OnPress, height: float) -> ft.Control:
    word = look.t("common.erase")
    mark = look.icon(ft.Icons.BACKSPACE_ROUNDED, look.palette.ink)
    if look.large:  # the one icon that stands alone
        mark.semantics_label = word
        return _key(look, mark, on_erase, height, ground=None, identifier="key-erase")
    return _key(
        look,
        ft.Row([mark, look.text(word, "label")], spacing=6, tight=True),
        on_erase,
        height,
        ground=None,
        identifier="key-erase",
    )


def _main(look: Look, word: str, on_main: OnPress, height: float) -> ft.Control:
    p = look.palette
    ink = p.on_fill if on_main else p.ink2
    return _key(
        look,
        look.text(
            word,
            "button" if not look.large else "initials",
            ink,
            text_align=ft.TextAlign.CENTER,
            no_wrap=True,
        ),
        on_main,
        height,
        ground=p.fill if on_main else None,
        identifier="key-main",
    )


def pin_dots(look: Look, entered: int, length: int = 6) -> ft.Control:
    """How many digits of the code are entered. Never which."""
    p = look.palette
    dots = [
        ft.Container(
            width=18,
            height=18,
            border_radius=9,
            bgcolor=p.fill if at < entered else None,
            border=ft.Border.all(2, p.fill if at < entered else p.edge),
        )
        for at in range(length)
    ]
    return ft.Semantics(
        container=True,
        live_region=True,
        label=look.t("common.pin_entered", count=entered, length=length),
        content=ft.Row(
            dots, spacing=Space.L if length <= 8 else Space.XS, alignment=ft.MainAxisAlignment.CENTER
        ),
    )
