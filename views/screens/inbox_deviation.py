"""A deviation as those read it who answer for it: what was reported, and what has become of it."""

import flet as ft

from care.case_words import beside
from care.deviation import DeviationDocument
from care.rights import Act
from views.components import Action, frame, info_line, sign, thumb_bar
from views.model import answering, cases, reading
from views.model.shift import Shift
from views.places import InboxDeviation
from views.screens.brought import incomplete, not_here, use_brought
from views.screens.case_handled import handled, readers
from views.screens.case_history import amended, history
from views.screens.case_parts import (
    category_word,
    clock_of,
    danger_banner,
    lines_card,
    state_words,
)
from views.screens.case_photos import photos_of_case, use_fetching
from views.screens.inbox_case import call_actions, who
from views.screens.parts import back_bar, receipt_of
from views.theme import use_look


def inbox_deviation(shift: Shift, place: InboxDeviation) -> ft.Control:
    look = use_look()
    t = look.t
    all_of_it, set_all_of_it = ft.use_state(False)
    document = reading.one(shift, DeviationDocument, place.deviation) if shift.unlocked else None
    fetching = use_fetching()
    asking = use_brought(shift, DeviationDocument.kind, place.deviation, document is not None)
    if shift.unlocked is None:
        # A piece of a photo came just as the phone was locked: the page is about to go.
        return ft.Container()
    head = back_bar(look, shift, t("common.back"))
    if document is None or not cases.read_as(shift, document):
        return frame(look, head, [not_here(look, asking and document is None, t("inbox.gone"))])
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
    if where := reading.unit_name(shift, document.unit):
        body.append(look.text(t("cases.unit", unit=where), "body"))
    if document.person and case.person is None and cases.read_as(shift, document) != "safety":
        # A skyddsombud is not told whom it concerns, here or there.
        body.append(look.text(t("cases.person_elsewhere"), "body", look.palette.ink2))
    body += [*(look.text(line, "body") for line in beside(document, t)), readers(look, shift, document)]
    body += incomplete(look, shift, document.kind, document.id)
    body.append(lines_card(look, list(case.reading.lines)))
    body += amended(look, shift, document)
    body += photos_of_case(look, shift, document, fetching)
    for added in document.amendments:
        by = reading.name_of(shift, added.by)
        title = t("inbox.added", name=by, at=clock_of(look, shift, added.at))
        body.append(info_line(look, title, added.text, icon=ft.Icons.EDIT_NOTE_ROUNDED, tone="quiet"))
    body += handled(look, shift, document)
    body += history(look, shift, document, all_of_it, lambda: set_all_of_it(True))
    call = call_actions(look, shift, case)
    handles = answering.may_do(shift, Act.DEVIATION_HANDLE, document.unit)
    if case.state == "waiting" and handles:
        main = Action(t("inbox.have_read"), read, ft.Icons.CHECK_ROUNDED, identifier="have-read")
        bar = thumb_bar(look, main, call)
    else:
        bar = thumb_bar(look, call[0]) if call else None
    return frame(look, head, body, bar, receipt=receipt_of(look, shift))
