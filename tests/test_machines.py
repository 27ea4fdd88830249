"""What locks and dispensers report: each event once, and openings beside the doses around them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.cabinet import CabinetDocument, DispenserDocument
from care.dose import Signature
from care.facts import Ref
from care.openings import Given, held_against
from care.order import AsNeeded, OrderPlaced, Plan
from care.prn import PrnGiven
from care.schedule import local, planned
from care.signing import local_day
from care.streams import streams_of
from care.unit import UnitDocument
from endpoint import documents
from endpoint.demo import names
from endpoint.people import tokens
from tests.console_world import GRANEN, World, world
from tests.machines import Machine
from tests.statements import AMINA, NOON, PERSON, UNIT, new_id, order
from tests.test_console_delegations import text
from tests.test_console_signing import give

SIV = names.RESIDENTS["Siv Hedman"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        await found.sign_in("Karin Ström")
        yield found


async def key(here: World, use: tokens.Use = "machines") -> str:
    found = await documents.of_kind(here.parts.database, UnitDocument)
    provider = next(one.provider for one in found if one.id == GRANEN)
    return await here.parts.database.write(
        lambda connection: tokens.make(connection, provider, "Lås", "robin", here.now, use)
    )


async def lock(here: World, **more: Any) -> Machine:
    return Machine(here.client, await key(here), "Skåp rum 9", GRANEN, **more)


async def test_an_event_is_taken_once_however_often_it_is_sent(here: World) -> None:
    siv = await lock(here, person=SIV)
    siv.offline = True
    await siv.opened(here.now - timedelta(minutes=9), by=names.STAFF["Amina Yusuf"])
    await siv.opened(here.now - timedelta(minutes=5), by="SE-1")
    assert await siv.send(again=True) == {"1": "accepted", "2": "accepted"}
    assert await siv.send() == {"1": "known", "2": "known"}
    found = await documents.of_unit(here.parts.database, CabinetDocument, GRANEN)
    assert sorted((one.by, one.named, one.person) for one in found) == [
        ("", "SE-1", SIV),
        (names.STAFF["Amina Yusuf"], "", SIV),
    ]
    assert {str(stream) for one in found for stream in streams_of(one)} == {
        f"nurse:{GRANEN}",
        f"chief:{GRANEN}",
    }


@pytest.mark.parametrize(
    "wrong",
    [{"unit": "nowhere"}, {"person": names.RESIDENTS["Vera Holmgren"]}, {"at": "1999-01-01T00:00:00Z"}],
)
async def test_one_that_cannot_be_taken_stops_no_other(here: World, wrong: dict[str, str]) -> None:
    siv = await lock(here, offline=True)
    await siv.opened(here.now)
    await siv.opened(here.now)
    siv.waiting[0] |= wrong
    assert await siv.send() == {"1": "refused", "2": "accepted"}


@pytest.mark.parametrize(
    "body", [{}, {"events": [{"id": "1"}]}, {"events": [{"id": "1", "kind": "door.opened"}]}]
)
async def test_what_is_no_event_is_refused(here: World, body: Any) -> None:
    headers = {"Authorization": f"Bearer {await key(here)}"}
    answer = await here.client.post("/v1/machines/events", json=body, headers=headers)
    assert answer.status_code == 400
    other = {"Authorization": f"Bearer {await key(here, 'statistics')}"}
    assert (
        await here.client.post("/v1/machines/events", json={"events": []}, headers=other)
    ).status_code == 401


async def test_openings_without_a_dose_and_doses_without_an_opening_are_listed(here: World) -> None:
    siv = await lock(here, person=SIV)
    await siv.opened(here.now - timedelta(hours=3), by=names.STAFF["Amina Yusuf"])
    await give(here, "siv-hedman/near", "Amina Yusuf", "Siv Hedman")
    day = (here.now - timedelta(days=1)).date()
    shown = await here.see(f"/overview/machines?unit={GRANEN}&first={day}")
    without_dose, without_opening = (part.split("</section>")[0] for part in shown.split("<section")[1:3])
    assert "Skåp rum 9 Siv Hedman Amina Yusuf Ingen dos" in text(without_dose)
    assert "Siv Hedman Levaxin" in text(without_opening)
    await siv.opened(here.now - timedelta(minutes=4))
    shown = await here.see(f"/overview/machines?unit={GRANEN}&first={day}")
    assert "Levaxin" not in shown.split("<section")[2].split("</section>")[0]


async def test_what_was_given_as_needed_is_a_dose_around_an_opening(here: World) -> None:
    began = local_day(here.now) - timedelta(days=30)
    plan = Plan(
        what="Panodil",
        form="tablet",
        amount="2 tabletter",
        start=began,
        as_needed=AsNeeded("smärta", 4, 3000, "mg", 1000),
    )
    order_id, at = new_id(), here.now - timedelta(minutes=20)
    placed = OrderPlaced(plan=plan, effective=local(began, "00:00"))
    await here.says("Karin Ström", placed, Ref("order", order_id), GRANEN, "Siv Hedman")
    body = PrnGiven(
        order=order_id, performed=at, amount="2 tabletter", quantity=1000, unit="mg", order_fact="f"
    )
    await here.says("Amina Yusuf", body, Ref("prn", new_id()), GRANEN, "Siv Hedman", at=at)
    siv = await lock(here, person=SIV)
    await siv.opened(at - timedelta(hours=3))
    day = (here.now - timedelta(days=1)).date()
    shown = await here.see(f"/overview/machines?unit={GRANEN}&first={day}")
    assert "Siv Hedman Panodil, 2 tabletter" in text(shown.split("<section")[2].split("</section>")[0])
    await siv.opened(at - timedelta(minutes=5))
    shown = await here.see(f"/overview/machines?unit={GRANEN}&first={day}")
    without_dose, without_opening = (part.split("</section>")[0] for part in shown.split("<section")[1:3])
    assert text(without_dose).count("Skåp rum 9") == 1
    assert "Panodil" not in without_opening


def test_what_lies_just_outside_a_span_is_beside_what_is_in_it() -> None:
    dose = planned(order(), NOON, NOON + timedelta(days=1))[0]
    given = Given(dose.person, dose.plan, Signature("f", AMINA, "phone", dose.at, dose.at, "given"))
    opened = CabinetDocument(
        id="c", unit=UNIT, person=PERSON, at=dose.at - timedelta(minutes=9), cabinet="Skåp"
    )
    held = held_against([opened], [given])
    before, after = held.within(NOON, dose.at), held.within(dose.at, dose.at + timedelta(days=1))
    assert [len(one.doses) for one in before.openings] == [1], "the dose of the day after is seen"
    assert (after.openings, after.without_opening) == ([], []), "and no opening is missing there"


async def test_a_dispenser_that_was_not_answered_comes_first(here: World) -> None:
    giver = Machine(here.client, await key(here), "Givare 3", GRANEN, SIV)
    await giver.reports("handed_out", here.now - timedelta(hours=2))
    await giver.reports("not_taken", here.now - timedelta(minutes=9), here.now - timedelta(minutes=40))
    assert len(await documents.of_unit(here.parts.database, DispenserDocument, GRANEN)) == 2
    day = (here.now - timedelta(days=1)).date()
    shown = text(await here.see(f"/overview/machines?unit={GRANEN}&first={day}"))
    assert shown.index("Inte tagen") < shown.index("Utlämnad")


@pytest.mark.parametrize(
    ("minutes", "person", "with_dose"),
    [
        (0, PERSON, True),
        (44, PERSON, True),
        (46, PERSON, False),
        (-14, PERSON, True),
        (-16, PERSON, False),
        (5, "somebody-else", False),
        (5, None, True),
    ],
)
def test_a_dose_belongs_to_an_opening_a_little_before_it(
    minutes: int, person: str | None, with_dose: bool
) -> None:
    dose = planned(order(), NOON, NOON + timedelta(days=1))[0]
    given = Given(dose.person, dose.plan, Signature("f", AMINA, "phone", dose.at, dose.at, "given"))
    opened = CabinetDocument(
        id="c", unit=UNIT, person=person, at=dose.at - timedelta(minutes=minutes), cabinet="Skåp"
    )
    found = held_against([opened], [given])
    assert [len(one.doses) for one in found.openings] == [int(with_dose)]
    assert bool(found.without_opening) == (person == PERSON and not with_dose)
