"""A FHIR R4 Bundle as rows: Patient, Practitioner, PractitionerRole, MedicationRequest, ServiceRequest.

What a resource says that has no column is passed over; what must not be passed over (modifierExtension) or
cannot be read makes its row faulty. docs/import.md says which element becomes what.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from care import order_check
from endpoint.database import Database
from endpoint.deviations.errors import Unreadable, WrongValue
from endpoint.deviations.table import Bad, Row
from endpoint.imports import staff
from endpoint.imports.mapping import Map
from endpoint.imports.rows import Result, wrong
from endpoint.imports.running import SORTS, faulty
from endpoint.imports.running import run as run_rows
from endpoint.keys import Keys
from endpoint.people.table import Line

Json = Mapping[str, Any]
ABOUT = """\
Read in a FHIR R4 Bundle (JSON; collection, transaction or searchset), or one resource. A row is an entry,
counted from 1.

  Patient             personnummer, name, unit (managingOrganization), address, telecom
  Practitioner(Role)  id (HSA-id), name, telecom, unit (organization), role (code), period
  MedicationRequest   order (identifier), person, medicine, dosage, times, period, as needed with its limits
  ServiceRequest      the same for other tasks

"""
PERSONNUMMER = ("urn:oid:1.2.752.129.2.1.3.1", "http://electronichealth.se/identifier/personnummer")
COORDINATION = ("urn:oid:1.2.752.129.2.1.3.3", "http://electronichealth.se/identifier/samordningsnummer")
ATC = ("http://www.whocc.no/atc", "urn:oid:1.2.752.129.2.2.3.1.1", "urn:oid:2.16.840.1.113883.6.73")
"""ATC in FHIR (HL7 terminology), as the Swedish national code system, and by its international OID."""
HSA = ("urn:oid:1.2.752.129.2.1.4.1", "http://electronichealth.se/identifier/hsaid")
_GONE = frozenset({"entered-in-error", "draft"})
_OVER = frozenset({"stopped", "completed", "cancelled", "revoked"})
_DAYS = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
"""The days of the week of FHIR as those of RFC 5545."""
MOST = 20_000


def run(
    database: Database, keys: Keys, data: bytes, provider: str, now: datetime, dry: bool
) -> tuple[list[Result], str]:
    """What becomes of every entry: persons first, then staff, then orders. Blocking. Raises Unreadable."""
    bundle = Bundle(data)
    persons, orders = (list(bundle.rows(*OF_SORT[name])) for name in ("persons", "orders"))
    results = run_rows(database, keys, SORTS["persons"], persons, Map(), provider, now, dry)
    lines, faults = bundle.staff()
    if lines:
        results += staff.state(database, keys, lines, provider, now, dry)
    results += [faulty(one) for one in faults]
    results += run_rows(database, keys, SORTS["orders"], orders, Map(), provider, now, dry)
    passed = f"resources passed over: {', '.join(bundle.passed_over)}\n" if bundle.passed_over else ""
    return sorted(results, key=lambda one: one.line), passed


OF_SORT = {"persons": ("Patient",), "orders": ("MedicationRequest", "ServiceRequest")}
"""What the rows of a sort are in a bundle. Delegations are none."""


class Bundle:
    """The entries of a bundle, with what they refer to among themselves."""

    def __init__(self, data: bytes) -> None:
        try:
            read = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Unreadable(f"no JSON: {error}", "people.file.not_json") from error
        if not isinstance(read, dict) or not isinstance(read.get("resourceType"), str):
            raise Unreadable("no FHIR resource: resourceType is missing", "import.file.no_resource")
        entries = read.get("entry", []) if read["resourceType"] == "Bundle" else [{"resource": read}]
        if not isinstance(entries, list) or len(entries) > MOST:
            raise Unreadable(f"entry: no list of at most {MOST}", "people.file.too_many", {"most": MOST})
        self.entries = [one if isinstance(one, dict) else {} for one in entries]
        self.resources = [_mapping(one.get("resource")) for one in self.entries]
        self._by_name: dict[str, Json] = {}
        for entry, resource in zip(self.entries, self.resources, strict=True):
            for name in (entry.get("fullUrl"), f"{resource.get('resourceType')}/{resource.get('id')}"):
                if isinstance(name, str):
                    self._by_name[name] = resource

    @property
    def passed_over(self) -> list[str]:
        """Types of resources that nothing is made of."""
        helps = {*_READERS, "Practitioner", "PractitionerRole", "Organization", "Medication", "Location"}
        types = {str(one.get("resourceType")) for one in self.resources}
        return sorted(types - helps)

    def others(self, types: Collection[str]) -> list[str]:
        """Types of resources that are none of these."""
        return sorted({str(one.get("resourceType")) for one in self.resources} - set(types))

    def rows(self, *types: str) -> Iterator[Row | Bad]:
        for line, resource in enumerate(self.resources, 1):
            if resource.get("resourceType") in types:
                try:
                    yield Row(line, _READERS[str(resource["resourceType"])](self, resource))
                except WrongValue as error:
                    yield _bad(line, error)

    def staff(self) -> tuple[list[Line], list[Bad]]:
        """A line for each role; of a practitioner without any, none: they cannot be placed."""
        lines, faults = [], []
        for line, resource in enumerate(self.resources, 1):
            if resource.get("resourceType") == "PractitionerRole":
                try:
                    lines.append(_line(self, resource, line))
                except WrongValue as error:
                    faults.append(_bad(line, error))
        return lines, faults

    def found(self, reference: Any) -> Json:
        """What a Reference refers to: in the bundle, contained, or by its identifier alone."""
        one = _mapping(reference)
        name = one.get("reference")
        there = self._by_name.get(name, {}) if isinstance(name, str) else {}
        return there or ({"identifier": [one["identifier"]]} if "identifier" in one else {})

    def display(self, reference: Any) -> str:
        """The name of what a Reference refers to."""
        there = self.found(reference)
        name = there.get("name")
        return _text(name) or _text(_mapping(reference).get("display")) or _coded(there.get("code"))


def _bad(line: int, error: WrongValue) -> Bad:
    return Bad(line, error.reason, error.why, error.values, error.field)


def _patient(bundle: Bundle, patient: Json) -> dict[str, str]:
    _checked(patient)
    address = _first(patient.get("address"))
    lines = address.get("line")
    return {
        "personnummer": _identifier(patient, (*PERSONNUMMER, *COORDINATION)),
        "name": _name(patient),
        "unit": bundle.display(patient.get("managingOrganization")),
        "street": _text(lines[0]) if isinstance(lines, list) and lines else "",
        "phone": _telecom(patient, "phone"),
    }


def _line(bundle: Bundle, role: Json, line: int) -> Line:
    _checked(role)
    who = bundle.found(role.get("practitioner"))
    _checked(who)
    period = _mapping(role.get("period"))
    ended = role.get("active") is False
    title = _coded(_first_of(role.get("code")))
    return Line(
        row=line,
        identity=_identifier(who, HSA) or _identifier(who, ()),
        name=_name(who) or _text(_mapping(role.get("practitioner")).get("display")),
        title=title or None,
        phone=_telecom(role, "phone") or _telecom(who, "phone") or None,
        email=_telecom(role, "email") or _telecom(who, "email") or None,
        unit=bundle.display(role.get("organization")) or None,
        role=None,
        start=_day(period.get("start")) or None,
        end=_day(period.get("end")) or ("1950-01-01" if ended else None),
    )


def _request(bundle: Bundle, request: Json, what: str, form: str, dosage: Json) -> dict[str, str]:
    """What both requests say, in the columns of an order."""
    _checked(request)
    status = _text(request.get("status"))
    if status in _GONE:
        raise wrong("status", "status", text=status)
    timing = _mapping(dosage.get("timing"))
    repeat = _mapping(timing.get("repeat"))
    bounds = _mapping(repeat.get("boundsPeriod"))
    cells = {
        "order": _identifier(request, ()) or _text(request.get("id")),
        "personnummer": _identifier(bundle.found(request.get("subject")), (*PERSONNUMMER, *COORDINATION)),
        "what": what,
        "form": form,
        "times": ", ".join(_text(one)[:5] for one in _list(repeat.get("timeOfDay"))),
        "days": _rule(repeat),
        "start": _day(bounds.get("start")) or _day(request.get("authoredOn")),
        "end": _day(bounds.get("end")),
        "note": " ".join(_text(_mapping(one).get("text")) for one in _list(request.get("note"))),
        "reason": _coded(_first_of(request.get("reasonCode"))),
        "requires": _text(_mapping(_first(request.get("performerType"))).get("text")),
    }
    if status in _OVER and not cells["end"]:
        raise wrong("status", "status_ended", text=status)
    return cells


def _medication(bundle: Bundle, request: Json) -> dict[str, str]:
    medicine = _coded(request.get("medicationCodeableConcept")) or bundle.display(
        request.get("medicationReference")
    )
    dosages = _list(request.get("dosageInstruction"))
    if len(dosages) > 1:
        raise wrong("dosageInstruction", "several_doses")
    dosage = _mapping(dosages[0]) if dosages else {}
    if dosage.get("modifierExtension"):
        raise wrong("dosageInstruction", "passed_over")
    dose = _mapping(_first(dosage.get("doseAndRate")).get("doseQuantity"))
    quantity = f"{dose.get('value', '')} {_text(dose.get('unit'))}".strip() if dose else ""
    cells = _request(bundle, request, medicine, "tablet", dosage)
    cells |= {
        "amount": quantity or _text(dosage.get("text")),
        "route": _coded(dosage.get("route")),
        "substance": _substance(bundle, request),
    }
    needed = _coded(dosage.get("asNeededCodeableConcept"))
    if needed or dosage.get("asNeededBoolean") is True:
        cells |= _limits(dosage, dose, needed)
    return {name: value for name, value in cells.items() if value}


def _substance(bundle: Bundle, request: Json) -> str:
    """The ATC code of the substance; "" where the medicine is coded in other ways, or as a group alone."""
    medicine = _mapping(request.get("medicationCodeableConcept")) or _mapping(
        bundle.found(request.get("medicationReference")).get("code")
    )
    codings = [_mapping(one) for one in _list(medicine.get("coding"))]
    codes = ["".join(_text(one.get("code")).split()).upper() for one in codings if one.get("system") in ATC]
    return next((code for code in codes if order_check.ATC.fullmatch(code)), "")


def _limits(dosage: Json, dose: Json, needed: str) -> dict[str, str]:
    """The most in 24 hours, which an order as needed must say."""
    most = _mapping(dosage.get("maxDosePerPeriod"))
    over, per = _mapping(most.get("numerator")), _mapping(most.get("denominator"))
    a_day = (str(per.get("value")), _text(per.get("code") or per.get("unit"))) in (("1", "d"), ("24", "h"))
    if not a_day or _text(over.get("unit")) != _text(dose.get("unit")):
        raise wrong("maxDosePerPeriod", "most")
    least = _mapping(_mapping(dosage.get("timing")).get("repeat"))
    unit = _text(least.get("periodUnit"))
    between = least.get("period") if unit == "h" else 0
    return {
        "indication": needed or _text(dosage.get("text")),
        "max_per_24h": str(over.get("value", "")),
        "limit_unit": _text(dose.get("unit")),
        "dose": str(dose.get("value", "")),
        "min_hours": str(between or ""),
        "times": "",
        "days": "",
    }


def _service(bundle: Bundle, request: Json) -> dict[str, str]:
    if request.get("doNotPerform"):
        raise wrong("doNotPerform", "passed_over")
    timing = _mapping(request.get("occurrenceTiming"))
    period = _mapping(request.get("occurrencePeriod"))
    repeat = dict(_mapping(timing.get("repeat")))
    if period:
        repeat.setdefault("boundsPeriod", period)
    what = _coded(request.get("code"))
    cells = _request(bundle, request, what, "care", {"timing": {"repeat": repeat}})
    instruction = _text(request.get("patientInstruction"))
    quantity = _mapping(request.get("quantityQuantity"))
    amount = f"{quantity.get('value', '')} {_text(quantity.get('unit'))}".strip()
    cells |= {"amount": amount or what}
    cells["note"] = " ".join(part for part in (cells["note"], instruction) if part)
    return {name: value for name, value in cells.items() if value}


_READERS: dict[str, Callable[[Bundle, Json], dict[str, str]]] = {
    "Patient": _patient,
    "MedicationRequest": _medication,
    "ServiceRequest": _service,
}


def _rule(repeat: Json) -> str:
    """Days as a rule. What cannot be said in days is a fault, never another rule."""
    if repeat.get("when"):
        raise wrong("timing", "when")
    days = [_DAYS.get(_text(one)) for one in _list(repeat.get("dayOfWeek"))]
    if None in days:
        raise wrong("timing", "day_of_week")
    period, unit = repeat.get("period", 1), _text(repeat.get("periodUnit")) or "d"
    if unit == "h" and not days:
        return "FREQ=DAILY"
    whole = isinstance(period, int) and period >= 1
    if unit not in ("d", "wk") or not whole or (days and unit == "d" and period > 1):
        raise wrong("timing", "period", text=f"{period} {unit}")
    if "count" in repeat:
        return _once(repeat, days)
    frequency = "WEEKLY" if days or unit == "wk" else "DAILY"
    every = f"FREQ={frequency}" if period == 1 else f"FREQ={frequency};INTERVAL={period}"
    return every + (f";BYDAY={','.join(str(one) for one in days)}" if days else "")


def _once(repeat: Json, days: list[str | None]) -> str:
    """All of one day's times and no more: the only number of times that can be said in days."""
    count, times = repeat["count"], len(_list(repeat.get("timeOfDay"))) or 1
    if days or count != times:
        raise wrong("timing", "period", text=f"count {count}")
    return "FREQ=DAILY;COUNT=1"


