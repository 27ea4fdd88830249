"""How much of what is ordered, and when: FHIR R4 Dosage and Timing, which endpoint/imports/fhir.py reads."""

import re
from typing import Any

from care.days import Every, of_rule, words
from care.order import Plan
from care.order_words import when
from endpoint.console.texts import texts

Json = dict[str, Any]
_UCUM = "http://unitsofmeasure.org"
_QUANTITY = re.compile(r"(\d+(?:[.,]\d+)?) (\S.*)")
_UNITS: dict[Every, str] = {"day": "d", "week": "wk", "month": "mo"}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def dosage(plan: Plan) -> Json:
    """Of a medicine: each dose, by which way, when, and the limits of what is given as needed."""
    found: Json = {"text": f"{plan.amount}, {when(plan, texts('sv'))}", "timing": timing(plan)}
    if plan.route:
        found["route"] = {"text": plan.route}
    if each := _each(plan):
        found["doseAndRate"] = [{"doseQuantity": each}]
    if plan.as_needed:
        found["asNeededCodeableConcept"] = {"text": plan.as_needed.indication}
        found["maxDosePerPeriod"] = {
            "numerator": {"value": _plain(plan.as_needed.max_per_24h), "unit": plan.as_needed.unit},
            "denominator": {"value": 24, "unit": "h", "system": _UCUM, "code": "h"},
        }
    return found


def timing(plan: Plan) -> Json:
    """Days and times; what FHIR has no words for stands in the code's text."""
    bounds = {"start": plan.start.isoformat()} | ({"end": plan.end.isoformat()} if plan.end else {})
    repeat: Json = {"boundsPeriod": bounds}
    if plan.slots:
        repeat |= {"timeOfDay": sorted(f"{slot.time}:00" for slot in plan.slots)} | _days(plan)
    elif plan.as_needed and plan.as_needed.min_hours:
        repeat |= {"frequency": 1, "period": _plain(plan.as_needed.min_hours), "periodUnit": "h"}
    say = texts("sv")
    return {"repeat": repeat, "code": {"text": when(plan, say) if plan.slots else words(plan.days, say)}}


def _each(plan: Plan) -> Json | None:
    """One dose, where it is a number of something and the same every day."""
    if plan.as_needed and plan.as_needed.dose:
        # In the unit of the limits: what the most in a day is reckoned in.
        return {"value": _plain(plan.as_needed.dose), "unit": plan.as_needed.unit}
    found = _QUANTITY.fullmatch(plan.amount)
    if found is None or plan.steps or any(slot.amount for slot in plan.slots):
        return None
    return {"value": _plain(float(found[1].replace(",", "."))), "unit": found[2]}


def _plain(number: float) -> float:
    """Two as 2 and not as 2.0, which would be read aloud so."""
    return int(number) if float(number).is_integer() else number


def _days(plan: Plan) -> Json:
    """Which days. Of a rule that FHIR cannot say nothing is said but its words."""
    days = of_rule(plan.days)
    if days is None:
        return {}
    if days.every == "once":
        return {"count": len(plan.slots)}
    if days.every == "day" and days.interval == 1:
        return {}
    found: Json = {"frequency": 1, "period": days.interval, "periodUnit": _UNITS[days.every]}
    return found | ({"dayOfWeek": [_WEEKDAYS[day] for day in days.weekdays]} if days.weekdays else {})
