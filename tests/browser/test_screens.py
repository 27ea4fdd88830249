"""The real screens, on two sizes of phone, at 100 and 200 %, in the light and in the dark.

What is measured: targets, the window's edges, and that the main button is within reach. What is saved under
build/pictures is to be looked at.
"""

import io
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext

from demo import PIN, Demo
from tests.browser.conftest import PATIENCE, PICTURES, Phone, ordinary

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

LEAST = 48
"""dp: nothing that can be pressed is smaller."""

SETTINGS = [(390, 844, 2.0), (360, 640, 2.0), (390, 844, 1.0)]
"""Width, height and text scale. The last is the ordinary phone, on which the next way begins."""

IN_THE_DARK = {(390, 1.0), (360, 2.0)}
"""The colours are other ones; what is measured is the same."""

CARER, WITHOUT = "Amina Yusuf", "Tesfay Mehari"
FAULT = "Något gick fel"
STILL_S = 0.5


class Screen(NamedTuple):
    """`way` leads there from Idag; `title` is read when one is there; `main` is the button at the thumb."""

    who: str
    way: Callable[[Phone], None]
    title: str
    main: str = ""


def to_menu(phone: Phone) -> None:
    phone.button("Amina").click()


def to_routines(phone: Phone) -> None:
    to_menu(phone)
    phone.tap("routines")


def to_routine(phone: Phone) -> None:
    to_routines(phone)
    phone.press("Efter ett fall")


def to_person(phone: Phone) -> None:
    phone.tap("report")
    phone.press("Fall", exact=True)


def to_task(phone: Phone) -> None:
    phone.press("Siv Hedman")


def to_reasons(phone: Phone) -> None:
    to_task(phone)
    phone.by_id("given").wait_for(state="attached", timeout=PATIENCE)
    phone.press("Inte given", exact=True)


def to_insulin(phone: Phone) -> None:
    """Märta's insulin is always about now."""
    card = phone.page.get_by_role("button", name="Insulin NovoRapid").first
    phone.page.mouse.move(180, 400)
    for _ in range(30):
        if card.count():
            break
        phone.page.mouse.wheel(0, 400)
        phone.page.wait_for_timeout(150)
    card.scroll_into_view_if_needed()
    card.click()


SCREENS = {
    "idag": Screen(CARER, lambda phone: None, "Idag", "contact"),
    "meny": Screen(CARER, to_menu, CARER, "lock"),
    "rutiner": Screen(CARER, to_routines, "", "search"),
    "rutin": Screen(CARER, to_routine, "Lyft inte."),
    "vantar": Screen(CARER, lambda phone: phone.tap("sync"), "Sparat på telefonen", "try-now"),
    "valj-rapport": Screen(CARER, lambda phone: phone.tap("report"), "Vad har hänt?"),
    "valj-person": Screen(CARER, to_person, "Vem gäller det?"),
    "signera": Screen(CARER, to_task, "", "given"),
    "inte-given": Screen(CARER, to_reasons, "Varför inte given?", "save-send"),
    "utan-delegering": Screen(WITHOUT, to_insulin, "", "ask"),
}


@pytest.fixture(scope="module")
def context(town: Demo, browser: Browser) -> Iterator[BrowserContext]:
    """The town first: it starts with a loop of its own, and a browser's is then already running."""
    with ordinary(browser) as made:
        yield made


@pytest.fixture(scope="module")
def carers(context: BrowserContext, town: Demo) -> dict[str, Phone]:
    """Each with a page of their own on the shared phone, unlocked."""
    found = {}
    for name in (CARER, WITHOUT):
        found[name] = Phone(context.new_page(), town.address(1))
        found[name].press(name)
        enter_code(found[name])
    return found


def enter_code(phone: Phone) -> None:
    phone.keys(PIN)
    phone.tap("key-main")
    phone.by_id("contact").wait_for(state="attached", timeout=PATIENCE)


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_on_every_phone(carers: dict[str, Phone], name: str) -> None:
    screen = SCREENS[name]
    phone = carers[screen.who]
    phone.page.bring_to_front()
    screen.way(phone)
    if screen.main:
        phone.by_id(screen.main).wait_for(state="attached", timeout=PATIENCE)
    if screen.title:
        phone.says(screen.title)
    try:
        for setting in SETTINGS:
            hold(phone, *setting)
            measure(phone, screen.main)
            pictures(phone, name, *setting)
    finally:
        phone.back_to(phone.by_id("contact"))
        settle(phone)
    assert not phone.faults


