"""The whole way, as users walk it: two phones, an endpoint that is stopped and started, the console."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from care.schedule import STOCKHOLM
from care.unit import UnitDocument
from demo import CARER, PIN, Demo
from endpoint.demo.names import STAFF
from endpoint.demo.records import UnitRecord
from storage import FileSecret, Store
from tests.browser.conftest import FOCUSED, PATIENCE, ROOT, Phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

SOON = 20_000
"""ms until something that needs the network must be seen, on two busy cores."""
PLAYED = """
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  window.played = (window.played || 0) + 1;
  return play.call(this);
};
"""
"""Counts what sounds."""
SHORTEST = 5


def unlock(phone: Phone, name: str, to: str = "contact") -> None:
    """Choose oneself, and enter the code. `to`: what is on the page that one then comes to."""
    phone.button("112").wait_for(state="attached", timeout=PATIENCE)
    if phone.choice(name).get_attribute("aria-checked") != "true":
        phone.press(name)
    phone.by_id("key-1").first.wait_for(state="attached", timeout=PATIENCE)
    phone.keys(PIN)
    expect(phone.by_id("key-main").first).to_be_enabled(timeout=PATIENCE)
    phone.by_id("key-main").first.click()
    phone.by_id(to).first.wait_for(state="attached", timeout=PATIENCE)


def lock(phone: Phone, name: str) -> None:
    phone.press(name)
    phone.by_id("lock").first.click()
    phone.choice(name).wait_for(state="attached", timeout=PATIENCE)


def chip(phone: Phone, words: str, patience: float = SOON) -> None:
    """The sign in the corner says so. Exactly: *Skickar 1* is not *Skickar 12*."""
    phone.by_id("sync").filter(has_text=re.compile(re.escape(words) + r"(\D|$)")).first.wait_for(
        state="attached", timeout=patience
    )


def sign_first(phone: Phone, person: str) -> None:
    """Two taps: the task, and Given."""
    phone.press(person)
    phone.tap("given")
    phone.by_id("undo").first.wait_for(state="attached", timeout=PATIENCE)
    home(phone)


def home(phone: Phone) -> None:
    """Past the next task of the same person, where there is one at this hour."""
    phone.back_to(phone.by_id("contact"))


def record_sbar(phone: Phone, person: str) -> None:
    """Asta of the first script: NEWS2 is 7 on scale 1."""
    phone.tap("contact")
    phone.says("Vem gäller det?")
    phone.press(person)
    phone.press("Andas sämre")
    phone.press("Den senaste timmen")
    phone.press("Stämmer")
    phone.press("Är luftvägen fri? Fri")
    phone.says("Andetag per minut")
    phone.keys("22")
    phone.keys("94")
    phone.press("syrgas? Nej")
    phone.says("Puls per minut")
    phone.keys("112")
    phone.keys("104")
    phone.keys("60")
    phone.press("Vaken som vanligt")
    phone.says("Temperatur")
    phone.keys("384")
    phone.press("från 0 till 10? 2")
    phone.press("Bedömer nu")
    phone.says("Läs upp det här")
    phone.says("Ring 112 först")


def report_fall(phone: Phone, person: str) -> None:
    """The night fall: the banner comes at the first danger answer, and the SBAR is filled from the report."""
    phone.tap("report")
    phone.says("Vad har hänt?")
    phone.press("Fall", exact=True)
    phone.says("Vem gäller det?")
    phone.press(person)
    phone.press("i huvudet? Ja")
    phone.says("Kontakta sjuksköterska nu")
    phone.says("Lyft inte")
    phone.tap("make-sbar")
    phone.says("Situation")
    expect(phone.choice("Ramlat")).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    phone.tap("back")
    phone.tap("rest-as-usual")
    phone.still()
    if phone.by_id("go-on").count():
        phone.tap("go-on")
    phone.press("Klockan ...")
    phone.keys("0215")
    for answer in ("Badrum", "Gick", "Såg någon? Nej"):
        phone.press(answer)
    phone.press("Lindrig")
    phone.says("Enhetschef: Maria Nyberg")
    phone.tap("save")


def at_endpoint(town: Demo) -> dict[str, int]:
    """How many facts of each type the endpoint holds that phones have stated."""
    path = town.data / "endpoint" / "endpoint.sqlite"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute(
            "select type, count(*) from facts where device != 'endpoint' group by type"
        ).fetchall()
    return dict(rows)


@pytest.fixture(scope="module")
def console(browser: Browser, town: Demo) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    yield page
    context.close()


def test_the_walk(town: Demo, phone: Callable[..., Phone], console: Page) -> None:
    carer = phone(town.address(1))
    carer.page.add_init_script(PLAYED)  # from the reload on
    sign_and_see_it_sent(town, carer)
    work_without_network(town, carer)
    nurse = phone(town.address(2))
    be_answered(town, carer, nurse)
    follow_the_fall(carer, nurse)
    be_told_why_not(carer)
    get_help_without_a_code(town, carer)
    look_at_the_console(town, console)
    nothing_is_readable_in_the_store(town)
    a_colleague_finds_nothing_of_the_inbox(town)


def sign_and_see_it_sent(town: Demo, carer: Phone) -> None:
    unlock(carer, "Amina Yusuf")
    chip(carer, "Allt skickat")
    sign_first(carer, "Aina Rask")
    chip(carer, "Allt skickat")
    assert at_endpoint(town)["dose.given"] == 1


def work_without_network(town: Demo, carer: Phone) -> None:
    """What is done offline survives a reload and a lock, and is delivered, each exactly once."""
    town.stop("endpoint")
    chip(carer, "Offline", 60_000)
    sign_first(carer, "Siv Hedman")
    report_fall(carer, "Bror Exempelsson")
    carer.by_id("contact").first.wait_for(state="attached", timeout=PATIENCE)
    record_sbar(carer, "Asta Provdahl")
    carer.tap("save-only")
    carer.says("Ring sjuksköterskan nu")
    home(carer)
    chip(carer, "Offline, 5 väntar", 60_000)
    carer.picture("walk-offline")

    carer.open(town.address(1))
    carer.by_id("contact").or_(carer.choice("Amina Yusuf")).first.wait_for(state="attached", timeout=PATIENCE)
    if carer.by_id("contact").count():
        lock(carer, "Amina")
    unlock(carer, "Amina Yusuf")
    chip(carer, "Offline, 5 väntar")
    carer.says("Sparat, väntar på nät")

    town.start_endpoint()
    chip(carer, "Allt skickat", 60_000)
    held = at_endpoint(town)
    kinds = ("dose.given", "deviation.reported", "task.planned", "sbar.recorded")
    assert {kind: held.get(kind) for kind in kinds} == dict(zip(kinds, (2, 1, 2, 1), strict=True))


def be_answered(town: Demo, carer: Phone, nurse: Phone) -> None:
    """The nurse sees both, and answers while the carer's phone is locked; the carer repeats it back."""
    lock(carer, "Amina")
    before = sounds(carer)
    unlock(nurse, "Karin Ström")
    nurse.press("väntar på dig")
    nurse.says("Bror Exempelsson")
    nurse.picture("walk-inbox")
    nurse.press("Asta Provdahl")
    nurse.picture("walk-inbox-case")
    nurse.press("sitta upp")
    order_from_the_case(nurse)
    nurse.tap("send-answer")
    chip(nurse, "Allt skickat")

    carer.says("Vem är du?")
    assert sounds(carer) == before, "nothing is fetched or told while it is locked"
    unlock(carer, "Amina Yusuf")
    carer.says("Sjuksköterskan har svarat", SOON)
    # Not wait_for_function: the page allows no eval. That it sounds once is in test_nurse_scenarios.py:
    # here a dose may be due at any moment, which is heard too.
    for _ in range(SOON // 500):
        if sounds(carer) > before:
            break
        carer.page.wait_for_timeout(500)
    assert sounds(carer) > before
    carer.press("Sjuksköterskan har svarat")
    carer.says("Ny ordination: Furix 40 mg, 1 tablett")
    carer.tap("repeat")
    carer.press("Jag har upprepat")
    carer.picture("walk-read-back")
    carer.tap("save-read-back")
    carer.says("Du har upprepat")
    home(carer)
    chip(carer, "Allt skickat")
    carer.says("Furix 40 mg")
    held = at_endpoint(town)
    assert (held["sbar.answered"], held["sbar.read_back"], held["order.placed"]) == (1, 1, 1)


def order_from_the_case(nurse: Phone) -> None:
    """Ordinary, and every hour: so it is to be done now whenever this runs. The answer tells of it."""
    nurse.tap("order-from-case")
    nurse.says("Ny ordination")
    nurse.page.wait_for_timeout(500)  # a page that has just turned takes no focus yet
    write_in(nurse, "Vad", "Furix 40 mg")
    write_in(nurse, "Mängd varje gång", "1 tablett")
    write_in(nurse, "När", " ".join(f"{hour:02}" for hour in range(24)))
    nurse.press("Läkemedel ur dospåse")
    nurse.picture("walk-order")
    nurse.tap("check-order")
    nurse.says("Så här blir det")
    nurse.picture("walk-order-check")
    nurse.tap("place-order")
    nurse.says("Ordinerad")
    nurse.page.wait_for_timeout(500)


def write_in(phone: Phone, label: str, text: str) -> None:
    """Once the field has the keyboard, and until it holds the words."""
    phone.page.get_by_role("textbox", name=label, exact=True).first.click()
    focused = phone.page.locator("input:focus, textarea:focus")
    expect(focused).to_have_value("", timeout=PATIENCE)
    phone.page.wait_for_timeout(250)
    phone.page.wait_for_timeout(FOCUSED)
    phone.page.keyboard.type(text)
    expect(focused).to_have_value(text, timeout=PATIENCE)


def sounds(phone: Phone) -> int:
    """How often something has sounded since the page was loaded."""
    return int(phone.page.evaluate("window.played || 0"))


def follow_the_fall(carer: Phone, nurse: Phone) -> None:
    """The nurse reads the report; whoever made it sees how far it has come."""
    nurse.back_to(nurse.button("Bror Exempelsson"))
    nurse.press("Bror Exempelsson")
    nurse.says("Slog i huvudet")
    nurse.tap("have-read")
    chip(nurse, "Allt skickat")
    carer.press("Amina")
    carer.press("Mina rapporter")
    carer.says("Mottagen", SOON)
    carer.press("Fall, Bror Exempelsson")
    for step in ("Mottagen", "Bedömd", "Utreds", "Åtgärd", "Återkoppling"):
        carer.says(step)
    carer.picture("walk-report")
    home(carer)


def be_told_why_not(carer: Phone) -> None:
    """Insulin is not Tesfay's to sign: why, and who can."""
    lock(carer, "Amina")
    unlock(carer, "Tesfay Mehari")
    carer.press("Insulin")
    carer.says("You cannot sign insulin")
    carer.says("Amina Yusuf")
    assert carer.by_id("given").count() == 0
    carer.tap("back")
    lock(carer, "Tesfay")
    carer.says("Vem är du?")


def nurse_on_call() -> str:
    """Whom the unit's phones call at this hour: another nurse at night than by day."""
    units = msgspec.json.decode((ROOT / "assets/demo/units.json").read_bytes(), type=list[UnitRecord])
    nurse = UnitDocument(id="", nurse=list(units[0].nurse)).on_call(f"{datetime.now(STOCKHOLM):%H:%M}")
    assert nurse
    return nurse.name


def get_help_without_a_code(town: Demo, carer: Phone) -> None:
    """112, the nurse, the script, and a report that is delivered while the phone stays locked."""
    for name in ("112", f"Ring {nurse_on_call()}", "SBAR utan kod", "Rapportera utan inloggning"):
        expect(carer.button(name)).to_be_attached(timeout=PATIENCE)
    carer.press("SBAR utan kod")
    carer.says("Situation")
    carer.tap("back")
    before = at_endpoint(town)["deviation.reported"]
    carer.press("Rapportera utan inloggning")
    carer.says("Vad har hänt?")
    carer.press("Fall", exact=True)
    answers = (
        "i huvudet? Nej",
        "blodförtunnande? Vet inte",
        "ny smärta? Nej",
        "som vanligt? Ja",
        "förvirrad? Nej",
    )
    for answer in answers:
        carer.press(answer)
    if carer.by_id("next").count():
        carer.tap("next")
    for answer in ("Hittades", "Korridor", "Gick", "Såg någon? Ja"):
        carer.press(answer)
    carer.press("Vilken skada ser du? Ingen")
    carer.picture("walk-anonymous")
    carer.tap("save")
    carer.button("Rapportera utan inloggning").wait_for(state="attached", timeout=PATIENCE)
    chip(carer, "Allt skickat")
    assert at_endpoint(town)["deviation.reported"] == before + 1


def look_at_the_console(town: Demo, console: Page) -> None:
    """The nurse's inbox, the deviations and the signing of the day, in a browser."""
    console.goto(town.address(0))
    console.get_by_role("button", name="Karin Ström").click()
    expect(console.get_by_text("Asta Provdahl").first).to_be_visible()
    console.screenshot(path=str(picture_path("walk-console-inbox")))
    console.get_by_role("link", name="Avvikelser").first.click()
    expect(console.get_by_text("Bror Exempelsson").first).to_be_visible()
    console.screenshot(path=str(picture_path("walk-console-deviations")))
    console.get_by_role("link", name="Signering").first.click()
    expect(console.get_by_text("Aina Rask").first).to_be_visible()
    console.screenshot(path=str(picture_path("walk-console-signing")))


def picture_path(name: str) -> Path:
    return ROOT / "build" / "pictures" / f"{name}.png"


def words_of_the_demo() -> set[bytes]:
    """Every name, word and code of five characters or more in the demo data."""
    found: set[str] = set()

    def take(value: object) -> None:
        if isinstance(value, dict):
            for one in value.values():
                take(one)
        elif isinstance(value, list):
            for one in value:
                take(one)
        elif isinstance(value, str):
            found.update(re.findall(rf"[\w-]{{{SHORTEST},}}", value))

    for path in sorted((ROOT / "assets" / "demo").glob("*.json")):
        take(json.loads(path.read_text()))
    return {word.encode() for word in found}


def nothing_is_readable_in_the_store(town: Demo) -> None:
    """Not in the file, and not in what SQLite has written beside it, while the app is running."""
    words = words_of_the_demo()
    assert len(words) > 400
    for path in (town.data / CARER.folder).glob("rapp.db*"):
        data = path.read_bytes()
        readable = sorted(word.decode() for word in words if word in data)
        assert not readable, f"{path.name}: {readable}"


def a_colleague_finds_nothing_of_the_inbox(town: Demo) -> None:
    """The nurse has had this phone too; with Lena's code nothing of her inbox opens, nor of Amina's cases."""
    town.stop("phone-carer")
    copy = town.data / "copy"
    shutil.copytree(town.data / CARER.folder, copy)
    store = Store.open(copy / "rapp.db", FileSecret(copy / "device.secret"), lambda: datetime.now(UTC))
    try:
        for name, sees in (("Amina Yusuf", 1), ("Lena Backlund", 0)):
            person = store.unlock(STAFF[name], PIN)
            assert len(person.documents("sbar")) == sees
            assert len(person.documents("deviation")) == sees
            assert len(person.documents("task")) == 2, "what is to be followed up is the unit's"
            assert person.documents("person"), "what the unit shares is there for both"
            person.lock()
    finally:
        store.close()
