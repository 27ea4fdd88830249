"""The page of what was given as needed: use, interval, share of the most in 24 hours, and how it helped."""

import re
import uuid
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from care.as_needed_use import use_figures, uses
from care.documents import fold
from care.facts import Ref
from care.order import AsNeeded, Narcotic, OrderPlaced, OrderStopped, Plan
from care.prn import Help, PrnCorrected, PrnDocument, PrnEffect, PrnGiven
from care.schedule import local
from care.signing import local_day
from care.stock import StockDocument
from endpoint import documents
from endpoint.charts import Charts
from endpoint.console.needed_chart import chart
from endpoint.console.needed_pages import HELP_TONES
from endpoint.console.texts import texts
from endpoint.demo import names
from tests.console_world import GRANEN, World, world
from tests.statements import NOON, ORDER, fact, new_id
from tests.svg import Svg
from tests.test_as_needed import alvedon, giving
from tests.test_console_delegations import text

MARTA = names.RESIDENTS["Märta Åslund"]
PANODIL = str(uuid.UUID(int=0x9E3D))
WEEK = NOON - timedelta(days=7)
T = texts("sv")
DATES = [NOON.date() - timedelta(days=ago) for ago in range(6, -1, -1)]


def helped(at: datetime, need: int, after: int, help: Help = "good") -> PrnDocument:
    ref = Ref("prn", new_id())
    body = PrnGiven(
        order=ORDER, performed=at, amount="2", quantity=1000, unit="mg", order_fact="f", need=need
    )
    told = PrnEffect(help=help, need=after)
    found = fold("prn", ref.id, [fact(body, ref, at=at), fact(told, ref, rank=2, at=at + timedelta(hours=1))])
    assert isinstance(found, PrnDocument)
    return found


def test_each_giving_has_its_interval_its_share_and_whether_it_was_too_much() -> None:
    ago = (50, 22, 17, 12, 10)
    known = [giving(NOON - timedelta(hours=hours)) for hours in ago]
    found = uses(alvedon(), known[::-1], NOON - timedelta(hours=24), NOON)
    hours = [one.since.total_seconds() / 3600 for one in found if one.since]
    assert hours == [28, 5, 5, 2]
    assert [(one.total, one.share, one.over) for one in found] == [
        (1000, 33, False),
        (2000, 67, False),
        (3000, 100, False),
        (4000, 133, True),
    ]
    assert use_figures(found).share == 133


def test_what_was_taken_back_is_in_no_sum_and_the_first_has_no_interval() -> None:
    ref = Ref("prn", new_id())
    body = PrnGiven(order=ORDER, performed=NOON, amount="2", quantity=1000, unit="mg", order_fact="f")
    first = fact(body, ref)
    back = fold("prn", ref.id, [first, fact(PrnCorrected(corrects=first.id), ref, rank=2)])
    assert isinstance(back, PrnDocument)
    (one,) = uses(alvedon(), [back, giving(NOON + timedelta(hours=1))], WEEK, NOON + timedelta(hours=2))
    assert (one.since, one.total) == (None, 1000)


def test_an_order_that_says_no_dose_has_no_share() -> None:
    (one,) = uses(alvedon(AsNeeded("smärta", 4, 3000, "mg")), [giving(NOON, 0)], WEEK, NOON + timedelta(1))
    assert (one.share, one.over) == (None, False)
    assert len((chart([one], DATES, T) or {})["vconcat"]) == 1


def test_effects_are_counted_and_what_nobody_said_is_counted_as_that() -> None:
    known = [helped(NOON - timedelta(hours=9), 7, 2), giving(NOON - timedelta(hours=4))]
    known.append(helped(NOON - timedelta(hours=30), 6, 6, "none"))
    figures = use_figures(uses(alvedon(), known, WEEK, NOON))
    assert (figures.times, dict(figures.helped), figures.unsaid) == (3, {"good": 1, "none": 1}, 1)


