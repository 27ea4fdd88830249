"""Handing a form in: the answers become a fact, and the draft is gone in the same transaction."""

import asyncio
import json
from datetime import datetime
from typing import cast, get_args

from msgspec import Raw

from care.deviation import Category, DeviationReported
from care.facts import Body, Ref
from care.forms import (
    Answers,
    Coding,
    Value,
    answer_text,
    asked_answers,
    danger_answers,
    summary,
    to_response,
)
from care.published import Answered
from care.sbar import SbarCalled, SbarRecorded
from care.unit import OnCall
from storage import Statement
from views.model import filling as fillings
from views.model.filling import CATEGORY_CODES, Filling
from views.model.phone import FALL
from views.model.shift import Shift
from views.places import Case, ChoosePerson, ChooseReport, CountBreaths, Fill, Script

WORDS_AT_MOST = 1000
"""What s.words of the SBAR form takes."""


async def finish_sbar(shift: Shift, key: str, call: OnCall | None = None) -> str:
    """Save the SBAR, and that the nurse was called; then show the case. Returns the case's id."""
    filling = fillings.of(shift, key)
    called = (call.name, call.phone) if call else filling.called
    await shift.save(*_sbar(shift, filling, called), draft=key)
    _leave(shift, key)
    shift.go(Case(filling.id))
    return filling.id


async def record_112(shift: Shift, key: str) -> None:
    """Save the SBAR because 112 is called. The form stays open: the nurse is called next."""
    filling = fillings.of(shift, key)
    await shift.save(*_sbar(shift, filling, ("112", "112")))
    filling.recorded = True
    await fillings.keep(shift, key)


def _sbar(shift: Shift, filling: Filling, called: tuple[str, str] | None) -> list[Statement]:
    """What is stated: the SBAR unless it stands already, and the call. At least one of them."""
    bodies: list[Body] = []
    if not filling.recorded:
        bodies.append(SbarRecorded(answers=_answered(shift, filling), prompted_by=filling.prompted_by))
    if called:
        bodies.append(SbarCalled(to=called[0], number=called[1]))
    about = Ref("sbar", filling.id)
    return [Statement(body, about, shift.me.unit, filling.person) for body in bodies]


async def finish_deviation(shift: Shift, key: str) -> str:
    """Save the report; without a sign-in it is signed by the phone. Returns the case's id."""
    filling = fillings.of(shift, key)
    body = DeviationReported(
        category=category_of(filling),
        answers=_answered(shift, filling),
        occurred=occurred(filling, shift.phone.now()),
        danger=tuple(danger_answers(filling.form, filling.answers)),
        claimed="" if shift.unlocked else filling.claimed.strip(),
    )
    about = Ref("deviation", filling.id)
    if shift.unlocked:
        await shift.save(Statement(body, about, shift.me.unit, filling.person), draft=key)
    else:
        store = shift.phone.store
        unit = store.device.unit if store.device else ""
        await asyncio.to_thread(store.report, body, about, unit, filling.person)
        shift.phone.sync.wake()
    _leave(shift, key)
    return filling.id


def category_of(filling: Filling) -> Category:
    """What it is counted as: what was answered; for *Annat* what it was said to be closest to."""
    if filling.form_name == FALL:
        return "fall"
    codes = {code: category for category, code in CATEGORY_CODES.items()}
    given = [_code(filling, link_id) for link_id in ("deviation.category", "deviation.closest")]
    found = given[1] if given[0] == "other" and given[1] not in ("", "none") else given[0]
    category = codes.get(found, found)
    return cast(Category, category if category in get_args(Category) else "other")


def occurred(filling: Filling, now: datetime) -> datetime | None:
    """When it happened: as answered; now, when nothing else was said; None when it is not known."""
    given = asked_answers(filling.form, filling.answers)
    for item in filling.form.walk():
        if item.type == "dateTime" and given.get(item.link_id):
            at = datetime.fromisoformat(str(given[item.link_id][0]))
            return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    return now if _code(filling, "deviation.when") in ("", "now") else None


def sbar_answers(filling: Filling) -> Answers:
    """What a fall already tells of the SBAR: never ask twice."""
    danger = set(danger_answers(filling.form, filling.answers)) | {"fall.place", "fall.injury"}
    told = [line for line in summary(filling.form, filling.answers) if line.link_id in danger]
    text = ". ".join(f"{line.label}: {line.text}" for line in told)
    answers: Answers = {
        "s.problem": [Coding("fall")],
        "s.since": [Coding("now")],
        "b.recent": [Coding("fall")],
    }
    if text:
        answers["s.words"] = [f"{text}."[:WORDS_AT_MOST]]
    if thinner := _code(filling, "fall.bloodThinner"):
        answers["b.bloodThinner"] = [Coding(thinner)]
    return answers


def summary_of(filling: Filling, link_id: str) -> str:
    """One answer in Swedish."""
    item = filling.form.item(link_id)
    given: list[Value] = filling.answers.get(link_id, [])
    return answer_text(item, given) if item and given else ""


def _answered(shift: Shift, filling: Filling) -> Answered:
    at = shift.phone.now().isoformat(timespec="seconds")
    response = to_response(filling.form, filling.answers, at)
    return Answered(
        form=filling.form.url,
        form_version=filling.form.version,
        response=Raw(json.dumps(response, ensure_ascii=False).encode()),
    )


def _leave(shift: Shift, key: str) -> None:
    """The form is no longer in hand; another form that prompted it still is, below."""
    shift.fillings.pop(key, None)
    shift.stack = [
        place
        for place in shift.stack
        if not isinstance(place, ChoosePerson | ChooseReport)
        and not (isinstance(place, Fill | CountBreaths | Script) and place.draft == key)
    ]


def _code(filling: Filling, link_id: str) -> str:
    value = filling.value(link_id)
    return value.code if isinstance(value, Coding) else ""
