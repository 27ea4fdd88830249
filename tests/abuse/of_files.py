"""What is read in or sent by other systems: tables, maps, FHIR, SCIM, machines' events, searches, forms."""

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from care.order import OrderDocument
from care.person import PersonDocument
from care.rights import Role
from care.staff import RoleInUnit, StaffDocument
from care.unit import UnitDocument
from endpoint.console import upload
from endpoint.console.sent import Sent
from endpoint.console.texts import texts
from endpoint.deviations import mapping as reports_map
from endpoint.deviations import rows as past
from endpoint.deviations import table as reports
from endpoint.deviations.errors import DeviationsError, Unreadable
from endpoint.fhir import search
from endpoint.fhir.errors import FhirError
from endpoint.imports import fhir, lists, mapping
from endpoint.imports.known import Known
from endpoint.imports.mapping import Map
from endpoint.imports.running import SORTS, _result
from endpoint.machines import api as machines
from endpoint.people import planning, scim_patch, scim_users
from endpoint.people import table as staff
from endpoint.people.errors import PeopleError
from endpoint.people.reading import read as read_lines
from endpoint.people.roster import Roster
from tests.statements import KARIN, NOON, PERSON, UNIT

NUMBER = "19360211-2397"
_DAY = date(2026, 3, 14)
_UNIT = UnitDocument(id=UNIT, name="Granen", provider="p", provider_name="P")
_NURSE = StaffDocument(
    id=KARIN,
    name="Karin Prov",
    title="nurse",
    identity="karin",
    roles=(RoleInUnit(Role.NURSE, UNIT, date(2025, 1, 1)),),
)
_PERSON = PersonDocument(id=PERSON, unit=UNIT, name="Ingegerd", personnummer=NUMBER, born=date(1936, 2, 11))


class Here(Known):
    """One unit with a nurse and a person, and no database behind them."""

    def __init__(self) -> None:
        self.provider, self.now = "p", NOON
        self.units = {UNIT: _UNIT}
        self._by_name = {"granen": [_UNIT], UNIT: [_UNIT]}  # type: ignore[assignment]
        self.persons = {NUMBER.replace("-", ""): _PERSON}
        self.staff = {"karin": _NURSE}

    def order(self, id: str) -> OrderDocument | None:
        return None

    def delegation(self, id: str) -> None:
        return None


def _roster() -> Roster:
    return Roster([_UNIT], [_NURSE], _DAY)


def _rows(name: str, data: bytes) -> None:
    """A file as the console takes it: read, kept, tried, and what becomes of it kept."""
    known, seen = Here(), set[str]()
    kept = msgspec.json.encode(lists.read(name, data)[0])
    for line in msgspec.json.decode(kept, type=list[lists.Line]):
        found = _result(SORTS[name], line.row, Map(), known, seen)
        outcome = msgspec.json.decode(msgspec.json.encode(lists.Outcome.of(found)), type=lists.Outcome)
        if outcome.why:
            texts("sv")(outcome.why, **outcome.values)


def _persons(data: bytes) -> None:
    _rows("persons", data)


def _orders(data: bytes) -> None:
    _rows("orders", data)


def _delegations(data: bytes) -> None:
    _rows("delegations", data)


def _map(data: bytes) -> None:
    mapping.read(data, SORTS["persons"].columns)


def _reports_map(data: bytes) -> None:
    reports_map.read(data)


def _bundle(data: bytes) -> None:
    found, known, seen = fhir.Bundle(data), Here(), set[str]()
    for name, types in (("persons", ("Patient",)), ("orders", ("MedicationRequest", "ServiceRequest"))):
        for row in found.rows(*types):
            _result(SORTS[name], row, Map(), known, seen)
    planning.plan(_roster(), found.staff()[0])
    sorted(found.passed_over)


def _staff(data: bytes) -> None:
    read = scim_users.read_file if scim_users.looks_like(data) else staff.read
    planning.plan(_roster(), read(data).lines)


def _reports(data: bytes) -> None:
    sheet = reports.read(data, dict(reports_map.COLUMNS), reports_map.NEEDED, {})
    units = past.Units([_UNIT], "p", reports_map.Map())
    reader = past.Reader(units, reports_map.Map(), {"p": bytes(32)}, NOON)
    for row in sheet.rows():
        if isinstance(row, reports.Row):
            try:
                reader.read(row)
            except DeviationsError:
                continue


def _scim(data: bytes) -> None:
    """A User put, or operations on one, as the calls read them."""
    try:
        given = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    user = scim_users.written(_NURSE, _roster(), "sjuksköterska", "https://x")
    operations = next((value for key, value in given.items() if key.lower() == "operations"), None)
    after = scim_patch.patched(user, operations) if operations is not None else given
    entries, _ = read_lines(_roster(), scim_users.lines(after))
    for entry in entries:
        planning.outcome(_roster(), entry, "x")
    scim_users.active_of(after)


def _events(data: bytes) -> None:
    try:
        sent = msgspec.convert(msgspec.json.decode(data), machines.Events)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    known = machines._Known({UNIT}, {PERSON: UNIT}, {"karin": KARIN}, set())
    for event in sent.events:
        if not machines._refused(event, known):
            msgspec.json.encode(machines._body(event, known))


_RESOURCE = {"authored": NOON.isoformat(), "effectiveDateTime": NOON.isoformat(), "code": {}}