async def test_a_bar_and_a_dot_stand_where_the_values_are() -> None:
    known = [helped(NOON - timedelta(hours=9), 10, 0), giving(NOON - timedelta(hours=4))]
    many = [giving(NOON - timedelta(hours=ago)) for ago in (20, 15, 10, 5)]
    charts = Charts()
    asked = [chart(uses(alvedon(), some, WEEK, NOON), DATES, T) for some in (known, many)]
    first, second = await charts.drawn(asked, keep=False)
    charts.close()
    assert first
    assert second
    svg = Svg(first.inner)
    times, share = svg.boxes("now")
    assert 804 * 6 / 7 < times.x < times.x + times.width < 804, "the last day of seven"
    assert times.height == 58, "the most of any day"
    assert share.height / 58 == pytest.approx(0.67, abs=0.005), "up to the line at 100 %"
    assert [word for word in svg.words if word in ("2", "67", "100 %")] == ["2", "100 %", "67"]
    before, after = svg.dots("now")[-1], svg.dots("surface")[0]
    assert (before.y, after.y, before.x) == (0, 78, after.x), "from ten to nothing"
    assert 804 * 6 / 7 < before.x < 804
    assert len(Svg(second.inner).boxes("late")) == 1, "more than the most"


def test_every_effect_has_its_tone() -> None:
    assert set(HELP_TONES) == set(get_args(Help))


# --------------------------------------------------------------------- the page


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.sign_in("Karin Ström")
        yield found


async def order(here: World, narcotic: Narcotic | None = None) -> date:
    began = local_day(here.now) - timedelta(days=40)
    plan = Plan(
        what="Panodil",
        strength="500 mg",
        form="tablet",
        amount="2 tabletter",
        start=began,
        as_needed=AsNeeded("ont i ryggen", 4, 3000, "mg", 1000),
        narcotic=narcotic,
    )
    body = OrderPlaced(plan=plan, effective=local(began, "00:00"))
    await here.says("Karin Ström", body, Ref("order", PANODIL), GRANEN, "Märta Åslund")
    return began


async def give(here: World, ago: timedelta, need: int, help: Help | None = None, note: str = "") -> None:
    at = here.now - ago
    body = PrnGiven(
        order=PANODIL,
        performed=at,
        amount="2 tabletter",
        quantity=1000,
        unit="mg",
        order_fact="f",
        need=need,
        note=note,
    )
    ref = Ref("prn", new_id())
    await here.says("Amina Yusuf", body, ref, GRANEN, "Märta Åslund", at=at)
    if help:
        told = PrnEffect(help=help, need=2)
        after = at + timedelta(minutes=45)
        await here.says("Amina Yusuf", told, ref, GRANEN, "Märta Åslund", at=after)


async def test_the_nurse_sees_use_and_effect_over_time(here: World) -> None:
    await order(here)
    await give(here, timedelta(days=3, hours=2), 7, "good")
    await give(here, timedelta(days=2, hours=22), 6, "none", note="efter duschen")
    await give(here, timedelta(days=2, hours=20, minutes=30), 5)
    shown = await here.see(f"/overview/person/{MARTA}/needed")
    section = next(one for one in shown.split("<section") if "Panodil" in one)
    rows = [text(row) for row in section.split("<tr>")[2:]]
    assert re.search(
        r"För mycket eller för tätt 1 timme 30 min 2 tabletter 100 % 5 – Inte följt upp", rows[0]
    )
    assert re.search(r"4 timmar 2 tabletter efter duschen 67 % 6 2 Ingen effekt", rows[1])
    assert re.search(r"– 2 tabletter 33 % 7 2 God effekt", rows[2])
    said = text(section)
    assert "Vid ont i ryggen" in said
    assert "Given antal gånger 3 (Perioden före: 0)" in said
    assert "God effekt 1 Ingen effekt 1 Inte följt upp 1" in said
    svg = Svg(re.findall(r'<svg class="marks"[^>]*>(.*?)</svg>', section, re.S)[0])
    assert len(svg.dots("surface")) == 2, "how it was after: two have said so"
    # It is reached from the person and from their week.
    link = f'href="/console/overview/person/{MARTA}/needed"'
    assert link in await here.see(f"/persons/{MARTA}")
    assert link in await here.see(f"/overview/person/{MARTA}")


