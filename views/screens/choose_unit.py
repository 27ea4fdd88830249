"""Var hände det?: for whoever reports and is in no unit, such as MAS. That unit has the report."""

import flet as ft

from care.unit import UnitDocument
from views.components import button, empty, frame, text_field
from views.model import filling, reading
from views.model.shift import Shift
from views.places import ChooseUnit
from views.screens.parts import back_bar
from views.theme import Space, use_look

SHOWN = 100
FEW = 8
"""From so many units on, one can search."""


def choose_unit(shift: Shift, place: ChooseUnit) -> ft.Control:
    look = use_look()
    t = look.t
    typed, set_typed = ft.use_state("")
    form, _, category = place.then.partition("/")

    async def choose(unit: UnitDocument | None) -> None:
        await filling.begin(shift, form, None, category=category, unit=unit.id if unit else "")

    known = [one for one in reading.units(shift) if not one.is_office]
    found = [one for one in known if typed.strip().lower() in one.name.lower()]
    body: list[ft.Control] = [look.heading(t("choose.unit"))]
    if len(known) >= FEW:
        body.append(text_field(look, t("choose.search_unit"), typed, set_typed))
    for one in found[:SHOWN]:
        go = lambda unit=one: choose(unit)  # noqa: E731
        body.append(button(look, one.name, go, kind="outlined", start=True, identifier=f"unit-{one.id}"))
    if not found:
        body.append(empty(look, t("choose.no_such_unit")))
    body.append(button(look, t("choose.no_unit"), lambda: choose(None), kind="quiet", identifier="no-unit"))
    return frame(look, back_bar(look, shift, t("common.back")), body, spacing=Space.S)
