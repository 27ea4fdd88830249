"""Persons, orders and delegations read in on the console: tried first, once, without traces."""

import asyncio
import csv
import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from care.delegation import DelegationDocument
from care.facts import Ref
from care.order import OrderDocument
from care.person import PersonDocument, PersonSet
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from endpoint import documents
from endpoint.audit.tables import audit
from endpoint.console import imports_doing
from endpoint.imports import fhir, lists, running
from endpoint.imports.tables import import_lists
from endpoint.schema import facts
from tests.people_world import BJORKEN, GRANEN, ROBIN, START, People, people, same_id, words
from tests.postgres import database_url, postgres, postgres_url

__all__ = ["database_url", "postgres", "postgres_url"]

NUMBER, OTHER = "19360211-2397", "19401013-2399"
HEAD = "personnummer;namn;enhet;rum;allergi"
KARIN, FREJA = same_id("Karin Ström"), same_id("Freja Fysio")


@pytest.fixture
def here(tmp_path: Path, database_url: str | None) -> Iterator[People]:
    with people(tmp_path / "data", database_url) as made:
        for name, title, role in (
            ("Karin Ström", "nurse", Role.NURSE),
            ("Freja Fysio", "physiotherapist", Role.PHYSIOTHERAPIST),
            ("Anna Prov", "assistant_nurse", Role.CARER),
        ):
            body = StaffSet(
                name=name, title=title, roles=(RoleInUnit(role, GRANEN, START),), identity=name.split()[0]
            )
            made.state(body, Ref("staff", same_id(name)), GRANEN)
        yield made


def tried(here: People, sort: str, data: str | bytes, name: str = "fil.csv") -> tuple[str, str]:
    """The address of a file that has been tried, and its page."""
    content = data.encode() if isinstance(data, str) else data
    sent = here.send(f"/{sort}/import", {}, 303, files={"file": (name, content)})
    path = str(sent.headers["location"]).removeprefix("/console")
    return path, here.see(path)


def read_in(here: People, path: str) -> str:
    here.send(path)
    return words(here.see(path))


def all_of(here: People, kind: Any) -> list[Any]:
    return list(asyncio.run(documents.of_kind(here.parts.database, kind)))


def report(here: People, path: str) -> list[list[str]]:
    content = here.client.get(f"/console{path}/report").content.decode("utf-8-sig")
    return list(csv.reader(StringIO(content), delimiter=";"))


def person(here: People, name: str = "Ingegerd Provdahl", number: str = NUMBER, unit: str = GRANEN) -> str:
    body = PersonSet(name=name, personnummer=number, born=date(1936, 2, 11), room="5")
    here.state(body, Ref("person", same_id(name)), unit)
    return same_id(name)


@pytest.mark.postgres
def test_persons_are_tried_read_in_and_the_second_time_nothing_changes(here: People) -> None:
    here.sign_in(ROBIN)
    known = person(here)
    text = f"{HEAD}\n{NUMBER};;Granen;7;\n{OTHER};Bror Provsson;Granen;6;ägg\n19360211-2398;Fel;Granen;;\n"
    path, html = tried(here, "persons", text)
    said = words(html)
    assert "Nya 1" in said
    assert "Ändras 1" in said
    assert "Oförändrade 0" in said
    assert "Rad 4 personnummer Sista siffran stämmer inte." in said
    assert "Rad 2 rum" in said
    # The page and the report name rows and columns, and nobody.
    assert "Ingegerd" not in said
    assert len(all_of(here, PersonDocument)) == 1
    done = read_in(here, path)
    assert "Inläst" in done
    assert "Ändrade 1" in done
    found = {one.name: one for one in all_of(here, PersonDocument)}
    assert (found["Ingegerd Provdahl"].room, found["Bror Provsson"].room) == ("7", "6")
    assert [row[:2] for row in report(here, path)] == [
        ["Rad", "Utfall"],
        ["2", "Ändras"],
        ["3", "Nya"],
        ["4", "Rader att rätta"],
    ]
    again, html = tried(here, "persons", text)
    assert "Oförändrade 2" in words(html)
    assert "Inget behöver ändras." in words(html)
    read_in(here, again)
    assert len(all_of(here, PersonDocument)) == 2
    rows = here.parts.database.read_now(
        lambda c: c.execute(
            select(audit.c.staff, audit.c.what, audit.c.law).where(audit.c.person == known)
        ).all()
    )
    assert (ROBIN, "import") in {(row.staff, row.what) for row in rows}
    authors = here.parts.database.read_now(
        lambda c: set(c.scalars(select(facts.c.author).where(facts.c.person == found["Bror Provsson"].id)))
    )
    assert authors == {ROBIN}


