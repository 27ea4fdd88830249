"""Search parameters: whom, when, which code, how many. What is not known is refused, never passed over."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct

from care.schedule import STOCKHOLM
from endpoint.fhir.errors import BadSearch
from endpoint.fhir.resources import PERSONNUMMER

Json = dict[str, Any]
COUNT, COUNT_MOST = 50, 200
WHEN = {
    "QuestionnaireResponse": "authored",
    "Observation": "date",
    "Communication": "sent",
    "MedicationRequest": "authoredon",
    "ServiceRequest": "authored",
    "MedicationAdministration": "effective-time",
    "Procedure": "date",
}
"""What each type calls the time at which it was said (FHIR R4)."""
_TIME_OF = {
    "QuestionnaireResponse": "authored",
    "Observation": "effectiveDateTime",
    "Communication": "sent",
    "MedicationRequest": "authoredOn",
    "ServiceRequest": "authoredOn",
    "MedicationAdministration": "effectiveDateTime",
    "Procedure": "performedDateTime",
}
_PAGING = ("_count", "_offset")
_PREFIXED = re.compile(r"(eq|ne|gt|ge|lt|le)?(\d{4}.*)")


class Period(Struct, frozen=True):
    """One condition on a time: a comparison with a day or a moment, [start, end)."""

    prefix: str
    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        match self.prefix:
            case "ne":
                return not self.start <= at < self.end
            case "gt":
                return at >= self.end
            case "ge":
                return at >= self.start
            case "lt":
                return at < self.start
            case "le":
                return at < self.end
        return self.start <= at < self.end


class Search(Struct, frozen=True):
    """What is looked for. ``person``: an id; ``personnummer``: twelve digits; "": anybody's."""

    kind: str
    person: str = ""
    personnummer: str = ""
    codes: frozenset[str] = frozenset()
    said: tuple[Period, ...] = ()
    updated: tuple[Period, ...] = ()
    count: int = COUNT
    offset: int = 0

    def holds(self, resource: Json) -> bool:
        """Whether a resource has what is looked for, of whom it is aside."""
        at = datetime.fromisoformat(resource[_TIME_OF[self.kind]])
        changed = datetime.fromisoformat(resource.get("meta", {}).get("lastUpdated", at.isoformat()))
        if not all(one.holds(at) for one in self.said) or not all(one.holds(changed) for one in self.updated):
            return False
        return not self.codes or not self.codes.isdisjoint(_codes(resource))


def read(kind: str, given: Sequence[tuple[str, str]]) -> Search:
    """The search that the parameters of a call ask for. Raises BadSearch naming the parameter."""
    person = personnummer = ""
    codes: frozenset[str] = frozenset()
    said: list[Period] = []
    updated: list[Period] = []
    numbers: Mapping[str, int] = {}
    for name, value in given:
        if name in ("patient", "subject"):
            person = value.removeprefix("Patient/")
        elif name in ("patient.identifier", "patient:identifier"):
            personnummer = _personnummer(name, value)
        elif name == WHEN[kind]:
            said.append(_period(name, value))
        elif name == "_lastUpdated":
            updated.append(_period(name, value))
        elif name == "code" and kind == "Observation":
            codes = frozenset(one.rpartition("|")[2] for one in value.split(",") if one)
        elif name in _PAGING:
            numbers = {**numbers, name: _number(name, value)}
        elif name != "_format":
            raise BadSearch("this parameter is not known here", name)
    return Search(
        kind,
        person,
        personnummer,
        codes,
        tuple(said),
        tuple(updated),
        min(numbers.get("_count", COUNT), COUNT_MOST),
        numbers.get("_offset", 0),
    )


def _personnummer(name: str, value: str) -> str:
    system, bar, digits = value.rpartition("|")
    if bar and system != PERSONNUMMER:
        raise BadSearch(f"the system must be {PERSONNUMMER}", name)
    digits = digits.replace("-", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 12):
        raise BadSearch("a personnummer of twelve digits", name)
    return digits


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 7):
        raise BadSearch("a whole number", name)
    return int(value)


def _period(name: str, value: str) -> Period:
    # In an address a plus is a space.
    match = _PREFIXED.fullmatch(value.strip().replace(" ", "+"))
    if match is None:
        raise BadSearch("a date or a time, with eq, ne, gt, ge, lt or le before it", name)
    text = match[2]
    try:
        if "T" in text:
            at = datetime.fromisoformat(text)
            start = (at if at.tzinfo else at.replace(tzinfo=STOCKHOLM)).astimezone(UTC)
            end = start + (timedelta(milliseconds=1) if "." in text else timedelta(seconds=1))
        else:
            day = date.fromisoformat(text)
            start = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM)
            after = day + timedelta(days=1)
            end = datetime(after.year, after.month, after.day, tzinfo=STOCKHOLM)
    except (ValueError, OverflowError) as error:
        raise BadSearch("a date as 2026-03-14, or a time as 2026-03-14T06:44:00+01:00", name) from error
    return Period(match[1] or "eq", start, end)


def _codes(resource: Json) -> set[str]:
    concepts = [resource.get("code", {}), *(one["code"] for one in resource.get("component", []))]
    return {coding["code"] for concept in concepts for coding in concept.get("coding", [])}
