"""The overview of signing: a unit's week and a person's, lists on paper, entering what was signed there."""

import re
import uuid
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from care.dose import DoseDocument, DoseGiven, DoseWithheld
from care.facts import Ref
from care.order import Narcotic, OrderDocument, OrderPlaced, Plan, Slot
from care.schedule import STOCKHOLM, Planned, local, planned
from care.signing import local_day
from care.stock import StockDocument
from endpoint import documents
from endpoint.demo import names
from tests.console_world import GRANEN, World, world
from tests.test_console_delegations import text

MARTA = names.RESIDENTS["Märta Åslund"]
LANTUS = str(uuid.UUID(int=0x7A0E))
"""An order as the demo's, in force for longer."""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.sign_in("Karin Ström")
        shown = await documents.get(
            found.parts.database, OrderDocument, names.order_id("marta-aslund/lantus")
        )
        assert shown is not None
        assert shown.plan is not None
        began = monday(found) - timedelta(days=14)
        body = OrderPlaced(plan=replace(shown.plan, start=began), effective=local(began, "00:00"))
        await found.says("Karin Ström", body, Ref("order", LANTUS), GRANEN, "Märta Åslund")
        yield found


async def doses(here: World, order: str = LANTUS) -> list[Planned]:
    """Those of an order in the week before this one, from its Monday on."""
    found = await documents.get(here.parts.database, OrderDocument, order)
    assert found is not None
    day = monday(here)
    start = here.now - timedelta(days=21)
    return [one for one in planned(found, start, here.now) if day <= one.day < day + timedelta(days=7)]


def monday(here: World) -> date:
    day = local_day(here.now)
    return day - timedelta(days=day.weekday() + 7)


async def give(here: World, dose: Planned, minutes: int, by: str = "Amina Yusuf", **more: Any) -> None:
    at = dose.at + timedelta(minutes=minutes)
    body = DoseGiven(
        order=dose.order, planned=dose.at, performed=at, amount="14 enheter", order_fact=dose.version, **more
    )
    await here.says(by, body, Ref("dose", dose.id), GRANEN, "Märta Åslund", at=at)


async def test_a_persons_week_says_who_when_and_why_not(here: World) -> None:
    first, second, third, *_ = await doses(here)
    await give(here, first, 5)
    await give(here, second, 90)
    withheld = DoseWithheld(
        order=third.order, planned=third.at, performed=third.at, reason="asleep", order_fact=third.version
    )
    await here.says("Lena Backlund", withheld, Ref("dose", third.id), GRANEN, "Märta Åslund", at=third.at)
    shown = await here.see(f"/overview/person/{MARTA}?first={monday(here)}")
    row = text(next(row for row in shown.split("<tr>") if "Insulin Lantus" in row))
    assert re.search(r"I tid 21:05 AY Given för sent 22:30 AY Inte given 21:00 LB Sov Missad", row)


async def test_a_units_week_counts_per_person_and_order_and_never_per_employee(here: World) -> None:
    first, second, *_, last = await doses(here)
    await give(here, first, 5)
    await give(here, second, 90)
    # Sunday's late one, unsigned, is not missed before Monday's small hours are over.
    await give(here, last, 20)
    shown = await here.see(f"/overview?unit={GRANEN}&first={monday(here)}")
    order = text(next(row for row in shown.split("<tr>") if LANTUS in row))
    assert re.search(r"Insulin Lantus Märta Åslund 7 29 % 0 % 20 min 4", order)
    assert "Perioden före" in shown
    assert not any(name in shown for name in ("Amina Yusuf", "Lena Backlund", "Tesfay Mehari"))


async def test_four_weeks_have_figures_and_no_grid(here: World) -> None:
    shown = await here.see(f"/overview?unit={GRANEN}&days=28")
    assert 'id="figures"' in shown
    assert 'id="grid"' not in shown


async def test_a_signing_list_has_a_box_for_each_dose_and_says_what_a_stand_in_must_know(here: World) -> None:
    shown = await here.see(f"/overview/paper?person={MARTA}")
    said = text(shown)
    assert "Insulin Lantus , 14 enheter Under huden Mät blodsocker först." in said
    assert "Signera inte utan giltig delegering." in said
    row = next(row for row in shown.split("<tr>") if "Insulin Lantus" in row)
    assert row.count('class="sign-here"') == 7
    whole = await here.see(f"/overview/paper?unit={GRANEN}")
    assert whole.count('class="paper sheet"') > 10
    assert "Vid behov: Alvedon 500 mg" in text(whole)


async def enter(here: World, dose: Planned, **values: str) -> Any:
    typed = {f"{name}.{dose.id}": value for name, value in values.items()}
    return await here.send(f"/overview/paper/{MARTA}", {"day": dose.day.isoformat(), **typed})


