"""All SBARs of a person: a chart with its table; and one SBAR as text for the journal."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from care.facts import Ref
from care.sbar import SbarAcknowledged, SbarAnswered, SbarFollowedUp
from endpoint.audit.log import rows
from endpoint.console.answers import Reading
from endpoint.console.texts import Texts
from endpoint.console.vitals_chart import COLUMN, LEFT, chart
from endpoint.demo import names
from tests.console_world import ASTA, GRANEN, NORR, World, world

WHO = names.RESIDENTS["Asta Provdahl"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def reading(**vitals: object) -> Reading:
    return Reading((), {f"a.{name}": [value] for name, value in vitals.items()}, None)


def test_a_column_for_each_and_a_line_that_breaks_where_nothing_was_measured() -> None:
    found = chart([reading(pulse=70), reading(pulse=90), reading(), reading(pulse=112)], [None, 3, None, 7])
    assert [panel.name for panel in found.panels] == ["news2", "pulse"]
    pulse = found.panels[1]
    assert [mark.text for mark in pulse.marks] == ["70", "90", "112"]
    assert [mark.x for mark in pulse.marks] == [LEFT + COLUMN // 2 + COLUMN * n for n in (0, 1, 3)]
    assert len(pulse.lines) == 1
    assert len(pulse.lines[0].split()) == 2
    ys = [mark.y for mark in pulse.marks]
    assert ys == sorted(ys, reverse=True)
    assert pulse.top < ys[-1] < ys[0] < found.height
    # 51 to 90 give no points: 112 stands above the band, 70 within it.
    assert pulse.marks[2].y < pulse.band_y <= pulse.marks[0].y <= pulse.band_y + pulse.band_height


def test_without_a_value_there_is_no_panel() -> None:
    assert chart([reading(), reading()], [None, None]).panels == ()


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
    assert html.count("<circle") == 10, "five values of the last, four of the first, one score"
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
