"""Telefoner on the console: who sees which, a code that is shown once, decisions that say what happens."""

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import select

from care.facts import Ref
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from endpoint.anchors import AnchorFile
from endpoint.chains import Link, join
from endpoint.demo import names
from endpoint.schema import chains, device_events, enrol_codes, slot_keys
from endpoint.schema import devices as table
from endpoint.standing import note
from tests.console_world import GRANEN, NORR, World, world
from tests.statements import new_id
from wire.anchors import fingerprint
from wire.messages import EnrolRequest, Problem
from wire.signature import Context, new_key, public_of, sign

ADMINISTRATOR, MANAGER, NURSE = "Robin Sand", "Maria Nyberg", "Karin Ström"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def granens_manager(here: World) -> None:
    """Sign in as a manager of one unit."""
    role = RoleInUnit(Role.UNIT_MANAGER, GRANEN, date(2025, 1, 1))
    body = StaffSet(name=MANAGER, title="unit_manager", roles=(role,))
    await here.says(None, body, Ref("staff", names.STAFF[MANAGER]), GRANEN)
    await here.sign_in(MANAGER)


async def phone(here: World, name: str = "Telefon 3", unit: str = GRANEN, **values: Any) -> str:
    """A phone that somebody has signed in on."""
    id = new_id()
    row = {
        "id": id,
        "unit": unit,
        "name": name,
        "public": bytes(32),
        "app": "rapp 0.1.0",
        "enrolled": here.now - timedelta(days=9),
        "heard": here.now,
        "told": here.now,
        "unsent": 0,
        "drafts": 0,
        "aside": 0,
        "offset_ms": 0,
        **values,
    }
    slot = {"device": id, "staff": names.STAFF["Amina Yusuf"], "wrapped": b"x"}

    def add(connection: Any) -> None:
        connection.execute(table.insert(), row)
        connection.execute(slot_keys.insert(), slot)

    await here.parts.database.write(add)
    return id


async def row(here: World, id: str) -> Any:
    return await here.parts.database.read(lambda c: c.execute(select(table).where(table.c.id == id)).one())


async def test_an_administrator_sees_every_unit_and_a_manager_the_own(here: World) -> None:
    await phone(here, "Telefon 3")
    await phone(here, "Telefon 8", NORR)
    await here.sign_in(ADMINISTRATOR)
    text = await here.see("/phones")
    assert "Telefon 3" in text
    assert "Telefon 8" in text
    assert "Amina Yusuf" in text
    await granens_manager(here)
    text = await here.see("/phones")
    assert "Telefon 3" in text
    assert "Telefon 8" not in text
    await here.sign_in(NURSE)
    await here.see("/phones", 403)


async def test_without_phones_the_page_says_what_to_do(here: World) -> None:
    await here.parts.database.write(lambda c: c.execute(table.delete()))
    await here.sign_in(ADMINISTRATOR)
    assert "Inga telefoner än" in await here.see("/phones")


async def test_what_a_phone_told_is_shown_in_words(here: World) -> None:
    id = await phone(here, unsent=3, drafts=2, aside=1, offset_ms=600_000, error="delivery.portal")
    await here.sign_in(ADMINISTRATOR)
    text = await here.see(f"/phones/{id}")
    # What a phone says to who holds it ("you") is told here as its words, not as ours.
    shown = "Telefonen visade: ”Nätet vill"
    for words in ("3 uppgifter", "Klockan går 10 minuter efter", "rapp 0.1.0", shown):
        assert words in text
    assert "Inget har kommit än" in text
    silent = await phone(here, "Telefon 4", heard=here.now - timedelta(hours=5))
    assert "Tyst sedan" in await here.see(f"/phones/{silent}")
    listed = await here.see("/phones?how=silent")
    assert "Telefon 4" in listed
    assert ">Telefon 3<" not in listed


async def test_which_authorities_a_phone_goes_by_is_shown_where_there_are_any(here: World) -> None:
    id = await phone(here, anchors="")
    await here.sign_in(ADMINISTRATOR)
    assert "Serverns certifikat" not in await here.see(f"/phones/{id}")
    held = AnchorFile("file", (b"one",))
    settings = replace(here.parts.settings, anchors=held)
    here.client.app.state.parts = replace(here.parts, settings=settings)
    for told, words in (
        ("", "Har inte hört vilka utfärdare som gäller nu"),
        (held.name, "Går efter de utfärdare som gäller nu"),
        (None, "Serverns certifikat</dt><dd>Okänt"),
    ):
        another = await phone(here, anchors=told)
        assert words in await here.see(f"/phones/{another}")


