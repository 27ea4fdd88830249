"""The form of a unit: what was typed, what is wrong with it, and the unit that it describes."""

import re
from typing import get_args

from msgspec import Struct, field
from msgspec.structs import replace

from care.unit import OFFICE, News2Mode, OnCall, Settings, UnitKind, UnitSet
from endpoint.console.sent import Sent
from endpoint.people import words

KINDS: tuple[UnitKind, ...] = get_args(UnitKind)
MODES: tuple[News2Mode, ...] = get_args(News2Mode)
LIMITS = {
    "sbar_remind_minutes": (1, 60),
    "sbar_answer_minutes": (5, 120),
    "sbar_danger_minutes": (1, 60),
    "sbar_chief_minutes": (5, 240),
    "silent_after_minutes": (10, 1440),
    "late_nurse_minutes": (5, 240),
    "late_chief_minutes": (5, 480),
    "delegation_trust_days": (1, 30),
    "purge_after_days": (7, 365),
    "lock_after_days": (1, 90),
    "log_control_day": (1, 28),
    "log_control_least": (1, 200),
    "log_control_percent": (1, 100),
    "narcotic_check_months": (1, 12),
}
"""Least and most of each number (p)."""
TABLES = ("nurse", "fallback")
CALLS_MOST = 20
FLOORS_MOST, FLOOR_MOST = 30, 40
_TIME = re.compile(r"([01]?[0-9]|2[0-4])(?:[:.]?([0-5][0-9]))?")
"""07:30, 7.30, 0730 and 7: as people write them. Not a field of the browser's, which says AM and PM."""


class Row(Struct):
    """One line of an on-call table, as typed."""

    name: str = ""
    phone: str = ""
    email: str = ""
    start: str = ""
    end: str = ""

    @property
    def blank(self) -> bool:
        return not (self.name or self.phone or self.email or self.start or self.end)


class UnitForm(Struct):
    name: str = ""
    kind: str = ""
    provider: str = ""
    floors: str = ""
    news2: str = "values"
    nurse: list[Row] = []
    fallback: list[Row] = []
    numbers: dict[str, str] = {}
    base: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    """Keys of what is wrong, by the field's name."""


def of_unit(unit: UnitSet, base: str) -> UnitForm:
    """The form of a unit as it is."""
    return UnitForm(
        name=unit.name,
        kind=unit.kind,
        provider=unit.provider,
        floors="\n".join(unit.floors),
        news2=unit.settings.news2,
        nurse=[_row(call) for call in unit.nurse],
        fallback=[_row(call) for call in unit.fallback],
        numbers={name: str(getattr(unit.settings, name)) for name in LIMITS},
        base=base,
    )


def read(sent: Sent) -> UnitForm:
    """What was typed."""
    return UnitForm(
        name=sent("name"),
        kind=sent("kind"),
        provider=sent("provider"),
        floors=sent.text("floors"),
        news2=sent("news2"),
        nurse=_rows(sent, "nurse"),
        fallback=_rows(sent, "fallback"),
        numbers={name: sent(name) for name in LIMITS},
        base=sent("base"),
    )


def checked(form: UnitForm, before: UnitSet) -> UnitSet | None:
    """The unit that the form describes; None: `form.faults` says what is wrong. `before` gives the rest."""
    faults = form.faults
    if not words.is_name(form.name):
        faults["name"] = "people.fault.name" if form.name else "units.fault.name"
    if form.kind not in KINDS:
        faults["kind"] = "people.fault.choose"
    elif before.name and (form.kind == OFFICE) != (before.kind == OFFICE):
        faults["kind"] = "units.fault.office"
    if form.news2 not in MODES:
        faults["news2"] = "people.fault.choose"
    floors = tuple(dict.fromkeys(line.strip() for line in form.floors.split("\n") if line.strip()))
    if len(floors) > FLOORS_MOST or any(len(floor) > FLOOR_MOST for floor in floors):
        faults["floors"] = "units.fault.floors"
    numbers = {name: _number(form, name) for name in LIMITS}
    calls = {table: _calls(form, table) for table in TABLES}
    if faults:
        return None
    settings = replace(before.settings, news2=form.news2, **numbers)
    return replace(
        before,
        name=form.name,
        kind=form.kind,
        floors=floors,
        nurse=calls["nurse"],
        fallback=calls["fallback"],
        settings=settings,
    )


def typed_calls(form: UnitForm, table: str) -> list[OnCall]:
    """As much of an on-call table as can be read, for its strip."""
    return [call for row in getattr(form, table) if (call := _call(row)) is not None]


def default() -> Settings:
    return Settings()


def _row(call: OnCall) -> Row:
    whole = call.start == call.end
    return Row(call.name, call.phone, call.email, "" if whole else call.start, "" if whole else call.end)


def _rows(sent: Sent, table: str) -> list[Row]:
    fields = Row.__struct_fields__
    return [
        Row(**{name: sent(f"{table}.{number}.{name}") for name in fields}) for number in sent.numbers(table)
    ]


def _calls(form: UnitForm, table: str) -> tuple[OnCall, ...]:
    found = []
    rows: list[Row] = getattr(form, table)
    for number, row in enumerate(rows):
        if row.blank:
            continue
        here = f"{table}.{number}"
        if not words.is_name(row.name):
            form.faults[f"{here}.name"] = "units.fault.call_name"
        if not words.is_phone(row.phone):
            form.faults[f"{here}.phone"] = "people.fault.phone" if row.phone else "units.fault.call_phone"
        if row.email and not words.is_email(row.email):
            form.faults[f"{here}.email"] = "people.fault.email"
        if bool(row.start) != bool(row.end):
            form.faults[f"{here}.{'end' if row.start else 'start'}"] = "units.fault.both_times"
        for name in ("start", "end"):
            if getattr(row, name) and _clock(getattr(row, name)) is None:
                form.faults[f"{here}.{name}"] = "units.fault.time"
        call = _call(row)
        if call is not None:
            found.append(call)
    if len(found) > CALLS_MOST:
        form.faults[f"{table}.0.name"] = "units.fault.too_many"
    return tuple(found)


def _call(row: Row) -> OnCall | None:
    start, end = _clock(row.start or "00:00"), _clock(row.end or "00:00")
    if row.blank or start is None or end is None:
        return None
    return OnCall(row.name, row.phone, start, end, row.email)


def _clock(text: str) -> str | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    if hours == 24:
        return "00:00" if minutes == 0 else None
    return f"{hours:02}:{minutes:02}"


def _number(form: UnitForm, name: str) -> int:
    least, most = LIMITS[name]
    given = form.numbers.get(name, "")
    if given.isascii() and given.isdecimal() and len(given) < 7 and least <= int(given) <= most:
        return int(given)
    form.faults[name] = "units.fault.number"
    return least
