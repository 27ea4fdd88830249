"""A form being filled in: begun, resumed, answered. The draft is on disk at every change."""

import asyncio
import os
from contextlib import suppress
from datetime import datetime

from care.forms import Answers, Coding, Item, Page, Value, danger_answers, reckoned, starting_answers
from care.ids import uuid7
from care.person import PersonDocument
from care.schedule import STOCKHOLM
from care.unit import UnitDocument
from views.forms.words import Words
from views.model import drafts, reading
from views.model.asked import (
    broken,
    dangers,
    emergencies,
    faults,
    first_page,
    is_answered,
    is_sbar,
    missing_item,
    pages,
    questions,
    settles,
    shown,
)
from views.model.drafts import form_of
from views.model.in_hand import Filling
from views.model.phone import DEVIATION
from views.model.shift import Shift
from views.places import Fill

__all__ = [
    "CATEGORY_CODES",
    "Filling",
    "answer",
    "begin",
    "begin_again",
    "broken",
    "choose",
    "dangers",
    "emergencies",
    "faults",
    "first_page",
    "form_of",
    "has",
    "is_answered",
    "is_sbar",
    "keep",
    "left_as_usual",
    "missing_item",
    "note_call",
    "of",
    "pages",
    "pass_dangers",
    "questions",
    "rest_as_usual",
    "settles",
    "shown",
    "skip",
    "words",
]

CATEGORY_CODES = {
    "fall": "fall",
    "medicine": "medication",
    "aid": "aids",
    "care": "care",
    "missed_effort": "service",
    "pressure_ulcer": "pressure",
    "infection": "infection",
    "communication": "communication",
    "violence": "violence",
    "documentation": "records",
    "conduct": "conduct",
    "work": "work",
    "other": "other",
}
"""care.deviation.Category to the codes of deviation.category in assets/forms/deviation.json."""
UNIT_NAME = "unit.name"
"""The prefill of where something happened: said by the phone, not by anybody's record."""


async def begin(
    shift: Shift,
    form: str,
    person: PersonDocument | None,
    category: str = "",
    answers: Answers | None = None,
    prompted_by: str = "",
    unit: str = "",
) -> None:
    """Open a form, or the unfinished one of the same kind about the same person, and show it.

    `unit`: where it happened, when that is not the phone's own.
    """
    async with shift.opening:
        about = person.id if person else None
        found = await drafts.unfinished(shift, form, about, category, prompted_by, unit)
        if found is None:
            found = _new(shift, form, person, category, answers or {}, prompted_by, unit)
            await drafts.keep(shift, found)
        shift.fillings[found.key] = found
        shift.go(Fill(found.key))


async def begin_again(shift: Shift, key: str) -> None:
    """*Börja om*: the answers go, what the record knows comes back."""
    old = of(shift, key)
    person = reading.person(shift, old.person) if shift.unlocked else None
    new = _new(shift, old.form_name, person, old.category, {}, old.prompted_by, old.unit)
    new.key, new.id, new.lock = key, old.id, old.lock
    shift.fillings[key] = new
    if shift.unlocked:
        await asyncio.to_thread(shift.me.drop_photos, key)
    await drafts.keep(shift, new)
    shift.changed()


def of(shift: Shift, key: str) -> Filling:
    """The form in hand under a draft's key. Raises KeyError when it is no longer there."""
    if key not in shift.fillings and shift.unlocked:
        found = drafts.read(shift, key, None)
        if found is None:
            raise KeyError(key)
        shift.fillings[key] = found
    found_now: Filling = shift.fillings[key]
    return found_now


def has(shift: Shift, key: str) -> bool:
    """Whether the form is still in hand; it is not once it has been saved."""
    with suppress(KeyError):
        of(shift, key)
        return True
    return False


def words(shift: Shift, filling: Filling, neutral: str) -> Words:
    """What the form says here: the reader's language and the person's first name, or the neutral word."""
    person = reading.person(shift, filling.person) if shift.unlocked else None
    return Words(shift.language, person.first_name if person else neutral)


async def answer(shift: Shift, key: str, link_id: str, values: list[Value], draw: bool = True) -> None:
    """Answer a question; an empty list takes the answer back. The draft is on disk when this returns."""
    filling = of(shift, key)
    before = _follows(filling)
    filling.recorded = False
    item = filling.form.item(link_id)
    if item is not None:
        filling.put(item, values)
    for held in (
        filling.prefilled,
        filling.started,
        filling.acknowledged,
        filling.confirmed,
        filling.skipped,
    ):
        held.discard(link_id)
    filling.looked_for.discard(link_id)
    if item and item.missing_of and values:
        _clear_covered(filling, item)
    elif item and values and (why := missing_item(filling, item)):
        filling.answers.pop(why.link_id, None)
    if draw or before != _follows(filling):
        shift.changed()
    await drafts.keep(shift, filling)


