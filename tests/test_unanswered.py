"""Unanswered: reminders, then somebody else to call. Whoever was reached clears it, however late."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from care.documents import fold
from care.facts import ENDPOINT, Body, Ref
from care.rights import Role
from care.sbar import (
    SbarAcknowledged,
    SbarDocument,
    SbarEscalated,
    SbarReadBack,
    SbarRecorded,
)
from care.schedule import STOCKHOLM
from care.staff import RoleInUnit, StaffDocument
from care.unanswered import due, instead, needless, stage, times
from care.unit import OnCall, Settings, UnitDocument
from endpoint import documents
from endpoint.demo import names
from endpoint.escalating import escalate
from tests.console_world import ASTA, GRANEN, World, answered, code, world
from tests.statements import AMINA, KARIN, UNIT, fact

AT = datetime(2026, 3, 14, 6, 44, tzinfo=STOCKHOLM)
SETTINGS = Settings()
CASE = "0192dddd-0000-7000-8000-000000000001"
RECORDED = SbarRecorded(answers=answered("sbar", ASTA, AT))
CALM = ASTA | {"a.respiration": [16], "a.spo2": [98], "a.pulse": [70], "a.systolic": [128]}


def case(*said: tuple[Body, float, str]) -> SbarDocument:
    """A case recorded at AT, and what was said so many minutes later, by whom."""
    facts = [
        fact(body, Ref("sbar", CASE), rank=number, at=AT + timedelta(minutes=after), author=by, unit=UNIT)
        for number, (body, after, by) in enumerate([(RECORDED, 0, AMINA), *said], 1)
    ]
    forward, backward = fold("sbar", CASE, facts), fold("sbar", CASE, facts[::-1])
    assert forward == backward
    assert isinstance(forward, SbarDocument)
    return forward


@pytest.mark.parametrize(
    ("minutes", "calm", "danger"),
    [
        (4, "waits", "waits"),
        (5, "reminded", "instead"),
        (14, "reminded", "instead"),
        (15, "instead", "instead"),
        (19, "instead", "instead"),
        (20, "instead", "chief"),
        (30, "chief", "chief"),
    ],
)
def test_who_is_told_when(minutes: int, calm: str, danger: str) -> None:
    now = AT + timedelta(minutes=minutes)
    assert stage(case(), SETTINGS, False, now) == calm
    assert stage(case(), SETTINGS, True, now) == danger


def test_a_reminder_never_comes_after_what_it_reminds_of() -> None:
    late = replace(SETTINGS, sbar_remind_minutes=60)
    assert times(AT, late, False).reminded == times(AT, late, False).instead


@pytest.mark.parametrize("said", [SbarAcknowledged(), SbarReadBack(nurse="Karin Ström")])
def test_whoever_was_reached_ends_it(said: Body) -> None:
    found = case((said, 40, KARIN))
    assert stage(found, SETTINGS, True, AT + timedelta(hours=2)) == "none"


def test_an_acknowledgement_that_arrives_after_the_alarm_but_was_before_it_clears_it() -> None:
    alarm = SbarEscalated(step=1, to="Hemtjänst Norr", number="070-1740610")
    unread = case((alarm, 15, ENDPOINT))
    assert due(unread, SETTINGS, False, AT + timedelta(minutes=16)) == []
    assert needless(unread) == []
    # The phone was offline: its ranks know nothing of the alarm.
    told_late = case((alarm, 15, ENDPOINT), (SbarAcknowledged(), 3, KARIN))
    assert stage(told_late, SETTINGS, False, AT + timedelta(minutes=40)) == "none"
    assert [one.step for one in needless(told_late)] == [1]
    assert needless(case((alarm, 15, ENDPOINT), (SbarAcknowledged(), 20, KARIN))) == []


def test_nobody_but_the_endpoint_says_whom_to_call() -> None:
    assert case((SbarEscalated(step=1, to="Någon", number="0900"), 15, AMINA)).escalations == []


def test_what_is_a_day_old_wakes_nobody() -> None:
    assert due(case(), SETTINGS, True, AT + timedelta(hours=23)) == [1, 2]
    assert due(case(), SETTINGS, True, AT + timedelta(hours=24)) == []


def test_the_fallback_of_the_hour_is_called_first_and_then_the_chief() -> None:
    night = OnCall("Nattpatrullen", "070-1", "21:00", "07:00")
    day = OnCall("Hemtjänst Norr", "070-2", "07:00", "21:00")
    unit = UnitDocument(id=UNIT, fallback=[day, night])
    held = [RoleInUnit(Role.UNIT_MANAGER, UNIT, date(2020, 1, 1))]
    chief = StaffDocument(id=KARIN, name="Maria Nyberg", phone="070-3", roles=held)
    colleague = StaffDocument(id=AMINA, name="Amina Yusuf", phone="070-4")
    staff = [colleague, chief]
    assert instead(unit, staff, 1, AT) == night
    assert instead(unit, staff, 1, AT + timedelta(hours=4)) == day
    assert instead(unit, staff, 2, AT) == OnCall("Maria Nyberg", "070-3")
    assert instead(unit, [], 2, AT) == night
    assert instead(UnitDocument(id=UNIT), staff, 1, AT) == OnCall("Maria Nyberg", "070-3")
    assert instead(UnitDocument(id=UNIT), [colleague], 1, AT) is None


# -- the endpoint's job


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def escalations(here: World, id: str) -> list[tuple[int, str]]:
    found = await documents.get(here.parts.database, SbarDocument, id)
    assert found is not None
    return [(one.step, one.to) for one in found.escalations]


async def test_the_endpoint_states_each_step_once_and_leaves_what_is_read_alone(here: World) -> None:
    unread = await here.sbar(ago=6)  # NEWS2 7: five minutes
    calm = await here.sbar("Märta Åslund", CALM | {"s.problem": [code("worry")]}, ago=6)
    read = await here.sbar("Edit Fiktiv", ago=6)
    await here.says("Karin Ström", SbarAcknowledged(), Ref("sbar", read), GRANEN, "Edit Fiktiv")
    old = await here.sbar("Bror Exempelsson", ago=60 * 25)
    run = here.parts.database.thread
    assert await run(lambda: escalate(here.parts, here.now)) == 1
    assert await run(lambda: escalate(here.parts, here.now)) == 0
    assert [step for step, _ in await escalations(here, unread)] == [1]
    assert (
        await escalations(here, calm) == await escalations(here, read) == await escalations(here, old) == []
    )
    later = here.now + timedelta(minutes=15)
    assert await run(lambda: escalate(here.parts, later)) == 2
    assert await escalations(here, unread) == [(1, "Hemtjänst Norr"), (2, "Maria Nyberg")]
    assert len(await escalations(here, calm)) == 1
    await here.sign_in("Karin Ström")
    html = await here.see(f"/inbox/{unread}")
    assert "Ingen hade läst" in html
    assert "Personalen fick rådet att ringa Maria Nyberg" in html
    assert f'data-waits="{unread}/' in html
    await here.send(f"/inbox/{unread}/acknowledge")
    assert f'data-waits="{unread}/' not in await here.see(f"/inbox/{unread}")


async def test_the_endpoints_word_is_signed_and_reaches_whoever_asked(here: World) -> None:
    id = await here.sbar(ago=6)
    await here.parts.database.thread(lambda: escalate(here.parts, here.now))
    last = (await documents.evidence(here.parts.database, "sbar", id))[-1]
    here.parts.keys.verify(last)
    stated = last.fact()
    assert (stated.type, stated.author, stated.person) == (
        "sbar.escalated",
        ENDPOINT,
        names.RESIDENTS["Asta Provdahl"],
    )
