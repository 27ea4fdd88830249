"""Persons, staff, orders and delegations read in: by row, once however often, and nothing of a faulty row."""

import csv
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from care.delegation import DelegationDocument
from care.facts import Ref
from care.order import OrderDocument
from care.person import Flag, PersonDocument
from care.rights import Role
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.unit import UnitSet
from endpoint import documents
from endpoint.__main__ import main
from endpoint.deviations import table
from endpoint.deviations.errors import Unreadable, WrongValue
from endpoint.imports import fhir, mapping, personnummer
from endpoint.imports.delegations import delegation_id
from endpoint.imports.mapping import Map
from endpoint.imports.orders import order_id
from endpoint.imports.running import SORTS, run
from endpoint.schema import facts
from tests.endpoint_town import Town
from tests.keeping_town import a_town
from tests.statements import AMINA, KARIN, UNIT

KANSLI = "99999999-9999-5999-8999-999999999999"
NUMBER, OTHER = "19360211-2397", "19401013-2399"
TODAY = datetime.now(UTC).date()
PERSONS = (
    "personnummer;namn;enhet;rum;allergi;ansvarig sjuksköterska\n"
    f"{NUMBER};Ingegerd Provdahl;Granen;5;penicillin|ägg;karin\n"
)
ORDERS = (
    "ordination;personnummer;vad;sort;mängd;tider;från;kräver\n"
    f"4711;{NUMBER};Insulin NovoRapid;spruta;8 enheter;08.00, 17;{TODAY};insulin\n"
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with a_town(tmp_path / "data") as made:
        for id, name, title, role in (
            (KARIN, "karin", "nurse", Role.NURSE),
            (AMINA, "amina", "assistant_nurse", Role.CARER),
        ):
            roles = (RoleInUnit(role, UNIT, date(2025, 1, 1)),)
            made.state(
                StaffSet(name=f"{name} Prov", title=title, roles=roles, identity=name), Ref("staff", id)
            )
        yield made


class Desk:
    """The command line beside the endpoint, with a file."""

    def __init__(self, here: Town, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.here, self.folder, self._capsys = here, folder, capsys

    def command(self, name: str, text: str, *options: str) -> tuple[int, str]:
        file = self.folder / "file"
        file.write_text(text)
        self._capsys.readouterr()
        data = str(self.here.parts.settings.data)
        code = main([f"import-{name}", str(file), "--data", data, *options])
        said = self._capsys.readouterr()
        return code, said.out + said.err

    def all(self, kind: Any) -> list[Any]:
        return list(self.here.read(lambda c: documents.all_of(c, kind)))


@pytest.fixture
def desk(here: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(here, tmp_path, capsys)


def test_persons_come_in_once_change_and_keep_what_a_file_does_not_say(desk: Desk) -> None:
    before = len(desk.all(PersonDocument))
    code, said = desk.command("persons", PERSONS, "--dry-run")
    assert (code, len(desk.all(PersonDocument))) == (0, before)
    assert ":2: new" in said
    assert desk.command("persons", PERSONS) == (0, "1 rows: 1 new\n")
    assert desk.command("persons", PERSONS) == (0, "1 rows: 1 unchanged\n")
    moved = f"pnr;enhet;rum;allergi;skyddad\n{NUMBER};Granen;7;;ja\n"
    code, said = desk.command("persons", moved, "--dry-run")
    assert "changed (room, protected)" in said
    desk.command("persons", moved)
    [found] = [one for one in desk.all(PersonDocument) if one.personnummer == NUMBER]
    assert (found.name, found.room, found.protected, found.nurse) == ("Ingegerd Provdahl", "7", True, KARIN)
    assert found.flags == [Flag("allergy", "penicillin"), Flag("allergy", "ägg")]
    assert found.born == date(1936, 2, 11)
    desk.command("persons", f"pnr;enhet;allergi\n{NUMBER};Granen;-\n")
    assert next(one for one in desk.all(PersonDocument) if one.personnummer == NUMBER).flags == []


def test_nobody_is_read_in_to_an_office(desk: Desk) -> None:
    office = UnitSet(name="Kansliet", kind="office", provider="p", provider_name="Provkommun")
    desk.here.state(office, Ref("unit", KANSLI), KANSLI)
    before = len(desk.all(PersonDocument))
    code, said = desk.command("persons", f"pnr;namn;enhet\n{NUMBER};Ingegerd Provdahl;Kansliet\n")
    assert (code, len(desk.all(PersonDocument))) == (1, before)
    assert "unit: Kansliet is an office: nobody lives there" in said


def test_faulty_rows_are_named_and_the_rest_goes_in(desk: Desk, tmp_path: Path) -> None:
    text = (
        "personnummer;namn;enhet\n"
        f"{NUMBER};Ingegerd Provdahl;Granen\n"
        f"{NUMBER};Ingegerd Provdahl;Granen\n"
        "19360211-2398;Fel Siffra;Granen\n"
        "19361311-2397;Fel Dag;Granen\n"
        f"{OTHER};Bror Provsson;Ekorren\n"
        f"{OTHER};;Granen\n"
        'x;"öppen;Granen\n'
    )
    report = tmp_path / "report.csv"
    code, said = desk.command("persons", text, "--report", str(report))
    assert code == 1
    lines = [line.partition("/file:")[2] for line in said.splitlines()[:-1]]
    assert lines == [
        "3: personnummer: stands in an earlier row",
        "4: personnummer: its last digit is wrong",
        "5: personnummer: has no day of birth",
        '6: unit: "Ekorren" is no unit here',
        "7: name: missing",
        "8: row: a quotation mark is not closed, or stands in the middle of a cell",
    ]
    rows = list(csv.reader(report.read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert [row[1] for row in rows] == ["outcome", "new", *["faulty"] * 6]
    assert NUMBER not in report.read_text("utf-8-sig")


def test_a_map_explains_another_systems_headings_and_words(desk: Desk, tmp_path: Path) -> None:
    map = tmp_path / "map.json"
    map.write_text(json.dumps({"columns": {"Boendeenhet": "unit"}, "unit": {"Gran 1": "Granen"}}))
    text = f"Pnr;Namn;Boendeenhet;Skostorlek\n{NUMBER};Ingegerd Provdahl;GRAN 1;38\n"
    code, said = desk.command("persons", text, "--map", str(map))
    assert (code, said) == (0, "columns passed over: Skostorlek\n1 rows: 1 new\n")
    map.write_text('{"shoe": {}}')
    code, said = desk.command("persons", text, "--map", str(map))
    assert code == 2
    assert "'shoe' is none of personnummer" in said


def test_orders_come_in_and_a_new_time_is_the_same_dose(desk: Desk) -> None:
    code, said = desk.command("orders", ORDERS)
    assert code == 1
    assert "nobody here has it" in said
    desk.command("persons", PERSONS)
    assert desk.command("orders", ORDERS) == (0, "1 rows: 1 new\n")
    assert desk.command("orders", ORDERS) == (0, "1 rows: 1 unchanged\n")
    id = order_id("p", "4711")
    [found] = [one for one in desk.all(OrderDocument) if one.id == id]
    plan = found.plan
    assert plan is not None
    assert (plan.form, plan.requires, plan.source and plan.source.id) == ("injection", "insulin", "4711")
    assert [slot.time for slot in plan.slots] == ["08:00", "17:00"]
    code, said = desk.command("orders", ORDERS.replace("08.00, 17", "08:30, 17:00"), "--dry-run")
    assert "changed (slots)" in said
    desk.command("orders", ORDERS.replace("08.00, 17", "08:30, 17:00"))
    [again] = [one for one in desk.all(OrderDocument) if one.id == id]
    assert again.plan is not None
    assert [slot.id for slot in again.plan.slots] == [slot.id for slot in plan.slots]
    assert len(again.versions) == 2
    assert desk.command("orders", ORDERS.replace("17;", "27;"))[0] == 1


def test_orders_as_needed_say_their_limits_or_do_not_come_in(desk: Desk) -> None:
    desk.command("persons", PERSONS)
    head = "ordination;personnummer;vad;mängd;vid behov mot;högst per dygn;mängdenhet;en gång är;min_hours\n"
    assert desk.command("orders", f"{head}1;{NUMBER};Alvedon;2 tabletter;smärta;4000;mg;1000;4\n")[0] == 0
    code, said = desk.command("orders", f"{head}2;{NUMBER};Alvedon;2 tabletter;smärta;;mg;1000;4\n")
    assert (code, "max_per_24h: " in said) == (1, True)


def test_delegations_come_in_from_their_issuer_and_wait_for_the_holder(desk: Desk) -> None:
    head = "delegerings-id;utfärdare;mottagare;uppgifter;enheter;från;till;prov;sett utfört\n"
    end = TODAY + timedelta(days=300)
    row = f"D-17;karin;amina;insulin, dosett;Granen;{TODAY};{end};ja;ja\n"
    assert desk.command("delegations", head + row) == (0, "1 rows: 1 new\n")
    assert desk.command("delegations", head + row) == (0, "1 rows: 1 unchanged\n")
    id = delegation_id("p", "D-17")
    [found] = [one for one in desk.all(DelegationDocument) if one.id == id]
    assert (found.issuer, found.holder, found.tasks, found.state) == (
        KARIN,
        AMINA,
        ["insulin", "dosett"],
        "issued",
    )
    code, said = desk.command("delegations", head + row.replace("insulin", "wound_care"))
    assert (code, "another content" in said) == (1, True)
    wrong = {
        "amina;karin": "holder: ",
        "karin;nobody": 'holder: nobody here has the id "nobody"',
    }
    for who, fault in wrong.items():
        code, said = desk.command(
            "delegations", head + row.replace("D-17", "D-18").replace("karin;amina", who)
        )
        assert (code, fault in said) == (1, True), said
    too_long = row.replace("D-17", "D-19").replace(str(end), str(TODAY + timedelta(days=500)))
    assert ": end: " in desk.command("delegations", head + too_long)[1]


def test_staff_come_in_by_the_same_words_as_on_the_console(desk: Desk) -> None:
    text = "id;namn;titel;enhet;e-post\nnils;Nils Prov;undersköterska;Granen;nils@example.se\nx;;;;\n"
    code, said = desk.command("staff", text)
    assert code == 1
    assert "2 rows: 1 faulty, 1 new" in said
    [found] = [one for one in desk.all(StaffDocument) if one.identity == "nils"]
    assert (found.email, found.roles[0].role) == ("nils@example.se", Role.CARER)
    assert "1 unchanged" in desk.command("staff", text, "--dry-run")[1]


def bundle(*resources: dict[str, Any]) -> str:
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    )


ORGANIZATION = {"resourceType": "Organization", "id": "g", "name": "Granen"}
PATIENT = {
    "resourceType": "Patient",
    "id": "i",
    "identifier": [{"system": fhir.PERSONNUMMER[1], "value": NUMBER.replace("-", "")}],
    "name": [{"use": "official", "given": ["Ingegerd"], "family": "Provdahl"}],
    "managingOrganization": {"reference": "Organization/g"},
    "telecom": [{"system": "phone", "value": "070-1740600"}],
}
PRACTITIONER = {
    "resourceType": "Practitioner",
    "id": "n",
    "identifier": [{"system": fhir.HSA[0], "value": "SE2120000000-1A07"}],
    "name": [{"text": "Nils Prov"}],
}
ROLE = {
    "resourceType": "PractitionerRole",
    "practitioner": {"reference": "Practitioner/n"},
    "organization": {"reference": "Organization/g"},
    "code": [{"text": "sjuksköterska"}],
}
REQUEST: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "identifier": [{"value": "4712"}],
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/i"},
    "medicationCodeableConcept": {
        "text": "Furix 40 mg",
        "coding": [
            {"system": "urn:oid:1.2.752.129.2.1.5.1", "code": "19640401000041"},
            {"system": "http://www.whocc.no/atc", "code": "C03C"},
            {"system": "http://www.whocc.no/atc", "code": "C03CA01"},
        ],
    },
    "authoredOn": "2026-01-01",
    "dosageInstruction": [
        {
            "timing": {"repeat": {"timeOfDay": ["08:00:00"], "dayOfWeek": ["mon", "thu"]}},
            "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablett"}}],
        }
    ],
}
SERVICE = {
    "resourceType": "ServiceRequest",
    "identifier": [{"value": "4713"}],
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/i"},
    "code": {"text": "Blodsocker"},
    "occurrenceTiming": {"repeat": {"timeOfDay": ["07:30:00"], "boundsPeriod": {"start": "2026-02-01"}}},
}


