"""What the values add up to, and what that advises: as far as the organisation lets the app say it."""

from typing import Literal

import msgspec
from msgspec import Struct

from care.forms import emergency_answers
from care.news2 import LINK_IDS, Score, from_answers, score
from care.unit import News2Mode
from views.model import reading
from views.model.filling import Filling
from views.model.shift import Shift

Advice = Literal["emergency", "high", "medium", "low_medium", "low", "zero", "incomplete", "values", "off"]
"""Which advice is given (p): 112 for an answer that calls for it whatever the score, and from 7; the nurse
now from 5, and for a single 3; the nurse from 1; and at 0 whoever worries still calls. "values" and "off": no
score is said."""


class Assessment(Struct, frozen=True):
    """The advice; the score where it is said; the values by NEWS2's names where they are shown."""

    advice: Advice
    score: Score | None = None
    values: dict[str, object] = {}

    @property
    def calls_112(self) -> bool:
        return self.advice in ("emergency", "high")


def assess(shift: Shift, filling: Filling) -> Assessment:
    """The assessment of an SBAR in hand."""
    unit = reading.unit(shift)
    mode: News2Mode = unit.settings.news2 if unit else "off"
    emergency = bool(emergency_answers(filling.form, filling.answers))
    try:
        vitals = from_answers(filling.answers)
    except (msgspec.ValidationError, ValueError):
        return Assessment("emergency" if emergency else "off")
    values = {name: found for name in LINK_IDS if (found := getattr(vitals, name)) is not None}
    if mode != "score":
        advice: Advice = "emergency" if emergency else "values" if mode == "values" and values else "off"
        return Assessment(advice, None, values if mode == "values" else {})
    person = reading.person(shift, filling.person)
    found_score = score(vitals, scale2=bool(person and person.scale2))
    return Assessment("emergency" if emergency else _advice(found_score), found_score, values)


def _advice(found: Score) -> Advice:
    if found.band == "high":
        return "high"
    if found.band == "medium":
        return "medium"
    if found.band == "low-medium":
        return "low_medium"
    if not found.complete:
        return "incomplete"
    return "low" if found.total else "zero"