def _search(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for kind in ("QuestionnaireResponse", "Observation"):
        search.read(kind, parse_qsl(text, keep_blank_values=True)).holds(_RESOURCE)


def _upload(data: bytes) -> None:
    upload.parsed(data, "x")


def _form(data: bytes) -> None:
    """A console's form, with rows numbered by the browser."""
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    given = Sent(fields)
    given.numbers("row")
    given("a")


READERS = {
    "persons": (_persons, (Unreadable,)),
    "orders": (_orders, (Unreadable,)),
    "delegations": (_delegations, (Unreadable,)),
    "map": (_map, (Unreadable,)),
    "reports-map": (_reports_map, (Unreadable,)),
    "bundle": (_bundle, (Unreadable,)),
    "staff": (_staff, (PeopleError,)),
    "reports": (_reports, (DeviationsError,)),
    "scim": (_scim, (PeopleError,)),
    "events": (_events, ()),
    "search": (_search, (FhirError,)),
    "form": (_form, ()),
    "upload": (_upload, (ValueError, LookupError)),
}
_PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": fhir.PERSONNUMMER[0], "value": NUMBER}],
    "name": [{"use": "official", "given": ["Ingegerd"], "family": "Provdahl"}],
    "managingOrganization": {"display": "Granen"},
    "address": [{"line": ["Provgatan 1"]}],
    "telecom": [{"system": "phone", "value": "070-1740601"}],
}
_MEDICATION = {
    "resourceType": "MedicationRequest",
    "identifier": [{"value": "4711"}],
    "status": "active",
    "subject": {"identifier": {"system": fhir.PERSONNUMMER[0], "value": NUMBER}},
    "medicationCodeableConcept": {"text": "Alvedon"},
    "dosageInstruction": [
        {
            "timing": {
                "repeat": {
                    "timeOfDay": ["08:00:00"],
                    "dayOfWeek": ["mon"],
                    "boundsPeriod": {"start": "2026-01-01", "end": "2026-12-31"},
                    "period": 1,
                    "periodUnit": "d",
                }
            },
            "route": {"text": "oralt"},
            "doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablett"}}],
            "asNeededCodeableConcept": {"text": "värk"},
            "maxDosePerPeriod": {
                "numerator": {"value": 8, "unit": "tablett"},
                "denominator": {"value": 1, "code": "d"},
            },
        }
    ],
}
_ROLE = {
    "resourceType": "PractitionerRole",
    "practitioner": {"reference": "Practitioner/1"},
    "organization": {"display": "Granen"},
    "code": [{"text": "undersköterska"}],
    "period": {"start": "2026-01-01"},
}
_PRACTITIONER = {
    "resourceType": "Practitioner",
    "id": "1",
    "identifier": [{"system": fhir.HSA[0], "value": "SE2120000000-1A01"}],
    "name": [{"text": "Anna Prov"}],
}
_SERVICE = {
    "resourceType": "ServiceRequest",
    "id": "2",
    "status": "active",
    "subject": {"reference": "Patient/9"},
    "code": {"text": "Blodtryck"},
    "occurrenceTiming": {"repeat": {"timeOfDay": ["09:00"], "period": 2, "periodUnit": "wk"}},
    "quantityQuantity": {"value": 1},
}
_BUNDLE = {
    "resourceType": "Bundle",
    "entry": [{"resource": one} for one in (_PATIENT, _MEDICATION, _ROLE, _PRACTITIONER, _SERVICE)],
}
_USER = scim_users.written(_NURSE, _roster(), "sjuksköterska", "https://x")


def _table(columns: dict[str, tuple[str, ...]], example: dict[str, str]) -> bytes:
    filled = example | {"personnummer": NUMBER, "issuer": "karin", "holder": "karin", "nurse": "karin"}
    return (";".join(columns) + "\n" + ";".join(filled.get(name, "") for name in columns) + "\n").encode()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


SEEDS: dict[str, tuple[bytes, ...]] = {
    **{name: (_table(sort.columns, sort.example),) for name, sort in SORTS.items()},
    "map": (
        b'{"columns":{"Pnr":"personnummer"},"unit":{"*":"Granen"}}',
        b"field;from;to\ncolumns;Pnr;personnummer\n",
    ),
    "reports-map": (b'{"category":{"fall":"fall"}}', b"field;from;to\ncategory;Fall;fall\n"),
    "bundle": (_json(_BUNDLE), _json(_MEDICATION), _json(_ROLE), _json(_SERVICE)),
    "staff": (
        "id;namn;enhet;roll\n1;Åsa Prov;Granen;nurse\n".encode(),
        b"\xff\xfei\0d\0",
        _json([_USER]),
    ),
    "reports": ("datum;händelse\n2026-01-02;fall\n".encode("cp1252"), _table(reports_map.COLUMNS, {})),
    "scim": (
        _json(_USER),
        _json({"Operations": [{"op": "replace", "path": "name.givenName", "value": "A"}]}),
        _json({"Operations": [{"op": "remove", "path": 'phoneNumbers[type eq "work"].value'}]}),
        _json({"Operations": [{"op": "add", "value": {scim_users.ROLES: {"roles": []}}}]}),
    ),
    "events": (
        _json(
            {
                "events": [
                    {
                        "id": "1",
                        "kind": "dispenser.handed_out",
                        "at": datetime(2026, 3, 14, tzinfo=UTC).isoformat(),
                        "machine": "m",
                        "unit": UNIT,
                        "person": PERSON,
                        "by": "karin",
                    }
                ]
            }
        ),
    ),
    "search": (
        b"patient=1&date=ge2026-03-14&_count=5&code=a|b",
        b"patient.identifier=193602112397&authored=lt2026-03-14T08:00:00+01:00&_offset=2",
    ),
    "upload": (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; '
        b'name="file"; filename="f.csv"\r\nContent-Type: text/csv\r\n\r\nid;namn\r\n--x--\r\n',
    ),
    "form": (b"a=1&row.1.time=08&row.2.time=09", b"row." + b"9" * 5000 + b".time=1"),
}
