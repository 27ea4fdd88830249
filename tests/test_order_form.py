"""An order as it is typed: the plan that it says, what is wrong with it, and the fields back."""

from datetime import date

import pytest
from msgspec.structs import replace

from care.order import AsNeeded, Measured, Narcotic, Plan, Slot, Step
from care.order_filled import fields_of
from care.order_form import Fields, plan_of
from care.order_words import changes, rows, when
from care.steps_said import steps_of
from endpoint.console.texts import texts

SAY = texts("sv")
PRED = Fields(
    what="Prednisolon 5 mg",
    amount="6 tabletter",
    when="var dag 08",
    start="2026-03-14",
    requires="medicine_pouch",
)


def plan(**changes: object) -> Plan:
    found, wrong = plan_of(replace(PRED, **changes))
    assert found is not None, wrong
    return found


def wrong(**changes: object) -> dict[str, str]:
    return plan_of(replace(PRED, **changes))[1]


def test_an_ordinary_order_is_typed_in_five_fields() -> None:
    made = plan()
    assert (made.what, made.amount, made.days) == ("Prednisolon 5 mg", "6 tabletter", "FREQ=DAILY")
    assert made.slots == (Slot("0800", "08:00"),)
    assert (made.start, made.end, made.requires) == (date(2026, 3, 14), None, "medicine_pouch")


def test_tapering_is_steps_from_the_first_day_and_ends_with_the_last() -> None:
    made = plan(steps="6 tabletter i 3 dagar\n4 tabletter 1 vecka, sedan 2 tabletter i 2 dagar")
    assert made.steps == (
        Step(date(2026, 3, 14), "6 tabletter"),
        Step(date(2026, 3, 17), "4 tabletter"),
        Step(date(2026, 3, 24), "2 tabletter"),
    )
    assert made.end == date(2026, 3, 25)
    assert plan(steps="6 tabletter i 3 dagar\n2 tabletter").end is None


@pytest.mark.parametrize("text", ["6 tabletter\n2 tabletter i 3 dagar", "6 tabletter i 0 dagar"])
def test_steps_that_cannot_be_read_are_none(text: str) -> None:
    assert steps_of(text) is None
    assert wrong(steps=text) == {"steps": "steps_said"}


def test_a_time_may_have_its_own_amount() -> None:
    made = plan(when="var dag 08 och 20", amounts="20 2 tabletter")
    assert [slot.amount for slot in made.slots] == ["", "2 tabletter"]
    assert wrong(when="var dag 08", amounts="20:00 2 tabletter") == {"amounts": "amounts"}


def test_a_narcotic_draws_the_number_that_its_amount_begins_with() -> None:
    fields = {"what": "Oxynorm", "strength": "5 mg", "amount": "1,5 ml", "narcotic": True, "unit": "ml"}
    assert plan(**fields).narcotic == Narcotic("Oxynorm 5 mg", "ml", 1.5)
    assert plan(**fields, per_dose="2").narcotic == Narcotic("Oxynorm 5 mg", "ml", 2)
    assert wrong(**fields | {"amount": "enligt lista"}) == {"per_dose": "quantity"}


def test_as_needed_has_limits_and_no_times() -> None:
    needed = {"needed": True, "when": "", "indication": "Smärta", "min_hours": "4", "max_per_24h": "3000"}
    made = plan(**needed, limit_unit="mg", dose="1000")
    assert made.as_needed == AsNeeded("Smärta", 4, 3000, "mg", 1000, 60)
    assert made.slots == ()
    assert wrong(**needed, limit_unit="mg", dose="tusen") == {"dose": "number"}


def test_a_value_is_asked_for_with_its_limits() -> None:
    made = plan(
        what="Blodsocker", form="measure", value="Blodsocker", value_unit="mmol/l", below="4", above="20,5"
    )
    assert made.value == Measured("Blodsocker", "mmol/l", call_below=4, call_above=20.5)


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"what": ""}, "what", "missing"),
        ({"when": "ibland"}, "when", "when"),
        ({"when": ""}, "when", "missing"),
        ({"start": "i morgon"}, "start", "day"),
        ({"end": "2026-03-13"}, "end", "before_start"),
        ({"before": "en timme"}, "before", "number"),
        ({"form": "elixir"}, "form", "missing"),
        ({"when": "FREQ=YEARLY;BYEASTER=1 08"}, "when", "rule"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(changes: dict[str, object], field: str, why: str) -> None:
    assert wrong(**changes) == {field: why}


def test_a_rule_that_has_no_words_can_be_written_as_it_is() -> None:
    made = plan(when="FREQ=MONTHLY;BYDAY=2TU 10:00")
    assert made.days == "FREQ=MONTHLY;BYDAY=2TU"
    assert when(made, SAY) == "FREQ=MONTHLY;BYDAY=2TU 10:00"


def test_what_is_typed_comes_back_to_be_changed() -> None:
    for made in (
        plan(when="var dag 08 och 20", amounts="20 2 tabletter", before="30", contents="Furix 40 mg: 2"),
        plan(steps="6 tabletter i 3 dagar\n2 tabletter", witness=True, note_asked=True, note="Vänta."),
        plan(needed=True, indication="Oro", min_hours="6", max_per_24h="2,5", limit_unit="mg", dose="0,5"),
        plan(narcotic=True, unit="kapslar", amount="1 kapsel", value="Smärta", above="7"),
    ):
        again, faults = plan_of(fields_of(made, when(made, SAY) if made.slots else ""), made)
        assert (again, faults) == (made, {})


def test_moving_a_time_keeps_its_slot() -> None:
    before = plan(when="var dag 08 och 20")
    after, _ = plan_of(replace(PRED, when="var dag 08 och 21:30"), before)
    assert after is not None
    assert [slot.id for slot in after.slots] == ["0800", "2000"]


def test_what_has_changed_is_told_field_by_field() -> None:
    told = changes(plan(note="Mät först."), plan(when="var dag 08 och 20", amount="5 tabletter"), SAY)
    assert [(one.field, one.before, one.after) for one in told] == [
        ("amount", "6 tabletter", "5 tabletter"),
        ("when", "varje dag 08:00", "varje dag 08:00 och 20:00"),
        ("note", "Mät först.", ""),
    ]
    assert changes(plan(), plan(), SAY) == []


def test_an_order_is_read_in_rows() -> None:
    made = plan(
        needed=True, indication="Smärta", min_hours="4", max_per_24h="3000", limit_unit="mg", dose="1000"
    )
    said = {row.field: row.text for row in rows(made, SAY)}
    assert said["when"] == "vid behov"
    assert said["limits"] == "minst 4 timmar mellan, högst 3000 mg på ett dygn, en dos räknas som 1000 mg"
