"""Ny ordination, and a change of one, on the nurse's phone. What is seldom needed is folded until it is asked
for; what is wrong is said at its field."""

import asyncio
from collections.abc import Callable

import flet as ft
from msgspec.structs import replace

from views import dates
from views.components import Action, Option, button, choices, empty, frame, info_line, question, thumb_bar
from views.model import ordering, reading
from views.model.ordering import Written
from views.model.shift import Shift
from views.places import CheckOrder, WriteOrder
from views.screens.order_folds import medicine_fold, narcotic_fold, note_fold, sort_fold, value_fold
from views.screens.order_form import Draw, Form
from views.screens.order_times import days_fold, limits, times, window_fold
from views.screens.parts import back_bar, header_of, local
from views.theme import use_look

PROPOSED: dict[str, str] = {
    "pouch": "medicine_pouch",
    "tablet": "medicine_pouch",
    "liquid": "medicine_pouch",
    "injection": "insulin",
    "drops": "eye_drops",
    "inhalation": "inhalation",
    "plaster": "ointment",
    "measure": "blood_sugar",
    "care": "wound_care",
}
"""The delegation that is asked for most with each sort. It is offered first, and never chosen by itself."""
PAUSE_S = 0.4
"""So long after a letter nothing is on its way from the keyboard any more."""
FEW = 3
"""So many are offered all at once."""


def write_order(shift: Shift, place: WriteOrder) -> ft.Control:
    look = use_look()
    t = look.t
    key = ordering.key_of(place.person, place.order)
    begun_with, set_written = ft.use_state(lambda: ordering.kept(shift, place.order, key))
    opened, set_opened = ft.use_state(frozenset[str]())
    tried, set_tried = ft.use_state(False)
    begun, set_begun = ft.use_state(lambda: ordering.begun(shift, key))
    newest = ft.use_ref(begun_with)
    written = newest.current  # whatever else draws the screen anew, what is typed stays
    turn = ft.use_ref(asyncio.Lock)
    shown = ft.use_ref(True)
    ft.use_effect(lambda: None, [], cleanup=lambda: setattr(shown, "current", False))
    person = reading.person(shift, place.person)
    found = ordering.one(shift, place.order) if place.order else None
    head = back_bar(look, shift, t("common.back"))
    if person is None or (place.order and found is None) or not ordering.may_place(shift, person.unit):
        return frame(look, head, [empty(look, t("order.gone"))])

    async def write(change: Callable[[Written], Written], draw: Draw = "now") -> None:
        # From what was pressed last, not from what was drawn: two quick presses both count.
        mine = newest.current = change(newest.current)
        shift.attention.touch(shift.phone.ticks())
        if draw == "now":
            set_written(mine)
        async with turn.current:
            await asyncio.to_thread(ordering.keep, shift, key, newest.current)
        if draw == "paused":
            # Not at every letter: what is on its way from the keyboard would be overwritten.
            await asyncio.sleep(PAUSE_S)
            if newest.current is mine and shown.current:
                set_written(mine)

    async def anew() -> None:
        async with turn.current:
            await asyncio.to_thread(shift.me.drop_draft, key)
        newest.current = ordering.fresh(shift, place.order)
        set_written(newest.current)
        set_begun(None)

    wrong = ordering.read(shift, person, found, written)[1]

    async def check() -> None:
        await write(lambda now: now)
        if ordering.read(shift, person, found, newest.current)[0] is None:
            set_tried(True)
            return
        shift.go(CheckOrder(place.person, place.order, place.sbar))

    form = Form(look, shift, person.unit, written, write, wrong if tried else {}, opened, set_opened)
    body: list[ft.Control] = [header_of(look, person)]
    body.append(look.heading(t("order.change") if found else t("order.new")))
    if begun:
        at = dates.moment(local(begun), shift.phone.now(), t)
        body += [
            info_line(look, t("order.begun", at=at), icon=ft.Icons.EDIT_NOTE_ROUNDED, tone="quiet"),
            button(look, t("order.begin_anew"), anew, kind="quiet", identifier="begin-anew"),
        ]
    body += [*fields(form), *folds(form)]
    says = None
    if tried and wrong:
        names = dict.fromkeys(t(f"order.field.{field}") for field in wrong)
        says = look.text(t("order.look_at", fields=", ".join(names)), "small", look.palette.late)
    main = Action(t("order.look"), check, ft.Icons.VISIBILITY_ROUNDED, identifier="check-order")
    return frame(look, head, body, thumb_bar(look, main, says=says))


def fields(form: Form) -> list[ft.Control]:
    """What every order says: what, how much, when, and who may do it."""
    t = form.look.t
    timed = [
        Option(False, t("order.at_times"), ft.Icons.SCHEDULE_ROUNDED),
        Option(True, t("order.part.needed"), ft.Icons.MEDICAL_SERVICES_ROUNDED),
    ]
    needed = form.fields.needed
    asked = t("order.field.when")
    chosen = choices(form.look, timed, needed, form.setter("needed"), question=asked, shape="row", columns=2)
    return [
        form.field("what", hint=t("order.hint.what")),
        sort_fold(form),
        form.field("amount", hint=t("order.hint.amount")),
        chosen,
        *(limits(form) if needed else times(form)),
        who(form),
    ]


def who(form: Form) -> ft.Control:
    """Nobody is chosen beforehand: that anybody may do it is something to say."""
    t, fields = form.look.t, form.fields
    tasks = ordering.delegable(form.shift, form.unit)
    likely = "medicine_as_needed" if fields.needed else PROPOSED.get(fields.form, "")
    every = "who" in form.opened or (fields.requires and fields.requires != likely)
    offered = tasks if every or len(tasks) <= FEW else [task for task in tasks if task == likely]
    options = [Option(task, t(f"task.{task}")) for task in offered]
    options.append(Option("", t("order.requires_none")))
    if len(offered) < len(tasks):
        options.append(Option("more", t("order.requires_other")))

    async def choose(task: str) -> None:
        if task == "more":
            form.turn("who")
            return
        await form.write(lambda now: replace(now, fields=replace(now.fields, requires=task), who=True))

    chosen = fields.requires if form.written.who else None
    return question(
        form.look,
        t("order.field.requires"),
        options,
        chosen,
        choose,
        columns=2,
        problem=form.problem("requires"),
    )


def folds(form: Form) -> list[ft.Control]:
    """What some orders say besides."""
    timed = [] if form.fields.needed else [window_fold(form)]
    return [
        note_fold(form),
        days_fold(form),
        *timed,
        medicine_fold(form),
        value_fold(form),
        narcotic_fold(form),
    ]