async def test_a_code_is_shown_once_as_text_and_picture_and_can_be_taken_back(here: World) -> None:
    await here.sign_in(ADMINISTRATOR)
    answer = await here.send("/phones/codes", {"unit": GRANEN, "name": "Telefon 7"})
    assert answer.status_code == 200
    code = re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", answer.text)
    assert code
    assert "<svg" in answer.text
    assert 'style="' not in answer.text
    key = fingerprint(here.parts.keys.sign_public)
    assert f"/console/enrol?key={key}#{code.group()}/Telefon%207" in answer.text
    listed = await here.see("/phones")
    assert "Telefon 7" in listed
    assert code.group() not in listed
    held = await here.parts.database.read(lambda c: c.execute(select(enrol_codes)).all())
    id = next(one.id for one in held if one.name == "Telefon 7")
    assert (await here.send(f"/phones/codes/{id}/revoke")).status_code == 303
    assert "Telefon 7" not in await here.see("/phones")
    assert (await enrol(here, code.group())).code == "revoked_code"


async def post_enrol(here: World, code: str) -> httpx.Response:
    private = new_key()
    proof = sign(private, Context.ENROL, f"{code}x".encode())
    asked = EnrolRequest(code=code, name="x", public=public_of(private), proof=proof)
    return await here.client.post("/v1/enrol", content=msgspec.json.encode(asked))


async def enrol(here: World, code: str) -> Problem:
    answer = await post_enrol(here, code)
    problem: Problem = msgspec.json.decode(answer.content, type=Problem)
    return problem


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    here: World,
) -> None:
    await granens_manager(here)
    answer = await here.send("/phones/codes", {"unit": NORR, "name": "Telefon sju"})
    assert answer.status_code == 422
    assert 'value="Telefon sju"' in answer.text
    assert 'id="unit-fault"' in answer.text


async def test_nobody_keeps_others_from_enrolling_by_sending_wrong_codes(here: World) -> None:
    await here.sign_in(ADMINISTRATOR)
    page = (await here.send("/phones/codes", {"unit": GRANEN, "name": "x"})).text
    found = re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", page)
    assert found
    for _ in range(110):
        assert (await enrol(here, "AAAAA-AAAAA")).code == "unknown_code"
    assert (await post_enrol(here, found[0])).status_code == 200


@pytest.mark.parametrize("what", ["close", "lose"])
async def test_closing_says_first_what_happens_and_can_be_undone(here: World, what: str) -> None:
    id = await phone(here, unsent=3)
    await here.sign_in(ADMINISTRATOR)
    text = await here.see(f"/phones/{id}/{what}")
    assert "3 uppgifter" in text
    assert "Avbryt" in text
    assert (await row(here, id)).state == "open"
    assert (await here.send(f"/phones/{id}/{what}")).status_code == 303
    assert (await row(here, id)).state == {"close": "closing", "lose": "lost"}[what]
    assert "Robin Sand" in await here.see(f"/phones/{id}")
    await here.send(f"/phones/{id}/reopen")
    assert (await row(here, id)).state == "open"
    events = await here.parts.database.read(lambda c: c.execute(select(device_events.c.what)).scalars().all())
    assert events == [what, {"close": "keep", "lose": "find"}[what]]


async def test_a_sign_in_that_is_no_longer_fresh_is_asked_for_again(here: World) -> None:
    id = await phone(here)
    here.now -= timedelta(minutes=30)
    await here.sign_in(ADMINISTRATOR)
    answer = await here.send(f"/phones/{id}/close")
    assert answer.status_code in (303, 401, 403)
    assert (await row(here, id)).state == "open"


async def test_a_phone_is_moved_between_the_readers_own_units_alone(here: World) -> None:
    id = await phone(here)
    await granens_manager(here)
    await here.send(f"/phones/{id}/move", {"unit": NORR})
    assert (await row(here, id)).move_to is None
    await here.sign_in(ADMINISTRATOR)
    assert (await here.send(f"/phones/{id}/move", {"unit": NORR})).status_code == 303
    assert (await row(here, id)).move_to == NORR
    assert "Flyttas till" in await here.see("/phones")


