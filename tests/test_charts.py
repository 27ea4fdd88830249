"""Charts: what is drawn is what the table says, by a process that may hang, end or be lied to."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from endpoint.charts import Charts, Drawing, plain
from endpoint.console.figures_chart import BARS_MOST, YEARS_MOST, spec
from endpoint.console.figures_said import sentence
from endpoint.console.figures_table import Row, Table, versus
from endpoint.console.texts import texts
from tests.svg import Svg

T = texts("sv")
NAMES = ("Fall", "Läkemedel", "Vård och rehabilitering av flera slag", "Annat")


@pytest.fixture(scope="module")
def charts() -> Iterator[Charts]:
    found = Charts()
    yield found
    found.close()


async def drawn(charts: Charts, table: Table) -> Svg:
    (found,) = await charts.drawn([spec(table, T)])
    assert isinstance(found, Drawing)
    return Svg(found.inner)


def compared(*pairs: tuple[int | None, int | None]) -> Table:
    rows = versus([(name, *pair) for name, pair in zip(NAMES, pairs, strict=False)])
    return Table("category", "Vad?", ("Område", "2025", "2024"), rows, "bars", compared=True)


async def test_bars_are_as_long_as_the_tables_numbers_and_say_them(charts: Charts) -> None:
    svg = await drawn(charts, compared((1204, 602), (301, 903), (0, 100)))
    now, then = svg.boxes("now"), svg.boxes("then")
    assert [round(box.width / 296 * 1204) for box in now] == [1204, 301, 0]
    assert [round(box.width / 296 * 1204) for box in then] == [602, 903, 100]
    assert svg.numbers == [1204, 602, 301, 903, 0, 100, 2025, 2024], "with what the colours mean"
    assert "1\N{NO-BREAK SPACE}204" in svg.words
    assert "Vård och rehabilitering av flera slag" in svg.words
    assert [box.y for box in now] == sorted(box.y for box in now), "in the table's order"


async def test_what_is_not_told_is_no_mark_and_moves_no_scale(charts: Charts) -> None:
    told = compared((40, 20), (None, 10), (30, None))
    svg = await drawn(charts, told)
    assert sorted(round(box.width / 296 * 40) for box in svg.boxes("now")) == [30, 40]
    assert sorted(round(box.width / 296 * 40) for box in svg.boxes("then")) == [10, 20]
    assert svg.words.count("x") == 2
    assert sentence(told, True, T) == "Flest: Fall, 40. 2024: 20. Tal som inte visas (x) ritas inte."
    nothing = compared((None, None), (None, None))
    assert spec(nothing, T) is None
    assert sentence(nothing, False, T) == "Inget diagram: det finns inget tal att rita."


async def test_a_line_has_a_point_for_each_number_and_a_gap_where_one_is_not_told(charts: Charts) -> None:
    counts = [(12, 6), (3, 9), (None, 1), (30, 0)]
    rows = tuple(Row(f"{name} 2025", pair, short=name) for name, pair in zip("jfma", counts, strict=True))
    svg = await drawn(charts, Table("month", "", ("Månad", "2025", "2024"), rows, "lines", compared=True))
    assert [round((180 - dot.y) / 180 * 30) for dot in svg.dots("now")] == [12, 3, 30]
    assert [round((180 - dot.y) / 180 * 30) for dot in svg.dots("then")] == [6, 9, 1, 0]
    assert [word for word in svg.words if word in ("12", "3", "x")] == ["12", "3", "x"]
    paths = [one.get("d", "") for one in svg.paths if one.get("stroke", "").startswith("var(--now")]
    assert [path.count("M") for path in paths] == [2], "broken once"


async def test_columns_are_as_high_as_the_tables_numbers(charts: Charts) -> None:
    rows = tuple(
        Row(f"{hour:02}", (hour % 7 if hour % 5 else None, hour), short=f"{hour:02}") for hour in range(24)
    )
    svg = await drawn(
        charts, Table("fall_hour", "", ("Timme", "2025", "2024"), rows, "columns", compared=True)
    )
    told = [row.values[0] for row in rows if row.values[0] is not None]
    assert [round(box.height / 180 * 30) for box in svg.boxes("now")] == told
    assert [round(box.height / 180 * 30) for box in svg.boxes("then")] == list(range(24))
    assert svg.words.count("x") == 5


async def test_each_row_is_a_small_chart_of_its_years_and_their_sum_is_none(charts: Charts) -> None:
    rows = [Row(f"Område {at}", (at, None, 10 * at)) for at in range(1, 9)]
    rows.append(Row("Alla", (36, None, 360)))
    table = Table("years", "", ("Område", "2023", "2024", "2025"), tuple(rows), "years", sums=True)
    svg = await drawn(charts, table)
    assert [round((86 - dot.y) / 86 * 60) for dot in svg.dots("now")] == [
        1,
        10,
        2,
        20,
        3,
        30,
        4,
        40,
        5,
        50,
        6,
        60,
    ]
    assert [word for word in svg.words if word.startswith(("Omr", "Alla"))] == [row.name for row in rows[:6]]
    assert f"de {YEARS_MOST} första" in sentence(table, True, T)
    one = Table("years", "", ("Område", "2025"), (Row("Fall", (3,)),), "years")
    assert (spec(one, T), sentence(one, False, T)) == (None, ""), "one year is no development"


async def test_falls_are_shaded_by_day_and_hour_with_the_sums_of_both(charts: Charts) -> None:
    days = T("date.weekdays").split()
    counts = [[(day * hour) % 11 for hour in range(24)] for day in range(7)]
    rows = [Row(name, (*of, sum(of))) for name, of in zip(days, counts, strict=True)]
    by_hour = [sum(of[hour] for of in counts) for hour in range(24)]
    rows.append(Row("Alla", (*by_hour, sum(by_hour))))
    heads = ("Dag", *(f"{hour:02}" for hour in range(24)), "Alla")
    table = Table("heat", "", heads, tuple(rows), "hours")
    svg = await drawn(charts, table)
    shades = [len(svg.boxes(f"shade-{number}")) for number in range(6)]
    assert shades == [sum(-(-5 * count // 10) == of for row in counts for count in row) for of in range(6)]
    sums = svg.boxes("now")
    assert [round(box.height / 90 * max(by_hour)) for box in sums[:24]] == by_hour
    totals = [sum(of) for of in counts]
    assert [round(box.width / 70 * max(totals)) for box in sums[24:]] == totals
    assert svg.numbers == [*by_hour, *range(24), *totals]
    top = max(range(24), key=lambda hour: by_hour[hour])
    assert sentence(table, True, T).startswith(f"Timmen med flest fall: {top:02}, {by_hour[top]}.")


async def test_steps_are_as_long_as_they_took_and_have_their_goals(charts: Charts) -> None:
    rows = (
        Row("Mottagen", (9, "12 timmar", "1 dag"), days=(0.5, 1)),
        Row("Bedömd", (8, "8 dagar", "5 dagar"), days=(8.0, 5)),
        Row("Åtgärd", (7, "2 dagar", ""), days=(2.0, None)),
        Row("Avslutad", (0, "", "")),
    )
    svg = await drawn(charts, Table("leads", "", ("Steg", "Rapporter", "Median", "Mål"), rows, "goals"))
    assert [round(box.width / 296 * 8, 2) for box in svg.boxes("now")] == [0.5, 8, 2]
    assert len(svg.boxes("late")) == 2
    assert [word for word in svg.words if word[0].isdigit()] == ["12 timmar", "8 dagar", "2 dagar"]


async def test_more_rows_than_anybody_reads_are_in_the_table_alone(charts: Charts) -> None:
    rows = tuple(Row(f"Enhet {at}", (100 - at,)) for at in range(60))
    table = Table("unit", "", ("Enhet", "2025"), rows, "bars", series=1)
    svg = await drawn(charts, table)
    assert len(svg.boxes("now")) == BARS_MOST
    assert f"de {BARS_MOST} första" in sentence(table, True, T)


HOSTILE = [
    "</text><script>alert(1)</script>",
    '" onload="alert(1)" style="x',
    "<img src=x onerror=alert(1)>",
    "{datum.value} ${alert(1)} [0].x",
    "&lt;b&gt; &amp; ]]> <!--",
    "nul\x00 \x1b[2J \ud800 \u202e\ufffe slut",
    "m" * 5000,
    "",
]


@pytest.mark.parametrize("chart", ["bars", "lines", "years", "goals"])
async def test_a_name_that_means_harm_is_text(charts: Charts, chart: str) -> None:
    rows = tuple(Row(name, (3, 2), short=name, days=(1.0, 2.0)) for name in HOSTILE[:6])
    heads = ("Område", "</title>", "'\"><svg onload=x>")
    (found,) = await charts.drawn([spec(Table("x", "x", heads, rows, chart), T)])  # type: ignore[arg-type]
    assert found is not None
    assert "<script" not in found.inner
    said = " ".join(Svg(found.inner).words)
    assert "alert(1)" in said
    assert "${alert(1)}" in said
    names = {one.tag for one in Svg(found.inner).root.iter()}
    assert names <= {"svg", "g", "path", "text", "tspan", "line", "rect", "defs", "clipPath"}
    every = {name for one in Svg(found.inner).root.iter() for name in one.attrib}
    assert not {name for name in every if name in ("style", "href") or name.startswith("on")}


async def test_names_without_an_end_or_without_letters_are_drawn(charts: Charts) -> None:
    rows = tuple(Row(name, (3,)) for name in HOSTILE[5:])
    svg = await drawn(charts, Table("x", "x", ("Svar", "2025"), rows, "bars", series=1))
    assert len(svg.boxes("now")) == 3
    assert max(map(len, svg.words)) < 60


@pytest.mark.parametrize(
    "inner",
    [
        "<script>1</script>",
        '<path d="M0,0" style="fill:red"/>',
        '<path d="M0,0" onclick="x()"/>',
        '<a href="https://elsewhere.example"><path d="M0,0"/></a>',
        '<image href="https://elsewhere.example"/>',
        "<foreignObject><p>x</p></foreignObject>",
        "<style>*{}</style>",
        "<text>unclosed",
    ],
)
def test_what_is_more_than_shapes_and_text_comes_on_no_page(inner: str) -> None:
    outer = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="20" viewBox="0 0 10 20">{}</svg>'
    assert plain(outer.format('<path d="M0,0h1"/>')) == Drawing(10, 20, '<path d="M0,0h1"/>')
    assert plain(outer.format(inner)) is None


async def test_the_same_table_is_the_same_chart_whoever_draws_it(charts: Charts) -> None:
    asked = [spec(compared((7, 5), (3, None)), T)]
    other = Charts()
    try:
        assert await charts.drawn(asked) == await other.drawn(asked)
    finally:
        other.close()


async def test_nothing_is_fetched_and_a_fault_costs_no_other_chart(charts: Charts) -> None:
    faulty = [
        {"mark": "bar", "data": {"url": "https://elsewhere.example/data.json"}},
        {"mark": "no such mark"},
        {"mark": "bar", "data": {"values": [{"a": "x" * 300_000}]}},
    ]
    found = await charts.drawn([faulty[0], spec(compared((1, 2)), T), faulty[1], faulty[2], None])
    assert [one is not None for one in found] == [False, True, False, False, False]


async def test_others_are_served_while_a_chart_is_drawn() -> None:
    charts, turns = Charts(), 0
    drawing = asyncio.ensure_future(charts.drawn([spec(compared((3, 2)), T)]))
    while not drawing.done():
        await asyncio.sleep(0.01)
        turns += 1
    charts.close()
    assert (await drawing)[0] is not None
    assert turns > 20, "a start of half a second or more, of which this process sees nothing"


async def test_a_process_that_ends_is_begun_again_and_one_that_hangs_is_ended(
    caplog: pytest.LogCaptureFixture,
) -> None:
    charts = Charts(seconds=10)
    try:
        assert (await charts.drawn([spec(compared((1, 2)), T)]))[0] is not None
        assert charts._process is not None
        first = charts._process
        given = await asyncio.to_thread(Path(f"/proc/{first.pid}/environ").read_bytes)
        assert given == b"", "no address, no secret of the endpoint"
        first.kill()
        first.wait()
        assert (await charts.drawn([spec(compared((2, 2)), T)]))[0] is not None
        charts._seconds = 0.3
        os.kill(charts._process.pid, signal.SIGSTOP)
        tables = [compared((3, 2)), compared((1, 2)), compared((4, 2))]
        found = await charts.drawn([spec(one, T) for one in tables])
        assert [one is not None for one in found] == [False, True, False], "what is kept is there"
        assert "hangs" in caplog.text
        assert charts._process is None
        charts._seconds = 10
        assert (await charts.drawn([spec(tables[0], T)]))[0] is not None
    finally:
        charts.close()


async def test_the_process_ends_when_nobody_asks_and_what_was_drawn_is_kept() -> None:
    charts = Charts(rest=0.2)
    asked = [spec(compared((1, 2)), T)]
    found = await charts.drawn(asked)
    assert charts._process is not None
    assert await asyncio.to_thread(charts._process.wait, 10) == 0
    assert await charts.drawn(asked) == found
    assert charts._process.poll() == 0, "nothing was begun for it"
    assert (await charts.drawn([spec(compared((9, 2)), T)]))[0] is not None
    charts.close()
