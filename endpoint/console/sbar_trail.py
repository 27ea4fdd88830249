"""What has happened in a case, in order: calls, alarms, reading, answers, read-back, follow-up."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct

from care.sbar import COMMON_ORDERS, OUTCOMES, Answer, ReadBack, SbarDocument, orders_of
from care.staff import StaffDocument
from care.unanswered import needless
from endpoint.console.texts import Texts

At = Callable[[datetime], str]
"""How a time is said."""


class Step(Struct, frozen=True):
    """One thing that has happened in a case: its sign, and what was said with it."""

    at: datetime
    tone: str
    icon: str
    text: str
    words: str = ""


def trail(sbar: SbarDocument, staff: Mapping[str, StaffDocument], t: Texts, at: At) -> list[Step]:
    """What has happened since it was recorded, in order of time."""

    def by(id: str) -> str:
        return staff[id].name if id in staff else ""

    def step(key: str, when: datetime, tone: str, icon: str, name: str = "", words: str = "") -> Step:
        return Step(when, tone, icon, t(f"console.trail.{key}", name=name, at=at(when)), words)

    steps = [step("called", one.at, "quiet", "phone", one.to) for one in sbar.calls]
    for escalated in sbar.escalations:
        told = {"name": escalated.to, "number": escalated.number}
        words = t("console.trail.escalated_to", **told) if escalated.number else ""
        late = escalated in needless(sbar)
        key, tone = ("needless", "quiet") if late else ("escalated", "late")
        steps.append(step(key, escalated.at, tone, "bell", words=words))
    if sbar.acknowledged:
        steps.append(step("acknowledged", sbar.acknowledged, "quiet", "eye", by(sbar.acknowledged_by)))
    steps += [
        step("answered", one.at, "accent", "reply", by(one.by), ordered(one, t, at)) for one in sbar.replies
    ]
    if said := sbar.read_back:
        words = "" if sbar.replies and not said.done_by else ordered(said, t, at)
        steps.append(step("read_back", said.at, "done", "done", by(said.by), words))
    for after in sbar.follow_ups:
        how = t(f"sbar.outcome.{after.outcome}") if after.outcome in OUTCOMES else after.outcome
        words = ". ".join(part for part in (how, after.text) if part)
        steps.append(step("followed_up", after.at, "done", "done", by(after.by), words))
    if sbar.closed:
        steps.append(step("closed", sbar.closed, "quiet", "done", by(sbar.closed_by)))
    return sorted(steps, key=lambda one: one.at)


def ordered(said: Answer | ReadBack, t: Texts, at: At) -> str:
    """*Ring 112. Låt sitta upp. Stanna hos Asta. Ny kontroll 06:55.*"""
    words = [
        t(f"order.{key}") if key in COMMON_ORDERS else t("order.unknown", key=key)
        for key in orders_of(said.orders)
    ]
    told = [f"{word}." for word in words] + ([said.text] if said.text else [])
    if isinstance(said, ReadBack) and said.done_by:
        told.append(t("case.done_by", at=at(said.done_by)))
    if said.check_again:
        told.append(t("inbox.check_at", at=at(said.check_again)))
    return " ".join(told)
