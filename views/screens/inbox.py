"""Inkorg: what waits for the nurse, danger before time."""

import flet as ft

from care.deviation import DeviationDocument
from views.components import empty, frame, pressable, sign
from views.model import answering, reading
from views.model.answering import Case
from views.model.shift import Shift
from views.places import Inbox, InboxCase, InboxDeviation
from views.screens.case_parts import problem_words, state_words, urgency_tile
from views.screens.parts import back_bar, receipt_of
from views.screens.told import told_lines
from views.theme import Look, Radius, Space, use_look

SHOWN = 60


def inbox(shift: Shift, place: Inbox) -> ft.Control:
    look = use_look()
    t = look.t
    cases = answering.inbox(shift) if reading.reads(shift, "nurse") else []
    waits = sum(case.state in ("waiting", "acknowledged") for case in cases)
    body: list[ft.Control] = [look.heading(t("inbox.title"))]
    if not reading.reads(shift, "nurse"):
        body.append(empty(look, t("inbox.not_yours"), t("inbox.not_yours_detail")))
    elif waits:
        body.append(look.text(t.n("nurse.waiting", waits), "body", look.palette.ink2))
    else:
        body.append(empty(look, t("nurse.inbox_empty"), t("inbox.empty_detail")))
    body += told_lines(look, shift, "nurse")
    body += [case_card(look, shift, case) for case in cases[:SHOWN]]
    return frame(look, back_bar(look, shift, t("today.title")), body, receipt=receipt_of(look, shift))


def case_card(look: Look, shift: Shift, case: Case) -> ft.Control:
    """One case: how urgent, who, what, and where it stands. The whole card is the button."""
    p, t = look.palette, look.t
    words, tone, icon = state_words(look, shift, case)
    person = case.person
    name = person.listed if person else t("waiting.no_person")
    where = (
        (t("inbox.room", room=person.room) if person.room else person.street)
        if person
        else case.document.claimed
    )
    lines = [look.text(name, "h2")]
    if where:
        lines.append(look.text(where, "small", p.ink2))
    state = ft.Row([sign(look, words, icon=icon, tone=tone)], wrap=look.large)
    about = look.text(problem_words(look, case), "body")
    beside = ft.Column(lines, spacing=0, tight=True, expand=1)
    tile = urgency_tile(look, case)
    if look.large or look.narrow:
        inside: ft.Control = ft.Column(
            [ft.Row([tile, beside], spacing=Space.M), about, sign(look, words, icon=icon, tone=tone)],
            spacing=Space.S,
            expand=True,
        )
    else:
        column = ft.Column([*lines, about, state], spacing=4, tight=True, expand=1)
        inside = ft.Row(
            [tile, column], spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START, expand=True
        )
    id = case.document.id
    to = InboxDeviation(id) if isinstance(case.document, DeviationDocument) else InboxCase(id)
    return pressable(
        look,
        inside,
        lambda: shift.go(to),
        bgcolor=p.surface,
        border=ft.Border.all(1, p.line),
        radius=Radius.CARD,
        padding=Space.M,
        identifier=f"case-{id}",
    )
