"""Statistik: the tables of a period beside the year before, as page, paper and files show them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from care.deviation_figures import (
    GOALS,
    MEDICINE,
    SUBCATEGORY,
    UNKNOWN,
    Acted,
    Happened,
    Key,
    percent,
    sorting,
)
from care.small_numbers import ALL
from endpoint.console.figures_answers import of_falls, of_own_questions, word_of
from endpoint.console.figures_table import Chart, Row, Table, Value, number_of, versus
from endpoint.console.forms.catalogue import Catalogue, catalogue_in
from endpoint.console.texts import Texts
from endpoint.deviations.counting import Counts, Found, find_all
from endpoint.deviations.days import months
from endpoint.deviations.query import Query
from endpoint.deviations.scope import Scope

YEARS = 5
_MONTHS_MOST = 24
_NOTED_LEAST = 10
"""A category has more than doubled when it now has so many (p): 2 against 1 says nothing."""


class Board(Struct, frozen=True):
    """All that is shown of a period."""

    query: Query
    now: Found
    before: Found
    years: Sequence[Found]
    forms: Catalogue
    """Those that came with this release, and those that were published in any of the units."""
    today: date

    @property
    def total(self) -> int | None:
        return self.now.of(()).total

    @property
    def total_before(self) -> int | None:
        return self.before.of(()).total


def board(connection: Connection, scope: Scope, query: Query, today: date) -> Board:
    """Count a period with both its days, the same days a year before, and the years up to it."""
    first, last = both_days(query)
    years = [(date(year, 1, 1), date(year, 12, 31)) for year in range(last.year - YEARS + 1, last.year + 1)]
    periods = [(first, last), (_a_year_before(first), _a_year_before(last)), *years]
    now, before, *rest = find_all(connection, scope, query, periods)
    return Board(now.query, now, before, rest, catalogue_in(connection, list(scope.places)), today)


def both_days(query: Query) -> tuple[date, date]:
    """The days of a period that has both."""
    if query.first is None or query.last is None:
        raise ValueError("a period without an end")
    return query.first, query.last


def _a_year_before(day: date) -> date:
    """The same day; the last of a month stays the last, so that February is a whole month in every year."""
    ends = (day + timedelta(days=1)).day == 1
    before = day - relativedelta(years=1)
    return before + relativedelta(day=31) if ends else before


def tables(board: Board, t: Texts) -> list[Table]:
    """Every table that has anything to say."""
    falls = [one for one in board.now.events if one.category == "fall"]
    falls_before = [one for one in board.before.events if one.category == "fall"]
    found = [
        _versus(board, "category", ("category",), t),
        _years(board, t),
        _months(board, t),
        _versus(board, "subcategory", ("category", "subcategory"), t, lambda key: key[1] != UNKNOWN),
        _units(board, t),
        _versus(board, "unit_type", ("unit_type",), t),
        _versus(board, "profession", ("profession",), t),
        _versus(board, "harm", ("harm",), t, keep_order=True),
    ]
    if falls:
        found += _when(board, falls, falls_before, t)
        found.append(_versus(board, "fall_harm", ("harm",), t, keep_order=True, some=(falls, falls_before)))
        found += of_falls(board.now, board.forms, period(board.query, t), t)
    found += of_own_questions(board.now, board.forms, period(board.query, t), t)
    found += [_actions(board, t), _leads(board, t)]
    return [one for one in found if one.rows]


def named(dimension: str, value: str, scope: Scope, t: Texts) -> str:
    """How a value of a dimension is said."""
    if value == UNKNOWN:
        return t("statistics.unknown")
    match dimension:
        case "category":
            return t(f"console.category.{value}")
        case "harm":
            return t(f"statistics.harm.{value}")
        case "unit_type":
            return t(f"units.kind.{value}")
        case "profession":
            return t("common.other") if value == "other" else t(f"title.{value}")
        case "subcategory":
            return t(f"statistics.medicine.{value}") if value in MEDICINE else value
        case "unit":
            place = scope.places[value]
            return t("statistics.past_unit", name=place.name) if place.past else place.name
        case "weekday":
            return t("date.weekdays").split()[int(value) - 1]
        case "month":
            return f"{t('date.months').split()[int(value[5:]) - 1]} {value[:4]}"
    return value


def period(query: Query, t: Texts) -> str:
    """2024, jan–jun 2024, mar 2024 or 2024-01-05–2024-02-07."""
    first, last = both_days(query)
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return str(first.year)
    if not months(first, last) or first.year != last.year:
        return f"{first}–{last}"
    names = t("date.months_short").split()
    span = dict.fromkeys([names[first.month - 1], names[last.month - 1]])
    return f"{'–'.join(span)} {first.year}"


def _versus(
    board: Board,
    name: str,
    dimensions: tuple[str, ...],
    t: Texts,
    keep: Callable[[Key], bool] = lambda key: True,
    keep_order: bool = False,
    some: tuple[Sequence[Happened], Sequence[Happened]] | None = None,
) -> Table:
    """A dimension now and the year before. Largest first, unless its values have an order of their own."""
    now, before = board.now.of(dimensions, some and some[0]), board.before.of(dimensions, some and some[1])
    keys = [key for key in dict.fromkeys([*now.groups, *before.groups]) if keep(key)]
    keys.sort(key=lambda key: sorting(key, dimensions))
    if not keep_order:
        keys.sort(key=lambda key: -(number_of(now.groups.get(key, 0))))
    said = {key: _named(dimensions, key, board, t) for key in keys}
    rows = versus([(said[key], now.groups.get(key, 0), before.groups.get(key, 0)) for key in keys])
    return Table(name, t(f"statistics.table.{name}"), _heads(board, name, t), rows, "bars", compared=True)


def _named(dimensions: Sequence[str], key: Key, board: Board, t: Texts) -> str:
    """Läkemedel: Utebliven dos."""
    if tuple(dimensions) == ("category", "subcategory") and key[1] not in (*MEDICINE, UNKNOWN):
        asked = SUBCATEGORY.get(key[0], "")  # type: ignore[call-overload]
        word = word_of(board.forms, asked, key[1], t)
        return f"{named('category', key[0], board.now.scope, t)}: {word}"
    return ": ".join(named(of, value, board.now.scope, t) for of, value in zip(dimensions, key, strict=True))


def _heads(board: Board, name: str, t: Texts) -> tuple[str, ...]:
    return t(f"statistics.head.{name}"), period(board.query, t), period(board.before.query, t)


def _years(board: Board, t: Texts) -> Table:
    """Category by year. A year of which nothing is known is left out."""
    counts = [(str(one.query.first.year), one.of(("category",))) for one in board.years if one.query.first]
    told = [(year, one) for year, one in counts if one.groups]
    keys = list(dict.fromkeys(key for _, one in told for key in one.groups))
    rows = [
        Row(named("category", key[0], board.now.scope, t), tuple(one.groups.get(key, 0) for _, one in told))
        for key in sorted(keys, key=lambda key: -number_of(told[-1][1].groups.get(key, 0)))
    ]
    if rows:
        rows.append(Row(t("statistics.all"), tuple(one.total for _, one in told)))
    heads = (t("statistics.head.category"), *(year for year, _ in told))
    return Table("years", t("statistics.table.years"), heads, tuple(rows), "years", sums=True)


def _months(board: Board, t: Texts) -> Table:
    """Month by month, each beside the same one a year before; none that has yet to come."""
    first, last = both_days(board.query)
    last = max(first, min(last, board.today))
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.replace(day=1)
    days = [start + relativedelta(months=at) for at in range(count if count <= _MONTHS_MOST else 0)]
    now, before = board.now.of(("month",)).groups, board.before.of(("month",)).groups
    rows = versus(
        [
            (
                named("month", f"{day:%Y-%m}", board.now.scope, t),
                now.get((f"{day:%Y-%m}",), 0),
                before.get((f"{day - relativedelta(years=1):%Y-%m}",), 0),
            )
            for day in days
        ]
    )
    shorts = t("date.months_short").split()
    rows = tuple(replace(row, short=shorts[day.month - 1]) for row, day in zip(rows, days, strict=True))
    chart: Chart = "lines" if len(rows) > 1 else "bars"
    return Table("month", t("statistics.table.month"), _heads(board, "month", t), rows, chart, compared=True)


def _units(board: Board, t: Texts) -> Table:
    """Unit by unit, with the rate where vårddygn are known.

    Counted within the types of units, since these have a table of their own: so that one which is not told is
    not what the others of its type leave.
    """
    now, before = (_by_unit(one) for one in (board.now, board.before))
    keys = sorted(dict.fromkeys([*now, *before]), key=lambda key: -number_of(now.get(key, 0)))
    said = {key: named("unit", key[0], board.now.scope, t) for key in keys}
    days = {said[key]: board.now.days.get(key[0], "") for key in keys}
    rates = {said[key]: _rate(board.now, now.get(key, 0), key[0]) for key in keys}
    rows = versus([(said[key], now.get(key, 0), before.get(key, 0)) for key in keys], days, rates)
    heads = (*_heads(board, "unit", t), t("statistics.days"), t("statistics.rate"))
    return Table("unit", t("statistics.table.unit"), heads, rows, "bars", compared=True)


def _by_unit(found: Found) -> dict[Key, int | None]:
    sums = found.of(("unit_type", "unit")).sums
    return {key[1:]: count for key, count in sums.items() if key[0] == ALL and key[1] != ALL}


def _rate(found: Found, count: int | None, unit: str) -> Value:
    if unit not in found.days:
        return ""
    return found.rate(count, found.days[unit])


def _when(board: Board, falls: Sequence[Happened], before: Sequence[Happened], t: Texts) -> list[Table]:
    """Falls by weekday and hour: as one table, or as two where most of its numbers would not be told."""
    if not board.now.scope.protected:
        return [_heat(board, falls, t)]
    days, hours = (
        _versus(board, f"fall_{name}", (name,), t, keep_order=True, some=(falls, before))
        for name in ("weekday", "hour")
    )
    short = tuple(replace(row, short=row.name if row.name.isdigit() else "?") for row in hours.rows)
    return [days, replace(hours, rows=short, chart="columns")]


def _heat(board: Board, falls: Sequence[Happened], t: Texts) -> Table:
    """Falls by weekday and hour, with their sums."""
    counts = board.now.of(("weekday", "hour"), falls)
    hours = [f"{hour:02}" for hour in range(24)]
    if any(one.hour is None for one in falls):
        hours.append(UNKNOWN)
    days = t("date.weekdays").split()
    rows = [_of_hours(counts, hours, name, str(day)) for day, name in enumerate(days, 1)]
    rows.append(_of_hours(counts, hours, t("statistics.all"), ALL))
    told = ("?" if hour == UNKNOWN else hour for hour in hours)
    heads = (t("statistics.head.weekday"), *told, t("statistics.all"))
    known = sum(one.hour is not None for one in falls)
    note = t("statistics.heat_note", known=known, all=len(falls))
    return Table("heat", t("statistics.table.heat"), heads, tuple(rows), "hours", note=note)


def _of_hours(counts: Counts, hours: Sequence[str], name: str, day: str) -> Row:
    return Row(name, tuple(counts.sums.get((day, hour), 0) for hour in (*hours, ALL)))


def _actions(board: Board, t: Texts) -> Table:
    """Planned actions against those that were done, by category, of cases that were handled here.

    Where small numbers are not told there is one row, and a number in it is told where neither it nor what
    it leaves is small.
    """
    events = [one for one in board.now.events if one.acted.planned]
    categories = {} if board.now.scope.protected else {one.category: None for one in events}
    groups = {
        named("category", category, board.now.scope, t): [one for one in events if one.category == category]
        for category in sorted(categories, key=lambda one: sorting((one,), ("category",)))
    }
    rows = [Row(name, tuple(board.now.acted(some).values())) for name, some in groups.items()]
    if events:
        rows.append(Row(t("statistics.all"), tuple(board.now.acted(events).values())))
    heads = ("category", *Acted.__struct_fields__)
    return Table(
        "actions",
        t("statistics.actions"),
        tuple(t(f"statistics.head.{one}") for one in heads),
        tuple(rows),
        "bars",
        sums=True,
        note=t("statistics.actions_note"),
    )


def _leads(board: Board, t: Texts) -> Table:
    """How long each step took; a step that nothing is recorded of says so."""
    rows = []
    for step, lead in board.now.leads().items():
        name = t("statistics.lead.reported") if step == "reported" else t(f"console.step.{step}")
        time = "" if lead.minutes is None else _lasted(lead.minutes, t)
        goal = t.n("date.days", GOALS[step]) if step in GOALS else ""
        days = None if lead.minutes is None else lead.minutes / 1440
        rows.append(Row(name, (lead.count, time, goal), days=(days, GOALS.get(step))))
    heads = tuple(t(f"statistics.head.{name}") for name in ("step", "lead_count", "median", "goal"))
    note = t("statistics.leads_note")
    return Table("leads", t("statistics.table.leads"), heads, tuple(rows), "goals", note=note)


def _lasted(minutes: int, t: Texts) -> str:
    """40 min, 5 timmar, 3 dagar; rounded."""
    if minutes < 90:
        return t.n("date.minutes", minutes)
    if minutes < 36 * 60:
        return t.n("date.hours", round(minutes / 60))
    return t.n("date.days", round(minutes / 1440))


def noticed(board: Board, t: Texts) -> list[str]:
    """What is worth a look: a category that has more than doubled, and the share of Annat."""
    now, before = board.now.of(("category",)), board.before.of(("category",))
    found = []
    for key, count in now.groups.items():
        was = before.groups.get(key, 0)
        if count is not None and was and count >= _NOTED_LEAST and count > 2 * was:
            name = named("category", key[0], board.now.scope, t)
            found.append(t("statistics.noticed.doubled", name=name, before=was, now=count))
    shares = [_share_of_other(one) for one in (now, before)]
    if shares[0] is not None and shares[1] is not None:
        found.append(t("statistics.noticed.other", now=shares[0], before=shares[1]))
    elif shares[0] is not None:
        found.append(t("statistics.noticed.other_now", now=shares[0]))
    return found


def _share_of_other(counts: Counts) -> int | None:
    other = counts.groups.get(("other",), 0)
    return None if other is None or counts.total is None else percent(other, counts.total)
