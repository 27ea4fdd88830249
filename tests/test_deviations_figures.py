"""Figures of deviations: the same as a plain count, for whoever may count, and of nobody else's units."""

import asyncio
import csv
import io
import json
import re
import shutil
import uuid
import zipfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from care.deviation import SIDES, DeviationReported, ReportStatus
from care.deviation_case import (
    DeviationActionDone,
    DeviationActionDropped,
    DeviationActionFollowedUp,
    DeviationActionSet,
    DeviationAssessed,
)
from care.facts import Body, Ref
from care.forms import load as read_form
from care.forms import to_response
from care.published import Answered, FormPublished
from care.rights import Role
from care.signing import local_day
from care.staff import RoleInUnit, StaffSet
from care.unit import UnitDocument
from endpoint import documents
from endpoint.charts import Charts
from endpoint.console.answers import shipped_file
from endpoint.database import Database
from endpoint.demo import names
from endpoint.deviations import days, importing, mapping, table
from endpoint.deviations.mapping import Map
from endpoint.keys import Keys, load
from endpoint.people import tokens
from endpoint.settings import Settings
from tests.console_world import BROR, FORM, GRANEN, NORR, World, answered, code, filled, world
from tests.deviation_reports import reports, written
from tests.svg import Svg

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


def taken_in(database: Database, keys: Keys, folder: Path, rows: Iterable[Row]) -> None:
    path = folder / "old.csv"
    path.write_text(written(rows))
    sheet = table.read(path.read_bytes(), dict(mapping.COLUMNS), mapping.NEEDED, {})
    map = Map(words={"unit": {"*": "historical"}})
    done = importing.run(database, keys, sheet, map, datetime.now(UTC))
    assert done.faults == []


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provkommun with the old reports, made once."""
    folder = tmp_path_factory.mktemp("before")
    shutil.copytree(filled(), folder / "data")
    database = Database(Settings(data=folder / "data").database)
    taken_in(database, load(folder / "data" / "endpoint.keys", database), folder, ROWS)
    database.close()
    return folder / "data"


@pytest.fixture
async def here(before: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, before) as found:
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


FAULTS: list[tuple[str, str | None]] = [
    ("from=2024-3-5", "from"), ("from=2024-02-30", "from"), ("to=i+dag", "to"), ("from=20240305", "from"),
    ("from=2024-01-01&from=2024-02-01", "from"), ("from=", "from"),
    ("from=2024-02-01&to=2024-01-31", "to"),
    ("from=2024-W10-1", "from"), ("category=falls", "category"), ("category=", "category"),
    ("harm=stor", "harm"), ("profession=kock", "profession"), ("unit_type=sjukhus", "unit_type"),
    ("unit=Björken", "unit"), ("unit=%00", "unit"), (f"subcategory={'x' * 61}", "subcategory"),
    ("group_by=person", "group_by"), ("group_by=unit,unit", "group_by"), ("group_by=,", "group_by"),
    ("group_by=year,month,unit,harm,hour", "group_by"), ("employee=x", "employee"), ("%FF=%FF", None),
    ("&".join(["category=fall"] * 201), "category"),
]  # fmt: skip


async def test_a_fault_of_a_parameter_is_named(here: World) -> None:
    await here.sign_in("Eva Holm")
    for query, field in FAULTS:
        problem = await ask(here, query, 400)
        assert (problem["code"], bool(problem["reason"])) == ("bad_request", True), query
        assert field is None or problem["field"] == field, query


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


async def test_planned_and_done_actions_and_steps_are_those_of_the_cases(here: World) -> None:
    fall, aid = (
        await here.deviation(ago=120),
        await here.deviation(None, {}, ago=90, category="aid", danger=()),
    )
    maria, day = names.STAFF["Maria Nyberg"], here.now.date()

    async def say(id: str, body: Body, ago: int) -> None:
        await here.says(
            "Maria Nyberg", body, Ref("deviation", id), GRANEN, at=here.now - timedelta(minutes=ago)
        )

    await say(fall, DeviationAssessed(severity=2, probability=2), 60)
    for number, due in enumerate((day, day - timedelta(days=3), day, day)):
        await say(fall, DeviationActionSet(action=f"{number}", text="x", owner=maria, due=due), 50)
    for number in (0, 1):
        await say(fall, DeviationActionDone(action=f"{number}", done=day), 40)
    await say(fall, DeviationActionFollowedUp(action="0", effect="good"), 30)
    await say(fall, DeviationActionDropped(action="3", reason="x"), 30)
    await say(aid, DeviationActionSet(action="9", text="y", owner=maria, due=day), 30)
    await here.sign_in("Maria Nyberg")
    answer = await ask(here)
    assert answer["actions"] == {"planned": 4, "done": 2, "in_time": 1, "helped": 1}
    assert answer["lead_times"]["assessed"] == {"count": 1, "median_minutes": 60}
    assert answer["lead_times"]["action"]["count"] == 2
    period = f"from={day - timedelta(days=2)}&to={day}"
    rows = re.findall(
        r"<tr>.*?</tr>", (await here.see(f"/deviations/figures?{period}")).partition('id="table-actions"')[2]
    )
    said = [re.findall(r">([^<>]+)</t[hd]>", row) for row in rows]
    assert ["Fall", "3", "2", "1", "1"] in said
    assert ["Hjälpmedel", "1", "0", "0", "0"] in said
    html = await here.see(f"/deviations/figures?{period}")
    drawn = chart(html, "actions")
    assert [round(bar.width / 296 * 3) for bar in drawn.boxes("then")] == [3, 1], "planned"
    assert [round(bar.width / 296 * 3) for bar in drawn.boxes("now")] == [2, 0], "done"
    assert "2 av 4 planerade åtgärder är gjorda." in html
    took = chart(html, "leads")
    assert "60 min" in took.words
    assert len(took.boxes("late")) == 1, "the goal of Bedömd"
    whole = f"from={day.year - 1}-01-01&to={day.year}-12-31&protect=1"
    hidden = (await here.see(f"/deviations/figures?{whole}")).partition('id="table-actions"')[2]
    hidden = hidden.partition("</section>")[0]
    assert "Hjälpmedel</th>" not in hidden
    assert re.findall(r'<td class="num"[^>]*>(.*?)</td>', hidden, re.S).count("4") == 0


async def test_reports_of_here_are_counted_on_the_local_day_and_hour(here: World) -> None:
    twice = [datetime(2021, 10, 30, 22, 30, tzinfo=UTC) + timedelta(hours=at) for at in (2, 3)]
    for number, at in enumerate([*twice, datetime(2021, 12, 31, 23, 30, tzinfo=UTC)]):
        body = DeviationReported(category="fall", answers=answered("fall", BROR, at), occurred=at)
        ref = Ref("deviation", f"0193cccc-0000-7000-8000-00000000000{number}")
        await here.says("Amina Yusuf", body, ref, GRANEN, "Bror Exempelsson", at=at + timedelta(minutes=5))
    await here.sign_in("Maria Nyberg")
    answer = await ask(here, "to=2022-06-30&group_by=year,weekday,hour")
    assert told(answer) == {("2021", "7", "02"): 2, ("2022", "6", "00"): 1}
    assert (await ask(here, "from=2021-10-31&to=2021-10-31"))["total"] == 2
    assert answer["lead_times"]["reported"] == {"count": 3, "median_minutes": 5}


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


def cells(html: str, table: str) -> dict[str, list[str]]:
    """A table of the page: its rows' names and figures."""
    part = html[html.index(f'id="table-{table}"') :]
    part = part[: part.index("</section>")]
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", part, re.S)
    return {
        name: [plainly(one) for one in re.findall(r'<td class="num.*?</td>', of, re.S)] for name, of in rows
    }


