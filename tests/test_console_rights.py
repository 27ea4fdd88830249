"""Who comes in to the console, and what each role is shown."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from endpoint.demo import names
from tests.console_world import NORR, World, world

PLACES = {
    "Karin Ström": ["Inkorg", "Avvikelser", "Signering"],
    "Sara Lind": ["Inkorg", "Avvikelser", "Signering"],
    "Maria Nyberg": ["Avvikelser", "Signering"],
    "Eva Holm": ["Avvikelser"],
    "Anders Fjäll": ["Avvikelser"],
    "Amina Yusuf": ["Signering"],
    "Robin Sand": [],
}
PATHS = {"Inkorg": "/inbox", "Avvikelser": "/deviations", "Signering": "/signing"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def test_each_role_is_offered_its_pages_and_refused_the_others(here: World) -> None:
    for name, expected in PLACES.items():
        await here.sign_in(name)
        html = await here.see("/")
        found = re.findall(r'<a href="/console/\w+"[^>]*><svg.*?</svg><span>(\w+)</span>', html)
        assert [title for title in found if title in PATHS] == expected, name
        for title, path in PATHS.items():
            await here.see(path, 200 if title in expected else 403)


async def test_nobody_comes_in_without_signing_in(here: World) -> None:
    for path in ("/", "/inbox", "/deviations", "/signing", "/inbox/some-case"):
        answer = await here.client.get(f"/console{path}", follow_redirects=False)
        address, _, back = answer.headers["location"].partition("?back=")
        assert (answer.status_code, address) == (303, "/console/sign-in"), path
        assert unquote(back).rstrip("/") == f"/console{path}".rstrip("/")


async def test_a_poll_after_the_session_has_ended_says_so_and_shows_nothing(here: World) -> None:
    await here.sbar()
    answer = await here.client.get("/console/inbox/fresh", headers={"HX-Request": "true"})
    assert "Inloggningen har gått ut" in answer.text
    assert "Asta" not in answer.text


async def test_signing_in_goes_through_the_provider_and_out_ends_the_session(here: World) -> None:
    answer = await here.client.get("/console/sign-in", follow_redirects=False)
    assert answer.headers["location"].startswith("/demo/console-signin")
    await here.sign_in("Karin Ström")
    assert "Du är utloggad" in (await here.send("/sign-out")).text
    here.client.cookies.clear()
    assert (await here.client.get("/console/inbox", follow_redirects=False)).status_code == 303


async def test_a_session_is_over_when_it_was_ended_even_with_the_old_cookie(here: World) -> None:
    await here.sign_in("Karin Ström")
    kept = dict(here.client.cookies)
    await here.send("/sign-out")
    here.client.cookies.clear()
    here.client.cookies.update(kept)
    assert (await here.client.get("/console/inbox", follow_redirects=False)).status_code == 303


async def test_a_nurse_sees_both_her_units_and_a_carer_cannot_answer(here: World) -> None:
    id = await here.sbar("Vera Holmgren", by="Hanna Ek", unit=NORR)
    await here.sign_in("Karin Ström")
    assert "Vera Holmgren" in await here.see("/inbox")
    for name in ("Hanna Ek", "Maria Nyberg", "Eva Holm"):
        await here.sign_in(name)
        for act in ("answer", "acknowledge"):
            answer = await here.send(f"/inbox/{id}/{act}", {"text": "Hej", "orders": "coming"})
            assert answer.status_code == 403, name
            assert "Den här sidan är inte din" in answer.text


async def test_a_form_from_another_site_is_refused(here: World) -> None:
    id = await here.sbar()
    await here.sign_in("Karin Ström")
    assert (await here.send(f"/inbox/{id}/answer", {"text": "Hej"}, site="cross-site")).status_code == 403
    foreign = {"Origin": "https://elsewhere.example"}
    path = f"/console/inbox/{id}/answer"
    assert (await here.client.post(path, data={"text": "Hej"}, headers=foreign)).status_code == 403
    assert (await here.client.post(path, data={"text": "Hej"})).status_code == 403
    own = {"Origin": "http://testserver.local"}
    answer = await here.client.post(path, data={"text": "Hej"}, headers=own, follow_redirects=False)
    assert answer.status_code == 303


async def test_what_is_not_there_is_told_in_words(here: World) -> None:
    await here.sign_in("Karin Ström")
    missing = names.RESIDENTS["Asta Provdahl"]
    assert "Sidan finns inte" in await here.see(f"/inbox/{missing}", 404)
    assert (await here.send(f"/inbox/{missing}/answer", {"text": "Hej"})).status_code == 404