async def test_what_a_lost_phone_held_is_told_without_naming_care_recipients(here: World) -> None:
    id = await phone(here)
    await here.sign_in(ADMINISTRATOR)
    await here.send(f"/phones/{id}/lose")
    text = await here.see(f"/phones/{id}/report")
    assert re.search(r"Skrivet \d{1,2} [a-z]+ 20\d\d \d\d:\d\d", text)
    assert "Amina Yusuf" in text
    assert "personer på Granen" in text
    assert not [name for name in names.RESIDENTS if name in text]


async def test_a_closed_phone_can_be_told_nothing_more(here: World) -> None:
    id = await phone(here, closed=here.now, state="closing")
    await here.sign_in(ADMINISTRATOR)
    assert "Stängd" in await here.see(f"/phones/{id}")
    for what in ("close", "lose", "reopen", "move", "key"):
        await here.send(f"/phones/{id}/{what}", {"unit": NORR})
    held = await row(here, id)
    assert (held.state, held.move_to, held.new_key) == ("closing", None, False)
    assert ">Telefon 3<" not in await here.see("/phones")
    assert "Telefon 3" in await here.see("/phones?how=closed")


async def test_the_page_behind_the_picture_is_open_and_names_nothing(here: World) -> None:
    here.client.cookies.clear()
    text = await here.see("/enrol")
    assert "Klistra in länken" in text
    assert "Granen" not in text


async def test_a_file_that_was_put_back_and_numbers_that_are_missing_are_told(here: World) -> None:
    back, lacks, waits = [await phone(here, f"Telefon {number}", unsent=number == 5) for number in (3, 4, 5)]
    fork = [Link(1, "1a", None), Link(2, "2a", "1a"), Link(2, "2b", "1a"), Link(3, "3b", "2b")]
    gaps = [Link(1, "1a", None), Link(4, "4a", "3a")]

    def arrived(connection: Any) -> None:
        for device, links in ((back, fork), (lacks, gaps), (waits, gaps)):
            data = msgspec.json.encode(join([], links))
            restored = here.now if device == back else None
            row = {"device": device, "stretches": data, "restored": restored}
            connection.execute(chains.insert(), row)

    await here.parts.database.write(arrived)
    await here.sign_in(ADMINISTRATOR)
    listed = await here.see("/phones")
    assert listed.count("Har varit återställd") == 1
    # Of a phone that has something waiting, what is missing may be on its way.
    assert listed.count("2 uppgifter har inte kommit fram") == 1
    text = await here.see(f"/phones/{back}")
    assert "Nummer 2 till 2 är använda två gånger" in text
    assert "Telefonens fil har varit återställd" in text
    assert "Telefonen säger att inget väntar." in await here.see(f"/phones/{lacks}")
    assert "Telefonen säger att inget väntar." not in await here.see(f"/phones/{waits}")


async def test_a_closed_phone_that_came_back_is_listed_and_its_page_says_when(here: World) -> None:
    shut, back, again, once = [
        await phone(here, f"Telefon {number}", closed=here.now - timedelta(days=40), state="closing", aside=2)
        for number in (3, 4, 5, 6)
    ]

    def happened(connection: Any) -> None:
        for device, days in ((shut, (40,)), (back, (40, 1)), (again, (40, 1, 0)), (once, (40, 31, 31))):
            for ago, what in zip(days, ("closed", "back", "closed"), strict=False):
                detail = "2" if what == "closed" else ""
                note(connection, device, "device", what, here.now - timedelta(days=ago), detail)

    await here.parts.database.write(happened)
    await here.sign_in(ADMINISTRATOR)
    listed = await here.see("/phones")
    assert [f">Telefon {number}<" in listed for number in (3, 4, 5, 6)] == [False, True, True, False]
    assert listed.count("Har varit tillbaka efter stängning") == 2
    shut_page, back_page, again_page = [await here.see(f"/phones/{id}") for id in (shut, back, again)]
    assert "tillbaka" not in shut_page
    assert "Kvar på den, förseglat: 2" in shut_page
    assert re.search("Telefonen är tillbaka sedan [^<]*, fast den har stängts", back_page)
    assert "Telefonen är tillbaka fast den har stängts: det finns en kopia av dess fil" in back_page
    assert "Den har stängts igen" in again_page
    assert "2 uppgifter kunde inte tas emot" in again_page
    assert "2 uppgifter kunde inte tas emot" not in back_page
    assert "Den har stängts igen" in await here.see(f"/phones/{once}")
