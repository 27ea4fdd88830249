"""A real app process, a real Chromium, and a phone's page in it.

    def test_signing(serve, phone):
        app = serve("tests.browser.gallery", "{port}")
        page = phone(app.address + "/signera", dark=True)
        page.press("Given")

`serve` waits until the port answers and stops the process by its id; `phone` opens a page of 390 x 844 with
the semantics tree on, so that what a screen reader is told is what the test finds.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from demo import Demo, free

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "pictures"
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # Two phones lie side by side: the one behind is drawn as fast as the one in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    # A camera that shows a moving disc, and somebody who lets the page use it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
BLANK = 15_000  # bytes: the boot screen is smaller, and stays up a while after the semantics are there
PATIENCE = 40_000  # ms: two cores, shared
STILL = 450
"""ms that nothing has moved before a thumb comes down. A page that turns by itself does not hear what is
pressed within moments (views/presses.py): nobody can have meant it."""
ANSWERED = 2_000
"""ms until what was pressed shows something, on two busy cores."""
OWN_HIT = """
node => {
    const box = node.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return !!hit && (node.contains(hit) || hit.contains(node));
}
"""
"""Whether what lies in the middle of something is itself, and not what covers it."""
STILL_AT_MOST = 4_000
"""ms: something may move for ever, such as what counts seconds."""
WATCHED = """
window.moved = performance.now();
new MutationObserver(() => { window.moved = performance.now() })
    .observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
