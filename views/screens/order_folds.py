"""The parts of an order that some have: its sort, why, strength, a value, and narcotics."""

import flet as ft

from care.order import Form as Sort
from care.order_form import FORMS
from care.order_right import THERAPISTS_FORMS
from care.rights import Role
from views.components import Option, choices
from views.model import ordering
from views.screens.order_form import Form
from views.screens.parts import ICONS


def sort_fold(form: Form) -> ft.Control:
    """What the task looks like. Chosen, it closes again."""
    t = form.look.t
    nurse = Role.NURSE in ordering.roles(form.shift, form.unit)
    sorts: list[Sort] = [one for one in FORMS if nurse or one in THERAPISTS_FORMS]
    set_ = form.setter("form")

    async def choose(value: str) -> None:
        form.turn("sort")
        await set_(value)

    def inside() -> list[ft.Control]:
        options = [Option(one, t(f"order.form.{one}"), ICONS[one]) for one in sorts]
        asked = t("order.field.form")
        return [choices(form.look, options, form.fields.form, choose, question=asked, shape="row", columns=2)]

    return form.fold("sort", t("order.field.form"), t(f"order.form.{form.fields.form}"), ("form",), inside)


def note_fold(form: Form) -> ft.Control:
    """The nurse's words to whoever does it, and why."""
    t, fields = form.look.t, form.fields

    def inside() -> list[ft.Control]:
        return [form.field("note", help=t("order.help.note"), lines=2), form.field("reason")]

    said = ". ".join(text.strip().rstrip(".") for text in (fields.note, fields.reason) if text.strip())
    return form.fold("note", t("order.part.note"), said, ("note", "reason"), inside)


def medicine_fold(form: Form) -> ft.Control:
    """Strength, how it is given, its substance, and what a pouch holds."""
    t, fields = form.look.t, form.fields

    def inside() -> list[ft.Control]:
        contents = form.field("contents", help=t("order.help.contents"), lines=2)
        substance = form.field("substance", help=t("order.help.substance"))
        return [form.pair(form.field("strength"), form.field("route")), substance, contents]

    typed = (fields.strength, fields.route, fields.substance)
    said = ", ".join(text.strip() for text in typed if text.strip())
    holds = ("strength", "route", "substance", "contents")
    return form.fold("medicine", t("order.part.medicine"), said, holds, inside)


def value_fold(form: Form) -> ft.Control:
    """What is written or seen by somebody else when it is signed."""
    t, fields = form.look.t, form.fields

    def inside() -> list[ft.Control]:
        asked = form.pair(
            form.field("value", hint=t("order.hint.value")),
            form.field("value_unit", hint=t("order.hint.value_unit")),
        )
        limits = form.pair(form.field("below"), form.field("above"))
        more = [limits] if fields.value.strip() or fields.below or fields.above else []
        return [asked, *more, form.tick("note_asked"), form.tick("witness")]

    ticked = [t(f"order.field.{name}") for name in ("note_asked", "witness") if getattr(fields, name)]
    said = ", ".join([*filter(None, [fields.value.strip()]), *ticked])
    holds = ("value", "value_unit", "below", "above")
    return form.fold("value", t("order.part.value"), said, holds, inside)


def narcotic_fold(form: Form) -> ft.Control:
    """Closed until it is one: then what is counted, and how much each time."""
    t, fields = form.look.t, form.fields

    def inside() -> list[ft.Control]:
        if not fields.narcotic:
            return [form.tick("narcotic")]
        return [
            form.tick("narcotic"),
            form.field("unit", hint=t("order.help.unit")),
            form.field("preparation", help=t("order.help.preparation")),
            form.field("per_dose", help=t("order.help.per_dose")),
        ]

    said = t("common.yes") if fields.narcotic else t("common.no")
    return form.fold("narcotic", t("order.field.narcotic"), said, ("unit", "preparation", "per_dose"), inside)
