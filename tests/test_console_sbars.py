"""All SBARs of a person: a chart with its table; and one SBAR as text for the journal."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from care.facts import Ref
from care.sbar import SbarAcknowledged, SbarAnswered, SbarFollowedUp
from endpoint.audit.log import rows
from endpoint.charts import Charts
from endpoint.console.answers import Reading
from endpoint.console.texts import Texts
from endpoint.console.vitals_chart import chart
from endpoint.demo import names
from tests.console_world import ASTA, GRANEN, NORR, World, world
from tests.svg import Svg

WHO = names.RESIDENTS["Asta Provdahl"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def reading(**vitals: object) -> Reading:
    return Reading((), {f"a.{name}": [value] for name, value in vitals.items()}, None)


LABELS = {name: name for name in ("news2", "respiration", "spo2", "pulse", "systolic", "temperature")}


async def test_a_column_for_each_and_a_line_that_breaks_where_nothing_was_measured() -> None:
    readings = [reading(pulse=70), reading(pulse=90), reading(), reading(pulse=112)]
    charts = Charts()
    times = [(f"{day} mars", "07:00") for day in range(1, 5)]
    (drawn,) = await charts.drawn([chart(readings, [None, 3, None, 7], LABELS, times)], keep=False)
    assert drawn
    svg = Svg(drawn.inner)
    assert [word for word in svg.words if word in LABELS] == ["news2", "pulse"]
    assert [word for word in svg.words if "mars" in word] == [day for day, _ in times]
    assert [word for word in svg.words if word.isdigit()] == ["3", "7", "70", "90", "112"]
    news2, pulse = svg.dots("now")[:2], svg.dots("now")[2:]
    assert [dot.x / 78 for dot in news2] == [1.5, 3.5]
    assert [dot.x / 78 for dot in pulse] == [0.5, 1.5, 3.5]
    assert [dot.y for dot in pulse] == sorted((dot.y for dot in pulse), reverse=True)
    lines = [one.get("d", "") for one in svg.paths if one.get("stroke", "").startswith("var(--now")]
    assert [line.count("L") for line in lines][1] == 1, "from the first to the second, and no further"
    # 51 to 90 give no points: 112 stands above the band, 70 within it.
    (band,) = svg.boxes("done-soft")
    assert pulse[2].y < band.y <= pulse[0].y <= band.y + band.height
    again = await charts.drawn([chart(readings, [None, 3, None, 7], LABELS, times)], keep=False)
    assert again == [drawn]
    assert not charts._kept, "nothing of a person stays"
    charts.close()


def test_without_a_value_there_is_no_chart() -> None:
    assert chart([reading(), reading()], [None, None], LABELS, [("1 mars", "07:00")] * 2) is None


async def test_the_time_line_has_every_sbar_with_its_values_and_what_came_of_it(here: World) -> None:
    await here.sbar(answers={key: value for key, value in ASTA.items() if key != "a.temperature"}, ago=500)
    last = await here.sbar(answers=ASTA | {"a.oxygen": [True]})
    await here.says(
        "Karin Ström", SbarAnswered(orders=("coming",)), Ref("sbar", last), GRANEN, "Asta Provdahl"
    )
    elsewhere = await here.sbar("Märta Åslund")
    await here.sign_in("Karin Ström")
    html = unescape(await here.see(f"/persons/{WHO}/sbars"))
    assert html.count('<li class="paper">') == 2
    assert elsewhere not in html
    assert "Kurvan visar de 2 senaste." in html
    assert Texts("sv").n("console.sbars.about", 1) == "Det finns 1 SBAR om personen."
    table = html.partition("<tbody>")[2].partition("</tbody>")[0]
    first, second = table.split("</tr>")[:2]
    assert "94, syrgas" in first
    assert re.findall(r'class="num">([^<]+)<', first)[0] == "9"
    assert re.findall(r'class="num">([^<]+)<', second)[0] == "–", "what is not whole has no score"
    svg = Svg(re.findall(r'<svg class="marks"[^>]*>(.*?)</svg>', html, re.S)[0])
    assert len(svg.dots("now")) == 10, "five values of the last, four of the first, one score"
    assert {"38,4", "104", "112", "94", "9"} <= set(svg.words)
    assert "Jag kommer." in html
    assert "<script" not in html.partition("<main")[2]


async def test_the_text_for_the_journal_is_whole_swedish_and_logged_as_leaving(here: World) -> None:
    id = await here.sbar(ago=10)
    ref = Ref("sbar", id)
    await here.says("Karin Ström", SbarAcknowledged(), ref, GRANEN, "Asta Provdahl")
    answer = SbarAnswered(orders=("call_112", "sit_up"), text="Stanna hos Asta.")
    await here.says("Karin Ström", answer, ref, GRANEN, "Asta Provdahl")
    await here.says("Karin Ström", SbarFollowedUp(outcome="better"), ref, GRANEN, "Asta Provdahl")
    await here.sign_in("Karin Ström")
    for _ in range(2):
        html = await here.see(f"/inbox/{id}/journal")
    text = unescape(html.partition("<pre")[2].partition(">")[2].partition("</pre>")[0])
    assert re.match(
        r"SBAR \d+ \w+ \d{4} \d\d:\d\d\nEnhet: Granen\nPerson: Asta Provdahl, \d{8}-\d{4}\n", text
    )
    assert "Dokumenterat av: Amina Yusuf, undersköterska" in text
    assert "NEWS2: 7, hög risk" in text
    for line in ("S Situation", "Andfådd och kallsvettig sedan 06.", "A Aktuellt", "38,4", "104 mmHg", "112"):
        assert line in text
    assert "Ring 112. Låt sitta upp. Stanna hos Asta." in text
    assert "Bättre" in text
    left = await here.parts.database.read(
        lambda c: [
            one.act
            for one in rows(
                c, person=WHO, since=here.now.replace(year=2000), until=here.now.replace(year=2100)
            )
        ]
    )
    assert left.count("export") == 2


async def test_the_journal_is_for_who_reads_the_inbox_of_that_unit(here: World) -> None:
    id = await here.sbar()
    other = await here.sbar("Vera Holmgren", unit=NORR, by="Hanna Ek")
    await here.sign_in("Amina Yusuf")
    await here.see(f"/inbox/{id}/journal", 403)
    await here.see(f"/persons/{WHO}/sbars", 403)
    await here.sign_in("Johan Berg")
    await here.see(f"/inbox/{other}/journal")
    await here.see("/inbox/nothing/journal", 404)
