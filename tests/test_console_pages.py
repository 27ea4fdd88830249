"""Every page: nothing inline, nothing from elsewhere, every text there, and whole without scripts."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from care.deviation import Category, Step
from care.dose import Reason
from care.news2 import Band
from care.sbar import COMMON_ORDERS, OUTCOMES
from care.signing import DoseState
from endpoint.console.errors import ConsoleError
from endpoint.console.page import FOLDER
from endpoint.console.texts import Texts
from endpoint.console.vitals import ACVPU
from endpoint.demo import records
from tests.console_world import World, world
from views.theme.tokens import DARK, LIGHT, Palette

PAGES = ("/inbox", "/deviations", "/signing")
TITLES = {one.title for one in records.staff()}
VOID = {"meta", "link", "input", "br", "img", "hr"}


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


class Page(HTMLParser):
    """The elements of a page, and whether they are closed in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def full(here: World) -> list[str]:
    await here.sbar()
    await here.deviation()
    await here.sign_in("Karin Ström")
    return [await here.see(path) for path in PAGES]


async def test_nothing_is_inline_and_nothing_comes_from_elsewhere(here: World) -> None:
    for html in await full(here):
        for tag, attributes in Page(html).elements:
            assert tag != "style"
            assert "style" not in attributes, (tag, attributes)
            assert not [name for name in attributes if name.startswith("on") or name.startswith("hx-on")]
            for name in ("src", "href", "action", "hx-get"):
                if address := attributes.get(name):
                    assert address.startswith(("/console", "#", "tel:")), address
            if tag == "script":
                assert attributes.get("src")


async def test_the_headers_keep_everything_foreign_out_and_nothing_in_the_cache(here: World) -> None:
    await here.sign_in("Karin Ström")
    answer = await here.client.get("/console/inbox")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_every_address_on_a_page_answers(here: World) -> None:
    found: set[str] = set()
    for html in await full(here):
        for _, attributes in Page(html).elements:
            found |= {
                str(attributes[name]).partition("#")[0]
                for name in ("src", "href", "hx-get")
                if name in attributes
            }
    for address in sorted(one for one in found if one.startswith("/")):
        answer = await here.client.get(address)
        assert answer.status_code == 200, address


async def test_fonts_and_style_are_served_from_here_and_kept(here: World) -> None:
    for name in ("console.css", "htmx.min.js", "icons.svg", "Atkinson.ttf"):
        answer = await here.client.get(f"/console/static/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    for name in ("build.py", "..%2Froutes.py", "htmx"):
        assert (await here.client.get(f"/console/static/{name}")).status_code in (303, 404), name


async def test_every_act_is_a_plain_form_that_needs_no_script(here: World) -> None:
    sbar, report = await here.sbar(), await here.deviation()
    await here.sign_in("Karin Ström")
    acts = {
        f"/inbox/{sbar}": [f"/inbox/{sbar}/{act}" for act in ("acknowledge", "answer", "close")],
        f"/deviations/{report}": sorted(
            f"/deviations/{report}/{act}"
            for act in (
                *("received", "assess", "category", "lead", "begin", "investigation", "action"),
                *("escalate", "escalate", "follow-up", "close"),
            )
        ),
    }
    for path, expected in acts.items():
        elements = Page(await here.see(path)).elements
        forms = [attributes for tag, attributes in elements if tag == "form"]
        assert all(form["method"] == "post" for form in forms if "action" in form)
        assert [f"/console{act}" for act in (*expected, "/sign-out")] == sorted(
            (str(form["action"]) for form in forms if "action" in form),
            key=lambda action: (action.endswith("sign-out"), action),
        )


async def test_every_control_has_a_name_and_every_page_one_heading_and_a_language(here: World) -> None:
    for html in await full(here):
        elements = Page(html).elements
        assert dict(elements)["html"]["lang"] == "sv"
        assert len([tag for tag, _ in elements if tag == "h1"]) == 1
        labelled = {attributes.get("for") for tag, attributes in elements if tag == "label"}
        for tag, attributes in elements:
            if tag == "textarea":
                assert attributes.get("id") in labelled
        ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
        assert len(set(ids)) == len(ids)


def test_every_text_of_the_templates_is_in_both_languages() -> None:
    keys = set()
    for path in (FOLDER / "templates").glob("*.html"):
        keys |= set(re.findall(r"\bt\('([a-z0-9_.]+[a-z0-9_])'[,)]", path.read_text("utf-8")))
    assert len(keys) > 60
    keys |= {f"console.category.{one}" for one in get_args(Category)}
    keys |= {f"console.reason.{one}" for one in get_args(Reason)}
    keys |= {f"console.step.{one}" for one in get_args(Step)}
    keys |= {f"console.mark.{one}" for one in (*get_args(DoseState), "without_delegation")}
    keys |= {f"console.news2.{band}" for band in get_args(Band)} | {f"title.{role}" for role in TITLES}
    keys |= (
        {f"order.{order}" for order in COMMON_ORDERS}
        | {f"sbar.outcome.{one}" for one in OUTCOMES}
        | {f"console.acvpu.{level}" for level in ACVPU}
    )
    keys |= {error.text for error in ConsoleError.__subclasses__()} | {ConsoleError.text}
    keys |= {f"{key}.safe" for key in keys if key.startswith("console.error.") and key.count(".") == 2} - {
        "console.error.back.safe"
    }
    for language in ("sv", "en"):
        missing = [key for key in sorted(keys) if Texts(language)(key) == key]
        assert not missing


async def test_a_reader_with_another_language_is_met_in_it(here: World) -> None:
    await here.sign_in("Tesfay Mehari")
    html = await here.see("/signing")
    assert '<html lang="en">' in html
    assert "Today's tasks" in html or "Today&#39;s tasks" in html


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_the_console_has_the_colours_of_the_app(palette: Palette) -> None:
    light, dark = (
        (FOLDER / "static" / "console.css").read_text("utf-8").split("prefers-color-scheme: dark", 1)
    )
    css = dark.split("*, *::before")[0] if palette.dark else light
    found = dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6})", css))
    assert len(found) >= 25
    for name, colour in found.items():
        assert getattr(palette, name.replace("-", "_")) == colour, name
