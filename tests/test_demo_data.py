"""The demo's people and orders are invented, well formed, and always give somebody something to do."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import func, select

from care.case_due import due as due_in_case
from care.delegation import DelegationDocument
from care.deviation import DeviationDocument, ReportDocument
from care.dose import DoseDocument
from care.order import OrderDocument
from care.person import PersonDocument
from care.schedule import planned
from care.signing import MaySign, Refusal, right_to_sign
from care.staff import StaffDocument
from care.today import Day, day_list, due
from endpoint import keys
from endpoint.console.deviations import STATES
from endpoint.database import Database
from endpoint.demo import names, records
from endpoint.demo.load import load
from endpoint.demo.register import EndpointRegister, MemoryRegister
from endpoint.migrate import migrate
from endpoint.schema import facts
from endpoint.settings import Settings

CASES = ("deviation", "complaint", "council", "risk-analysis", "report")
MORNING = datetime(2026, 3, 14, 7, 10, tzinfo=UTC)


async def loaded(now: datetime = MORNING) -> MemoryRegister:
    register = MemoryRegister(now)
    await load(register, now)
    return register


def today(register: MemoryRegister, unit: str, reader: str, now: datetime) -> Day:
    persons = {one.id: cast(PersonDocument, one) for one in register.all("person") if one.unit == unit}
    orders = [cast(OrderDocument, one) for one in register.all("order")]
    return day_list(
        cast(StaffDocument, next(one for one in register.all("staff") if one.id == names.STAFF[reader])),
        unit,
        now,
        due(now, [one for one in orders if one.unit == unit]),
        persons,
        {one.id: cast(DoseDocument, one) for one in register.all("dose")},
        [cast(DelegationDocument, one) for one in register.all("delegation")],
        {},
    )


def luhn_holds(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def test_every_personnummer_is_a_test_number_with_a_right_check_digit_and_the_birth_date() -> None:
    numbers = [resident.personnummer for resident in records.residents()]
    assert len(set(numbers)) == len(numbers) == 28
    for resident in records.residents():
        assert re.fullmatch(r"\d{8}-23[89]\d", resident.personnummer), resident.name
        assert resident.personnummer.startswith(resident.born.strftime("%Y%m%d"))
        assert luhn_holds(resident.personnummer.replace("-", "")[2:]), resident.name


def test_every_phone_number_is_in_the_series_kept_for_fiction() -> None:
    numbers = [one.phone for one in records.staff()]
    numbers += [resident.phone for resident in records.residents() if resident.phone]
    assert len(set(numbers)) == len(numbers)
    numbers += [call.phone for unit in records.units() for call in (*unit.nurse, *unit.fallback)]
    for number in numbers:
        mobile = re.fullmatch(r"070-17406(\d\d)", number)
        assert (mobile and int(mobile[1]) >= 5) or re.fullmatch(r"08-465004\d\d", number), number


@pytest.mark.parametrize("of", [records.units, records.staff, records.residents, records.orders])
def test_no_key_is_used_twice(of) -> None:  # type: ignore[no-untyped-def]
    keys = [record.key for record in of()]
    assert len(set(keys)) == len(keys)


def test_the_people_of_the_scripts_are_there() -> None:
    assert {"David Test", "Frida Låtsas", "Gustav Prov", "Amina Yusuf", "Karin Ström"} <= set(names.STAFF)
    assert {"Asta Provdahl", "Bror Exempelsson", "Cilla Påhittad", "Edit Fiktiv"} <= set(names.RESIDENTS)
    cilla = next(one for one in records.residents() if one.name == "Cilla Påhittad")
    assert cilla.unit == "norr"
    bror = next(one for one in records.residents() if one.name == "Bror Exempelsson")
    assert [flag.text for flag in bror.flags if flag.kind == "blood_thinner"] == ["Eliquis"]


def test_one_room_has_one_resident_and_somebody_works_in_another_language() -> None:
    rooms = [one.room for one in records.residents() if one.room]
    assert sorted(map(int, rooms)) == list(range(1, 21))
    assert "en" in {one.language for one in records.staff()}


async def test_every_schedule_can_be_worked_out_for_a_fortnight() -> None:
    register = await loaded()
    for document in register.all("order"):
        order = cast(OrderDocument, document)
        assert order.plan is not None
        found = planned(order, MORNING, MORNING + timedelta(days=14))
        assert bool(found) != bool(order.plan.as_needed), order.plan.what


@pytest.mark.parametrize("hour", [0, 1, 5, 7, 11, 14, 18, 21, 22, 23])
async def test_every_unit_has_one_late_something_now_and_more_soon_at_any_hour(hour: int) -> None:
    now = datetime(2026, 3, 14, hour, 37, 20, tzinfo=UTC)
    register = await loaded(now)
    for unit, reader in (("Granen", "Amina Yusuf"), ("Hemtjänst Norr", "Hanna Ek")):
        day = today(register, names.UNITS[unit], reader, now)
        near = [task for task in day.late if task.dose.slot == "near-1"]
        assert [20 <= task.minutes_late <= 25 for task in near] == [True], unit
        assert len([task for task in day.now if task.dose.slot == "near-1"]) == 3, unit
        soon = [task for task in day.later if task.dose.at - now < timedelta(hours=2)]
        assert len([task for task in soon if task.dose.slot == "near-1"]) == 2, unit
        left = {task.person.name for task in day.late} - {near[0].person.name}
        assert left <= {"Cilla Påhittad"}
        assert not day.faulty


async def test_the_board_has_a_case_in_every_state_and_something_is_overdue() -> None:
    register = await loaded()
    found = [cast(DeviationDocument, one) for one in register.all("deviation")]
    assert {one.step or "new" for one in found} == set(STATES)
    waits = [due_in_case(one) for one in found if not one.handling.closed]
    assert any(one[0].overdue(MORNING.date()) for one in waits)
    assert any(one.escalations and not one.decisions for one in found), "lex Sarah is asked for"
    told = [cast(ReportDocument, one) for one in register.all("report")]
    amina = [one for one in told if one.reporter == names.STAFF["Amina Yusuf"]]
    assert any(one.steps[-1].step == "closed" and one.steps[-1].text for one in amina)
    assert [len(register.all(kind)) for kind in ("complaint", "council", "risk-analysis")] == [2, 1, 1]
    assert not [one for kind in CASES for one in register.all(kind) if one.unreadable]


async def test_loading_again_at_once_writes_nothing() -> None:
    register = await loaded()
    before = register.count
    await load(register, MORNING)
    assert register.count == before


async def test_a_later_start_moves_what_is_unsigned_and_keeps_its_slot() -> None:
    register = await loaded()
    register.now = later = MORNING + timedelta(hours=3)
    await load(register, later)
    day = today(register, names.UNITS["Granen"], "Amina Yusuf", later)
    levaxin = [task for task in day.late if task.person.name == "Siv Hedman"]
    assert [(task.dose.slot, 20 <= task.minutes_late <= 25) for task in levaxin] == [("near-1", True)]


async def test_a_later_start_gives_a_new_dose_when_the_first_was_signed() -> None:
    register = await loaded()
    amina, unit = names.STAFF["Amina Yusuf"], names.UNITS["Granen"]
    task = next(
        task
        for task in today(register, unit, "Amina Yusuf", MORNING).now
        if task.person.name == "Aina Rask" and task.dose.slot == "near-1"
    )
    await _give(register, task.dose.id, task.dose.order, task.person.id, amina)
    register.now = later = MORNING + timedelta(hours=3)
    await load(register, later)
    day = today(register, unit, "Amina Yusuf", later)
    assert [t.dose.slot for t in day.now if t.dose.order == task.dose.order] == ["near-2"]
    assert [t.dose.slot for t in day.done if t.dose.order == task.dose.order] == ["near-1"]


async def _give(register: MemoryRegister, dose: str, order: str, person: str, author: str) -> None:
    from care.dose import DoseGiven
    from care.facts import Ref

    body = DoseGiven(
        order=order,
        planned=register.now,
        performed=register.now,
        amount="1",
        order_fact=cast(OrderDocument, await register.get("order", order)).versions[-1].fact,
    )
    await register.state(body, Ref("dose", dose), names.UNITS["Granen"], person, author)


async def test_delegations_stand_as_the_stories_need_them() -> None:
    register = await loaded()
    insulin = cast(OrderDocument, await register.get("order", names.order_id("marta-aslund/near"))).plan
    delegations = [cast(DelegationDocument, one) for one in register.all("delegation")]
    assert insulin is not None

    def right(name: str) -> MaySign | Refusal:
        staff = next(cast(StaffDocument, one) for one in register.all("staff") if one.id == names.STAFF[name])
        marta, granen = names.RESIDENTS["Märta Åslund"], names.UNITS["Granen"]
        return right_to_sign(staff, insulin, marta, granen, MORNING, delegations, {})

    amina, lena = right("Amina Yusuf"), right("Lena Backlund")
    assert isinstance(amina, MaySign)
    assert isinstance(lena, MaySign)
    assert lena.until is not None
    assert timedelta(0) < lena.until - MORNING < timedelta(days=14)
    whys = {
        name: cast(Refusal, right(name)).why
        for name in ("Tesfay Mehari", "David Test", "Frida Låtsas", "Gustav Prov")
    }
    assert whys == {
        "Tesfay Mehari": "none",
        "David Test": "expired",
        "Frida Låtsas": "not_accepted",
        "Gustav Prov": "none",
    }
    assert isinstance(right("Karin Ström"), MaySign)


async def test_a_delegation_that_ended_while_the_demo_lay_still_is_renewed_once() -> None:
    register = await loaded()
    later = MORNING + timedelta(days=30)
    register.now = later
    await load(register, later)
    delegations = [cast(DelegationDocument, one) for one in register.all("delegation")]
    lena = [
        one for one in delegations if one.holder == names.STAFF["Lena Backlund"] and "insulin" in one.tasks
    ]
    assert [one.valid(later) for one in lena] == [False, True]
    before = register.count
    await load(register, later)
    assert register.count == before
    register.now = later + timedelta(days=1)
    await load(register, register.now)
    again = [cast(DelegationDocument, one) for one in register.all("delegation")]
    assert len(again) == len(delegations)


async def test_an_endpoint_takes_the_demo_and_a_second_start_adds_nothing(tmp_path: Path) -> None:
    database = Database(Settings(data=tmp_path).database)
    try:
        migrate(database)
        register = EndpointRegister(database, keys.load(tmp_path / "endpoint.keys", database))
        counted = []
        for _ in range(2):
            await load(register, MORNING)
            counted.append(database.read_now(lambda c: c.scalar(select(func.count()).select_from(facts))))
        assert counted[0] == counted[1] > 200
        asta = await register.get("person", names.RESIDENTS["Asta Provdahl"])
        assert isinstance(asta, PersonDocument)
        assert asta.room == "4"
    finally:
        database.close()
