"""What the components measure in a real browser: targets, names, light and dark, 200 %, 360 x 640."""

from contextlib import ExitStack
from itertools import count

import pytest

from tests.browser.conftest import Phone, chromium, ordinary
from tests.browser.gallery_pages import PAGES

pytestmark = pytest.mark.browser

LEAST = 48
PAGES_OF_A_BROWSER = 6
"""One that has drawn some ten pages of Flutter may stop drawing."""


@pytest.fixture(scope="module")
def fresh_enough():
    opened, drawn = ExitStack(), count()

    def give():
        nonlocal current
        if next(drawn) % PAGES_OF_A_BROWSER == 0:
            opened.close()
            current = opened.enter_context(ordinary(opened.enter_context(chromium())))
        return current

    current = None
    with opened:
        yield give


@pytest.fixture(scope="module")
def gallery(serve):
    return serve("tests.browser.gallery", "{port}").address


@pytest.fixture
def page(fresh_enough, gallery):
    """Opens a page of the gallery in a browser that has not drawn too many."""
    pages = []

    def open_page(name, *, width=390, height=844, dark=False, scale=1.0):
        pages.append(fresh_enough().new_page())
        pages[-1].set_viewport_size({"width": width, "height": height})
        pages[-1].emulate_media(color_scheme="dark" if dark else "light")
        opened = Phone(pages[-1], f"{gallery}/{name}")
        if scale != 1.0:
            opened.text_scale(scale)
        return opened

    yield open_page
    for opened in pages:
        opened.close()


def too_small(opened):
    seen = [target for target in opened.targets() if not target.clipped]
    assert seen
    return [t for t in seen if round(t.width) < LEAST or round(t.height) < LEAST]


def outside(opened):
    width = opened.page.viewport_size["width"]
    return [t for t in opened.targets() if t.x < -0.5 or t.x + t.width > width + 0.5]


@pytest.mark.parametrize("name", [name for name in PAGES if name != "lock"])
def test_targets_are_large_enough_and_within_the_page(page, name):
    opened = page(name)
    assert not too_small(opened)
    assert not outside(opened)
    assert all(target.name.strip() for target in opened.targets())
    assert not opened.faults
    opened.picture(name)


@pytest.mark.parametrize("name", ["kvitto", "fall", "aktuellt"])
def test_at_200_percent_nothing_leaves_the_page_and_the_main_button_stays(page, name):
    opened = page(name, scale=2.0)
    assert not too_small(opened)
    assert not outside(opened)
    assert [target.y < 100 for target in opened.targets() if "112" in target.name] == [True]
    opened.picture(f"{name}-200")


@pytest.mark.parametrize("name", ["vadhande"])
def test_at_130_percent_no_word_is_broken(page, name):
    opened = page(name, scale=1.3)
    assert not too_small(opened)
    assert not outside(opened)
    opened.picture(f"{name}-130")


@pytest.mark.parametrize("name", ["aktuellt", "fall"])
def test_on_a_small_phone(page, name):
    opened = page(name, width=360, height=640)
    assert not too_small(opened)
    assert not outside(opened)
    opened.picture(f"{name}-360")


@pytest.mark.parametrize("name", ["states"])
def test_in_the_dark(page, name):
    opened = page(name, dark=True)
    pixel = opened.page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
    assert pixel
    assert opened.picture(f"{name}-dark").stat().st_size > 15_000


def test_titles_are_headings_and_choices_say_the_question_and_whether_they_are_chosen(page):
    opened = page("fall")
    assert opened.page.get_by_role("heading", name="Hur mår Bror?").count() == 1
    yes, no = opened.choice("Slog han i huvudet? Ja"), opened.choice("Slog han i huvudet? Nej")
    assert yes.get_attribute("aria-checked") == "true"
    assert no.get_attribute("aria-checked") == "false"
    opened.press("Slog han i huvudet? Nej")
    opened.page.wait_for_function(
        "node => node.getAttribute('aria-checked') === 'true'", arg=no.element_handle()
    )
    assert yes.get_attribute("aria-checked") == "false"


def test_no_letter_is_lost_when_one_types_fast(page):
    opened = page("states")
    opened.write("Vad hände?", "Han halkade på det våta golvet i badrummet")
    opened.says("<Han halkade på det våta golvet i badrummet>")
    opened.page.wait_for_timeout(500)
    assert opened.page.get_by_role("textbox", name="Vad hände?").first.input_value().endswith("i badrummet")
    opened.picture("states-written")


def test_the_code_is_entered_with_our_own_keys(page):
    opened = page("lock")
    opened.keys("123456")
    opened.says("6 av 6 siffror")
    opened.press("Sudda")
    opened.says("5 av 6 siffror")
    opened.picture("lock-entered")
