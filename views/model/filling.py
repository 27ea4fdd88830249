"""A form being filled in: begun, resumed, answered, and kept as an encrypted draft at every change."""

import asyncio
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from care.forms import (
    Answers,
    Coding,
    FormError,
    Item,
    Page,
    Questionnaire,
    Value,
    danger_answers,
    emergency_answers,
    enabled,
    from_response,
    load,
    starting_answers,
    to_response,
)
from care.ids import uuid7
from care.person import PersonDocument
from care.published import FormDocument
from storage import StorageError
from views.forms.words import Words
from views.model import reading
from views.model.phone import DEVIATION, SBAR
from views.model.shift import Shift
from views.places import Fill

SBAR_STALE_AFTER = timedelta(hours=4)
"""An SBAR left longer than this begins anew: what was measured then says nothing of now (p)."""

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
    "other": "other",
}
"""care.deviation.Category to the codes of deviation.category in assets/forms/deviation.json."""


class Kept(Struct, frozen=True, kw_only=True):
    """What the draft holds. ``id`` is the aggregate's to be: one form can name another before saving."""

    id: str
    form: str
    version: str
    person: str | None
    category: str
    prompted_by: str
    response: dict[str, Any]
    prefilled: list[str] = []
    confirmed: list[str] = []
    skipped: list[str] = []
    acknowledged: list[str] = []
    called: tuple[str, str] | None = None
    recorded: bool = False


@dataclass(eq=False)
class Filling:
    """One form in hand. Screens read it; the functions of this module change it."""

    key: str
    id: str
    form_name: str
    form: Questionnaire
    person: str | None
    category: str = ""
    prompted_by: str = ""
    answers: Answers = field(default_factory=dict)
    prefilled: set[str] = field(default_factory=set)
    """Answered from the record, and not touched since."""
    confirmed: set[str] = field(default_factory=set)
    """Unusual numbers that somebody has said are right."""
    skipped: set[str] = field(default_factory=set)
    """Dates and times answered with *Vet inte*."""
    acknowledged: set[str] = field(default_factory=set)
    """Answers that call for help, and whose banner has been passed with *Fortsätt*."""
    called: tuple[str, str] | None = None
    """The nurse who was called before the form was ready: name and number."""
    recorded: bool = False
    """The SBAR was saved when 112 was called, and the form is still open for the nurse."""
    claimed: str = ""
    resumed: datetime | None = None
    looked_for: set[str] = field(default_factory=set)
    """What was missing when *Nästa* was pressed, marked until it is answered."""
    active: str = ""
    """The number being entered."""
    typed: str = ""
    fresh: bool = True
    """Whether the next digit begins the number anew."""
    impossible: str = ""
    asks: str = ""
    """The number that is asked about: possible, but unusual."""
    why_missing: str = ""
    """The measurement for which a reason is being chosen."""
    opened: set[str] = field(default_factory=set)
    """Pages that have been opened, and texts that have been unfolded."""
    counted: str = ""
    """The number that was counted with the tapping screen."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def value(self, link_id: str) -> Value | None:
        given = self.answers.get(link_id)
        return given[0] if given else None


async def begin(
    shift: Shift,
    form: str,
    person: PersonDocument | None,
    category: str = "",
    answers: Answers | None = None,
    prompted_by: str = "",
) -> None:
    """Open a form, or the unfinished one of the same kind about the same person, and show it."""
    found = await _unfinished(shift, form, person.id if person else None, category, prompted_by)
    if found is None:
        found = _new(shift, form, person, category, answers or {}, prompted_by)
        await _keep(shift, found)
    shift.fillings[found.key] = found
    first = first_page(found) if category and form == DEVIATION else 0
    shift.go(Fill(found.key, first))


async def begin_again(shift: Shift, key: str) -> None:
    """*Börja om*: the answers go, what the record knows comes back."""
    old = of(shift, key)
    person = reading.person(shift, old.person) if shift.unlocked else None
    new = _new(shift, old.form_name, person, old.category, {}, old.prompted_by)
    new.key, new.id = key, old.id
    shift.fillings[key] = new
    await _keep(shift, new)
    shift.changed()


def of(shift: Shift, key: str) -> Filling:
    """The form in hand under a draft's key. Raises KeyError when it is no longer there."""
    if key not in shift.fillings and shift.unlocked:
        found = _read(shift, key, None)
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


def form_of(shift: Shift, name: str, version: str = "") -> Questionnaire:
    """A form by name: the version that the organisation has published, else the one shipped with the app."""
    shipped = shift.phone.forms[name]
    if shift.unlocked:
        for document in reading.all_of(shift, FormDocument):
            wanted = [v for v in document.versions if v.version == version] or [document.current]
            if document.url == shipped.url and wanted[0]:
                with suppress(FormError):
                    return load(wanted[0].questionnaire)
    return shipped


