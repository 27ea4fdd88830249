"""What reports of deviations come to: counts by unit, kind, time, profession and harm. Never per employee.

One report is one `Happened`, whether it was written here or read in from the system before. Everything that
shows figures (page, table files, JSON) counts with `counted`, so that they cannot differ.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Literal, get_args

from msgspec import Struct

from care.case_due import ASSESSED_DAYS, INVESTIGATED_DAYS, RECEIVED_DAYS
from care.deviation import Category, Step

Harm = Literal["risk", "none", "mild", "moderate", "severe", "death", "unknown"]
"""Nobody was hurt but might have been; ingen, lindrig, måttlig, allvarlig, dödsfall; not told."""

UNKNOWN = "unknown"
"""The value where a report does not say."""

CATEGORIES: tuple[Category, ...] = get_args(Category)
HARMS: tuple[Harm, ...] = get_args(Harm)
STEPS: tuple[Step, ...] = get_args(Step)
MEDICINE = (
    "missed",
    "double",
    "wrong-dose",
    "wrong-time",
    "wrong-way",
    "wrong-medicine",
    "wrong-person",
    "preparation",
    "supply",
    "unsigned",
    "narcotics",
    "no-delegation",
    "tablet",
)
"""Sub-categories of medicine: the codes of the form's question (care.md, Läkemedel)."""

SUBCATEGORY: dict[Category, str] = {"medicine": "deviation.medication"}
"""The question of the form that tells the sub-category, by its linkId."""

GOALS: dict[str, int] = {
    "received": RECEIVED_DAYS,
    "assessed": ASSESSED_DAYS,
    "investigated": INVESTIGATED_DAYS,
}
"""Days from the report within which a step is to be taken (p)."""

PER_DAYS = 1000
"""Rates are told per 1,000 vårddygn."""


class Acted(Struct, frozen=True):
    """How many actions there are: planned (but those that were dropped), done, done by the day that was set,
    and done with a good effect."""

    planned: int = 0
    done: int = 0
    in_time: int = 0
    helped: int = 0


class Happened(Struct, frozen=True):
    """One report as it is counted.

    ``day`` is the local date in Europe/Stockholm (ISO 8601) on which it occurred; of one that does not say,
    the date on which it was reported. ``hour``: the local hour of occurrence; None: not told.
    ``minutes``: from occurrence to report, where both have a time of day. ``steps``: minutes from the report
    to the first of each step. ``answers``: codes chosen, by linkId; of reports written here alone.
    ``form``: on which form they were given, and in which version.
    """

    unit: str
    unit_type: str
    category: Category
    subcategory: str
    harm: str
    profession: str
    day: str
    hour: int | None = None
    minutes: int | None = None
    imported: bool = False
    steps: Mapping[str, int] = {}
    answers: Mapping[str, tuple[str, ...]] = {}
    form: tuple[str, str] = ("", "")
    acted: Acted = Acted()


@lru_cache(20_000)
def _weekday(day: str) -> str:
    return str(date.fromisoformat(day).isoweekday())


DIMENSIONS: dict[str, Callable[[Happened], str]] = {
    "year": lambda one: one.day[:4],
    "quarter": lambda one: f"{one.day[:4]}-Q{(int(one.day[5:7]) + 2) // 3}",
    "month": lambda one: one.day[:7],
    "weekday": lambda one: _weekday(one.day),
    "hour": lambda one: UNKNOWN if one.hour is None else f"{one.hour:02}",
    "unit": lambda one: one.unit,
    "unit_type": lambda one: one.unit_type,
    "category": lambda one: one.category,
    "subcategory": lambda one: one.subcategory or UNKNOWN,
    "harm": lambda one: one.harm,
    "profession": lambda one: one.profession,
}
"""What may be grouped by. Weekdays are 1 (Monday) to 7, hours 00 to 23."""

_ORDER: dict[str, dict[str, int]] = {
    "category": {code: at for at, code in enumerate(CATEGORIES)},
    "subcategory": {code: at for at, code in enumerate(MEDICINE)},
    "harm": {code: at for at, code in enumerate(HARMS)},
}

Key = tuple[str, ...]


def counted(events: Iterable[Happened], group_by: Sequence[str]) -> dict[Key, int]:
    """How many reports there are of each combination that there is any of, in a stable order."""
    takes = [DIMENSIONS[name] for name in group_by]
    found = Counter(tuple(take(one) for take in takes) for one in events)
    return dict(sorted(found.items(), key=lambda item: sorting(item[0], group_by)))


def sorting(key: Key, group_by: Sequence[str]) -> list[tuple[bool, int, str]]:
    """In the vocabulary's order where there is one, otherwise the word's; what is not told comes last."""
    return [
        (value == UNKNOWN, _ORDER.get(name, {}).get(value, len(_ORDER.get(name, {}))), value)
        for name, value in zip(group_by, key, strict=True)
    ]


def chosen(events: Iterable[Happened], filters: Mapping[str, Collection[str]]) -> list[Happened]:
    """The reports with any of the values of every dimension that is asked for."""
    wanted = [(DIMENSIONS[name], frozenset(values)) for name, values in filters.items() if values]
    return [one for one in events if all(take(one) in values for take, values in wanted)]


def answered(events: Iterable[Happened], link_id: str) -> dict[str, int]:
    """How many reports chose each answer to a question; one may choose several. Most chosen first."""
    found = Counter(code for one in events for code in dict.fromkeys(one.answers.get(link_id, ())))
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def acted(events: Iterable[Happened]) -> Acted:
    """The actions of some reports, summed."""
    found = [one.acted for one in events]
    return Acted(
        planned=sum(one.planned for one in found),
        done=sum(one.done for one in found),
        in_time=sum(one.in_time for one in found),
        helped=sum(one.helped for one in found),
    )


class Lead(Struct, frozen=True):
    """How long something took: how many reports had it, and the median time of those."""

    count: int
    minutes: int | None

    @property
    def time(self) -> timedelta | None:
        return None if self.minutes is None else timedelta(minutes=self.minutes)


def leads(events: Sequence[Happened]) -> dict[str, Lead]:
    """From occurrence to "reported", and from the report to the first of each step. Count 0: none had it."""
    found = {"reported": _lead([one.minutes for one in events if one.minutes is not None])}
    for step in STEPS:
        found[step] = _lead([one.steps[step] for one in events if step in one.steps])
    return found


def _lead(minutes: list[int]) -> Lead:
    return Lead(len(minutes), round(median(minutes)) if minutes else None)


def rate(count: int, days: int | None) -> float | None:
    """Reports per 1,000 vårddygn, with two decimals; None: the days are not known, or none."""
    return round(PER_DAYS * count / days, 2) if days else None


def percent(part: int, whole: int) -> int | None:
    """A share, rounded half up; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def minutes_between(first: datetime, second: datetime) -> int:
    """Whole minutes; none when the clocks of two phones say that the later came first."""
    return max(0, int((second - first).total_seconds() // 60))
