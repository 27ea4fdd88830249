"""The yearly calendar of self-checks that ships with this release: a proposal, for the MAS to approve.

assets/checks.json, one plan a line: which form, how often, from which day of the year, whose it is.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import msgspec
from dateutil.relativedelta import relativedelta
from msgspec import Struct

from care.check import CheckPlanned, Start
from care.check_calendar import step
from care.deviation import Side
from care.rights import Role

FILE = Path(__file__).parents[1] / "assets" / "checks.json"
FORM = "https://rapp.example/fhir/Questionnaire/check-"


class Proposal(Struct, frozen=True, forbid_unknown_fields=True):
    """One plan. ``month`` and ``day``: when in a year it is due for the first time."""

    key: str
    title: str
    rule: str
    month: int
    day: int
    role: Role
    remind: int
    sides: tuple[Side, ...]
    about: str
    form: str = ""
    page: str = ""

    @property
    def url(self) -> str:
        """The address of its form; "" when it is done on a page of its own."""
        return f"{FORM}{self.form}" if self.form else ""

    def first(self, year: int) -> date:
        """The day in a year; the month's last, where the month lacks it."""
        return date(year, self.month, 1) + relativedelta(day=self.day)

    def planned(self, units: Sequence[str], effective: date) -> CheckPlanned:
        """The plan for some units, from the first of its days that is not before `effective`."""
        unit, count = step(self.rule)
        anchor = self.first(effective.year - 1)
        turns = 0
        while (first := anchor + relativedelta(**{unit: count * turns})) < effective:  # type: ignore[arg-type]
            turns += 1
        return CheckPlanned(
            title=self.title,
            form=self.url,
            rule=self.rule,
            role=self.role,
            starts=tuple(Start(unit, first) for unit in units),
            effective=effective,
            remind=self.remind,
            sides=self.sides,
            about=self.about,
            page=self.page,
        )


@cache
def proposals() -> tuple[Proposal, ...]:
    """The calendar, in the order in which it is shown."""
    return msgspec.json.decode(FILE.read_bytes(), type=tuple[Proposal, ...])


def year(of: int) -> tuple[date, date]:
    """The first and the last day of a year."""
    return date(of, 1, 1), date(of + 1, 1, 1) - timedelta(days=1)
