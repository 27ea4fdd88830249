"""Units on the console: whom the phones call, what is set, and whose they are."""

from collections.abc import Iterator

import pytest

from care.rights import Role
from care.unit import DAY, OnCall, Settings, UnitDocument, UnitSet, stretches
from endpoint.console.oncall import strip
from tests.people_world import BJORKEN, GRANEN, GRANNE, GRO, ROBIN, People, people, words
from tests.test_console_pages import Page


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp("units")) as made:
        yield made


def test_the_day_is_cut_where_hours_begin_and_end_and_gaps_are_seen_over_midnight() -> None:
    calls = [OnCall("Dag", "1", "07:00", "16:00"), OnCall("Kväll", "2", "15:00", "21:30")]
    found = stretches(calls)
    assert [(one.start, one.end, one.rows) for one in found] == [
        (0, 420, ()),
        (420, 900, (0,)),
        (900, 960, (0, 1)),
        (960, 1290, (1,)),
        (1290, DAY, ()),
    ]
    drawn = strip(calls, "15:30")
    assert [(one.start, one.end) for one in drawn.uncovered] == [("21:30", "07:00")]
    assert [(one.start, one.end, one.names) for one in drawn.twice] == [("15:00", "16:00", ("Dag", "Kväll"))]
    assert [(one.start, one.end, one.names) for one in drawn.hours] == [
        ("07:00", "16:00", ("Dag",)),
        ("16:00", "21:30", ("Kväll",)),
    ]
    assert strip([OnCall("Alltid", "1")], "00:00").hours[0].whole_day
    assert strip([], "00:00").uncovered[0].whole_day


def test_a_unit_can_be_stated_as_it_is_whatever_is_known_of_it() -> None:
    values = {"name": "A", "kind": "lss", "provider": "p", "provider_name": "P", "floors": ("1",)}
    calls = {"nurse": (OnCall("N", "1"),), "fallback": (OnCall("F", "2"),)}
    said = UnitSet(**values, **calls, settings=Settings(news2="off", purge_after_days=9), closed=True)
    assert all(getattr(said, name) for name in UnitSet.__struct_fields__)
    document = UnitDocument(id="u")
    document.apply(None, said)  # type: ignore[arg-type]
    assert document.as_set == said


def test_the_nurses_number_is_shown_once_more_before_it_is_saved(here: People) -> None:
    here.sign_in(ROBIN)
    form = here.form(f"/units/{GRANEN}/edit")
    form |= {"nurse.0.phone": "070-1740699", "sbar_answer_minutes": "20", "act": "save"}
    review = here.send(f"/units/{GRANEN}/edit", form, 200).text
    assert "Telefonerna ringer de här numren" in words(review)
    assert "Karin Ström, 070-1740605" in words(review)
    assert "Karin Ström, 070-1740699" in words(review)
    assert here.unit(GRANEN).nurse[0].phone == "070-1740605"
    back = here.send(f"/units/{GRANEN}/edit", form | {"act": "change"}, 200).text
    assert 'value="070-1740699"' in back
    here.send(f"/units/{GRANEN}/edit", form | {"act": "confirm"})
    unit = here.unit(GRANEN)
    assert (unit.nurse[0].phone, unit.settings.sbar_answer_minutes) == ("070-1740699", 20)
    assert [call.phone for call in unit.nurse[1:]] == ["070-1740602"]
    history = words(here.see(f"/units/{GRANEN}/history"))
    assert "Ändrat av Robin Sand" in history
    assert "070-1740605" in history


def test_what_is_typed_stays_beside_what_is_wrong_and_gaps_are_said_but_do_not_block(here: People) -> None:
    here.sign_in(ROBIN)
    path = f"/units/{BJORKEN}/edit"
    form = here.form(path)
    wrong = form | {
        "nurse.0.phone": "ring mig",
        "nurse.1.start": "25:00",
        "purge_after_days": "0",
        "name": "",
    }
    answer = here.send(path, wrong, 400).text
    for said in ("Skriv numret med siffror", "Skriv tiden som 07:30", "från 7 till 365", "Skriv vad enheten"):
        assert said in words(answer)
    assert 'value="ring mig"' in answer
    assert 'aria-describedby="nurse.0.phone-fault' in answer
    assert here.unit(BJORKEN).nurse[0].phone == "070-1740605"
    more = here.send(path, form | {"act": "add-nurse"}, 200).text
    assert 'name="nurse.3.name"' in more
    page = words(here.see(f"/units/{BJORKEN}"))
    assert "Ingen sjuksköterska 16:00–21:00" in page
    assert "Timmar utan sjuksköterska" in words(here.see("/units"))


def test_a_change_over_somebody_elses_is_looked_at_again(here: People) -> None:
    here.sign_in(ROBIN)
    path = f"/units/{BJORKEN}/edit"
    first, second = here.form(path), here.form(path)
    here.send(path, first | {"floors": "Plan 1\r\nPlan 2"})
    answer = here.send(path, second | {"name": "Björken Södra"}, 400)
    assert "Någon annan har ändrat" in words(answer.text)
    assert 'value="Björken Södra"' in answer.text
    assert (here.unit(BJORKEN).name, here.unit(BJORKEN).floors) == ("Björken", ["Plan 1", "Plan 2"])