"""


FOCUSED = 250
"""ms from a thumb to the first letter: a field takes it from the next picture on."""
FRAMES = """
// Ten pictures a second: what moves is drawn by a processor that the tests share. But as many as there are
// where somebody writes: Flutter gives a field its text back with the next picture.
const soon = window.requestAnimationFrame.bind(window), later = window.setTimeout.bind(window);
const writes = () => ["INPUT", "TEXTAREA"].includes(document.activeElement?.tagName);
window.requestAnimationFrame = draw => writes() ? soon(draw) : later(() => draw(performance.now()), 100);
window.cancelAnimationFrame = () => {};
"""


@dataclass(frozen=True)
class App:
    """A process that serves on `port`."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(module: str, *arguments: str, port: int | None = None, seconds: float = 60, **settings: str) -> App:
    """Starts `python -m module arguments` ("{port}" is filled in) and waits until the port answers."""
    port = port or free_port()
    command = [sys.executable, "-m", module, *(part.format(port=port) for part in arguments)]
    environment = {**os.environ, "RAPP_STRICT_TEXTS": "1", **settings}
    app = App(subprocess.Popen(command, cwd=ROOT, env=environment), port)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if app.process.poll() is not None:
            raise RuntimeError(f"{module} ended with {app.process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return app
        time.sleep(0.1)
    app.stop()
    raise TimeoutError(f"{module} did not answer on {port} in {seconds} s")


@dataclass(frozen=True)
class Target:
    """Something that can be pressed, as a screen reader is told of it. Measures in dp."""

    name: str
    role: str
    x: float
    y: float
    width: float
    height: float
    clipped: bool
    """Partly scrolled away: its height is not its own."""


class Phone:
    """One page. Finds things by what is said of them."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.add_init_script(WATCHED)
        page.add_init_script(FRAMES)
        self.open(address)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.locator("flt-semantics[role=button]").first.wait_for(state="attached", timeout=PATIENCE)
        self.page.locator("#boot").wait_for(state="detached", timeout=PATIENCE)

    def button(self, name: str, exact: bool = False) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact).first

    def choice(self, name: str, exact: bool = False) -> Locator:
        return self.page.get_by_role("checkbox", name=name, exact=exact).first

    def by_id(self, identifier: str) -> Locator:
        return self.page.locator(f'[flt-semantics-identifier="{identifier}"]')

    def press(self, name: str, exact: bool = False) -> None:
        """Presses the button or choice of that name, where a thumb would."""
        self._press(self.button(name, exact).or_(self.choice(name, exact)).first)

    def tap(self, identifier: str) -> None:
        """Presses what has that identifier."""
        self._press(self.by_id(identifier).first)

    def _press(self, spot: Locator) -> None:
        spot.wait_for(state="attached", timeout=PATIENCE)
        self.still()
        self._scroll_to(spot)
        spot.click()

    def _scroll_to(self, spot: Locator) -> None:
        """As a finger does: what is scrolled behind Flutter's back, Flutter scrolls back."""
        view = self.page.viewport_size or {"width": 390, "height": 844}
        for _ in range(20):
            with suppress(PlaywrightError):  # drawn anew meanwhile
                box = spot.bounding_box(timeout=3000)
                middle = box["y"] + box["height"] / 2 if box else 0
                if not box or view["height"] * 0.1 < middle < view["height"] * 0.8:
                    return
                if spot.evaluate(OWN_HIT):
                    return
                self.page.mouse.move(view["width"] / 2, view["height"] / 2)
                self.page.mouse.wheel(0, middle - view["height"] / 2)
                self.still()

    def still(self) -> None:
        """Waits until nothing has moved for a moment."""
        for _ in range(STILL_AT_MOST // 50):
            left = STILL - self.page.evaluate("performance.now() - window.moved")
            if left <= 0:
                return
            self.page.wait_for_timeout(min(left, 50) + 1)

    def back_to(self, goal: Locator) -> None:
        """Presses *Tillbaka* until something is there. A page that leaves is let go first: it may still be
        found. And one that has not answered yet is waited for: a second press in haste is not heard."""
        back = self.by_id("back")
        for _ in range(PATIENCE // STILL):
            goal.or_(back).first.wait_for(state="attached", timeout=PATIENCE)
            self.still()
            if goal.count():
                return
            before = self.page.evaluate("window.moved")
            with suppress(PlaywrightError):  # it has left meanwhile
                back.first.click(timeout=3000)
            self.moves(before)
        raise AssertionError("The way back does not lead there.")

    def moves(self, before: float) -> None:
        """Waits until something has moved since, or for as long as a press may take to be answered."""
        for _ in range(ANSWERED // 50):
            if self.page.evaluate("window.moved") > before:
                return
            self.page.wait_for_timeout(50)

    def keys(self, digits: str) -> None:
        """Our own pad, as fast as one can."""
        self.by_id(f"key-{digits[0]}").first.wait_for(state="attached", timeout=PATIENCE)
        self.still()
        for digit in digits:
            self.by_id(f"key-{digit}").click()

    def write(self, label: str, value: str) -> None:
        self.page.get_by_role("textbox", name=label).first.click()
        self.page.wait_for_timeout(FOCUSED)
        self.page.keyboard.type(value)

    def says(self, words: str, patience: float = PATIENCE) -> None:
        """Waits until the words are on the page; those of what holds a button, such as a banner, name it."""
        said = self.page.get_by_text(words).or_(self.page.get_by_label(words))
        said.first.wait_for(state="attached", timeout=patience)

    def text_scale(self, scale: float) -> None:
        """What the system's text setting does: 2.0 is 200 %. Only after the page has loaded."""
        self.page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{16 * scale}px")
        self.page.wait_for_timeout(600)

    def targets(self) -> list[Target]:
        """Everything that can be pressed and is within the window, with its measures once nothing moves."""
        before, now = None, self._measured()
        while now != before:
            self.page.wait_for_timeout(100)
            before, now = now, self._measured()
        return now

    def _measured(self) -> list[Target]:
        found = self.page.locator("flt-semantics[role=button], flt-semantics[role=checkbox]").evaluate_all(
            """nodes => nodes.map(node => {
                const box = node.getBoundingClientRect();
                const name = node.getAttribute('aria-label') || node.innerText;
                const frame = node.parentElement?.closest('[role=group]')?.getBoundingClientRect();
                const clipped = !!frame && (box.top < frame.top + 1 || box.bottom > frame.bottom - 1);
                return [name, node.getAttribute('role'), box.x, box.y, box.width, box.height, clipped];
            })"""
        )
        return [Target(*values) for values in found]

    def picture(self, name: str) -> Path:
        """Saves what is seen under build/pictures, once Flutter has painted it and nothing moves any more."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        before, now = b"", self._shot()
        for _ in range(20):
            if now == before and len(now) > BLANK:
                break
            self.page.wait_for_timeout(250)
            before, now = now, self._shot()
        path.write_bytes(now)
        return path

    def _shot(self) -> bytes:
        """A screenshot. Chromium now and then waits for a frame that never comes; asked again, it draws."""
        for _ in range(4):
            with suppress(PlaywrightError):
                return self.page.screenshot(timeout=8_000)
        return self.page.screenshot()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: while it is open its event loop is in the way of the async tests."""
    with chromium() as opened:
        yield opened


@contextmanager
def ordinary(browser: Browser) -> Iterator[BrowserContext]:
    """What pages of one ordinary phone share: 390 x 844, in the light."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        is_mobile=True,
        has_touch=True,
        color_scheme="light",
        locale="sv-SE",
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[..., App]]:
    """Starts processes for one module of tests: `serve("main", "--port", "{port}")`."""
    running: list[App] = []

    def begin(module: str, *arguments: str, **settings: str) -> App:
        running.append(start(module, *arguments, **settings))
        return running[-1]

    yield begin
    for app in running:
        app.stop()


@pytest.fixture(scope="session")
def first_town(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo as its first start leaves it, stopped: filled, the phones enrolled, everybody with a code."""
    demo = Demo(tmp_path_factory.mktemp("first-town"), free_ports())
    try:
        demo.prepare()
    finally:
        demo.stop()
    return demo


@pytest.fixture(scope="module")
def town(first_town: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo: an endpoint, a carer's phone at `address(1)` and a nurse's at `address(2)`."""
    data = tmp_path_factory.mktemp("town") / "data"
    shutil.copytree(first_town.data, data)
    demo = Demo(data, first_town.port)
    try:
        demo.start()
        yield demo
    finally:
        demo.stop()


def free_ports() -> int:
    while True:
        port = free_port()
        if all(free(port + more) for more in range(4)):
            return port


@pytest.fixture
def phone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Phone]]:
    """Opens an address as a phone: `phone(address, width=390, height=844, dark=False, scale=1.0)`."""
    contexts = []

    def open_page(
        address: str, *, width: int = 390, height: int = 844, dark: bool = False, scale: float = 1.0
    ) -> Phone:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            is_mobile=True,
            has_touch=True,
            color_scheme="dark" if dark else "light",
            locale="sv-SE",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        opened = Phone(context.new_page(), address)
        if scale != 1.0:
            opened.text_scale(scale)
        return opened

    yield open_page
    if request.node.stash.get(FAILED, False):
        for number, context in enumerate(contexts):
            path = PICTURES / f"failed-{request.node.name}-{number}.png"
            PICTURES.mkdir(parents=True, exist_ok=True)
            context.pages[0].screenshot(path=str(path))
    for context in contexts:
        context.close()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember that a test failed, so that its pages are pictured before they close."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report
