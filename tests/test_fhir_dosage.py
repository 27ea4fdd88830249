"""An order's dose and times as FHIR, read in again: the same order, or a fault, never another one."""

from datetime import date
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B.dosage import Dosage

from care.order import AsNeeded, Plan, Slot
from endpoint.deviations.table import Bad, Row
from endpoint.fhir.dosage import dosage
from endpoint.imports.fhir import Bundle

START = date(2026, 11, 2)


def plan(amount: str = "2 tabletter", days: str = "FREQ=DAILY", **more: Any) -> Plan:
    slots = () if "as_needed" in more else (Slot("1", "08:00"), Slot("2", "20:00"))
    given = {"slots": slots, "start": START} | more
    return Plan(what="Alvedon", form="tablet", amount=amount, days=days, **given)


def read_again(ordered: Plan) -> Row | Bad:
    said = dosage(ordered)
    Dosage.model_validate(said)
    request = {"resourceType": "MedicationRequest", "status": "active", "dosageInstruction": [said]}
    request["medicationCodeableConcept"] = {"text": ordered.what}
    return next(iter(Bundle(msgspec.json.encode(request)).rows("MedicationRequest")))


@pytest.mark.parametrize(
    "days",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=2",
        "FREQ=DAILY;COUNT=1",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=MO,TH",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
    ],
)
def test_days_and_times_are_the_same_again(days: str) -> None:
    row = read_again(plan(days=days))
    assert isinstance(row, Row)
    assert (row.cells["days"], row.cells["times"]) == (days, "08:00, 20:00")
    assert (row.cells["amount"], row.cells["start"]) == ("2 tabletter", START.isoformat())


def test_days_that_an_import_cannot_say_are_a_fault() -> None:
    assert isinstance(read_again(plan(days="FREQ=MONTHLY;BYMONTHDAY=1,15")), Bad)


def test_what_is_given_as_needed_keeps_its_limits() -> None:
    limits = AsNeeded("Smärta", min_hours=4.5, max_per_24h=3000.0, unit="mg", dose=1000.0)
    row = read_again(plan(as_needed=limits))
    assert isinstance(row, Row)
    names = ("indication", "min_hours", "max_per_24h", "limit_unit", "dose")
    assert [row.cells[name] for name in names] == ["Smärta", "4.5", "3000", "mg", "1000"]


@pytest.mark.parametrize("amount", ["enligt schema", "1–2 tabletter", "en tablett"])
def test_what_is_no_number_of_something_is_said_in_words_alone(amount: str) -> None:
    assert "doseAndRate" not in dosage(plan(amount))


@pytest.mark.parametrize(
    "repeat",
    [
        {"count": 3},
        {"count": 1, "dayOfWeek": ["mon"]},
        {"dayOfWeek": ["mon"], "period": 2, "periodUnit": "d"},
        {"dayOfWeek": ["mon"], "period": 8, "periodUnit": "h"},
    ],
)
def test_what_cannot_be_said_in_days_is_never_another_rule(repeat: dict[str, Any]) -> None:
    said = {"timing": {"repeat": {"timeOfDay": ["08:00:00"]} | repeat}}
    request = {"resourceType": "MedicationRequest", "status": "active", "dosageInstruction": [said]}
    [row] = Bundle(msgspec.json.encode(request)).rows("MedicationRequest")
    assert isinstance(row, Bad)