def test_a_new_unit_is_of_ones_own_provider_and_another_providers_is_not_there(here: People) -> None:
    here.sign_in(ROBIN)
    form = here.form("/units/new") | {"name": "Tallen", "kind": "lss", "provider": "Grannvård"}
    made = here.send("/units/new", form).headers["location"].rpartition("/")[2]
    assert (here.unit(made).provider, here.unit(made).provider_name) == ("Provkommun", "Provkommun")
    assert "Tallen" in words(here.see("/units"))
    assert "Grannen" not in words(here.see("/units"))
    for path in ("", "/edit", "/history", "/staff"):
        here.see(f"/units/{GRANNE}{path}", 404)
    here.send(f"/units/{GRANNE}/edit", form, 404)
    here.send(f"/units/{GRANNE}/closed", {"closed": "1"}, 404)
    taken = here.send("/units/new", form | {"name": "granen"}, 400)
    assert "En annan enhet heter så" in words(taken.text)
    here.sign_in(GRO)
    assert "Tallen" not in words(here.see("/units"))


def test_an_office_is_made_and_stays_one_and_a_ward_becomes_none(here: People) -> None:
    here.sign_in(ROBIN)
    form = here.form("/units/new") | {"name": "Kansliet", "kind": "office"}
    made = here.send("/units/new", form).headers["location"].rpartition("/")[2]
    assert here.unit(made).is_office
    for id, kind in ((made, "lss"), (BJORKEN, "office")):
        path, before = f"/units/{id}/edit", here.unit(id).unit_kind
        answer = here.send(path, here.form(path) | {"kind": kind}, 400)
        assert "Lägg till en ny enhet" in words(answer.text)
        assert here.unit(id).unit_kind == before


def test_a_unit_is_closed_when_nobody_is_there_and_opened_again(here: People) -> None:
    here.sign_in(ROBIN)
    form = here.form("/units/new") | {"name": "Alen"}
    id = here.send("/units/new", form).headers["location"].rpartition("/")[2]
    somebody = here.employ("Vera Prov", (Role.CARER, id))
    assert "1 person har en roll där" in words(here.see(f"/units/{id}"))
    assert "Vera Prov" in words(here.see(f"/units/{id}/staff"))
    here.send(f"/units/{id}/closed", {"closed": "1"})
    assert not here.unit(id).closed
    here.employ("Vera Prov", (Role.CARER, id), end=here.yesterday)
    here.send(f"/units/{id}/closed", {"closed": "1"})
    assert here.unit(id).closed
    assert id not in here.see(f"/staff/{somebody}/edit")
    here.send(f"/units/{id}/closed", {"closed": ""})
    assert not here.unit(id).closed


def test_every_page_is_whole_and_nothing_in_it_is_inline_or_from_elsewhere(here: People) -> None:
    here.sign_in(ROBIN)
    list_path, _ = here.dry_run("id;namn;titel;enhet\nny;Ny Prov;usk;Granen\nfel;Fel Prov;usk;Ekorren", True)
    units = [f"/units/{GRANEN}{path}" for path in ("", "/edit", "/history", "/staff")]
    staff = [f"/staff/{ROBIN}{path}" for path in ("", "/edit", "/history", "/end")]
    others = ["/units", "/units/new", "/staff", "/staff/new", "/staff/import", "/staff/systems", list_path]
    for path in [*units, *staff, *others]:
        html = here.see(path)
        found = Page(html)
        for tag, attributes in found.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (path, tag)
            source = attributes.get("src") or attributes.get("href") or ""
            assert not source.startswith(("http", "//")), (path, source)
        ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
        assert len(ids) == len(set(ids)), path
        labelled = {attributes.get("for") for tag, attributes in found.elements if tag == "label"}
        for tag, attributes in found.elements:
            if tag in ("input", "select", "textarea") and attributes.get("type") not in (
                "hidden",
                "checkbox",
                "radio",
            ):
                assert attributes.get("id") in labelled, (path, attributes)
        for word in ("people.", "units.", "console."):
            assert word not in words(html), path


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_units_and_staff_are_for_the_administrator_alone(here: People, role: Role) -> None:
    here.sign_in(here.employ("Någon Annan", (role, GRANEN)))
    before = here.unit(GRANEN)
    for path in (
        "/units",
        f"/units/{GRANEN}",
        "/staff",
        f"/staff/{ROBIN}",
        "/staff/import",
        "/staff/systems",
    ):
        here.see(path, 403)
    here.send(f"/units/{GRANEN}/edit", {"name": "Min"}, 403)
    here.send(f"/staff/{ROBIN}/end", {"when": "now"}, 403)
    assert here.unit(GRANEN) == before
