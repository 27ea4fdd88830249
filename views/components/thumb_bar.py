"""The bar at the thumb: one filled button on top, second actions in pairs. At most a third of the height."""

from typing import NamedTuple

import flet as ft

from views.components.app_bar import Part
from views.components.buttons import Kind, button
from views.components.press import OnPress
from views.theme import Look, Space


class Action(NamedTuple):
    """One button. `second` is the Swedish word under a translated one; `on_press` None draws it dead."""

    label: str
    on_press: OnPress
    icon: ft.IconData | None = None
    kind: Kind = "outlined"
    second: str | None = None
    identifier: str | None = None


def thumb_bar(
    look: Look,
    main: Action | None,
    rest: tuple[Action, ...] | list[Action] = (),
    *,
    says: ft.Control | str | None = None,
    instead: ft.Control | None = None,
) -> Part:
    """The bar. `says` is a line above (who signs); `instead` a banner that takes the main button's place.

    At a text scale of 1.45 or more only the main button stays; the rest comes back as `moved`, for the page.
    """
    said = [_said(look, says)] if says is not None else []
    top = instead or (_draw(look, main, "filled") if main else None)
    rows = [] if look.large else _pairs(look, rest)
    controls = [*([] if look.large else said), *([top] if top else []), *rows]
    moved = (*said, *(_draw(look, action) for action in rest)) if look.large else ()
    return Part(
        ft.Column(controls, spacing=Space.S, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        moved,
    )


def _said(look: Look, says: ft.Control | str) -> ft.Control:
    if isinstance(says, str):
        return look.text(says, "small", look.palette.ink2, text_align=ft.TextAlign.CENTER)
    return says


def _pairs(look: Look, rest: tuple[Action, ...] | list[Action]) -> list[ft.Control]:
    wide = look.columns(
        2, [action.label for action in rest], "button", 2 * Space.M + 24 * look.scale + Space.S
    )
    return [
        ft.Row(
            [
                _draw(look, action, expand=1, start=len(pair) == 2 and action.kind == "soft")
                for action in pair
            ],
            spacing=Space.S,
            intrinsic_height=True,
            vertical_alignment=ft.CrossAxisAlignment.STRETCH,
        )
        for pair in (rest[at : at + wide] for at in range(0, len(rest), wide))
    ]


def _draw(
    look: Look, action: Action, kind: Kind | None = None, expand: int | None = None, start: bool = False
) -> ft.Control:
    drawn = kind if kind and action.kind == "outlined" else action.kind
    return button(
        look,
        action.label,
        action.on_press,
        kind=drawn,
        icon=action.icon,
        second=action.second,
        start=start,
        expand=expand,
        identifier=action.identifier,
    )
