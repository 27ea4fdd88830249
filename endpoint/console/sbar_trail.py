"""What has happened in a case, in order: calls, alarms, reading, answers, read-back, follow-up."""

from datetime import datetime

from msgspec import Struct

from care.sbar import OUTCOMES, Answer, ReadBack, SbarDocument
from care.staff import StaffDocument
from care.unanswered import needless
from endpoint.console import times
from endpoint.console.reader import Reader


class Step(Struct, frozen=True):
    """One thing that has happened in a case: its sign, and what was said with it."""

    at: datetime
    tone: str
    icon: str
    text: str
    said: Answer | ReadBack | None = None
    words: str = ""


def trail(sbar: SbarDocument, staff: dict[str, StaffDocument], reader: Reader) -> list[Step]:
    """What has happened since it was recorded, in order of time."""
    t = reader.t

    def at(moment: datetime) -> str:
        return times.moment(moment, reader.now, t)

    def by(id: str) -> str:
        return staff[id].name if id in staff else ""

    steps = [
        Step(one.at, "quiet", "phone", t("console.trail.called", name=one.to, at=at(one.at)))
        for one in sbar.calls
    ]
    for escalated in sbar.escalations:
        key, tone = "console.trail.escalated", "late"
        if escalated in needless(sbar):
            key, tone = "console.trail.needless", "quiet"
        told = {"name": escalated.to, "number": escalated.number}
        to = t("console.trail.escalated_to", **told) if escalated.number else ""
        steps.append(Step(escalated.at, tone, "bell", t(key, at=at(escalated.at)), words=to))
    if sbar.acknowledged:
        words = t("console.trail.acknowledged", name=by(sbar.acknowledged_by), at=at(sbar.acknowledged))
        steps.append(Step(sbar.acknowledged, "quiet", "eye", words))
    steps += [
        Step(one.at, "accent", "reply", t("console.trail.answered", name=by(one.by), at=at(one.at)), said=one)
        for one in sbar.replies
    ]
    if said := sbar.read_back:
        words = t("console.trail.read_back", name=by(said.by), at=at(said.at))
        steps.append(Step(said.at, "done", "done", words, said=None if sbar.replies else said))
    for after in sbar.follow_ups:
        how = t(f"sbar.outcome.{after.outcome}") if after.outcome in OUTCOMES else after.outcome
        words = t("console.trail.followed_up", name=by(after.by), at=at(after.at))
        told_how = ". ".join(part for part in (how, after.text) if part)
        steps.append(Step(after.at, "done", "done", words, words=told_how))
    if sbar.closed:
        words = t("console.trail.closed", name=by(sbar.closed_by), at=at(sbar.closed))
        steps.append(Step(sbar.closed, "quiet", "done", words))
    return sorted(steps, key=lambda step: step.at)
