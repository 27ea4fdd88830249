"""How urgent a case is for the nurse, and the order in which cases are taken: danger before time.

One rule for phone and console. NEWS2 bands are those of the Royal College of Physicians (*NEWS2*, London
2017, chart 2). Answers that the form marks as a danger, a fall's head hit or blood thinner among them, stand
beside NEWS2 7; answers that it marks as calling for 112 stand above. What was not measured is never taken for
normal.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from care.deviation import DeviationDocument
from care.forms import Answers, Questionnaire, danger_answers, emergency_answers
from care.news2 import Score, from_answers, score
from care.sbar import SbarDocument, State

Level = Literal["low", "unknown", "low-medium", "medium", "high", "emergency"]
"""unknown: nothing forces more, but too little was measured, or read, to call it low."""

LEVELS: tuple[Level, ...] = ("low", "unknown", "low-medium", "medium", "high", "emergency")
DANGER_POINTS = 7
"""What an answer that is a danger counts as in NEWS2 points: the threshold of the high band."""

Order = tuple[int, int, int, datetime, str]
_TURN: dict[State, int] = {"waiting": 0, "acknowledged": 0, "answered": 1, "read_back": 2, "closed": 2}


class Urgency(Struct, frozen=True):
    """How urgent one case is. `points` order cases of the same level: NEWS2 as far as it is known.

    `score` is None where the unit does not score, or nothing was measured. `dangers` and `emergencies` are
    the linkIds of the questions whose answers call for the nurse now, or for 112 (those are in both).
    """

    level: Level = "unknown"
    points: int = 0
    score: Score | None = None
    dangers: tuple[str, ...] = ()
    emergencies: tuple[str, ...] = ()

    @property
    def danger(self) -> bool:
        """Whether somebody may come to harm: what may be drawn in red."""
        return self.level in ("high", "emergency")

    def beside(self, other: "Urgency") -> "Urgency":
        """Two reports of one event, such as an SBAR and the fall that prompted it: the worse of them."""
        worse = max(self, other, key=lambda one: (LEVELS.index(one.level), one.points))
        return Urgency(
            level=worse.level,
            points=worse.points,
            score=self.score or other.score,
            dangers=_once(self.dangers, other.dangers),
            emergencies=_once(self.emergencies, other.emergencies),
        )


def of_answers(
    form: Questionnaire | None, answers: Answers, *, scored: bool, scale2: bool = False
) -> Urgency:
    """The urgency of an SBAR's answers.

    `scored`: the unit has chosen to show NEWS2 (`Settings.news2 == "score"`); `scale2`: the scale for
    SpO2 that is ordered. Without the form nothing is known.
    """
    if form is None:
        return Urgency()
    emergencies = tuple(emergency_answers(form, answers))
    dangers = tuple(danger_answers(form, answers))
    found = _score(answers, scale2) if scored else None
    known = sum(points or 0 for points in found.parts.values()) if found else 0
    return Urgency(
        level=_level(found, dangers, emergencies),
        points=max(known, DANGER_POINTS) if dangers else known,
        score=found,
        dangers=dangers,
        emergencies=emergencies,
    )


def of_deviation(deviation: DeviationDocument) -> Urgency:
    """The urgency of a deviation: high with any answer that calls for the nurse, otherwise low."""
    if not deviation.danger:
        return Urgency("low")
    return Urgency("high", DANGER_POINTS, dangers=tuple(deviation.danger))


def state_of(case: SbarDocument | DeviationDocument) -> State:
    """Where a case stands for the nurse. A deviation waits until she has read it, and is then done with."""
    if isinstance(case, SbarDocument):
        return case.state
    return "waiting" if case.unread else "closed"


def order(urgency: Urgency, state: State, since: datetime, id: str) -> Order:
    """The sort key of a case: what waits for the nurse, then danger, points, and who waited longest.

    What is answered but not repeated comes after what is not answered; what is done comes last.
    """
    return _TURN[state], -LEVELS.index(urgency.level), -urgency.points, since, id


def _level(found: Score | None, dangers: tuple[str, ...], emergencies: tuple[str, ...]) -> Level:
    if emergencies:
        return "emergency"
    if dangers:
        return "high"
    return (found.band if found else None) or "unknown"


def _score(answers: Answers, scale2: bool) -> Score | None:
    try:
        found = score(from_answers(answers), scale2)
    except (msgspec.ValidationError, ValueError):  # a value that is none: as good as not measured
        return None
    return found if any(points is not None for points in found.parts.values()) else None


def _once(*named: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in named for name in names))