def _checked(resource: Json) -> None:
    if resource.get("modifierExtension") or resource.get("implicitRules"):
        raise wrong("modifierExtension", "passed_over")


def _identifier(resource: Json, systems: tuple[str, ...]) -> str:
    """The value of the first identifier of one of the systems; of any system where none is named."""
    for one in _list(resource.get("identifier")):
        found = _mapping(one)
        if not systems or found.get("system") in systems:
            return _text(found.get("value"))
    return ""


def _name(resource: Json) -> str:
    names = [_mapping(one) for one in _list(resource.get("name"))]
    names.sort(key=lambda one: one.get("use") != "official")
    if not names:
        return ""
    given = " ".join(_text(one) for one in _list(names[0].get("given")))
    return _text(names[0].get("text")) or f"{given} {_text(names[0].get('family'))}".strip()


def _telecom(resource: Json, system: str) -> str:
    found = [_mapping(one) for one in _list(resource.get("telecom"))]
    return next((_text(one.get("value")) for one in found if one.get("system") == system), "")


def _coded(concept: Any) -> str:
    """The words of a CodeableConcept."""
    one = _mapping(concept)
    codings = [_mapping(coding) for coding in _list(one.get("coding"))]
    shown = next((_text(coding.get("display")) for coding in codings if coding.get("display")), "")
    return _text(one.get("text")) or shown or next((_text(coding.get("code")) for coding in codings), "")


def _day(text: Any) -> str:
    return _text(text)[:10]


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _first(value: Any) -> Json:
    return _mapping(_first_of(value))


def _first_of(value: Any) -> Any:
    found = _list(value)
    return found[0] if found else None
