"""Staff on the console: roles in units from a date to a date, leaving, and nothing given in secret."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from care.rights import Role
from care.staff import RoleInUnit, StaffDocument, StaffSet
from endpoint.console.administering import Turn, decide
from endpoint.console.reader import reader_of
from endpoint.people import changes
from endpoint.people.errors import LastAdministrator
from tests.endpoint_phone import Refusal
from tests.endpoint_town import town
from tests.people_world import BJORKEN, GRANEN, GRANNE, GRO, HSA, ROBIN, START, People, people, same_id, words
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, UNIT
from wire.messages import Pulled

__all__ = ["database_url", "postgres", "postgres_url"]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with people(tmp_path_factory.mktemp("staff")) as made:
        yield made


def new(**more: str) -> dict[str, str]:
    form = {"name": "Anna Prov", "title": "assistant_nurse", "language": "sv", "phone": "", "identity": ""}
    role = {"new.0.role": "carer", "new.0.unit": GRANEN, "new.0.start": "", "new.0.end": ""}
    return {**form, **role, "base": "", "act": "save", **more}


def test_a_person_can_be_stated_as_they_are_whatever_is_known_of_them() -> None:
    role = RoleInUnit(Role.CARER, "u", START)
    said = StaffSet(
        name="A", title="nurse", phone="1", language="en", roles=(role,), identity="x", email="a@b.se"
    )
    fields = set(StaffSet.__struct_fields__) - {"source"}
    assert all(getattr(said, name) for name in fields)
    document = StaffDocument(id="s")
    document.apply(None, said)  # type: ignore[arg-type]
    assert document.as_set == said


def test_somebody_new_is_found_by_name_unit_and_role(here: People) -> None:
    here.sign_in(ROBIN)
    data = new(name="Anna Provsson", identity=f"{HSA}1", phone="070-1740601")
    id = here.send("/staff/new", data).headers["location"].rpartition("/")[2]
    made = here.staff(id)
    assert (made.name, made.identity) == ("Anna Provsson", f"{HSA}1")
    assert made.roles == [RoleInUnit(Role.CARER, GRANEN, here.today)]
    for query in ("q=provsson+anna", f"q={HSA}1", f"unit={GRANEN}&role=carer"):
        assert "Anna Provsson" in words(here.see(f"/staff?{query}")), query
    for query in ("q=ingen", f"unit={BJORKEN}", "role=nurse", "when=left", "when=ending"):
        assert "Anna Provsson" not in words(here.see(f"/staff?{query}")), query
    assert "Ingen hittades" in words(here.see("/staff?q=ingen"))
    here.see("/staff?number=abc&when=x&role=x&unit=%00")


def test_errors_are_said_beside_the_fields_and_what_was_typed_stays(here: People) -> None:
    here.sign_in(ROBIN)
    wrong = {"name": "", "phone": "många", "identity": "två ord", "new.0.unit": "", "new.0.end": "2001-01-01"}
    answer = here.send("/staff/new", new(**wrong), 400).text
    said = words(answer)
    for text in ("Skriv namnet.", "Skriv numret med siffror", "utan mellanslag", "Välj något i listan."):
        assert text in said
    assert 'value="många"' in answer
    assert 'value="två ord"' in answer
    foreign = here.send("/staff/new", new(**{"new.0.unit": GRANNE}), 400)
    assert "Välj något i listan." in words(foreign.text)
    nothing = new(**{"new.0.role": "", "new.0.unit": ""})
    assert "Ge minst en roll i en enhet." in words(here.send("/staff/new", nothing, 400).text)


def test_roles_are_added_ended_and_never_doubled_or_rewritten(here: People) -> None:
    here.sign_in(ROBIN)
    id = here.employ("Bo Roller", (Role.CARER, GRANEN))
    path = f"/staff/{id}/edit"
    ends = (here.today + timedelta(days=9)).isoformat()
    starts = (here.today + timedelta(days=10)).isoformat()
    row = {"new.0.role": "nurse", "new.0.unit": BJORKEN, "new.0.start": starts, "new.0.end": ""}
    here.send(path, here.form(path) | row | {"role.0.end": ends, "act": "save"})
    first = here.staff(id).roles
    assert [(one.role, one.unit) for one in first] == [(Role.CARER, GRANEN), (Role.NURSE, BJORKEN)]
    assert (first[0].end, first[1].start) == (here.today + timedelta(days=9), here.today + timedelta(days=10))
    assert "Bo Roller" not in words(here.see("/staff?when=ending"))
    doubled = here.form(path) | {"new.0.role": "carer", "new.0.unit": GRANEN}
    assert "Den rollen finns redan" in words(here.send(path, doubled, 400).text)
    past = here.form(path) | {"role.0.end": "2025-06-01"}
    assert "Det som redan har hänt ändras inte" in words(here.send(path, past, 400).text)
    here.send(path, here.form(path) | {"role.1.gone": "1", "role.0.start": "2020-01-01"})
    assert here.staff(id).roles == [RoleInUnit(Role.CARER, GRANEN, START, here.today + timedelta(days=9))]
    assert "Bo Roller" in words(here.see("/staff?when=ending"))


def test_saving_nothing_new_states_nothing_and_over_somebody_elses_change_nothing(here: People) -> None:
    here.sign_in(ROBIN)
    id = here.employ("Cecilia Prov", (Role.CARER, GRANEN))
    path, before = f"/staff/{id}/edit", here.staff(id)
    here.send(path, here.form(path))
    assert here.staff(id) == before
    old = here.form(path)
    here.employ("Cecilia Prov", (Role.CARER, GRANEN), (Role.CARER, BJORKEN))
    answer = here.send(path, old | {"phone": "070-1740609"}, 400)
    assert "Någon annan har ändrat" in words(answer.text)
    assert here.staff(id).phone == ""


def test_roles_at_another_provider_are_not_shown_and_are_carried_over_unchanged(here: People) -> None:
    elsewhere = (Role.NURSE, GRANNE)
    id = here.employ("Dina Delad", (Role.CARER, GRANEN), elsewhere, identity=f"{HSA}7")
    here.sign_in(ROBIN)
    for path in (f"/staff/{id}", f"/staff/{id}/edit", f"/staff/{id}/history", "/staff?q=dina"):
        assert "Grannen" not in words(here.see(path)), path
    path = f"/staff/{id}/edit"
    here.send(path, here.form(path) | {"phone": "070-1740610", "identity": "SE-NÅGON-ANNAN"})
    changed = here.staff(id)
    held = RoleInUnit(Role.NURSE, GRANNE, START)
    assert (changed.phone, changed.identity) == ("070-1740610", f"{HSA}7")
    assert held in changed.roles
    here.send(f"/staff/{id}/end", {"when": "now"})
    assert here.staff(id).roles_in(GRANEN, here.today) == frozenset()
    assert held in here.staff(id).roles
    here.sign_in(GRO)
    history = words(here.see(f"/staff/{id}/history"))
    assert "Granen" not in history
    assert "Ändrat av någon utanför er organisation" in history
    assert "Robin Sand" not in history
    only = here.employ("Elsa Bara", (Role.CARER, GRANEN))
    for path in ("", "/edit", "/end", "/history"):
        here.see(f"/staff/{only}{path}", 404)
    here.send(f"/staff/{only}/end", {"when": "now"}, 404)
    here.send(f"/staff/{only}/edit", new(), 404)
    assert here.staff(only).units(here.today) == [GRANEN]


def test_an_hsa_id_is_one_human_being_and_an_id_that_is_taken_is_refused(here: People) -> None:
    id = here.employ("Fia Granne", (Role.CARER, GRANNE), identity=f"{HSA}8")
    here.employ("Gun Egen", (Role.CARER, GRANEN), identity="4711")
    here.employ("Hugo Granne", (Role.CARER, GRANNE), identity="4712")
    here.sign_in(ROBIN)
    for name, identity in (("Fel Namn", f"{HSA}8"), ("Gun Egen", "4711"), ("Hugo Granne", "4712")):
        answer = here.send("/staff/new", new(name=name, identity=identity), 400)
        assert "hör redan till någon annan" in words(answer.text), name
    sent = here.send("/staff/new", new(name="fia granne", identity=f"{HSA}8", phone="070-1740611"))
    assert sent.headers["location"].endswith(id)
    both = here.staff(id)
    assert (both.name, both.phone) == ("Fia Granne", "")
    assert set(both.units(here.today)) == {GRANEN, GRANNE}
    gun = same_id("Gun Egen")
    taken = here.form(f"/staff/{gun}/edit") | {"identity": f"{HSA}8"}
    assert "hör redan till någon annan" in words(here.send(f"/staff/{gun}/edit", taken, 400).text)


def test_what_gives_much_away_is_shown_once_more(here: People) -> None:
    here.sign_in(ROBIN)
    id = here.employ("Ida Prov", (Role.CARER, GRANEN), identity="ida")
    path = f"/staff/{id}/edit"
    for change in ({"identity": "nagon-annan"}, {"new.0.role": "mas", "new.0.unit": GRANEN}):
        form = here.form(path) | change | {"act": "save"}
        assert "Inget är sparat ännu" in words(here.send(path, form, 200).text)
        assert here.staff(id).identity == "ida"
        assert Role.MAS not in here.staff(id).roles_in(GRANEN, here.today)
    here.send(path, form | {"act": "confirm"})
    assert Role.MAS in here.staff(id).roles_in(GRANEN, here.today)


def test_who_leaves_is_out_of_the_console_at_once_and_what_they_did_keeps_their_name(here: People) -> None:
    here.employ("Jon Prov", (Role.CARER, BJORKEN))
    id = here.employ("Karl Chef", (Role.UNIT_MANAGER, GRANEN), (Role.ADMINISTRATOR, GRANEN))
    here.sign_in(id)
    path = f"/staff/{same_id('Jon Prov')}/edit"
    here.send(path, here.form(path) | {"phone": "070-1740612"})
    kept = dict(here.client.cookies)
    here.sign_in(ROBIN)
    assert "Personen kommer inte in på konsolen" in words(here.see(f"/staff/{id}/end"))
    assert "Det här är du" not in words(here.see(f"/staff/{id}/end"))
    assert "Det här är du" in words(here.see(f"/staff/{ROBIN}/end"))
    here.send(f"/staff/{id}/end", {"when": "now"})
    here.client.cookies.clear()
    here.client.cookies.update(kept)
    here.see("/staff", 303)
    here.sign_in(ROBIN)
    assert "Karl Chef" in words(here.see("/staff?when=left"))
    assert "Ändrat av Karl Chef" in words(here.see(f"/staff/{same_id('Jon Prov')}/history"))
    assert "Ändrat av Robin Sand" in words(here.see(f"/staff/{id}/history"))


def test_an_employment_ends_after_a_last_day_and_not_in_the_past(here: People) -> None:
    here.sign_in(ROBIN)
    later = here.today + timedelta(days=60)
    id = here.employ("Lisa Prov", (Role.CARER, GRANEN), end=later)
    for last, text in (("2020-01-01", "Det som redan har hänt"), ("snart", "Skriv datum")):
        answer = here.send(f"/staff/{id}/end", {"when": "day", "last": last}, 400)
        assert text in words(answer.text)
        assert f'value="{last}"' in answer.text
    soon = here.today + timedelta(days=3)
    here.send(f"/staff/{id}/end", {"when": "day", "last": soon.isoformat()})
    assert here.staff(id).roles == [RoleInUnit(Role.CARER, GRANEN, START, soon)]
    here.send(f"/staff/{id}/end", {"when": "day", "last": later.isoformat()})
    assert here.staff(id).roles[0].end == soon


def test_ending_asks_for_a_fresh_sign_in(here: People) -> None:
    id = here.employ("Mona Prov", (Role.CARER, GRANEN))
    here.sign_in(ROBIN, timedelta(minutes=20))
    assert here.client.get(f"/console/staff/{id}/end", follow_redirects=False).status_code == 303
    answer = here.client.post(
        f"/console/staff/{id}/end", data={"when": "now"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert "logga in" in answer.text.lower()
    assert here.staff(id).units(here.today) == [GRANEN]


def test_the_last_administrator_stays_now_and_later(here: People) -> None:
    here.sign_in(GRO)
    for data in ({"when": "now"}, {"when": "day", "last": (here.today + timedelta(days=5)).isoformat()}):
        answer = here.send(f"/staff/{GRO}/end", data, 400)
        assert "Då blir ni utan systemförvaltare" in words(answer.text)
    path = f"/staff/{GRO}/edit"
    form = here.form(path) | {"role.0.end": here.today.isoformat(), "act": "confirm"}
    assert "Då blir ni utan systemförvaltare" in words(here.send(path, form, 400).text)
    assert here.staff(GRO).roles[0].end is None
    # Another vårdgivare's administrator is no help; one's own is, for as long as that role lasts.
    ends = here.today + timedelta(days=30)
    here.employ("Nils Grannadmin", (Role.ADMINISTRATOR, GRANNE), end=ends)
    answer = here.send(f"/staff/{GRO}/end", {"when": "now"}, 400)
    assert "Då blir ni utan systemförvaltare" in words(answer.text)
    here.employ("Nils Grannadmin", (Role.ADMINISTRATOR, GRANNE))
    here.send(f"/staff/{GRO}/end", {"when": "now"})
    here.see("/staff", 303)


def test_two_administrators_who_end_each_other_at_the_same_time_do_not_both_go(
    tmp_path: Path, database_url: str | None
) -> None:
    with people(tmp_path, database_url) as here:
        other = here.employ("Olle Admin", (Role.ADMINISTRATOR, GRANEN))

        async def end(who: str, by: str) -> None:
            reader = await reader_of(here.parts.database, by, datetime.now(UTC))
            assert reader is not None

            def work(turn: Turn) -> None:
                after = changes.ended(turn.roster, turn.roster.everybody[who].as_set, here.yesterday)
                changes.check_administered(turn.roster, {who: after})
                time.sleep(0.1)
                turn.say([changes.staff_statement(turn.roster, who, after)])

            await decide(here.parts, reader, work)

        async def both() -> list[BaseException | None]:
            return await asyncio.gather(end(ROBIN, other), end(other, ROBIN), return_exceptions=True)

        failed = [type(one) for one in asyncio.run(both()) if one is not None]
        assert failed == [LastAdministrator]


def test_a_phone_is_refused_at_once_for_somebody_who_has_left(tmp_path: Path) -> None:
    with town(tmp_path) as here:
        phone = here.phone(AMINA)
        phone.pull_all(AMINA)
        token = phone.token(AMINA)
        here.employ(AMINA, RoleInUnit(Role.CARER, UNIT, START, START))
        with pytest.raises(Refusal) as pulled:
            phone.get("/v1/pull", Pulled, token)
        assert (pulled.value.status, pulled.value.problem.code) == (403, "no_role")
        phone.tokens.clear()
        with pytest.raises(Refusal) as opened:
            phone.token(AMINA)
        assert (opened.value.status, opened.value.problem.code) == (403, "no_role")
        assert phone.push() == []