def words(shift: Shift, filling: Filling, neutral: str) -> Words:
    """What the form says here: the reader's language and the person's first name, or the neutral word."""
    person = reading.person(shift, filling.person) if shift.unlocked else None
    return Words(shift.language, person.first_name if person else neutral)


def pages(filling: Filling) -> list[Page]:
    """The pages that are asked now, in order."""
    asked = enabled(filling.form, filling.answers)
    return [
        page
        for page in filling.form.pages()
        if not page.item.hidden
        and any(item.link_id in asked and item.is_question() for item in page.item.walk())
    ]


def questions(filling: Filling, page: Page) -> list[Item]:
    """The questions of a page that are asked now, without the reasons for what could not be measured."""
    asked = enabled(filling.form, filling.answers)
    return [
        item
        for item in page.item.walk()
        if item.is_question() and item.link_id in asked and not item.hidden and not item.missing_of
    ]


def faults(filling: Filling, page: Page) -> list[str]:
    """The linkIds on a page that are required and not answered, in order."""
    return [
        item.link_id for item in questions(filling, page) if item.required and not _answered(filling, item)
    ]


def first_page(filling: Filling) -> int:
    """The first page on which something required is not answered."""
    return next((n for n, page in enumerate(pages(filling)) if faults(filling, page)), 0)


def missing_item(filling: Filling, item: Item) -> Item | None:
    """The question why a measurement is missing. It also covers those between the two: both pressures."""
    all_items = list(filling.form.walk())
    at = all_items.index(item)
    for later in all_items[at + 1 :]:
        if later.missing_of:
            covers = next((n for n, one in enumerate(all_items) if one.link_id == later.missing_of), at + 1)
            return later if covers <= at else None
        if later.type == "group":
            return None
    return None


def dangers(filling: Filling) -> list[str]:
    """Answers that call for help and have not been passed. What only the record says waits for the others."""
    found = [one for one in danger_answers(filling.form, filling.answers) if one not in filling.acknowledged]
    chosen = [one for one in found if one not in filling.prefilled]
    if chosen or not found:
        return chosen
    page = next((p for p in pages(filling) if found[0] in {i.link_id for i in p.item.walk()}), None)
    return found if page is None or all(_answered(filling, item) for item in questions(filling, page)) else []


def emergencies(filling: Filling) -> list[str]:
    """Answers that call for 112 and have not been passed."""
    called = emergency_answers(filling.form, filling.answers)
    return [one for one in called if one not in filling.acknowledged]


async def pass_dangers(shift: Shift, key: str) -> None:
    """*Fortsätt* on the banner: it has been seen."""
    filling = of(shift, key)
    filling.acknowledged |= set(danger_answers(filling.form, filling.answers))
    shift.changed()
    await _keep(shift, filling)


async def answer(shift: Shift, key: str, link_id: str, values: list[Value], draw: bool = True) -> None:
    """Answer a question; an empty list takes the answer back. The draft is on disk when this returns."""
    filling = of(shift, key)
    before = enabled(filling.form, filling.answers)
    filling.recorded = False
    if values:
        filling.answers[link_id] = values
    else:
        filling.answers.pop(link_id, None)
    for held in (filling.prefilled, filling.acknowledged, filling.confirmed, filling.skipped):
        held.discard(link_id)
    filling.looked_for.discard(link_id)
    item = filling.form.item(link_id)
    if item and item.missing_of and values:
        _clear_covered(filling, item)
    elif item and values and (why := missing_item(filling, item)):
        filling.answers.pop(why.link_id, None)
    if draw or before != enabled(filling.form, filling.answers):
        shift.changed()
    await _keep(shift, filling)


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


async def skip(shift: Shift, key: str, link_id: str) -> None:
    """*Vet inte* on a date or a time."""
    filling = of(shift, key)
    filling.answers.pop(link_id, None)
    filling.skipped.add(link_id)
    shift.changed()
    await _keep(shift, filling)


def settles(filling: Filling, page: Page, item: Item, asked_before: frozenset[str]) -> bool:
    """Whether an answer just given ends its page, so that it turns by itself.

    It does when the answer leaves nothing to add (one choice of one, or a number), when it asks nothing
    new, and when nothing that counts is open: what is required, or all of it where nothing is. Texts that
    may be left empty are folded and never hold a page back.
    """
    if dangers(filling) or emergencies(filling) or filling.active or filling.why_missing:
        return False
    if enabled(filling.form, filling.answers) - asked_before:
        return False
    if item.repeats and not any(
        option.exclusive and option.value in filling.answers.get(item.link_id, []) for option in item.options
    ):
        return False
    asked = questions(filling, page)
    if any(one.required and one.type in ("text", "string") for one in asked):
        return False
    counts = [one for one in asked if one.required] or [
        one for one in asked if one.type not in ("text", "string")
    ]
    return all(_answered(filling, one) for one in counts)


def is_answered(filling: Filling, item: Item) -> bool:
    return _answered(filling, item)


