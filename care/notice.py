"""Notices: that somebody was told of something that a unit has to see to, and that it is over.

The endpoint alone states them (`care.watch` says when). What there is to see to is derived and stored
nowhere; a notice says only that it was told, to whom, at which stage. It names tasks, cases and phones by
their ids, and no person.
"""

import uuid
from datetime import datetime
from typing import Literal, get_args

from msgspec import Struct, field

from care.documents import Document, documents
from care.facts import Body, Fact, states

Matter = Literal[
    "late_doses",
    "silent_unit",
    "unanswered_sbar",
    "double_signed",
    "over_maximum",
    "delegation_ending",
    "silent_phone",
    "clock_wrong",
    "chain_gap",
    "chain_fork",
    "overdue_case",
    "overdue_complaint",
    "overdue_mas",
    "overdue_sas",
]
"""Tasks not signed in time · nothing heard from the unit's phones while tasks wait · an SBAR that nobody has
read · a task signed by two · more than the most of an as-needed medicine · a delegation that ends soon · a
phone that has long been silent · one whose clock is wrong · one of whose facts some are missing · one whose
file was put back as it once was ·
a deviation, or a complaint, of its chief's in which something is overdue · one of either that was sent to MAS
instead · to SAS instead. What the chief does not read is counted apart, so that no telling gives it away."""
MATTERS: tuple[Matter, ...] = get_args(Matter)

Told = Literal["nurse", "chief", "mas", "sas"]
"""Who is told: the unit's nurses, its chief, MAS and MAR, or SAS."""


@states("notice.notified")
class NoticeNotified(Body, frozen=True, kw_only=True):
    """``about``: ids of what it is about. ``name``: who was on call, of those told; "": nobody was named."""

    matter: Matter
    stage: int
    to: Told
    about: tuple[str, ...]
    since: datetime
    name: str = ""


@states("notice.over")
class NoticeOver(Body, frozen=True, kw_only=True):
    """Whoever was told of these is told that there is nothing more to see to."""

    matter: Matter
    about: tuple[str, ...]


class Telling(Struct, frozen=True, omit_defaults=True):
    """One time that somebody was told."""

    fact: str
    stage: int
    to: Told
    about: tuple[str, ...]
    since: datetime
    at: datetime
    name: str = ""


@documents("notice")
class NoticeDocument(Document):
    """What was told of one matter in one unit in one month."""

    matter: str = ""
    tellings: list[Telling] = field(default_factory=list)
    stages: dict[str, int] = field(default_factory=dict)
    """The highest stage that was told, of each thing that is not over."""

    def apply(self, fact: Fact, body: Body) -> None:
        match body:
            case NoticeNotified():
                self.matter = self.matter or body.matter
                self.tellings.append(
                    Telling(fact.id, body.stage, body.to, body.about, body.since, fact.time, body.name)
                )
                for one in body.about:
                    self.stages[one] = max(self.stages.get(one, 0), body.stage)
            case NoticeOver():
                self.matter = self.matter or body.matter
                for one in body.about:
                    self.stages.pop(one, None)
            case _:
                self.unreadable += 1

    def open(self, telling: Telling) -> list[str]:
        """What of a telling has not been said to be over."""
        return [one for one in telling.about if one in self.stages]


def notice_id(unit: str, matter: Matter, month: str) -> str:
    """The identity of a unit's notices of a matter in a month ("2026-03"): the same whoever states them."""
    return str(uuid.uuid5(_NAMESPACE, f"{unit}/{matter}/{month}"))


_NAMESPACE = uuid.UUID("6f1b7b3e-3d0c-5d0f-9a53-5b1f6d2a7c11")
