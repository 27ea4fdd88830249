"""A deviation that calls for the nurse, most often a fall: what was reported, and *Jag har läst*."""

import flet as ft

from care.deviation import DeviationDocument
from care.rights import Act
from views.components import Action, empty, frame, info_line, sign, thumb_bar
from views.model import answering, cases, reading
from views.model.shift import Shift
from views.places import InboxDeviation
from views.screens.case_handled import handled
from views.screens.case_parts import (
    category_word,
    clock_of,
    danger_banner,
    lines_card,
    state_words,
)
from views.screens.cases import beside
from views.screens.inbox_case import call_actions, who
from views.screens.parts import back_bar, receipt_of
from views.theme import use_look


def inbox_deviation(shift: Shift, place: InboxDeviation) -> ft.Control:
    look = use_look()
    t = look.t
    document = reading.one(shift, DeviationDocument, place.deviation)
    if document is None or not cases.read_as(shift, document):
        return frame(look, back_bar(look, shift, t("inbox.title")), [empty(look, t("inbox.gone"))])
    case = answering.case_of(shift, document)

    async def read() -> None:
        await answering.receive(shift, document)
        shift.back()
        name = case.person.name if case.person else category_word(look, document)
        shift.say_saved(name, t("inbox.deviation_read"))

    words, tone, icon = state_words(look, shift, case)
    body: list[ft.Control] = [
        who(look, shift, case),
        ft.Row(
            [sign(look, category_word(look, document)), sign(look, words, icon=icon, tone=tone)], wrap=True
        ),
        *danger_banner(look, case),
    ]
    if document.occurred:
        body.append(look.text(t("inbox.occurred", at=clock_of(look, shift, document.occurred)), "body"))
    body += beside(look, document)
    body.append(lines_card(look, list(case.reading.lines)))
    for added in document.amendments:
        by = reading.name_of(shift, added.by)
        title = t("inbox.added", name=by, at=clock_of(look, shift, added.at))
        body.append(info_line(look, title, added.text, icon=ft.Icons.EDIT_NOTE_ROUNDED, tone="quiet"))
    body += handled(look, shift, document)
    call = call_actions(look, shift, case)
    handles = answering.may_do(shift, Act.DEVIATION_HANDLE, document.unit)
    if case.state == "waiting" and handles:
        main = Action(t("inbox.have_read"), read, ft.Icons.CHECK_ROUNDED, identifier="have-read")
        bar = thumb_bar(look, main, call)
    else:
        bar = thumb_bar(look, call[0]) if call else None
    return frame(look, back_bar(look, shift, t("inbox.title")), body, bar, receipt=receipt_of(look, shift))
