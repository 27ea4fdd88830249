"""Varför rättar du? A signature is taken back with a reason once the minute of undo is over."""

import flet as ft

from care.dose import DoseDocument
from care.prn import PrnDocument
from views.components import Action, Option, choices, frame, info_line, thumb_bar
from views.model import needed, reading, signing
from views.model.shift import Shift
from views.places import Correct
from views.screens.parts import back_bar, header_of
from views.screens.sign import gone
from views.theme import use_look

REASONS = ("wrong_person", "wrong_task", "not_done", "wrong_time", "other")


def correct(shift: Shift, place: Correct) -> ft.Control:
    look = use_look()
    t = look.t
    chosen, choose = ft.use_state("")
    kind: type[DoseDocument | PrnDocument] = PrnDocument if place.kind == "prn" else DoseDocument
    document = reading.one(shift, kind, place.id)
    person = reading.person(shift, document.person) if document else None
    if document is None or person is None:
        return gone(look, shift)

    async def save() -> None:
        if isinstance(document, PrnDocument):
            await needed.take_back(shift, document, place.fact, chosen)
        else:
            await signing.take_back(shift, place.id, person.id, place.fact, chosen)
        shift.back()
        shift.say_saved(person.listed, t("signed.taken_back"))

    options = [Option(reason, t(f"correct.{reason}")) for reason in REASONS]
    body = [
        header_of(look, person, flags=False),
        look.heading(t("correct.why")),
        choices(look, options, chosen, choose, question=t("correct.why"), shape="row", columns=1),
        info_line(look, t("correct.stays"), icon=ft.Icons.INFO_ROUNDED, tone="quiet"),
    ]
    main = Action(
        t("signed.take_back"), save if chosen else None, ft.Icons.UNDO_ROUNDED, identifier="save-correction"
    )
    return frame(look, back_bar(look, shift, person.first_name), body, thumb_bar(look, main))
