"""Handing a form in: the answers become a fact, and the draft is gone in the same transaction."""

import asyncio
import json
from datetime import datetime, time, timedelta
from typing import cast, get_args

from msgspec import Raw

from care.deviation import SIDES, Category, DeviationDocument, DeviationReported
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
from care.schedule import STOCKHOLM
from care.streams import READER_OF, streams_of
from care.unit import OnCall
from storage import Statement
from views.model import filling as fillings
from views.model.filling import CATEGORY_CODES, Filling
from views.model.phone import FALL
from views.model.shift import Shift
from views.places import Case, ChoosePerson, ChooseReport, CountBreaths, Fill, Review, Script

WORDS_AT_MOST = 1000
"""What s.words of the SBAR form takes."""

NIGHT_FROM, NIGHT_TO = 22, 6
NIGHT_IS_LAST = timedelta(hours=12)
"""What *I natt* means in the SBAR: between these hours, and no longer ago than this."""


async def finish_sbar(shift: Shift, key: str, call: OnCall | None = None) -> str:
    """Save the SBAR, and that the nurse was called; then show the case. Returns the case's id."""
    if key in shift.done:
        return shift.done[key]
    filling = fillings.of(shift, key)
    called = (call.name, call.phone) if call else filling.called
    async with filling.lock:  # what is still being written of the draft must not come after
        if not filling.finished:
            await shift.save(*_sbar(shift, filling, called), draft=key)
            filling.finished = True
    _leave(shift, filling)
    shift.go(Case(filling.id))
    return filling.id


async def record_112(shift: Shift, key: str) -> None:
    """Save the SBAR because 112 is called. The form stays open: the nurse is called next."""
    filling = fillings.of(shift, key)
    async with filling.lock:
        if filling.finished:
            return
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
    if key in shift.done:
        return shift.done[key]
    filling = fillings.of(shift, key)
    body = DeviationReported(
        category=category_of(filling),
        answers=_answered(shift, filling),
        occurred=occurred(filling, shift.phone.now()),
        danger=tuple(danger_answers(filling.form, filling.answers)),
        claimed="" if shift.unlocked else filling.claimed.strip(),
    )
    about = Ref("deviation", filling.id)
    async with filling.lock:
        if not filling.finished:
            await _report(shift, key, body, about, filling.person)
            filling.finished = True
    _leave(shift, filling)
    return filling.id


async def _report(shift: Shift, key: str, body: Body, about: Ref, person: str | None) -> None:
    if shift.unlocked:
        await shift.save(Statement(body, about, shift.me.unit, person), draft=key)
        return
    store = shift.phone.store
    unit = store.device.unit if store.device else ""
    await asyncio.to_thread(store.report, body, about, unit, person)
    shift.phone.sync.wake()


def readers(filling: Filling) -> frozenset[str]:
    """Who will read the report as it is answered now: "chief", and "nurse", "mas" and "sas" when theirs."""
    category = category_of(filling)
    report = DeviationDocument(
        id=filling.id,
        person=filling.person,
        category=category,
        danger=danger_answers(filling.form, filling.answers),
    )
    overseers = {READER_OF[side] for side in SIDES[category]}
    return frozenset(stream.of for stream in streams_of(report)) | overseers


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
    """When it happened, as answered: now only for *Nyss*; None when it was not said, or only the day."""
    for said in ("fall.when", "deviation.when"):
        if _code(filling, said) == "now":
            return now
    given = asked_answers(filling.form, filling.answers)
    for item in filling.form.walk():
        value = str(given[item.link_id][0]) if given.get(item.link_id) else ""
        if item.type == "time" and value:
            return _last_time(value, now)
        if item.type == "dateTime" and "T" in value:
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    return None


def _last_time(clock: str, now: datetime) -> datetime:
    """The last moment when Swedish clocks showed this: today, or yesterday when it is later than now."""
    here = now.astimezone(STOCKHOLM)
    at = datetime.combine(here.date(), time.fromisoformat(clock), STOCKHOLM)
    if at > here:
        at = datetime.combine(here.date() - timedelta(days=1), time.fromisoformat(clock), STOCKHOLM)
    return at


def sbar_answers(filling: Filling, now: datetime) -> Answers:
    """What a fall already tells of the SBAR: never ask twice."""
    danger = set(danger_answers(filling.form, filling.answers)) | {"fall.place", "fall.injury"}
    told = [line for line in summary(filling.form, filling.answers) if line.link_id in danger]
    text = ". ".join(f"{line.label}: {line.text}" for line in told)
    answers: Answers = {
        "s.problem": [Coding("fall")],
        **_since(filling, now),
        "b.recent": [Coding("fall")],
    }
    if who := filling.value("fall.person"):
        answers["s.person"] = [who]
    if text:
        answers["s.words"] = [f"{text}."[:WORDS_AT_MOST]]
    if thinner := _code(filling, "fall.bloodThinner"):
        answers["b.bloodThinner"] = [Coding(thinner)]
    return answers


def _since(filling: Filling, now: datetime) -> Answers:
    """*Sedan när* of the SBAR from *När* of the fall; nothing when that has not been answered."""
    said = _code(filling, "fall.when")
    at = occurred(filling, now)
    if at is None:
        return {"s.since": [Coding("unknown")]} if said == "found" else {}
    if said == "now":
        return {"s.since": [Coding("now")]}
    here, there = now.astimezone(STOCKHOLM), at.astimezone(STOCKHOLM)
    if now - at <= NIGHT_IS_LAST and (there.hour >= NIGHT_FROM or there.hour < NIGHT_TO):
        since = "night"
    else:
        since = "today" if there.date() == here.date() else "yesterday"
    return {"s.since": [Coding(since)], "s.since.time": [f"{there:%H:%M}:00"]}


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


def _leave(shift: Shift, filling: Filling) -> None:
    """The form is no longer in hand; another form that prompted it still is, below."""
    key = filling.key
    shift.fillings.pop(key, None)
    shift.done[key] = filling.id
    shift.stack = [
        place
        for place in shift.stack
        if not isinstance(place, ChoosePerson | ChooseReport)
        and not (isinstance(place, Fill | Review | CountBreaths | Script) and place.draft == key)
    ]


def _code(filling: Filling, link_id: str) -> str:
    value = filling.value(link_id)
    return value.code if isinstance(value, Coding) else ""
