"""Lists of staff: read whatever they are, shown before anything is done, and done exactly as shown."""

import codecs
import json
import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from care.rights import Role
from care.staff import RoleInUnit, StaffDocument
from care.unit import UnitDocument
from endpoint.people import scim_users, table
from endpoint.people.errors import Unreadable
from endpoint.people.planning import plan
from endpoint.people.roles import OPEN, Wanted, merged
from endpoint.people.roster import Roster
from tests.people_world import BJORKEN, GRANEN, GRANNE, HSA, ROBIN, START, People, people, same_id, words

DAY = date(2026, 3, 14)
HEAD = "id;namn;titel;telefon;enhet;roll;från;till"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp("files")) as made:
        yield made


def roster(*staff: StaffDocument) -> Roster:
    units = [
        UnitDocument(id=GRANEN, name="Granen", provider="p"),
        UnitDocument(id=BJORKEN, name="Björken", provider="p"),
    ]
    return Roster(units, staff, DAY)


def somebody(name: str, *roles: RoleInUnit, identity: str = "") -> StaffDocument:
    held = list(roles or [RoleInUnit(Role.CARER, GRANEN, START)])
    return StaffDocument(
        id=same_id(name), unit=GRANEN, name=name, title="assistant_nurse", roles=held, identity=identity
    )


def lines(*rows: str) -> list[table.Line]:
    return table.read("\n".join([HEAD, *rows]).encode()).lines


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_is_read_in_every_coding_that_spreadsheets_write(coding: str, delimiter: str) -> None:
    rows = [["HSA-id", "Förnamn", "Efternamn", "Arbetsplats"], ["a1", "Åsa", "Öberg", "Björken"]]
    data = "\r\n".join(delimiter.join(row) for row in rows).encode(coding)
    found = table.read(data).lines
    assert [(one.row, one.identity, one.name, one.unit) for one in found] == [
        (2, "a1", "Åsa Öberg", "Björken")
    ]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "empty"),
        (b"\n\n;;\n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (HEAD.encode(), "no_rows"),
        (b"namn;titel\nAnna;usk\n", "columns"),
        (b"id;namn;namn\n1;a;b\n", "column_twice"),
        (b"PK\x03\x04rest of a workbook", "spreadsheet"),
        (bytes(range(256)) * 4, "not_text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text"),
        (b"\xff\xfea", "not_text"),
        (b'id;namn\n"' + b"x" * 200_000, "broken"),
        (b"id;namn\n" + b"x;y\n" * (table.ROWS_MOST + 1), "too_many"),
        (b"a" * (table.BYTES_MOST + 1), "too_large"),
    ],
)
def test_what_is_not_a_list_is_refused_with_a_reason(data: bytes, text: str) -> None:
    with pytest.raises(Unreadable) as error:
        table.read(data)
    assert error.value.text == f"people.file.{text}"


def test_every_field_that_is_wrong_is_named_with_its_row_and_nobody_is_half_taken_in() -> None:
    found = plan(
        roster(),
        lines(
            ";Ingen Id;usk;;Granen;;;",
            "två ord;Anna;usk;;Granen;;;",
            "a;Anna Prov;trollkarl;ring;Ekorren;kung;igår;2026-13-01",
            "b;;usk;;Granen;;;",
            "c;Cissi Prov;usk;;Granen;;2026-05-01;2026-04-01",
            "d;Dag Prov;usk;;;carer;;",
            "e;Eva Prov;;;Granen;;;",
            "f;Fia Prov;usk;;Granen;;;",
            "f;Frida Prov;usk;;Björken;;;",
            "g;Gun Prov;usk;;Granen;;2020-01-01;2020-12-31",
        ),
    )
    assert not found.outcomes
    assert [(one.row, one.field, one.text.rpartition(".")[2]) for one in found.faults] == [
        (2, "identity", "identity_needed"),
        (3, "identity", "identity"),
        (4, "title", "title"),
        (4, "phone", "phone"),
        (4, "role", "role"),
        (4, "unit", "unit"),
        (4, "start", "date"),
        (4, "end", "date"),
        (5, "name", "name_needed"),
        (6, "end", "end_before_start"),
        (7, "unit", "unit_needed"),
        (8, "role", "role_needed"),
        (10, "name", "two_names"),
        (11, "end", "over"),
    ]


def test_a_role_follows_from_the_title_and_empty_cells_change_nothing() -> None:
    anna = somebody("Anna Prov", identity="a")
    anna.phone = "070-1740601"
    found = plan(
        roster(anna), lines("a;Anna Prov;;;Granen;carer;;", "b;Bo Prov;leg. sjuksköterska;;Björken;;;")
    )
    assert [fault.text for fault in found.faults] == ["people.fault.title"]
    found = plan(roster(anna), lines("A;Anna Prov;;;Granen;carer;;", "b;Bo Prov;Sjuksköterska;;Björken;;;"))
    assert [(one.kind, one.after.identity) for one in found.outcomes] == [("changed", "A"), ("new", "b")]
    assert found.outcomes[0].after.phone == "070-1740601"
    assert found.outcomes[1].after.roles == (RoleInUnit(Role.NURSE, BJORKEN, DAY),)


