"""Every page that a link leads to, for every role: it answers, says what it is, and can be read aloud."""

import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.console_world import World, world
from tests.test_console_pages import Page

READERS = ("Maria Nyberg", "Eva Holm", "Karin Ström", "Amina Yusuf", "Robin Sand")
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}(-\d\d-\d\d)?")


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


def faults(html: str) -> list[str]:
    """What a screen reader, or somebody with many windows, would stumble over."""
    elements = Page(html).elements
    found = []
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch(r"h\d", tag)]
    if levels.count(1) != 1 or levels[0] != 1:
        found.append(f"headings begin {levels[:3]}")
    found += [f"h{a} before h{b}" for a, b in pairwise(levels) if b > a + 1]
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    found += [f"twice: {id}" for id in {one for one in ids if ids.count(one) > 1}]
    title = re.search(r"<title>(.*?) · Rapp</title>", html)
    if not title or not title[1].strip():
        found.append("no title")
    if re.search(r">[^<]*\b(console|people|phones|keeping|units|log|title)\.[a-z_]+\.[a-z_]+", html):
        found.append("a key instead of a text")
    return found


@pytest.mark.parametrize("reader", READERS)
async def test_every_link_leads_to_a_page_that_says_what_it_is(here: World, reader: str) -> None:
    await here.sbar()
    await here.deviation()
    await here.sign_in("Eva Holm")
    await here.send("/checks/plans/adopt")
    await here.sign_in(reader)
    todo, seen = ["/console/"], set[str]()
    while todo:
        address = todo.pop(0).partition("#")[0]
        kind = _IDS.sub("*", address.partition("?")[0])
        if kind in seen or not address.startswith("/console/"):
            continue
        seen.add(kind)
        answer = await here.client.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        assert not faults(answer.text), address
        todo += [str(of["href"]) for tag, of in Page(answer.text).elements if tag == "a" and of.get("href")]
    assert len(seen) >= 5