async def test_what_was_signed_on_paper_is_entered_for_who_did_it(here: World) -> None:
    first, *_ = await doses(here)
    answer = await enter(here, first, outcome="given", by=names.STAFF["Amina Yusuf"], time="21:20")
    assert answer.status_code == 303
    found = await documents.get(here.parts.database, DoseDocument, first.id)
    assert found is not None
    (signature,) = found.standing
    assert (signature.author, signature.by) == (names.STAFF["Karin Ström"], names.STAFF["Amina Yusuf"])
    assert signature.performed.astimezone(STOCKHOLM).strftime("%H:%M") == "21:20"
    assert signature.delegation == names.delegation_id("amina-all")
    shown = text(await here.see(f"/overview/person/{MARTA}?first={monday(here)}"))
    assert re.search(r"21:20 AY från papper efterregistrerad (i går )?\d\d:\d\d KS", shown)
    # What has been entered is not offered again.
    again = await here.see(f"/overview/paper/{MARTA}?day={first.day}")
    assert first.id not in again


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "Välj minst en dos att föra in."),
        ({"outcome": "given", "time": "21:00"}, "Välj vem som signerade."),
        ({"outcome": "given", "by": "amina", "time": "kväll"}, "Skriv en tid som har varit."),
        ({"outcome": "withheld", "by": "amina", "time": "21:00"}, "Välj varför den inte gavs."),
        ({"outcome": "partly_given", "by": "amina", "time": "21:00"}, "Skriv hur mycket som gavs."),
        ({"outcome": "given", "by": "amina", "time": "21:00", "value": "hög"}, "Skriv värdet med siffror"),
        ({"outcome": "lost", "by": "amina", "time": "21:00"}, "Välj vad som gjordes."),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_entered(
    here: World, values: dict[str, str], said: str
) -> None:
    first, *_ = await doses(here)
    if "by" in values:
        values = values | {"by": names.STAFF["Amina Yusuf"]}
    answer = await enter(here, first, **values)
    assert answer.status_code == 422
    assert said in text(answer.text)
    assert await documents.get(here.parts.database, DoseDocument, first.id) is None


async def narcotic(here: World) -> Planned:
    """Yesterday's dose of a narcotic that Märta has each evening."""
    plan = Plan(
        what="Oxynorm 5 mg",
        form="tablet",
        amount="2 kapslar",
        slots=(Slot("evening", "21:00"),),
        start=(here.now - timedelta(days=9)).date(),
        narcotic=Narcotic("Oxynorm 5 mg", "kapslar", 2),
    )
    about = Ref("order", str(uuid.uuid4()))
    body = OrderPlaced(plan=plan, effective=here.now - timedelta(days=8))
    await here.says("Karin Ström", body, about, GRANEN, "Märta Åslund")
    order = await documents.get(here.parts.database, OrderDocument, about.id)
    assert order is not None
    return planned(order, here.now - timedelta(days=2), here.now)[0]


@pytest.mark.parametrize(
    ("values", "amount", "took"),
    [
        ({"outcome": "given"}, "2 kapslar", [("used", -2)]),
        (
            {"outcome": "partly_given", "used": "0,5", "wasted": "1,5"},
            "0,5 kapslar",
            [("used", -0.5), ("wasted", -1.5)],
        ),
        ({"outcome": "withheld", "reason": "asleep"}, "", []),
    ],
)
async def test_a_narcotic_entered_from_paper_is_taken_from_its_ledger(
    here: World, values: dict[str, str], amount: str, took: list[tuple[str, float]]
) -> None:
    dose = await narcotic(here)
    answer = await enter(here, dose, by=names.STAFF["Amina Yusuf"], time="21:05", **values)
    assert answer.status_code == 303
    found = await documents.get(here.parts.database, DoseDocument, dose.id)
    assert found is not None
    assert found.standing[0].amount == amount
    months = await documents.of_person(here.parts.database, StockDocument, MARTA)
    entries = [entry for month in months for entry in sorted(month.entries, key=lambda one: one.order)]
    assert [(one.kind, one.change) for one in entries] == took
    assert all((one.dose, one.stated) == (dose.id, found.standing[0].stated) for one in entries), (
        "undo finds them"
    )


async def test_a_part_of_a_narcotic_on_paper_says_how_much(here: World) -> None:
    dose = await narcotic(here)
    by = names.STAFF["Amina Yusuf"]
    answer = await enter(here, dose, outcome="partly_given", by=by, time="21:05")
    assert answer.status_code == 422
    assert "Skriv hur mycket som gavs" in text(answer.text)
    assert "Givet, kapslar" in text(answer.text)
    assert await documents.of_person(here.parts.database, StockDocument, MARTA) == []


async def test_the_part_the_value_and_the_note_on_the_paper_are_entered_with_it(here: World) -> None:
    first, *_ = await doses(here)
    amina = names.STAFF["Amina Yusuf"]
    typed = {"outcome": "partly_given", "by": amina, "time": "21:20", "amount": "10 enheter", "note": "Svag."}
    assert (await enter(here, first, **typed)).status_code == 303
    found = await documents.get(here.parts.database, DoseDocument, first.id)
    assert found is not None
    (signature,) = found.standing
    assert (signature.outcome, signature.amount, signature.note) == ("partly_given", "10 enheter", "Svag.")
    sugar = await documents.get(here.parts.database, OrderDocument, names.order_id("marta-aslund/sugar"))
    assert sugar is not None
    dose = planned(sugar, here.now - timedelta(days=2), here.now)[-1]
    answer = await enter(here, dose, outcome="given", by=amina, time=f"{local_time(dose)}", value="7,2")
    assert answer.status_code == 303
    measured = await documents.get(here.parts.database, DoseDocument, dose.id)
    assert measured is not None
    assert [(one.value, one.value_unit) for one in measured.standing] == [(7.2, "mmol/l")]


def local_time(dose: Planned) -> str:
    return dose.at.astimezone(STOCKHOLM).strftime("%H:%M")


async def test_a_chief_reads_the_overview_and_enters_nothing(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    await here.see(f"/overview?unit={GRANEN}")
    await here.see(f"/overview/paper/{MARTA}", 403)