def test_the_lock_screen_asks_who_and_then_for_the_code_where_both_have_no_room(
    context: BrowserContext, town: Demo
) -> None:
    phone = Phone(context.new_page(), town.address(1))
    for setting in SETTINGS:
        hold(phone, *setting)
        if phone.by_id("change-person").count():
            phone.press("Välj någon annan")
            phone.choice(WITHOUT).wait_for(state="attached", timeout=PATIENCE)
            settle(phone)
        measure(phone)
        pictures(phone, "las", *setting)
        phone.press(CARER)
        phone.by_id("key-main").wait_for(state="attached", timeout=PATIENCE)
        settle(phone)
        measure(phone, "key-main")
        assert phone.choice(WITHOUT).count() == (1 if setting == SETTINGS[-1] else 0)
        pictures(phone, "las-kod", *setting)
    enter_code(phone)
    assert not phone.faults
    phone.page.close()


def hold(phone: Phone, width: int, height: int, scale: float) -> None:
    """Another phone in the hand: size and text."""
    phone.page.set_viewport_size({"width": width, "height": height})
    phone.page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{16 * scale}px")
    for _ in range(100):  # only at large text does the 112 sign grow beyond its target
        high = [target.height for target in phone.targets() if "112" in target.name]
        if high and (high[0] > 50) == (scale > 1):
            break
        phone.page.wait_for_timeout(100)
    settle(phone)


def settle(phone: Phone) -> None:
    """Waits until what can be pressed stands still: size and text scale go by way of the server."""
    before, since = [], time.monotonic()
    until = since + 20
    while time.monotonic() < until:
        now = phone.targets()
        if now != before:
            before, since = now, time.monotonic()
        if now and time.monotonic() - since > STILL_S:
            return
        phone.page.wait_for_timeout(100)


def measure(phone: Phone, main: str = "") -> None:
    width, height = phone.page.viewport_size["width"], phone.page.viewport_size["height"]
    targets = phone.targets()
    assert targets
    assert all(target.name.strip() for target in targets)
    small = [t for t in targets if not t.clipped and (round(t.width) < LEAST or round(t.height) < LEAST)]
    assert not small
    assert not beyond(phone, width)
    assert phone.page.get_by_text(FAULT).count() == 0
    assert phone.button("112").bounding_box()["y"] < 100
    if main:
        box = phone.by_id(main).first.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height + 0.5


def beyond(phone: Phone, width: int) -> list[str]:
    """What is drawn beside the window: nothing is reached by scrolling sideways."""
    return phone.page.locator("flt-semantics").evaluate_all(
        """(nodes, width) => nodes
            .filter(node => node.children.length === 0)
            .map(node => [node.getBoundingClientRect(), node.innerText])
            .filter(([box]) => box.width > 0 && (box.left < -0.5 || box.right > width + 0.5))
            .map(([box, words]) => `${words} ${box.left}-${box.right}`)""",
        width,
    )


def pictures(phone: Phone, name: str, width: int, height: int, scale: float) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    size = f"{name}-{width}" + ("-200" if scale == 2.0 else "")
    phone.page.screenshot(path=PICTURES / f"{size}.png")
    if (width, scale) in IN_THE_DARK:
        turn(phone, dark=True)
        phone.page.screenshot(path=PICTURES / f"{size}-dark.png")
        turn(phone, dark=False)


def turn(phone: Phone, *, dark: bool) -> None:
    """The system's light or dark, until the page's ground has become it."""
    phone.page.emulate_media(color_scheme="dark" if dark else "light")
    for _ in range(50):
        corner = phone.page.screenshot(clip={"x": 0, "y": 0, "width": 4, "height": 4})
        with Image.open(io.BytesIO(corner)) as ground:
            if (ground.convert("L").getpixel((1, 1)) < 128) == dark:
                return
        phone.page.wait_for_timeout(100)
    raise AssertionError(f"the page does not become {'dark' if dark else 'light'}")
