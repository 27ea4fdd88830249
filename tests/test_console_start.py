"""The first page of who follows up: what waits, where it is done; and a navigation in groups."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from endpoint.demo import names
from tests.console_world import World, world


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def waits(html: str) -> dict[str, str]:
    """What the first page lists: address and words."""
    main = html[html.index("<main") :]
    return dict(re.findall(r'<li><a href="([^"]+)"><svg.*?</svg><span>(.*?)</span>', main))


async def test_a_chief_begins_with_what_waits_and_goes_from_there_to_where_it_is_done(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    assert "/console/deviations" not in waits(await here.see("/"))
    await here.deviation()
    found = waits(await here.see("/"))
    assert found["/console/deviations"] == "1 avvikelse är inte mottagen"
    for address in found:
        await here.see(address.removeprefix("/console"))


async def test_whoever_gives_care_comes_straight_to_it(here: World) -> None:
    for name, path in (("Karin Ström", "/console/inbox"), ("Amina Yusuf", "/console/signing")):
        await here.sign_in(name)
        answer = await here.client.get("/console/", follow_redirects=False)
        assert answer.headers["location"] == path
        assert "Att göra" not in await here.see("/routines")


async def test_an_erasure_waits_for_the_other_and_not_for_who_prepared_it(here: World) -> None:
    person = names.RESIDENTS["Asta Provdahl"]
    await here.sign_in("Eva Holm")
    given = {"decision": "IVO 8.4-1", "what": "whole"}
    await here.send(f"/keeping/persons/{person}/erase", given)
    assert "/console/keeping" not in waits(await here.see("/"))
    await here.sign_in("Anders Fjäll")
    assert waits(await here.see("/"))["/console/keeping"] == "1 radering väntar på att du bekräftar"


async def test_the_navigation_is_in_groups_and_daily_work_is_never_folded_away(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    nav = re.search(r"<nav.*?</nav>", await here.see("/deviations"), re.S)
    assert nav
    daily, _, folded = nav[0].partition("<details")
    assert "/console/deviations" in daily
    assert "/console/signing" in daily
    for group in ("Uppföljning", "Journal och logg", "Förvaltning"):
        assert f">{group}</p>" in folded
    assert "/console/phones" in folded
    # On a narrow window this is the only way to one's own sign-ins.
    assert "/console/my-sign-ins" in folded