def test_a_list_followed_twice_changes_nothing_the_second_time() -> None:
    held = [RoleInUnit(Role.CARER, GRANEN, START, date(2025, 6, 1)), RoleInUnit(Role.CARER, GRANEN, DAY)]
    wanted = [
        Wanted(Role.CARER, GRANEN, end=date(2026, 9, 1)),
        Wanted(Role.NURSE, BJORKEN, date(2026, 4, 1)),
        Wanted(Role.CARER, GRANEN, date(2027, 1, 1), OPEN),
        Wanted(Role.MAS, BJORKEN, date(2001, 1, 1), date(2002, 1, 1)),
    ]
    first = merged(held, wanted, DAY)
    assert first.roles == (
        held[0],
        RoleInUnit(Role.CARER, GRANEN, DAY, date(2026, 9, 1)),
        RoleInUnit(Role.NURSE, BJORKEN, date(2026, 4, 1)),
        RoleInUnit(Role.CARER, GRANEN, date(2027, 1, 1)),
    )
    assert first.unnamed == (held[0],)
    assert merged(first.roles, wanted[1:], DAY + timedelta(days=9)).roles == first.roles
    assert merged(held, [Wanted(Role.CARER, GRANEN, end=OPEN)], DAY).roles == tuple(held)


def test_those_whom_a_whole_list_leaves_out_are_named_and_so_are_their_roles() -> None:
    both = RoleInUnit(Role.CARER, GRANEN, START), RoleInUnit(Role.CARER, BJORKEN, START)
    staff = (
        somebody("Anna Prov", *both, identity="a"),
        somebody("Bo Prov", identity="b"),
        somebody("Cissi Prov", identity="c"),
        somebody("Dag Prov", RoleInUnit(Role.CARER, GRANEN, START, START), identity="d"),
        somebody("Eva Utan"),
    )
    rows = lines("a;Anna Prov;usk;;Granen;;;", "c;Cissi Prov;trollkarl;;Granen;;;")
    assert plan(roster(*staff), rows).missing == []
    found = plan(roster(*staff), rows, whole=True)
    assert [one.after.name for one in found.missing] == ["Anna Prov", "Bo Prov", "Eva Utan"]
    yesterday = DAY - timedelta(days=1)
    assert set(found.missing[0].after.roles) == {both[0], RoleInUnit(Role.CARER, BJORKEN, START, yesterday)}


def test_somebody_without_an_id_is_known_by_name_unless_two_are_called_so() -> None:
    one, other = somebody("Anna Prov"), somebody("ANNA  Prov")
    found = plan(roster(one), lines("a;anna prov;usk;;Granen;;;"))
    assert (found.outcomes[0].staff, found.outcomes[0].after.identity) == (one.id, "a")
    assert plan(roster(one, other), lines("a;anna prov;usk;;Granen;;;")).faults[0].text.endswith("same_name")
    twice = plan(roster(one), lines("a;anna prov;usk;;Granen;;;", "b;anna prov;usk;;Granen;;;"))
    assert (len(twice.outcomes), len(twice.faults)) == (1, 1)


def test_a_list_takes_away_every_administrator_but_the_last() -> None:
    role = RoleInUnit(Role.ADMINISTRATOR, GRANEN, START)
    staff = [somebody("Anna Prov", role, identity="a"), somebody("Bo Prov", role, identity="b")]
    rows = lines(
        *(
            f"{id};{name};;;Granen;administrator;;2026-04-01"
            for id, name in (("a", "Anna Prov"), ("b", "Bo Prov"))
        )
    )
    found = plan(roster(*staff), rows)
    assert [one.after.name for one in found.outcomes] == ["Anna Prov"]
    assert [one.text for one in found.faults] == ["people.fault.last_administrator"]


