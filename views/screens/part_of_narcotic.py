"""Hur mycket gavs? A narcotic given in part: what was given is taken from the ledger, and of the rest it is
said whether it was discarded, which a second person sees, or was never taken out."""

from typing import Literal

import flet as ft

from views.components import Option, banner, choices, frame, value_field
from views.model import reading
from views.model.shift import Shift
from views.model.stock import Part
from views.places import PartOfNarcotic
from views.screens.details import number, pad
from views.screens.giving import sign_given
from views.screens.ledger import amount
from views.screens.parts import back_bar, header_of
from views.screens.sign import gone
from views.theme import use_look

Rest = Literal["", "wasted", "kept"]


def part_of_narcotic(shift: Shift, place: PartOfNarcotic) -> ft.Control:
    look = use_look()
    t = look.t
    typed, set_typed = ft.use_state("")
    rest, set_rest = ft.use_state("")
    task = reading.task(shift, place.dose)
    drug = task.dose.plan.narcotic if task else None
    if task is None or drug is None:
        return gone(look, shift)
    value = number(typed)
    less = value is not None and 0 < value < drug.per_dose

    async def save() -> None:
        assert value is not None
        part = Part(value, rest == "wasted")
        words = t("part.given", given=amount(value), whole=amount(drug.per_dose), unit=drug.unit)
        if part.broken:
            words = t("part.and_wasted", given=words, rest=amount(drug.per_dose - value), unit=drug.unit)
        await sign_given(look, shift, task, "partly_given", amount=words, part=part)

    options = [
        Option("wasted", t("part.wasted"), ft.Icons.DELETE_ROUNDED),
        Option("kept", t("part.kept"), ft.Icons.INVENTORY_2_ROUNDED),
    ]
    body: list[ft.Control] = [
        header_of(look, task.person, task.dose.plan.what, flags=False),
        value_field(look, t("details.amount"), typed, unit=drug.unit, active=True),
    ]
    if value is not None and not less:
        body.append(banner(look, "late", t("part.not_less", whole=amount(drug.per_dose), unit=drug.unit)))
    body.append(look.heading(t("part.rest"), "h2", level=2))
    body.append(choices(look, options, rest, set_rest, question=t("part.rest"), columns=2))
    main = t("common.next" if rest == "wasted" else "common.save")
    keys = pad(look, set_typed, main, save if less and rest else None)
    return frame(look, back_bar(look, shift, task.person.first_name), body, keys, dense=True)
