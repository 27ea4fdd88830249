"""What keeps a plan from being an order."""

from datetime import date, timedelta

import pytest

from care.order import AsNeeded, Measured, Narcotic, Plan, Slot, Step
from care.order_check import faults
from endpoint.demo import records
from tests.statements import plan

DAY = date(2026, 3, 14)
LIMIT = AsNeeded("Smärta", 4, 3000, "mg", 1000)


def test_an_ordinary_plan_has_no_faults() -> None:
    assert faults(plan()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": " "}, "what"),
        ({"amount": ""}, "amount"),
        ({"note": "x" * 501}, "note"),
        ({"days": "FREQ=SOMETIMES"}, "days"),
        ({"days": "FREQ=HOURLY"}, "days"),
        ({"days": "FREQ=DAILY;BYHOUR=8,20"}, "days"),
        ({"end": date(2025, 12, 31)}, "end"),
        ({"slots": ()}, "times"),
        ({"slots": (Slot("a", "8:00"),)}, "times"),
        ({"slots": (Slot("a", "24:00"),)}, "times"),
        ({"slots": (Slot("a", "08:00"), Slot("a", "20:00"))}, "times"),
        ({"slots": (Slot("a", "08:00"), Slot("b", "08:00"))}, "times"),
        ({"slots": (Slot("a", "08:00", after=-1),)}, "window"),
        ({"slots": (Slot("a", "08:00", before=13 * 60),)}, "window"),
        ({"steps": (Step(DAY, "2"), Step(DAY - timedelta(days=1), "1"))}, "steps"),
        ({"steps": (Step(date(2025, 1, 1), "2"),)}, "steps"),
        ({"steps": (Step(DAY, ""),)}, "steps"),
        ({"narcotic": Narcotic("Oxynorm 5 mg", "kapslar", 0)}, "quantity"),
        ({"narcotic": Narcotic("Oxynorm 5 mg", "", 1)}, "unit"),
        ({"value": Measured("Blodsocker", call_below=20, call_above=4)}, "value"),
        ({"as_needed": LIMIT}, "times"),
        ({"as_needed": AsNeeded("", 4, 3000, "mg", 1000), "slots": ()}, "indication"),
        ({"as_needed": AsNeeded("Smärta", -1, 3000, "mg", 1000), "slots": ()}, "min_hours"),
        ({"as_needed": AsNeeded("Smärta", 4, 500, "mg", 1000), "slots": ()}, "max_per_24h"),
        ({"as_needed": AsNeeded("Smärta", 4, 3000, "mg", 0), "slots": ()}, "max_per_24h"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(changes: dict[str, object], field: str) -> None:
    assert [fault.field for fault in faults(plan(**changes))] == [field]


def test_the_demos_orders_could_be_written_in_the_editor() -> None:
    for record in records.orders():
        slots = tuple(Slot(id, clock, *record.window) for id, clock in record.at.items())
        if record.around is not None:
            slots = (Slot("near", "08:00", *record.window),)
        one = Plan(
            what=record.what,
            form=record.form,
            amount=record.amount,
            days=record.days,
            slots=slots,
            start=DAY,
            as_needed=record.as_needed,
            value=record.value,
            narcotic=record.narcotic,
        )
        assert faults(one) == [], record.key