def test_what_a_file_said_is_gone_once_it_is_read_in_and_is_the_senders_alone(here: People) -> None:
    here.sign_in(ROBIN)
    path, _ = tried(here, "persons", f"{HEAD}\n{NUMBER};Ingegerd Provdahl;Granen;5;\n")
    here.sign_in(here.employ("Olle Admin", (Role.ADMINISTRATOR, GRANEN)))
    here.see(path, 400)
    here.send(path, status=400)
    here.sign_in(ROBIN)
    read_in(here, path)
    held = here.parts.database.read_now(lambda c: c.execute(select(import_lists)).one())
    assert (held.rows, held.name) == (b"", "")
    assert b"Ingegerd" not in held.results
    here.send(f"{path}/forget")
    here.see(path, 400)
    assert here.parts.database.read_now(lambda c: c.execute(select(import_lists)).all()) == []


def test_a_file_of_a_megabyte_is_in_no_temporary_file(here: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a temporary file")

    here.sign_in(ROBIN)
    rows = "".join(f"x{number};{'Namn' * 25};Granen;1;\n" for number in range(15_000))
    body = f"{HEAD}\n{rows}"
    assert len(body) > 1_500_000
    for module in (tempfile, __import__("litestar.datastructures.upload_file", fromlist=["x"])):
        monkeypatch.setattr(module, "SpooledTemporaryFile", refuse)
    _, html = tried(here, "persons", body)
    assert "Rader att rätta 15000" in words(html)
    assert "Och 14800 till" in words(html)


@pytest.mark.postgres
def test_orders_are_read_in_by_whoever_may_order_them(here: People) -> None:
    person(here)
    person(here, "Bror Björk", OTHER, BJORKEN)
    head = "ordination;personnummer;vad;sort;mängd;tider;från"
    day = here.today
    text = (
        f"{head}\n1;{NUMBER};Alvedon;tablett;2 tabletter;08;{day}\n"
        f"2;{NUMBER};Gång;omvårdnad;2 varv;10;{day}\n"
        f"3;{OTHER};Alvedon;tablett;1 tablett;08;{day}\n"
    )
    here.sign_in(FREJA)
    path, html = tried(here, "orders", text)
    said = words(html)
    assert "Rad 2 vad Ordinationen ligger utanför ditt yrke." in said
    # Björken is not hers, and whether somebody is there she is not told.
    assert "Rad 4 personnummer Ingen här har numret." in said
    read_in(here, path)
    assert [one.plan.what for one in all_of(here, OrderDocument)] == ["Gång"]
    here.sign_in(KARIN)
    path, html = tried(here, "orders", text)
    assert "Oförändrade 1" in words(html)
    read_in(here, path)
    assert sorted(one.plan.what for one in all_of(here, OrderDocument)) == ["Alvedon", "Gång"]
    here.sign_in(ROBIN)
    path, html = tried(here, "orders", text)
    assert "Nya 1" in words(html)
    read_in(here, path)
    assert len(all_of(here, OrderDocument)) == 3
    here.sign_in(same_id("Anna Prov"))
    here.see("/orders/import", 403)
    here.send("/orders/import", {}, 403, files={"file": ("f.csv", text.encode())})


def test_delegations_are_read_in_by_their_issuer_alone(here: People) -> None:
    end = here.today + timedelta(days=100)
    head = "id;utfärdare;mottagare;uppgifter;enheter;från;till;kunskapsprov;sett utfört"
    row = f"D-1;Karin;Anna;medicine_pouch;Granen;{here.today};{end};ja;ja"
    here.sign_in(KARIN)
    path, html = tried(here, "delegations", f"{head}\n{row}\nD-2;Freja{row.removeprefix('D-1;Karin')}\n")
    said = words(html)
    assert "Nya 1" in said, said
    assert "Rader att rätta 1" in said
    read_in(here, path)
    [found] = all_of(here, DelegationDocument)
    assert (found.issuer, found.holder) == (KARIN, same_id("Anna Prov"))
    here.sign_in(ROBIN)
    here.see("/delegations/import", 403)


def test_a_row_of_which_something_else_would_become_now_is_left_out(here: People) -> None:
    here.sign_in(ROBIN)
    person(here)
    path, _ = tried(here, "persons", f"{HEAD}\n{NUMBER};;Granen;7;\n{OTHER};Bror Provsson;Granen;6;\n")
    person(here, "Bror Nyss", OTHER)
    done = read_in(here, path)
    assert "Rad 3 Raden Har ändrats sedan filen provlästes. Provläs igen." in done
    found = {one.name: one.room for one in all_of(here, PersonDocument)}
    assert found == {"Ingegerd Provdahl": "7", "Bror Nyss": "5"}


def test_a_bundle_is_read_in_by_sort(here: People) -> None:
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": fhir.PERSONNUMMER[0], "value": NUMBER}],
        "name": [{"given": ["Ingegerd"], "family": "Provdahl"}],
        "managingOrganization": {"display": "Granen"},
    }
    request = {
        "resourceType": "ServiceRequest",
        "id": "9",
        "status": "active",
        "subject": {"identifier": {"system": fhir.PERSONNUMMER[0], "value": NUMBER}},
        "code": {"text": "Blodtryck"},
        "occurrenceTiming": {"repeat": {"timeOfDay": ["09:00"]}},
    }
    bundle = json.dumps(
        {"resourceType": "Bundle", "entry": [{"resource": one} for one in (patient, request)]}
    )
    here.sign_in(ROBIN)
    path, html = tried(here, "persons", bundle, "allt.json")
    assert "De här rubrikerna används inte: ServiceRequest" in words(html)
    read_in(here, path)
    path, _ = tried(here, "orders", bundle)
    read_in(here, path)
    assert [one.plan.what for one in all_of(here, OrderDocument)] == ["Blodtryck"]
    answer = here.send("/orders/import", {}, 400, files={"file": ("f", json.dumps(patient).encode())})
    assert "Filen har inget sådant. Den har: Patient." in words(answer.text)
    here.sign_in(KARIN)
    answer = here.send("/delegations/import", {}, 400, files={"file": ("f", bundle.encode())})
    assert "Spara listan som CSV" in words(answer.text)


