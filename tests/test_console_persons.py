"""Persons on the console: one's own units, an active choice beyond them, protected identity."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from care.facts import Ref
from care.person import PersonDocument, ProtectedSet
from endpoint import documents
from endpoint.audit.log import rows
from endpoint.demo import names
from endpoint.persons.beyond import LASTS, beyond
from tests.console_world import GRANEN, NORR, World, world

CILLA, ASTA = names.RESIDENTS["Cilla Påhittad"], names.RESIDENTS["Asta Provdahl"]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def search(here: World, words: str) -> str:
    answer = await here.send("/persons", {"words": words})
    assert answer.status_code == 200
    return str(answer.text)


def logged(here: World) -> list[tuple[str, str, str, str]]:
    since = here.now - timedelta(days=1)
    found = here.parts.database.read_now(lambda c: rows(c, since=since, until=since + timedelta(days=2)))
    return [(one.act, one.staff, one.person, one.reason) for one in found if one.what == "person"]


async def test_somebody_of_the_unit_is_found_by_name_room_and_personnummer(here: World) -> None:
    await here.sign_in("Amina Yusuf")
    for words in ("asta", "ASTA PROV", "19420314-2387", "420314-2387"):
        html = await search(here, words)
        assert f'href="/console/persons/{ASTA}"' in html, words
    assert "Andfådd" not in await here.see(f"/persons/{ASTA}")
    assert ("read", names.STAFF["Amina Yusuf"], ASTA, "") in logged(here)


async def test_a_name_or_number_never_stands_in_an_address(here: World) -> None:
    await here.sign_in("Amina Yusuf")
    assert 'method="post" action="/console/persons"' in await here.see("/persons")
    assert "Asta" not in await here.see("/persons?words=asta")


async def test_beyond_ones_units_nothing_is_seen_without_an_active_choice(here: World) -> None:
    await here.sign_in("Amina Yusuf")
    html = await search(here, "cilla")
    assert f'href="/console/persons/{CILLA}/beyond"' in html
    assert "Provbygatan" not in html
    await here.see(f"/persons/{CILLA}", 403)
    assert "Provbygatan" not in await here.see(f"/persons/{CILLA}/beyond")


async def test_an_active_choice_is_logged_with_its_reason_and_ends(here: World) -> None:
    await here.sign_in("Amina Yusuf")
    answer = await here.send(f"/persons/{CILLA}/beyond", {"reason": "acute", "words": "Föll på vägen"})
    assert answer.headers["location"] == f"/console/persons/{CILLA}"
    assert "Cilla Påhittad" in await here.see(f"/persons/{CILLA}")
    amina = names.STAFF["Amina Yusuf"]
    assert logged(here) == [("beyond", amina, CILLA, "acute: Föll på vägen"), ("read", amina, CILLA, "")]
    ended = beyond.update().values(until=here.now - timedelta(seconds=1), opened=here.now - LASTS)
    here.parts.database.write_now(lambda c: c.execute(ended))
    await here.see(f"/persons/{CILLA}", 403)


async def test_what_no_database_holds_reaches_neither_choice_nor_log(here: World) -> None:
    await here.sign_in("Amina Yusuf")
    await here.send(f"/persons/{CILLA}/beyond", {"reason": "acute", "words": "F\0öll"})
    assert [reason for act, _, _, reason in logged(here) if act == "beyond"] == ["acute: Föll"]


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, "Välj varför"), ({"reason": "curious"}, "Välj varför"), ({"reason": "other"}, "Skriv varför")],
)
async def test_a_choice_without_its_reason_opens_nothing_and_says_what_is_missing(
    here: World, given: dict[str, str], told: str
) -> None:
    await here.sign_in("Amina Yusuf")
    answer = await here.send(f"/persons/{CILLA}/beyond", given)
    assert answer.status_code == 400
    assert told in answer.text
    assert here.parts.database.read_now(lambda c: c.execute(select(beyond)).all()) == []


async def test_what_was_typed_stands_there_when_something_is_missing(here: World) -> None:
    await here.sign_in("Amina Yusuf")
    answer = await here.send(f"/persons/{CILLA}/beyond", {"words": "Föll på vägen"})
    assert "Föll på vägen</textarea>" in answer.text


async def test_a_carers_choice_shows_care_and_a_nurses_the_sbars_too(here: World) -> None:
    await here.sbar("Cilla Påhittad", by="Hanna Ek", unit=NORR)
    for name, sees in (("Amina Yusuf", False), ("Karin Ström", True)):
        await here.sign_in(name)
        await here.send(f"/persons/{CILLA}/beyond", {"reason": "asked"})
        html = await here.see(f"/persons/{CILLA}")
        assert ("SBAR</h2>" in html) == sees, name
        assert "Ordinationer" in html


async def test_beyond_ones_units_a_protected_person_is_found_by_the_whole_number_alone(here: World) -> None:
    await here.says("Maria Nyberg", ProtectedSet(on=True), Ref("person", CILLA), NORR, "Cilla Påhittad")
    await here.sign_in("Amina Yusuf")
    assert CILLA not in await search(here, "cilla")
    assert CILLA not in await search(here, "19450405")
    html = await search(here, "19450405-2384")
    assert CILLA in html
    assert "Påhittad" not in html


async def test_the_manager_says_who_is_responsible_and_what_is_protected(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    karin = names.STAFF["Karin Ström"]
    await here.send(f"/persons/{ASTA}/nurse", {"nurse": karin})
    await here.send(f"/persons/{ASTA}/protected", {"on": "1"})
    held = await documents.get(here.parts.database, PersonDocument, ASTA)
    assert held is not None
    assert (held.nurse, held.protected) == (karin, True)
    html = await here.see(f"/persons/{ASTA}")
    assert "Skyddade personuppgifter" in html
    found = await search(here, "asta")
    assert "A. P." in found
    assert "Asta" not in found


async def test_only_nurses_of_the_unit_can_be_responsible(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    answer = await here.send(f"/persons/{ASTA}/nurse", {"nurse": names.STAFF["Amina Yusuf"]})
    assert answer.status_code == 403
    held = await documents.get(here.parts.database, PersonDocument, ASTA)
    assert held is not None
    assert not held.nurse


async def test_no_list_of_the_console_names_a_protected_person(here: World) -> None:
    await here.says("Maria Nyberg", ProtectedSet(on=True), Ref("person", ASTA), GRANEN, "Asta Provdahl")
    await here.sbar()
    await here.deviation("Asta Provdahl")
    await here.sign_in("Karin Ström")
    for path in ("/inbox/fresh", "/deviations/fresh", f"/signing?unit={GRANEN}"):
        html = await here.see(path)
        assert "A. P." in html, path
        assert "Asta Provdahl" not in html, path


async def test_a_nurse_sets_the_plan_and_the_scale_and_a_carer_reads_the_plan(here: World) -> None:
    who = names.RESIDENTS["Asta Provdahl"]
    await here.sign_in("Karin Ström")
    sent = {"text": " Lindra. Ring hemsjukvården. ", "decided_by": "Dr Prov 2 mars"}
    assert (await here.send(f"/persons/{who}/plan", sent)).status_code == 303
    assert (
        await here.send(f"/persons/{who}/scale2", {"on": "1", "ordered_by": "Dr Prov"})
    ).status_code == 303
    found = await documents.get(here.parts.database, PersonDocument, who)
    assert found is not None
    assert (found.plan, found.plan_by, found.scale2) == (
        "Lindra. Ring hemsjukvården.",
        "Dr Prov 2 mars",
        True,
    )
    case = await here.sbar()
    html = await here.see(f"/inbox/{case}")
    assert "Lindra. Ring hemsjukvården." in html
    assert "NEWS2 6" in html
    await here.send(f"/persons/{who}/plan", sent)
    again = await documents.get(here.parts.database, PersonDocument, who)
    assert again is not None
    assert again.facts == found.facts
    await here.sign_in("Amina Yusuf")
    html = await here.see(f"/persons/{who}")
    assert "Lindra. Ring hemsjukvården." in html
    assert 'name="decided_by"' not in html
    assert (await here.send(f"/persons/{who}/plan", {"text": ""})).status_code == 403