def test_a_fhir_bundle_is_the_same_rows(desk: Desk) -> None:
    whole = bundle(ORGANIZATION, PATIENT, PRACTITIONER, ROLE, REQUEST, SERVICE, {"resourceType": "Coverage"})
    code, said = desk.command("fhir", whole)
    assert (code, said) == (0, "resources passed over: Coverage\n4 rows: 4 new\n")
    assert desk.command("fhir", whole)[1].endswith("4 rows: 4 unchanged\n")
    plans = {one.plan.what: one.plan for one in desk.all(OrderDocument) if one.plan}
    assert plans["Furix 40 mg"].days == "FREQ=WEEKLY;BYDAY=MO,TH"
    assert plans["Furix 40 mg"].amount == "1 tablett"
    assert plans["Furix 40 mg"].substance == "C03CA01", "the group alone is no substance"
    assert plans["Blodsocker"].start == date(2026, 2, 1)
    assert [one.name for one in desk.all(StaffDocument) if one.identity == "SE2120000000-1A07"] == [
        "Nils Prov"
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"modifierExtension": [{}]}, "modifierExtension"),
        ({"status": "entered-in-error"}, "status"),
        ({"status": "stopped"}, "status"),
        ({"dosageInstruction": [{}, {}]}, "dosageInstruction"),
        ({"dosageInstruction": [{"timing": {"repeat": {"when": ["MORN"]}}}]}, "timing"),
        ({"dosageInstruction": [{"asNeededBoolean": True}]}, "maxDosePerPeriod"),
    ],
)
def test_what_fhir_says_that_cannot_be_passed_over_is_a_fault(
    desk: Desk, change: dict[str, Any], fault: str
) -> None:
    code, said = desk.command("fhir", bundle(ORGANIZATION, PATIENT, REQUEST | change), "--dry-run")
    assert code == 1
    assert f":3: {fault}: " in said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("193602112397", NUMBER),
        ("360211-2397", NUMBER),
        ("19360271-2394", "19360271-2394"),
        ("20360211-2397", None),
        ("3602112398", None),
        ("abc", None),
    ],
)
def test_personnummer_are_checked_and_kept_in_one_form(text: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(WrongValue):
            personnummer.read("p", text, date(2026, 3, 14))
    else:
        assert personnummer.read("p", text, date(2026, 3, 14))[0] == kept


@given(st.binary(max_size=300), st.sampled_from(sorted(SORTS)))
def test_no_bytes_are_more_than_a_refusal(data: bytes, name: str) -> None:
    sort = SORTS[name]
    with suppress(Unreadable):
        list(table.read(data, dict(sort.columns), sort.needed, {}).rows())
    with suppress(Unreadable):
        made = fhir.Bundle(data)
        list(made.rows("Patient", "MedicationRequest", "ServiceRequest"))
        made.staff()


WORDS = ("timing", "repeat", "text", "coding", "value", "period", "name", "identifier", "reference")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(sorted({*REQUEST, *PATIENT, *ROLE, *SERVICE})), JSON),
    st.sampled_from(["Patient", "PractitionerRole", "MedicationRequest", "ServiceRequest"]),
)
def test_no_resource_is_more_than_a_fault(said: dict[str, Any], kind: str) -> None:
    made = fhir.Bundle(json.dumps(said | {"resourceType": kind}).encode())
    list(made.rows("Patient", "MedicationRequest", "ServiceRequest"))
    made.staff()


def test_a_map_says_what_of_it_has_no_meaning(tmp_path: Path) -> None:
    file = tmp_path / "map.csv"
    file.write_text("field;from;to\nunit;Gran;Granen\nunit;*;Björken\n")
    found = mapping.read(file.read_bytes(), SORTS["persons"].columns)
    assert [found.word("unit", one) for one in ("gran", "x")] == ["Granen", "Björken"]
    assert found.word("room", "5") == "5"


def test_who_reads_it_in_is_the_author(here: Town) -> None:
    sheet = table.read(PERSONS.encode(), dict(SORTS["persons"].columns), SORTS["persons"].needed, {})
    now = datetime.now(UTC)
    run(here.database, here.parts.keys, SORTS["persons"], sheet.rows(), Map(), "p", now, author=KARIN)
    authors = here.read(lambda c: set(c.scalars(select(facts.c.author).where(facts.c.type == "person.set"))))
    assert KARIN in authors
