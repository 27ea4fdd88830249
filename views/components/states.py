"""Nothing to do, not here yet, something went wrong. Red only where a person may come to harm."""

from collections.abc import Callable, Sequence
from typing import Any

import flet as ft

from views.components.app_bar import Part
from views.components.banner import banner
from views.components.error_card import error_card
from views.components.frame import frame
from views.components.signs import call_112
from views.components.thumb_bar import Action, thumb_bar
from views.theme import Look, Radius, Space


def empty(look: Look, words: str, detail: str = "") -> ft.Control:
    """*Inget att göra nu. Nästa 09:30, Ingegerd.* No drawing; the next card comes under it."""
    parts: list[ft.Control] = [look.text(words, "strong")]
    if detail:
        parts.append(look.text(detail, "body", look.palette.ink2))
    return ft.Container(
        ft.Column(parts, spacing=Space.XS, tight=True), padding=ft.Padding.symmetric(vertical=Space.S)
    )


def loading(look: Look, cards: int = 3) -> ft.Control:
    """Sunken blocks in the cards' shape. Show it only after 300 ms; nothing blinks."""
    blocks: list[ft.Control] = [
        ft.Container(height=110, bgcolor=look.palette.sunken, border_radius=Radius.CARD) for _ in range(cards)
    ]
    return ft.Semantics(
        container=True, label=look.t("common.loading"), content=ft.Column(blocks, spacing=Space.M, tight=True)
    )


def failure_banner(look: Look) -> ft.Control:
    """What a screen shows at its top, or where its receipt stands, when `look.failed` was told of a fault."""
    return banner(look, "late", look.t("errors.not_done"), look.t("errors.try_again"))


def error_page(
    look: Look,
    on_leave: Callable[[], Any] | None = None,
    *,
    leave: str = "",
    calls: Sequence[Action] = (),
    told: tuple[str, str, str] | None = None,
) -> ft.Control:
    """The screen that stands in for one that failed: 112, what is safe, whom to call, a way out.

    `leave` is the word on the way out (*Gå till Idag* when none is given). `told`: what happened, what is
    safe, what to do, where more is known than that something went wrong.
    """
    t = look.t
    head = Part(ft.Row([ft.Container(look.heading(t("errors.title")), expand=1), call_112(look)]))
    body = [error_card(look, *(told or (t("errors.title"), t("errors.safe"), t("errors.what_to_do"))))]
    icon = ft.Icons.REFRESH_ROUNDED if told else ft.Icons.ARROW_BACK_ROUNDED
    out = [Action(leave or t("errors.go_back"), on_leave, icon, identifier="leave")] if on_leave else []
    actions = [*out, *calls]
    return frame(look, head, body, thumb_bar(look, actions[0], actions[1:]) if actions else None)