def test_work_that_is_broken_off_says_so_and_goes_on_when_it_is_asked_to(
    here: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.sign_in(ROBIN)
    rows = "".join(f"{ten};Namn Namnsson;Granen;{number};\n" for number, ten in enumerate(_numbers(450)))
    path, html = tried(here, "persons", f"{HEAD}\n{rows}")
    assert "Nya 450" in words(html)
    went, calls = lists.went, []

    def fails(connection: Any, id: str, done: int, now: datetime) -> None:
        calls.append(done)
        went(connection, id, done, now)
        if done == 2 * running.BATCH:
            raise OSError("the machine ends")

    monkeypatch.setattr(imports_doing.lists, "went", fails)
    here.send(path)
    monkeypatch.undo()
    assert calls == [200, 400]
    html = here.see(path)
    assert 'value="200" max="450"' in html
    assert "200 av 450 rader" in words(html)
    # Nothing is done while somebody may still be doing it.
    here.send(path)
    assert len(all_of(here, PersonDocument)) == 400
    long_ago = datetime.now(UTC) - lists.SILENT - timedelta(seconds=1)
    here.parts.database.write_now(lambda c: c.execute(update(import_lists).values(moved=long_ago)))
    assert "Arbetet avbröts." in words(here.see(path))
    done = read_in(here, path)
    assert "Nya 50" in done
    assert "Oförändrade 400" in done
    assert len(all_of(here, PersonDocument)) == 450


def _numbers(count: int) -> Iterator[str]:
    """Personnummer of invented people: those whose last digit is right."""
    from endpoint.imports.personnummer import _luhn

    for number in range(count):
        nine = f"3602{1 + number % 28:02}{100 + number // 28:03}"
        yield f"19{nine[:6]}-{nine[6:]}{next(d for d in range(10) if not _luhn(f'{nine}{d}'))}"


def test_forms_from_elsewhere_and_old_sign_ins_read_nothing_in(here: People) -> None:
    here.sign_in(ROBIN)
    path, _ = tried(here, "persons", f"{HEAD}\n{NUMBER};Ingegerd Provdahl;Granen;5;\n")
    for address in (path, "/persons/import", f"{path}/forget"):
        answer = here.client.post(f"/console{address}", headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
    here.sign_in(ROBIN, ago=timedelta(minutes=11))
    here.send(path, status=403)
    assert all_of(here, PersonDocument) == []


def test_no_upload_is_an_error_of_ours(here: People) -> None:
    here.sign_in(ROBIN)
    large = b"x" * (lists.BYTES_MOST + 1)
    for data in (
        b"",
        b"\x00\x01",
        b"{",
        b"[1]",
        b"[]",
        b'{"resourceType": 3}',
        b"[" * 9000,
        b"PK\x03\x04",
        large,
    ):
        for sort in ("persons", "orders"):
            answer = here.send(f"/{sort}/import", {}, 400, files={"file": ("f", data)})
            assert 'role="alert"' in answer.text, data[:20]
    url, mine = "/console/persons/import", {"Sec-Fetch-Site": "same-origin"}
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
        for content in (
            b"",
            b"--x\r\n",
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--x--",
        ):
            answer = here.client.post(url, content=content, headers=mine | {"Content-Type": kind})
            assert answer.status_code == 400, (kind, content)
    template = here.client.get(f"{url}/template").content.decode("utf-8-sig")
    assert template.startswith("personnummer;namn;")
