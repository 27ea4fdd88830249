"""Handing in a report or a complaint: who will read it, and the facts that it becomes."""

import asyncio
from datetime import datetime, time, timedelta
from typing import cast, get_args

from care.complaint import ComplaintReceived, Kind, Sender, sides_about
from care.deviation import (
    Category,
    DeviationAmended,
    DeviationReported,
    Direction,
    Outside,
    Party,
    Side,
    sides_of,
)
from care.facts import Body, Ref
from care.follow_up import FollowUpDocument, after_fall, task_id
from care.forms import asked_answers, danger_answers
from care.schedule import STOCKHOLM
from care.streams import deviation_streams
from storage import Statement
from views.model import album, amending, reading
from views.model import filling as fillings
from views.model.filling import CATEGORY_CODES, Filling
from views.model.handing_in import answered, code, leave
from views.model.phone import COMPLAINT, DEVIATION, FALL
from views.model.shift import Shift


async def finish(shift: Shift, key: str) -> str:
    """Save a report with the follow-up that it calls for, or a complaint. Returns the case's id.

    Without a sign-in the phone signs it. Saved twice it is one.
    """
    if key in shift.done:
        return shift.done[key]
    filling = fillings.of(shift, key)
    async with filling.lock:  # what is still being written of the draft must not come after
        if not filling.finished:
            await _save(shift, filling)
            filling.finished = True
    leave(shift, filling)
    return filling.id


async def _save(shift: Shift, filling: Filling) -> None:
    if filling.amends:
        await _amend(shift, filling)
        return
    about = Ref("complaint" if filling.form_name == COMPLAINT else "deviation", filling.id)
    body = _body(shift, filling)
    if shift.unlocked:
        unit, person = filling.unit or shift.me.unit, filling.person
        report = Statement(body, about, unit, person)
        photos = album.named(shift, filling.key, about, unit, person) if about.kind == "deviation" else []
        await shift.save(report, *photos, *_follow_up(shift, filling), draft=filling.key)
        return
    store = shift.phone.store
    unit = store.device.unit if store.device else ""
    await asyncio.to_thread(store.report, body, about, unit, filling.person)
    shift.phone.sync.wake()


async def _amend(shift: Shift, filling: Filling) -> None:
    """Other answers to a report that stands; *nyss* is as seen from when it was made."""
    case = amending.standing(shift, filling.id)
    body = DeviationAmended(
        text="",
        answers=answered(shift, filling),
        occurred=occurred(filling, case.occurred or case.reported or shift.phone.now()),
        danger=tuple(danger_answers(filling.form, filling.answers)),
        staff=concerns_staff(filling),
        outside=outside(filling),
    )
    if await amending.save(shift, filling, body, case):
        planned = _follow_up(shift, filling)
        new = [one for one in planned if reading.one(shift, FollowUpDocument, one.aggregate.id) is None]
        if new:
            await shift.save(*new)


def _body(shift: Shift, filling: Filling) -> Body:
    if filling.form_name == COMPLAINT:
        sender = code(filling, "complaint.from")
        return ComplaintReceived(
            kind=cast(Kind, code(filling, "complaint.kind")),
            answers=answered(shift, filling),
            sides=_complaint_sides(filling),
            sender=cast(Sender, sender) if sender != "unknown" else "",
            reply_to=str(filling.value("complaint.reply.to") or ""),
            instead=filling.instead,
            outside=outside(filling),
        )
    return DeviationReported(
        category=category_of(filling),
        answers=answered(shift, filling),
        occurred=occurred(filling, shift.phone.now()),
        danger=tuple(danger_answers(filling.form, filling.answers)),
        claimed="" if shift.unlocked else filling.claimed.strip(),
        instead=filling.instead,
        staff=concerns_staff(filling),
        outside=outside(filling),
    )


def _follow_up(shift: Shift, filling: Filling) -> list[Statement]:
    """What colleagues are to look at from tomorrow on. Nothing where it is not known whom."""
    if filling.form_name != FALL or filling.person is None:
        return []
    today = shift.phone.now().astimezone(STOCKHOLM).date()
    dangers = danger_answers(filling.form, filling.answers)
    planned = after_fall(filling.id, dangers, _head_may_be_hit(filling), today)
    unit, person = filling.unit or shift.me.unit, filling.person
    return [Statement(one, Ref("task", task_id(filling.id, one.what)), unit, person) for one in planned]


def _head_may_be_hit(filling: Filling) -> bool:
    """A blow to the head, or one that nobody can rule out in somebody who takes blood thinners."""
    hit, thinner = code(filling, "fall.headHit"), code(filling, "fall.bloodThinner")
    return hit == "yes" or (hit == "unknown" and thinner == "yes")


def readers(filling: Filling) -> frozenset[str]:
    """Who will read the report as it is answered now: "chief", and "nurse", "mas", "sas" and "safety" when
    theirs."""
    sides: frozenset[Side]
    if filling.form_name == COMPLAINT:
        sides, concerns = frozenset(_complaint_sides(filling)), False
    else:
        sides = sides_of(category_of(filling), concerns_staff(filling))
        concerns = bool(filling.person or danger_answers(filling.form, filling.answers))
    return frozenset(one.of for one in deviation_streams("", sides, concerns, filling.instead))


def category_of(filling: Filling) -> Category:
    """What it is counted as: its form's, or what was answered; for *Annat* what it was said to be closest
    to."""
    if filling.form_name != DEVIATION:
        return cast(Category, filling.form_name)
    codes = {code: category for category, code in CATEGORY_CODES.items()}
    given = [code(filling, link_id) for link_id in ("deviation.category", "deviation.closest")]
    found = given[1] if given[0] == "other" and given[1] not in ("", "none") else given[0]
    category = codes.get(found, found)
    return cast(Category, category if category in get_args(Category) else "other")


def kind_of(filling: Filling) -> str:
    """What it is called: its category, or a complaint."""
    return COMPLAINT if filling.form_name == COMPLAINT else category_of(filling)


def concerns_staff(filling: Filling) -> bool:
    """Whether somebody who works here was hurt or threatened."""
    return code(filling, "deviation.staff") == "yes" or code(filling, "violence.against") == "staff"


def outside(filling: Filling) -> Outside | None:
    """The outside party that was named. Unsaid which way it came, it happened with them."""
    whole = "complaint.outside" if filling.form_name == COMPLAINT else "deviation.outside"
    party = code(filling, whole)
    if party not in get_args(Party):
        return None
    way = "from" if filling.form_name == COMPLAINT else code(filling, "deviation.outside.direction") or "to"
    return Outside(cast(Direction, way), cast(Party, party))


def _complaint_sides(filling: Filling) -> tuple[Side, ...]:
    return sides_about(code(filling, "complaint.about"))


def occurred(filling: Filling, now: datetime) -> datetime | None:
    """When it happened, as answered: now only for *Nyss*; None when it was not said, or only the day."""
    for said in ("fall.when", "deviation.when"):
        if code(filling, said) == "now":
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
