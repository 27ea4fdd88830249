"""Rutiner: the unit's routines, offline, to be read standing."""

from collections.abc import Sequence

import flet as ft

from care.routine_text import Block, Line, read
from views import dates
from views.components import (
    banner,
    card,
    empty,
    frame,
    icon_block,
    pressable,
    sign,
    text_field,
    title_block,
)
from views.model import routines as model
from views.model.routines import Held
from views.model.shift import Shift
from views.places import Routine, Routines
from views.screens.parts import back_bar
from views.theme import Look, Radius, Space, use_look

SHOWN = 100


def routines(shift: Shift, place: Routines) -> ft.Control:
    """The list; a word that is typed narrows it."""
    look = use_look()
    t = look.t
    typed, set_typed = ft.use_state("")
    every = model.held(shift)
    found = model.matching(every, typed)
    body: list[ft.Control] = [look.heading(t("routines.title"))]
    if not every:
        body.append(empty(look, t("routines.nothing"), t("routines.nothing_detail")))
    else:
        body.append(text_field(look, t("routines.search"), typed, set_typed, identifier="search"))
    body += [_row(look, shift, one) for one in found[:SHOWN]]
    if every and not found:
        body.append(empty(look, t("routines.none_found")))
    return frame(look, back_bar(look, shift, t("common.back")), body)


def _row(look: Look, shift: Shift, found: Held) -> ft.Control:
    p = look.palette
    words: list[ft.Control] = [
        look.text(found.body.title, "strong"),
        look.text(found.body.area, "small", p.ink2),
    ]
    if found.news:
        mark = sign(look, look.t(f"routines.{found.news}"), icon=ft.Icons.NEW_RELEASES_ROUNDED, tone="accent")
        words.append(ft.Row([mark], wrap=look.large))
    column = ft.Column(words, spacing=4, tight=True, expand=1)
    inside = [column] if look.large else [icon_block(look, ft.Icons.MENU_BOOK_ROUNDED), column]
    return pressable(
        look,
        ft.Row(inside, spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START, expand=True),
        lambda: shift.go(Routine(found.routine.id)),
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.M,
        identifier=f"routine-{found.routine.id}",
    )


def routine(shift: Shift, place: Routine) -> ft.Control:
    """One routine: what to do first, then who answers for it and how old it is."""
    look = use_look()
    t = look.t
    found = model.one(shift, place.routine)

    async def opened() -> None:
        if found is not None:
            await model.have_opened(shift, found)

    ft.use_effect(opened, [found.version.fact if found else ""])
    head = back_bar(look, shift, t("routines.title"))
    if found is None:
        return frame(look, head, [empty(look, t("routines.gone"), t("routines.gone_detail"))])
    body: list[ft.Control] = [title_block(look, found.body.title, found.body.area)]
    if found.body.changes:
        new = t("routines.what_is_new", words=found.body.changes)
        body.append(look.text(new, "small_strong", look.palette.accent))
    body.append(card(look, _blocks(look, read(found.body.text)), spacing=Space.M))
    return frame(look, head, [*body, *_whose(look, found, late=found.review_by < model.today(shift))])


def _whose(look: Look, found: Held, *, late: bool) -> list[ft.Control]:
    t, p, body = look.t, look.palette, found.body
    owner = t("routines.responsible", name=body.owner_name, title=t.within(f"title.{body.owner_role}"))
    decided = t("routines.decided", day=dates.day(body.decided, t), by=body.decided_by)
    day = dates.day(found.review_by, t)
    lines: list[ft.Control] = [look.text(owner, "small", p.ink2), look.text(decided, "small", p.ink2)]
    if late:
        return [
            ft.Column(lines, spacing=4, tight=True),
            banner(look, "late", t("routines.review_late", day=day)),
        ]
    lines.append(look.text(t("routines.review", day=day), "small", p.ink2))
    return [ft.Column(lines, spacing=4, tight=True)]


def _blocks(look: Look, blocks: Sequence[Block]) -> list[ft.Control]:
    found: list[ft.Control] = []
    for block in blocks:
        if block.kind == "heading":
            found.append(look.heading("".join(words.text for words in block.lines[0]), "h2", 2))
        elif block.kind == "paragraph":
            found.append(_line(look, block.lines[0]))
        else:
            found += [
                _item(look, f"{number}" if block.kind == "steps" else "•", line)
                for number, line in enumerate(block.lines, 1)
            ]
    return found


def _item(look: Look, mark: str, line: Line) -> ft.Control:
    """A step or a point: its mark stands beside it, so that the eye finds the way back."""
    p = look.palette
    ground = p.accent_soft if mark != "•" else None
    beside = ft.Container(
        look.text(mark, "strong", p.on_accent_soft if ground else p.ink),
        bgcolor=ground,
        border_radius=Radius.SIGN,
        padding=ft.Padding.symmetric(horizontal=10, vertical=2),
    )
    return ft.Row(
        [beside, _line(look, line, expand=1)],
        spacing=Space.M,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _line(look: Look, line: Line, expand: int | None = None) -> ft.Control:
    if not any(words.bold for words in line):
        return look.text("".join(words.text for words in line), "body", expand=expand)
    spans = [
        ft.TextSpan(words.text, style=look.style("strong" if words.bold else "body", look.palette.ink))
        for words in line
    ]
    return ft.Text(spans=spans, style=look.style("body", look.palette.ink), expand=expand)