async def choose(shift: Shift, key: str, item: Item, value: Value) -> None:
    """Press an option: one replaces another, several gather, an exclusive one stands alone."""
    filling = of(shift, key)
    held = filling.answers.get(item.link_id, [])
    if value in held:
        keep = [one for one in held if one != value]
        await answer(shift, key, item.link_id, held if item.required and not keep else keep)
        return
    alone = {option.value for option in item.options if option.exclusive}
    if not item.repeats or value in alone:
        await answer(shift, key, item.link_id, [value])
    else:
        await answer(shift, key, item.link_id, [*(one for one in held if one not in alone), value])


def left_as_usual(filling: Filling, page: Page) -> list[Item]:
    """The questions of a page that are not answered and have an answer which says that all is as usual."""
    return [
        item
        for item in questions(filling, page)
        if not is_answered(filling, item) and any(option.usual for option in item.options)
    ]


async def rest_as_usual(shift: Shift, key: str, items: list[Item]) -> None:
    """One press for what is left: each of these is answered with what is usual."""
    filling = of(shift, key)
    for item in items:
        filling.put(item, [option.value for option in item.options if option.usual][:1])
        filling.looked_for.discard(item.link_id)
    shift.changed()
    await drafts.keep(shift, filling)


async def skip(shift: Shift, key: str, link_id: str) -> None:
    """*Vet inte* on a date or a time."""
    filling = of(shift, key)
    filling.answers.pop(link_id, None)
    filling.skipped.add(link_id)
    shift.changed()
    await drafts.keep(shift, filling)


async def pass_dangers(shift: Shift, key: str) -> None:
    """*Fortsätt* on the banner: it has been seen."""
    filling = of(shift, key)
    filling.acknowledged |= set(danger_answers(filling.form, filling.answers))
    shift.changed()
    await drafts.keep(shift, filling)


async def note_call(shift: Shift, key: str, name: str, number: str) -> None:
    """The nurse was called before the form was ready; the call is recorded with it."""
    filling = of(shift, key)
    filling.called = (name, number)
    await drafts.keep(shift, filling)


async def keep(shift: Shift, key: str) -> None:
    """Write the draft now; for changes made on the filling itself."""
    await drafts.keep(shift, of(shift, key))


def _follows(filling: Filling) -> object:
    """What an answer may change elsewhere on the page."""
    found = reckoned(filling.form, filling.answers)
    reads = [item.link_id for item in filling.form.walk() if item.calculated]
    return found.asked, found.broken, [found.answers.get(link_id) for link_id in reads]


def _clear_covered(filling: Filling, why: Item) -> None:
    for item in filling.form.walk():
        if item.is_question() and not item.missing_of and missing_item(filling, item) is why:
            filling.answers.pop(item.link_id, None)


def _new(
    shift: Shift,
    form: str,
    person: PersonDocument | None,
    category: str,
    answers: Answers,
    prompted_by: str,
    unit: str,
) -> Filling:
    now = shift.phone.now()
    questionnaire = drafts.form_of(shift, form, unit=unit)
    where = reading.one(shift, UnitDocument, unit or shift.me.unit) if shift.unlocked else None
    known = _known(person) | ({UNIT_NAME: [where.name]} if where else {})
    start = starting_answers(questionnaire, known, now.astimezone(STOCKHOLM))
    items = list(questionnaire.walk())
    started = {
        item.link_id for item in items if item.initial or item.initial_expression or item.prefill == UNIT_NAME
    }
    prefilled = {item.link_id for item in items if item.prefill in known} - started
    if form == DEVIATION and category:
        start["deviation.category"] = [Coding(CATEGORY_CODES.get(category, category))]
    for link_id, values in answers.items():
        start[link_id] = values
        prefilled.discard(link_id)
        started.discard(link_id)
    for item in questionnaire.walk():
        if item.link_id in start:
            start[item.link_id] = [item.completed(value) for value in start[item.link_id]]
    return Filling(
        key=_id(now),
        id=_id(now),
        form_name=form,
        template=questionnaire,
        person=person.id if person else None,
        unit=unit,
        category=category,
        prompted_by=prompted_by,
        answers=start,
        prefilled=prefilled,
        started=started,
    )


def _known(person: PersonDocument | None) -> dict[str, list[Value]]:
    """What the record knows, by prefill name. That it says nothing of a thing is no answer."""
    if person is None:
        return {"person.none": [True]}
    known: dict[str, list[Value]] = {}
    if person.texts_of("blood_thinner"):
        known["person.bloodThinner"] = [Coding("yes")]
    if person.texts_of("allergy"):
        known["person.allergies"] = [", ".join(person.texts_of("allergy"))]
    if person.texts_of("condition"):
        known["person.conditions"] = [", ".join(person.texts_of("condition"))]
    return known


def _id(now: datetime) -> str:
    return uuid7(int(now.timestamp() * 1000), os.urandom(10))