def test_a_file_is_shown_and_writes_nothing_until_it_is_carried_out_and_nothing_the_second_time(
    here: People,
) -> None:
    here.sign_in(ROBIN)
    here.employ("Anna Prov", (Role.CARER, GRANEN), (Role.CARER, GRANNE), identity=f"{HSA}1")
    here.employ("Bo Borta", (Role.CARER, BJORKEN), identity=f"{HSA}2")
    rows = [
        f"{HSA}1;Anna Prov;vårdbiträde;070-1740601;Granen;;;2027-01-31",
        f"{HSA}3;Cissi Ny;sjuksköterska;;Björken;;2026-01-01;",
        f"{HSA}4;Dag Fel;usk;;Ekorren;;;",
        ";Robin Sand;;;;;;",
    ]
    before = here.staff(same_id("Anna Prov"))
    path, html = here.dry_run("\n".join([HEAD + ";lön", *rows]), whole=True)
    said = words(html)
    for text in ("Vårdbiträde", "070-1740601", "till och med 31 januari 2027", "Cissi Ny", "lön", "Rad 4"):
        assert text in said, text
    assert "Grannen" not in said
    assert "Avsluta: Bo Borta" in said
    report = here.client.get(f"/console{path}/report").content.decode("utf-8-sig")
    assert "Rader att rätta;;;Enhet;Ekorren;Ingen öppen enhet heter så." in report
    assert here.staff(same_id("Anna Prov")) == before
    done = here.carry_out(path, html, same_id("Bo Borta"))
    assert "Nya: 1. Ändrade: 0. Avslutade: 2. 2 rader lästes inte in." in done
    anna = here.staff(same_id("Anna Prov"))
    assert (anna.title, anna.phone) == ("care_assistant", "070-1740601")
    assert RoleInUnit(Role.CARER, GRANNE, START) in anna.roles
    assert here.staff(same_id("Bo Borta")).units(here.today) == []
    assert "Inläst från fil av Robin Sand" in words(here.see(f"/staff/{anna.id}/history"))
    assert here.named("Cissi Ny").roles == [RoleInUnit(Role.NURSE, BJORKEN, date(2026, 1, 1))]
    again, html = here.dry_run("\n".join([HEAD, *rows[:2]]))
    assert "Inget behöver ändras" in words(html)
    here.send(again, {"digest": "another"}, 409)
    assert "Nya: 0. Ändrade: 0. Avslutade: 0." in here.carry_out(again, html)
    assert here.staff(anna.id) == anna
    here.send(path, {"digest": "x"}, 400)


def test_what_has_changed_meanwhile_is_shown_anew_and_not_done(here: People) -> None:
    here.sign_in(ROBIN)
    id = here.employ("Elin Prov", (Role.CARER, GRANEN), identity="elin")
    path, html = here.dry_run(f"{HEAD}\nelin;Elin Prov;;070-1740602;;;;")
    here.employ("Elin Prov", (Role.CARER, GRANEN), (Role.CARER, BJORKEN), identity="elin")
    answer = here.carry_out(path, html, status=409)
    assert "Något har ändrats medan du tittade" in answer
    assert here.staff(id).phone == ""
    assert "Nya: 0. Ändrade: 1." in here.carry_out(path, here.see(path))
    assert here.staff(id).phone == "070-1740602"


def test_a_list_is_for_the_one_who_sent_it_and_can_be_thrown_away(here: People) -> None:
    here.sign_in(ROBIN)
    path, _ = here.dry_run(f"{HEAD}\nny;Ny Prov;usk;;Granen;;;")
    here.sign_in(here.employ("Olle Admin", (Role.ADMINISTRATOR, GRANEN)))
    here.see(path, 400)
    here.send(path, {"digest": "x"}, 400)
    here.sign_in(ROBIN)
    here.send(f"{path}/forget")
    here.see(path, 400)


def test_no_upload_is_an_error_of_ours(here: People) -> None:
    here.sign_in(ROBIN)
    for data in (b"", b"\x00\x01", b"{", b"[1]", b"[]", b'{"Resources": 3}', b"[" * 9000, b"PK\x03\x04"):
        answer = here.upload(data, status=400)
        assert 'role="alert"' in answer.text, data
    url, mine = "/console/staff/import", {"Sec-Fetch-Site": "same-origin"}
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "application/json"):
        for content in (
            b"",
            b"--x\r\n",
            b"--x\r\nContent-Disposition: form-data; name=text\r\n\r\n\xff\r\n--x--",
        ):
            answer = here.client.post(url, content=content, headers=mine | {"Content-Type": kind})
            assert answer.status_code == 400, (kind, content)
    large = here.upload(b"id;namn\n" + b"x" * table.BYTES_MOST, status=400)
    assert "större än 5 MB" in words(large.text)
    template = here.client.get("/console/staff/import/template").content
    assert [one.identity for one in table.read(template).lines] == ["SE2120000000-1A01"]


def test_a_scim_file_is_read_as_a_list(here: People) -> None:
    here.sign_in(ROBIN)
    user = {
        "userName": "scim-1",
        "name": {"givenName": "Sam", "familyName": "Prov"},
        "title": "Undersköterska",
        "phoneNumbers": [{"value": "tel:+46701740603", "type": "work"}],
        scim_users.ROLES: {
            "roles": [{"role": "carer", "unit": "Granen"}, {"role": "mas", "unit": "björken"}]
        },
    }
    path, html = here.dry_run(json.dumps({"schemas": [scim_users.LIST], "Resources": [user]}))
    assert "Sam Prov" in words(html)
    here.carry_out(path, html)
    sam = here.named("Sam Prov")
    assert (sam.phone, sam.units(here.today)) == ("+46701740603", [GRANEN, BJORKEN])


def test_five_thousand_rows_are_planned_in_a_moment() -> None:
    rows = [f"n{n};Person Nummer {n};usk;;Granen;;;" for n in range(5000)]
    staff = [somebody(f"Person Nummer {n}", identity=f"n{n}") for n in range(0, 5000, 2)]
    began = time.monotonic()
    found = plan(roster(*staff), lines(*rows), whole=True)
    assert (len(found.of("new")), len(found.of("unchanged"))) == (2500, 2500)
    assert time.monotonic() - began < 20
