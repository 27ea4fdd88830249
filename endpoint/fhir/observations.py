"""Vital signs as FHIR Observations: LOINC for what, UCUM for the unit.

The codes are those that the SBAR form carries, with what FHIR's vital signs profile asks for beside them
(hl7.org/fhir/R4/observation-vitalsigns.html): 85354-9 for blood pressure as a whole, 2708-6 for saturation.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from care.forms import Coding
from care.news2 import Score
from endpoint.console.answers import Reading

Json = dict[str, Any]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
OWN = "https://rapp.example/fhir/CodeSystem/observation"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


class Vital(Struct, frozen=True):
    """One vital sign: the question that it answers, its codes (system, code, display), its unit."""

    link: str
    codes: tuple[tuple[str, str, str], ...]
    unit: str = ""
    ucum: str = ""


SYSTOLIC = Vital("a.systolic", ((LOINC, "8480-6", "Systolic blood pressure"),), "mmHg", "mm[Hg]")
DIASTOLIC = Vital("a.diastolic", ((LOINC, "8462-4", "Diastolic blood pressure"),), "mmHg", "mm[Hg]")
VITALS: dict[str, Vital] = {
    "respiration": Vital("a.respiration", ((LOINC, "9279-1", "Respiratory rate"),), "/min", "/min"),
    "spo2": Vital(
        "a.spo2",
        (
            (LOINC, "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
            (LOINC, "2708-6", "Oxygen saturation in Arterial blood"),
        ),
        "%",
        "%",
    ),
    "oxygen": Vital("a.oxygen", ((OWN, "oxygen", "Oxygen given"),)),
    "pulse": Vital("a.pulse", ((LOINC, "8867-4", "Heart rate"),), "/min", "/min"),
    "pressure": Vital("a.systolic", ((LOINC, "85354-9", "Blood pressure panel with all children optional"),)),
    "consciousness": Vital("a.consciousness", ((LOINC, "67775-7", "Level of responsiveness"),)),
    "temperature": Vital("a.temperature", ((LOINC, "8310-5", "Body temperature"),), "°C", "Cel"),
    "pain": Vital(
        "a.pain",
        ((LOINC, "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported"),),
        "{score}",
        "{score}",
    ),
}
"""By the end of the Observation's id."""
NEWS2 = Vital("", ((OWN, "news2", "National Early Warning Score 2 (RCP 2017), total"),), "{score}", "{score}")
ACVPU = "https://rapp.example/fhir/CodeSystem/acvpu"


def of(reading: Reading, score: Score | None) -> Iterator[tuple[str, Json]]:
    """What was measured, and what could not be: name and the Observation's own part, in the form's order.

    NEWS2 is there only where it is whole, and the unit has chosen to show it.
    """
    for name, vital in VITALS.items():
        value = _value(name, vital, reading)
        if value:
            yield name, {"code": concept(vital)} | value
    if score is not None and score.complete:
        yield "news2", {"code": concept(NEWS2)} | {"valueQuantity": _quantity(score.total, NEWS2)}


def category(name: str) -> list[Json]:
    """vital-signs; what is reckoned from them, or is no measurement, is a survey."""
    code = "survey" if name in ("news2", "pain", "consciousness", "oxygen") else "vital-signs"
    return [{"coding": [{"system": _CATEGORY, "code": code}]}]


def concept(vital: Vital) -> Json:
    return {"coding": [{"system": system, "code": code, "display": say} for system, code, say in vital.codes]}


def _value(name: str, vital: Vital, reading: Reading) -> Json:
    given = reading.answers.get(vital.link)
    if not given:
        why = reading.text(f"{vital.link}.missing")
        absent = {"coding": [{"system": _ABSENT, "code": "not-performed"}], "text": why}
        return {"dataAbsentReason": absent} if why else {}
    value = given[0]
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, Coding):
        coding = {"system": ACVPU, "code": value.code, "display": reading.text(vital.link)}
        return {"valueCodeableConcept": {"coding": [coding]}}
    if not isinstance(value, int | Decimal):
        return {}
    if name == "pressure":
        parts = [(one, reading.answers.get(one.link)) for one in (SYSTOLIC, DIASTOLIC)]
        return {
            "component": [
                {"code": concept(one), "valueQuantity": _quantity(found[0], one)}
                for one, found in parts
                if found and isinstance(found[0], int | Decimal)
            ]
        }
    return {"valueQuantity": _quantity(value, vital)}


def _quantity(value: object, vital: Vital) -> Json:
    number = float(value) if isinstance(value, Decimal) else value
    return {"value": number, "unit": vital.unit, "system": UCUM, "code": vital.ucum}
