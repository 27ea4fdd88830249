"""Figures of deviations: the same as a plain count, for whoever may count, and of nobody else's units."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from care.deviation import SIDES, ReportStatus
from care.facts import Ref
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from care.unit import UnitDocument
from endpoint import documents
from endpoint.demo import names
from endpoint.deviations import days, importing, mapping, table
from endpoint.deviations.mapping import Map
from endpoint.people import tokens
from tests.console_world import GRANEN, NORR, World, code, world
from tests.deviation_reports import reports, written

Row = dict[str, str]
UNITS = {"Granen": "Granen", "Norr": "Hemtjänst Norr", "Eken": "Eken"}
KINDS = {"Granen": "residential", "Hemtjänst Norr": "home_care", "Eken": "short_stay"}
URL = "/v1/statistics/deviations"


def old_reports(count: int = 1205) -> list[Row]:
    """Invented reports of Granen, Hemtjänst Norr, and Eken, which is no longer there."""
    rows = []
    for row in reports(count + 20)[:count]:
        name = UNITS[row["unit"]]
        rows.append(row | {"unit": name, "unit_type": KINDS[name]})
    return rows


ROWS = old_reports()


def taken_in(here: World, folder: Path, rows: Iterable[Row]) -> None:
    path = folder / "old.csv"
    path.write_text(written(rows))
    sheet = table.read(path, dict(mapping.COLUMNS), mapping.NEEDED, {})
    map = Map(words={"unit": {"*": "historical"}})
    done = importing.run(here.parts.database, here.parts.keys, sheet, map, here.now)
    assert done.faults == []


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path / "data") as found:
        await asyncio.to_thread(taken_in, found, tmp_path, ROWS)
        yield found


async def ask(here: World, query: str = "", status: int = 200, key: str | None = None) -> dict[str, Any]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    answer = await here.client.get(f"{URL}?{query}", headers=headers)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(answer: dict[str, Any]) -> dict[tuple[str, ...], int | None]:
    return {tuple(group[name] for name in answer["group_by"]): group["count"] for group in answer["groups"]}


def day_of(row: Row) -> str:
    return (row["occurred_at"] or row["reported_at"])[:10]


PLAIN: dict[str, Callable[[Row], str]] = {
    "year": lambda row: day_of(row)[:4],
    "quarter": lambda row: day_of(row)[:4] + "-Q" + "111222333444"[int(day_of(row)[5:7]) - 1],
    "month": lambda row: day_of(row)[:7],
    "weekday": lambda row: str(datetime.fromisoformat(day_of(row)).weekday() + 1),
    "hour": lambda row: row["occurred_at"][11:13] or "unknown",
    "unit_type": lambda row: row["unit_type"],
    "category": lambda row: row["category"],
    "subcategory": lambda row: row["subcategory"] or "unknown",
    "harm": lambda row: row["harm"] or "unknown",
    "profession": lambda row: row["reporter_profession"] or "unknown",
}
"""How the rows of the file themselves say it, without any code of ours."""


def plain(rows: Iterable[Row], *names: str) -> dict[tuple[str, ...], int]:
    return dict(Counter(tuple(PLAIN[name](row) for name in names) for row in rows))


def of_side(side: str, rows: Iterable[Row] = ROWS) -> list[Row]:
    return [row for row in rows if side in SIDES[row["category"]]]  # type: ignore[index]


def of_units(*units: str) -> list[Row]:
    return [row for row in ROWS if row["unit"] in units]


READERS = {
    "Maria Nyberg": lambda: of_units("Granen", "Hemtjänst Norr"),
    "Eva Holm": lambda: of_side("hsl"),
    "Anders Fjäll": lambda: of_side("sol"),
    "Karin Ström": lambda: [row for row in of_units("Granen", "Hemtjänst Norr") if row["person_ref"]],
}
"""The manager of two units, MAS, SAS, and the nurse, whose are those that name a care recipient."""


@pytest.mark.parametrize("reader", READERS)
async def test_1205_imported_reports_give_the_figures_of_a_plain_count(here: World, reader: str) -> None:
    rows = READERS[reader]()
    await here.sign_in(reader)
    answer = await ask(here)
    assert (answer["total"], answer["imported"], answer["groups"]) == (len(rows), len(rows), [])
    for name in PLAIN:
        assert told(await ask(here, f"group_by={name}")) == plain(rows, name), name
    both = await ask(here, "group_by=weekday,hour&category=fall")
    falls = [row for row in rows if row["category"] == "fall"]
    assert told(both) == plain(falls, "weekday", "hour")
    many = await ask(here, "group_by=year&group_by=category&group_by=harm,profession")
    assert told(many) == plain(rows, "year", "category", "harm", "profession")


async def test_filters_and_periods_leave_what_they_say(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    rows = READERS["Maria Nyberg"]()

    async def total(query: str, wanted: Callable[[Row], bool]) -> None:
        assert (await ask(here, query))["total"] == sum(map(wanted, rows)), query

    await total("from=2024-01-01&to=2024-12-31", lambda row: day_of(row)[:4] == "2024")
    await total("from=2024-03-05&to=2024-03-05", lambda row: day_of(row) == "2024-03-05")
    await total("from=2025-06-01", lambda row: day_of(row) >= "2025-06-01")
    await total("to=2023-06-30", lambda row: day_of(row) <= "2023-06-30")
    await total("unit=Granen", lambda row: row["unit"] == "Granen")
    await total(f"unit={NORR}&unit=granen", lambda row: True)
    await total("unit_type=home_care", lambda row: row["unit"] == "Hemtjänst Norr")
    await total("category=fall&category=medicine", lambda row: row["category"] in ("fall", "medicine"))
    await total("subcategory=missed", lambda row: row["subcategory"] == "missed")
    await total("subcategory=Rullstol", lambda row: False)
    await total("harm=unknown&harm=death", lambda row: row["harm"] in ("", "unknown", "death"))
    await total(
        "profession=nurse&category=fall&harm=none&from=2024-01-01",
        lambda row: (
            (row["reporter_profession"], row["category"], row["harm"]) == ("nurse", "fall", "none")
            and day_of(row) >= "2024"
        ),
    )


async def test_groups_come_in_a_stable_order_with_the_units_names(here: World) -> None:
    await here.sign_in("Eva Holm")
    answer = await ask(here, "group_by=unit")
    assert {group["unit_name"] for group in answer["groups"]} == {"Granen", "Hemtjänst Norr", "Eken"}
    assert [group["unit"] for group in answer["groups"]] == sorted(
        group["unit"] for group in answer["groups"]
    )
    harms = [group["harm"] for group in (await ask(here, "group_by=harm"))["groups"]]
    assert harms == ["risk", "none", "mild", "moderate", "severe", "death", "unknown"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2024-3-5", "from"), ("from=2024-02-30", "from"), ("to=i+dag", "to"), ("from=20240305", "from"),
        ("from=2024-01-01&from=2024-02-01", "from"), ("from=", "from"),
        ("from=2024-02-01&to=2024-01-31", "to"),
        ("from=2024-W10-1", "from"), ("category=falls", "category"), ("category=", "category"),
        ("harm=stor", "harm"), ("profession=kock", "profession"), ("unit_type=sjukhus", "unit_type"),
        ("unit=Björken", "unit"), ("unit=%00", "unit"), (f"subcategory={'x' * 61}", "subcategory"),
        ("group_by=person", "group_by"), ("group_by=unit,unit", "group_by"), ("group_by=,", "group_by"),
        ("group_by=year,month,unit,harm,hour", "group_by"), ("employee=x", "employee"), ("%FF=%FF", None),
        ("&".join(["category=fall"] * 201), "category"),
    ],
)  # fmt: skip
async def test_a_fault_of_a_parameter_is_named(here: World, query: str, field: str | None) -> None:
    await here.sign_in("Eva Holm")
    problem = await ask(here, query, 400)
    assert problem["code"] == "bad_request"
    assert problem["reason"]
    assert field is None or problem["field"] == field


async def test_a_manager_of_another_unit_sees_nothing_of_it(here: World) -> None:
    other = "0193bbbb-0000-7000-8000-000000000001"
    start = date(2020, 1, 1)
    await here.says(
        None,
        StaffSet(name="Ny Chef", title="unit_manager", roles=(RoleInUnit(Role.UNIT_MANAGER, NORR, start),)),
        Ref("staff", other),
        NORR,
    )
    names.STAFF["Ny Chef"] = other
    try:
        await here.sign_in("Ny Chef")
    finally:
        del names.STAFF["Ny Chef"]
    answer = await ask(here, "group_by=unit")
    assert told(answer) == {(NORR,): len(of_units("Hemtjänst Norr"))}
    assert (await ask(here, "unit=Granen", 400))["field"] == "unit"
    assert (await ask(here, f"unit={GRANEN}", 400))["field"] == "unit"
    assert (await ask(here, "unit=Eken", 400))["field"] == "unit"


async def test_who_handles_no_deviations_counts_none(here: World) -> None:
    await ask(here, status=401)
    await here.sign_in("Amina Yusuf")
    assert (await ask(here, status=403))["code"] == "not_permitted"
    await here.sign_in("Robin Sand")
    await ask(here, status=403)


async def test_reports_of_here_are_counted_with_those_of_before(here: World) -> None:
    await here.deviation(ago=90)
    missed = {
        "deviation.category": [code("medication")],
        "deviation.medication": [code("missed")],
        "deviation.what": ["Dosetten stod kvar."],
        "deviation.harm": [code("none")],
    }
    id = await here.deviation(
        "Olle Hagberg", missed, ago=60, by="Karin Ström", category="medicine", danger=()
    )
    step = ReportStatus(reporter=names.STAFF["Karin Ström"], step="assessed", text="")
    await here.says("Maria Nyberg", step, Ref("report", id), GRANEN, at=here.now - timedelta(minutes=15))
    await here.sign_in("Maria Nyberg")
    before = len(READERS["Maria Nyberg"]())
    answer = await ask(here)
    assert (answer["total"], answer["imported"]) == (before + 2, before)
    assert answer["lead_times"]["assessed"] == {"count": 1, "median_minutes": 45}
    assert answer["lead_times"]["closed"] == {"count": 0, "median_minutes": None}
    since = (here.now - timedelta(days=2)).date()
    answer = await ask(here, f"from={since}&group_by=category,subcategory,harm,profession")
    assert told(answer) == {
        ("fall", "unknown", "mild", "assistant_nurse"): 1,
        ("medicine", "missed", "none", "nurse"): 1,
    }


async def test_a_systems_key_reads_whole_months_and_no_small_numbers(here: World) -> None:
    provider = here.parts.database.read_now(_provider)
    key, staff = (
        here.parts.database.write_now(
            lambda connection, use=use: tokens.make(connection, provider, use, "x", here.now, use)
        )
        for use in ("statistics", "staff")
    )
    here.client.cookies.clear()
    assert (await ask(here, status=401, key=staff))["code"] == "no_session"
    assert (await ask(here, status=401, key="x"))["code"] == "no_session"
    answer = await ask(here, "group_by=category,unit", key=key)
    assert (answer["small_numbers_hidden"], answer["total"]) == (True, len(ROWS))
    plainly = Counter((row["category"], row["unit"]) for row in ROWS)
    names_of = {group["unit"]: group["unit_name"] for group in answer["groups"]}
    for (category, unit), count in told(answer).items():
        true = plainly[category, names_of[unit]]
        assert count in (None, true)
        assert count is None or count >= 5
    assert len(answer["groups"]) == len(plainly)
    assert (await ask(here, "from=2024-01-02", 400, key))["field"] == "from"
    assert (await ask(here, "to=2024-01-30", 400, key))["field"] == "to"
    await ask(here, "from=2024-02-01&to=2024-02-29", key=key)


def _provider(connection: Any) -> str:
    found = documents.one(connection, UnitDocument, GRANEN)
    assert found is not None
    return found.provider


async def test_rates_are_told_where_every_months_days_are_known(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    year = "from=2024-01-01&to=2024-12-31"
    put = {(GRANEN, f"2024-{month:02}"): 600 for month in range(1, 13)}
    here.parts.database.write_now(lambda connection: days.put(connection, put, "x", here.now))
    granen = sum(day_of(row)[:4] == "2024" for row in of_units("Granen"))
    rate = round(1000 * granen / 7200, 2)
    answer = await ask(here, f"{year}&group_by=unit")
    rates = {group["unit_name"]: (group["days"], group["per_1000_days"]) for group in answer["groups"]}
    assert rates == {"Granen": (7200, rate), "Hemtjänst Norr": (None, None)}
    assert (answer["days"], answer["per_1000_days"]) == (None, None), "Norr's are not known"
    answer = await ask(here, f"{year}&unit=Granen")
    assert (answer["days"], answer["per_1000_days"]) == (7200, rate)
    assert (await ask(here, "from=2024-01-01&to=2024-12-30&unit=Granen"))["days"] is None
    assert (await ask(here, "from=2024-01-01&to=2025-01-31&unit=Granen"))["days"] is None