def plainly(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html).strip()


def chart(html: str, table: str) -> Svg:
    """The chart beside a table of the page, which has a name and a sentence for those who do not see it."""
    part = html[html.index(f'id="table-{table}"') :].partition("</section>")[0]
    found = re.search(r'<svg class="marks"[^>]*>(.*?)</svg>', part, re.S)
    assert found, table
    assert f'role="img" aria-labelledby="head-{table}" aria-describedby="said-{table}">' in found[0]
    assert re.search(f'<h2 id="head-{table}">.+?</h2>', part)
    assert re.search(f'<figcaption [^>]*id="said-{table}">.+?</figcaption>', part)
    return Svg(found[1])


def year(rows: Iterable[Row], of: str) -> list[Row]:
    return [row for row in rows if day_of(row)[:4] == of]


async def test_the_page_shows_what_a_plain_count_gives(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    rows = READERS["Maria Nyberg"]()
    html = await here.see("/deviations/figures?from=2025-01-01&to=2025-12-31")
    now, before = (plain(year(rows, of), "category") for of in ("2025", "2024"))
    table = cells(html, "category")
    assert table["Fall"][:2] == [str(now["fall",]), str(before["fall",])]
    assert table["Läkemedel"][:2] == [str(now["medicine",]), str(before["medicine",])]
    assert f"{len(year(rows, '2025'))} rapporter. 2024: {len(year(rows, '2024'))}" in html
    falls = [row for row in year(rows, "2025") if row["category"] == "fall"]
    heat = cells(html, "heat")
    days_of_falls = plain(falls, "weekday")
    assert [int(heat[name][-1]) for name in ("måndag", "söndag")] == [
        days_of_falls["1",],
        days_of_falls["7",],
    ]
    assert heat["Alla"][-1] == str(len(falls))
    years = cells(html, "years")
    assert years["Alla"] == [str(len(year(rows, of))) for of in ("2023", "2024", "2025")]
    assert cells(html, "leads")["Bedömd"][0] == "Inte registrerat ännu"
    assert "Eken" not in html


async def test_the_charts_of_the_page_are_its_tables_numbers(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    rows = READERS["Maria Nyberg"]()
    html = await here.see("/deviations/figures?from=2025-01-01&to=2025-12-31")
    for name in ("category", "subcategory", "unit", "unit_type", "profession", "harm", "fall_harm"):
        told = [int(one) for values in cells(html, name).values() for one in values[:2]]
        svg = chart(html, name)
        assert svg.numbers[:-2] == told, name
        bars = [*svg.boxes("now"), *svg.boxes("then")]
        assert [round(bar.width / 296 * max(told)) for bar in bars] == [*told[::2], *told[1::2]], name
    months = chart(html, "month")
    counts = [plain(year(rows, of), "month") for of in ("2025", "2024")]
    highest = (max(max(one.values()) for one in counts) + 9) // 10 * 10
    for colour, of, count in zip(("now", "then"), ("2025", "2024"), counts, strict=True):
        drawn = [round((180 - dot.y) / 180 * highest) for dot in months.dots(colour)]
        assert drawn == [count.get((f"{of}-{month:02}",), 0) for month in range(1, 13)]
    falls = [row for row in year(rows, "2025") if row["category"] == "fall"]
    heat, days = chart(html, "heat"), plain(falls, "weekday")
    assert heat.numbers[-7:] == [days[str(day),] for day in range(1, 8)]
    years = chart(html, "years").dots("now")
    assert len(years) == 6 * 3
    assert not re.search(r"<[^>]+ style=", html), "the content policy of pages allows none"
    assert "<script" not in html.partition("<main")[2].partition("</main>")[0]


async def test_a_month_that_has_yet_to_come_is_not_shown_as_one_without_reports(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    today = local_day(here.now)
    html = await here.see(f"/deviations/figures?from={today.year}-01-01&to={today.year}-12-31")
    assert len(cells(html, "month")) == today.month


async def test_without_charts_the_page_says_so_and_has_its_tables(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    path = "/deviations/figures?from=2023-02-01&to=2023-03-31"
    state = here.client.app.state
    charts, state.charts = state.charts, Charts(seconds=0)
    try:
        html = await here.see(path)
    finally:
        state.charts.close()
        state.charts = charts
    assert 'class="marks"' not in html
    assert "Diagrammet kunde inte ritas nu. Alla siffror finns i tabellen." in html
    table = cells(html, "category")
    html = await here.see(path)
    assert 'class="marks"' in html
    assert cells(html, "category") == table


async def test_answers_to_forms_published_here_are_counted_and_said_in_their_words(here: World) -> None:
    own = {name: json.loads(shipped_file(FORM + name)) for name in ("fall", "medicine")}
    for form in own.values():
        form["version"] = "1-own"
    told = {"a": "Grind", "b": "Larm"}
    options = [{"valueCoding": {"code": one, "display": text}} for one, text in told.items()]
    asks = {"linkId": "own.guard", "type": "choice", "text": "Vad hade {name} vid sängen?"}
    yes = {"linkId": "own.dark", "type": "boolean", "text": "Var det mörkt?"}
    own["fall"]["item"] += [asks | {"answerOption": options}, yes]
    (asked,) = [one for one in every_item(own["medicine"]) if one["linkId"] == "deviation.medication"]
    asked["answerOption"].append({"valueCoding": {"code": "crushed", "display": "Krossad tablett"}})
    given = {
        "fall": {"own.guard": [code("b")], "own.dark": [True], "fall.place": [code("bathroom")]},
        "medicine": {"deviation.medication": [code("crushed")]},
    }
    for name, form in own.items():
        data = json.dumps(form).encode()
        body = FormPublished(url=form["url"], form_version=form["version"], questionnaire=Raw(data))
        await here.says("Eva Holm", body, Ref("form", str(uuid.uuid4())), GRANEN)
        response = json.dumps(to_response(read_form(data), given[name], here.now.isoformat()), default=str)
        answers = Answered(form["url"], form["version"], Raw(response.encode()))
        report = DeviationReported(category=name, answers=answers, occurred=here.now)  # type: ignore[arg-type]
        await here.says(
            "Amina Yusuf", report, Ref("deviation", str(uuid.uuid4())), GRANEN, "Bror Exempelsson"
        )
    await here.deviation(ago=0)
    await here.sign_in("Maria Nyberg")
    first, last = ((here.now + timedelta(days=days)).date() for days in (-2, 2))
    html = await here.see(f"/deviations/figures?from={first}&to={last}")
    assert "Fall: Vad hade personen vid sängen?" in html
    assert cells(html, "fall-own-guard") == {"Larm": ["1"]}
    assert cells(html, "fall-own-dark") == {"Ja": ["1"]}
    assert cells(html, "fall-place")["Badrum"] == ["2"], (
        "beside what was answered on the form of this release"
    )
    assert cells(html, "subcategory")["Läkemedel: Krossad tablett"][0] == "1"


def every_item(form: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in form.get("item", ()):
        yield item
        yield from every_item(item)


async def test_a_year_without_reports_and_a_selection_that_means_nothing_are_told(here: World) -> None:
    await here.sign_in("Eva Holm")
    empty = await here.see("/deviations/figures?from=1995-01-01&to=1995-12-31")
    assert "Inga rapporter i perioden" in empty
    assert 'class="marks"' not in empty
    assert "Här visas hela året" in await here.see("/deviations/figures?category=x", 400)
    for path in ("/deviations/figures", "/deviations/figures.csv", "/deviations/figures.xlsx"):
        for query in ("from=1990-01-01&to=2199-12-31", "to=1990-01-01", "from=2024-02-29&to=2024-02-29"):
            await here.see(f"{path}?{query}")
    assert (await here.client.get("/console/deviations/figures.csv?from=x")).status_code == 400


async def test_files_hold_the_figures_of_the_page_and_no_formula(here: World, tmp_path: Path) -> None:
    evil = {
        "category": "aid",
        "subcategory": "=cmd|' /C calc'!A0",
        "unit": "Granen",
        "reported_at": "2025-03-05",
    }
    worse = evil | {"subcategory": "</svg><script>x()"}
    await asyncio.to_thread(taken_in, here.parts.database, here.parts.keys, tmp_path, [evil, worse])
    await here.sign_in("Maria Nyberg")
    query = "from=2025-01-01&to=2025-12-31"
    html = await here.see(f"/deviations/figures?{query}")
    assert "</svg><script>" not in html
    assert "Hjälpmedel: </svg><script>x()" in chart(html, "subcategory").words
    answer = await here.client.get(f"/console/deviations/figures.csv?{query}")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Tabell", "Rad", "Kolumn", "Värde"]
    found = {tuple(row[:3]): row[3] for row in rows[1:]}
    assert found["Vad rapporteras?", "Fall", "2025"] == cells(html, "category")["Fall"][0]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    answer = await here.client.get(f"/console/deviations/figures.xlsx?{query}")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet, words = (
            book.read("xl/worksheets/sheet1.xml").decode(),
            book.read("xl/sharedStrings.xml").decode(),
        )
        assert f"<v>{cells(html, 'category')['Fall'][0]}</v>" in sheet
        assert not [name for name in book.namelist() if b"<f>" in book.read(name)]
    assert "=cmd" in words, "as words"


async def test_a_document_that_is_handed_out_has_no_small_numbers(here: World) -> None:
    await here.deviation(ago=60 * 24 * 365)
    await here.sign_in("Anders Fjäll")
    for kind in ("year", "half"):
        html = await here.see(f"/deviations/figures/report?kind={kind}&from=2025-01-01&to=2025-12-31")
        for name in re.findall(r'id="table-([\w-]+)"', html):
            for row, values in cells(html, name).items():
                counts = values[:2] if name not in ("years", "leads") else values
                assert not {"1", "2", "3", "4"} & set(counts), (name, row)
        untold = 0
        for name in ("category", "unit_type", "profession", "harm", "fall_weekday", "fall_harm"):
            told = [one for values in cells(html, name).values() for one in values[:2]]
            svg = chart(html, name)
            bars = [*svg.boxes("now"), *svg.boxes("then")]
            assert len(bars) == sum(one != "x" for one in told), name
            assert svg.words.count("x") == told.count("x"), name
            assert [str(one) for one in svg.numbers[:-2]] == [one for one in told if one != "x"]
            untold += told.count("x")
        assert untold
        hours = cells(html, "fall_hour")
        columns = chart(html, "fall_hour")
        assert len(columns.boxes("now")) == sum(values[0] != "x" for values in hours.values())
        assert len(columns.boxes("then")) == sum(values[1] != "x" for values in hours.values())
        assert html.count('class="marks"') >= 9
        assert "Handbok i statistisk röjandekontroll" in html
        assert html.count('contenteditable="true"') == 5
    assert (await here.client.get("/console/deviations/figures/report?from=2025-01-02")).status_code == 400
    assert "patientsäkerhetsberättelse" in await here.see("/deviations/figures/report")


async def test_vardsdygn_are_filled_in_or_sent_as_a_file(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    path = "/deviations/figures/days"
    months = {f"m{month}": "1 240" for month in range(1, 13)}
    assert (await here.send(path, {"unit": GRANEN, "year": "2025", **months})).status_code == 303
    assert 'value="1240"' in await here.see(f"{path}?year=2025")
    answer = await here.send(path, {"unit": GRANEN, "year": "2025", "m1": "många"})
    assert (answer.status_code, 'value="många"' in answer.text) == (400, True)
    assert (await here.send(path, {"unit": "x", "year": "2025", "m1": "1"})).status_code == 422
    html = await here.see("/deviations/figures?from=2025-01-01&to=2025-12-31")
    assert cells(html, "unit")["Granen"][3] == "14\N{NO-BREAK SPACE}880", "12 times 1 240"

    async def sent(content: str) -> Any:
        return await here.client.post(
            f"/console{path}/file",
            files={"file": ("dygn.csv", content.encode(), "text/csv")},
            headers={"Sec-Fetch-Site": "same-origin"},
            follow_redirects=False,
        )

    def known() -> dict[tuple[str, str], int]:
        return here.parts.database.read_now(lambda connection: days.of_year(connection, [GRANEN, NORR], 2024))

    head = "Enhet;Månad;Vårddygn\n"
    answer = await sent(f"{head}Granen;2024-03;1 100\nHemtjänst Norr;2024-03;0\n")
    assert answer.status_code == 303
    assert known() == {(GRANEN, "2024-03"): 1100, (NORR, "2024-03"): 0}
    wrong = await sent(f"{head}Granen;2024-13;1\nEken;2024-03;1\nGranen;2024-04;-1\nGranen;2024-05;7\n")
    assert [f"Rad {row}" in wrong.text for row in (2, 3, 4, 5)] == [True, True, True, False]
    assert len(known()) == 2, "nothing of it is set"
    assert (await sent("")).status_code == 400
    await here.sign_in("Robin Sand")
    answer = await here.client.get("/console/deviations/figures", follow_redirects=False)
    assert answer.headers["location"] == f"/console{path}"


async def test_an_administrator_makes_a_key_that_reads_figures_and_nothing_else(here: World) -> None:
    await here.sign_in("Robin Sand")
    answer = await here.send("/staff/systems", {"name": "Beslutsstöd", "use": "statistics"})
    key = re.findall(r'<code class="code">(.*?)</code>', answer.text)[1]
    assert "/v1/statistics/deviations" in answer.text
    assert "Läsa statistik om avvikelser" in await here.see("/staff/systems")
    assert (await here.send("/staff/systems", {"name": "x", "use": "allt"})).status_code == 400
    here.client.cookies.clear()
    assert (await ask(here, key=key))["small_numbers_hidden"] is True
    answer = await here.client.get("/scim/v2/Users", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401