async def test_another_period_has_its_own_figures_beside_the_one_before(here: World) -> None:
    await order(here)
    await give(here, timedelta(days=35), 4, "some")
    first = local_day(here.now) - timedelta(days=27)
    shown = text(await here.see(f"/overview/person/{MARTA}/needed?first={first}&days=28"))
    assert "Given antal gånger 0 (Perioden före: 1)" in shown
    assert "Inte given under perioden." in shown


async def test_a_stopped_order_shows_where_it_was_given_and_else_not(here: World) -> None:
    await order(here)
    await give(here, timedelta(days=35), 4)
    stop = OrderStopped(at=here.now - timedelta(days=30), reason="Slut")
    await here.says("Karin Ström", stop, Ref("order", PANODIL), GRANEN, "Märta Åslund")
    first = local_day(here.now) - timedelta(days=27)
    assert "Panodil" not in await here.see(f"/overview/person/{MARTA}/needed?first={first}&days=28")
    earlier = first - timedelta(days=28)
    assert "Panodil" in await here.see(f"/overview/person/{MARTA}/needed?first={earlier}&days=28")


async def test_what_was_given_as_needed_on_paper_counts_with_who_gave_it(here: World) -> None:
    await order(here)
    day = local_day(here.now) - timedelta(days=1)
    amina = names.STAFF["Amina Yusuf"]
    wrong = {"day": day.isoformat(), f"time.{PANODIL}": "25:99", f"by.{PANODIL}": amina}
    answer = await here.send(f"/overview/paper/{MARTA}", wrong)
    assert (answer.status_code, "Skriv en tid som har varit." in answer.text) == (422, True)
    for clock in ("09:00", "11:00"):
        typed = {f"time.{PANODIL}": clock, f"by.{PANODIL}": amina, f"need.{PANODIL}": "6"}
        answer = await here.send(f"/overview/paper/{MARTA}", {"day": day.isoformat(), **typed})
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/console/overview/paper/{MARTA}?day={day}"
    again = text(await here.see(f"/overview/paper/{MARTA}?day={day}"))
    assert "Redan signerat den dagen: 09:00, 11:00" in again
    found = await documents.of_person(here.parts.database, PrnDocument, MARTA)
    assert {(one.done[0].author, one.done[0].by, one.done[0].need) for one in found} == {
        (names.STAFF["Karin Ström"], amina, 6)
    }
    shown = text(await here.see(f"/overview/person/{MARTA}/needed"))
    assert re.search(r"11:00 AY efterregistrerad [^A-Z]*KS För mycket eller för tätt 2 timmar", shown)


async def test_a_narcotic_as_needed_on_paper_is_taken_from_its_ledger(here: World) -> None:
    await order(here, Narcotic("Oxynorm 5 mg", "kapslar", 2))
    day = local_day(here.now) - timedelta(days=1)
    typed = {f"time.{PANODIL}": "09:00", f"by.{PANODIL}": names.STAFF["Amina Yusuf"]}
    assert (await here.send(f"/overview/paper/{MARTA}", {"day": day.isoformat(), **typed})).status_code == 303
    [given] = await documents.of_person(here.parts.database, PrnDocument, MARTA)
    [month] = await documents.of_person(here.parts.database, StockDocument, MARTA)
    assert [(one.kind, one.change, one.dose) for one in month.entries] == [("used", -2, given.id)]


async def test_who_has_nothing_as_needed_has_a_page_that_says_so(here: World) -> None:
    nobody = names.RESIDENTS["Asta Provdahl"]
    assert "Ingen ordination vid behov." in await here.see(f"/overview/person/{nobody}/needed")