def is_sbar(filling: Filling) -> bool:
    return filling.form_name == SBAR


async def note_call(shift: Shift, key: str, name: str, number: str) -> None:
    """The nurse was called before the form was ready; the call is recorded with it."""
    filling = of(shift, key)
    filling.called = (name, number)
    await _keep(shift, filling)


async def keep(shift: Shift, key: str) -> None:
    """Write the draft now; for changes made on the filling itself."""
    await _keep(shift, of(shift, key))


def _answered(filling: Filling, item: Item) -> bool:
    if filling.answers.get(item.link_id) or item.link_id in filling.skipped:
        return True
    why = missing_item(filling, item)
    return bool(why and filling.answers.get(why.link_id))


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
) -> Filling:
    now = shift.phone.now()
    questionnaire = form_of(shift, form)
    known = _known(person)
    start = starting_answers(questionnaire, known)
    prefilled = {item.link_id for item in questionnaire.walk() if item.prefill in known}
    if form == DEVIATION and category:
        start["deviation.category"] = [Coding(CATEGORY_CODES.get(category, category))]
    for link_id, values in answers.items():
        start[link_id] = values
        prefilled.discard(link_id)
    for item in questionnaire.walk():
        if item.link_id in start:
            start[item.link_id] = [item.completed(value) for value in start[item.link_id]]
    return Filling(
        key=_id(now),
        id=_id(now),
        form_name=form,
        form=questionnaire,
        person=person.id if person else None,
        category=category,
        prompted_by=prompted_by,
        answers=start,
        prefilled=prefilled,
    )


def _known(person: PersonDocument | None) -> dict[str, list[Value]]:
    """What the record knows, by prefill name. That it says nothing of a thing is no answer."""
    if person is None:
        return {}
    known: dict[str, list[Value]] = {}
    if person.texts_of("blood_thinner"):
        known["person.bloodThinner"] = [Coding("yes")]
    if person.texts_of("allergy"):
        known["person.allergies"] = [", ".join(person.texts_of("allergy"))]
    if person.texts_of("condition"):
        known["person.conditions"] = [", ".join(person.texts_of("condition"))]
    return known


async def _keep(shift: Shift, filling: Filling) -> None:
    """Writes the newest state; waits for its turn, so that an older one never lands last."""
    async with filling.lock:
        if shift.unlocked is None or shift.fillings.get(filling.key, filling) is not filling:
            return
        at = shift.phone.now().isoformat(timespec="seconds")
        kept = Kept(
            id=filling.id,
            form=filling.form_name,
            version=filling.form.version,
            person=filling.person,
            category=filling.category,
            prompted_by=filling.prompted_by,
            response=to_response(filling.form, filling.answers, at, status="in-progress"),
            prefilled=sorted(filling.prefilled),
            confirmed=sorted(filling.confirmed),
            skipped=sorted(filling.skipped),
            acknowledged=sorted(filling.acknowledged),
            called=filling.called,
            recorded=filling.recorded,
        )
        await asyncio.to_thread(shift.unlocked.save_draft, filling.key, msgspec.json.encode(kept))


async def _unfinished(
    shift: Shift, form: str, person: str | None, category: str, prompted_by: str
) -> Filling | None:
    if shift.unlocked is None:
        return None
    now = shift.phone.now()
    for key, saved_at in await asyncio.to_thread(shift.me.drafts):
        found = shift.fillings.get(key) or _read(shift, key, saved_at)
        if found is None or (found.form_name, found.person, found.category) != (form, person, category):
            continue
        if prompted_by and found.prompted_by != prompted_by:
            continue
        if form == SBAR and now - saved_at > SBAR_STALE_AFTER:
            await asyncio.to_thread(shift.me.drop_draft, key)
            continue
        found.resumed = saved_at
        return found
    return None


def _read(shift: Shift, key: str, saved_at: datetime | None) -> Filling | None:
    """The form of a draft; None for what is not one, or no longer fits its form."""
    with suppress(msgspec.DecodeError, FormError, KeyError, StorageError, json.JSONDecodeError):
        data = shift.me.draft(key)
        kept = msgspec.json.decode(data, type=Kept) if data else None
        if kept is None:
            return None
        form = form_of(shift, kept.form, kept.version)
        return Filling(
            key=key,
            id=kept.id,
            form_name=kept.form,
            form=form,
            person=kept.person,
            category=kept.category,
            prompted_by=kept.prompted_by,
            answers=from_response(form, kept.response),
            prefilled=set(kept.prefilled),
            confirmed=set(kept.confirmed),
            skipped=set(kept.skipped),
            acknowledged=set(kept.acknowledged),
            called=kept.called,
            recorded=kept.recorded,
            resumed=saved_at,
        )
    return None


def _id(now: datetime) -> str:
    return uuid7(int(now.timestamp() * 1000), os.urandom(10))
