"""The night fall from end to end, in one browser: the carer's phone without network, the nurse's phone, the
chief and MAS on the console, and the words on the carer's phone when it is over.

Bror has fallen and hit his head, and takes a blood thinner, which his record knows. Nothing of it is there
before the first press: whatever one of them sees, another of them has done.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from care.facts import Ref
from care.forms import Answers
from care.rights import Role
from care.sbar import SbarRecorded
from care.schedule import STOCKHOLM
from care.staff import RoleInUnit, StaffSet
from demo import Demo
from endpoint import keys, statements
from endpoint.database import Database
from endpoint.demo.names import RESIDENTS, STAFF, UNITS
from endpoint.settings import Settings
from endpoint.statements import Statement
from tests.browser.conftest import PATIENCE, Phone
from tests.browser.test_walk import SOON, at_endpoint, chip, home, picture_path, unlock
from tests.console_world import answered, code

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

ELSEWHERE = "Nils Annan"
"""Chief of another unit than the one where it happens."""
ANSWER = "Kontroll varje halvtimme. Väck Bror varje gång."
FEEDBACK = "Tack Amina. Nu finns halkmatta och nattlampa hos Bror."
STEPS = ("Mottagen", "Bedömd", "Utreds", "Åtgärd", "Återkoppling")


def test_the_night_fall(town: Demo, phone: Callable[..., Phone], browser: Browser) -> None:
    carer = phone(town.address(1))
    unlock(carer, "Amina Yusuf")
    chip(carer, "Allt skickat")
    town.stop("endpoint")
    before_it(town)
    chip(carer, "Offline", 60_000)
    ask_in_the_middle_of_the_report(carer)
    report_the_rest(carer)
    town.start_endpoint()
    chip(carer, "Allt skickat", 60_000)
    held, kinds = at_endpoint(town), ("deviation.reported", "sbar.recorded", "task.planned")
    assert [held[kind] for kind in kinds] == [1, 1, 2]
    nurse = phone(town.address(2))
    find_it_first_and_answer(nurse)
    be_answered(carer)
    with console(town, browser, "Maria Nyberg") as chief:
        address = handle(chief)
        with console(town, browser, "Eva Holm") as mas:
            decide(mas, address)
        close(chief, address)
    with console(town, browser, ELSEWHERE) as other:
        find_nothing(other, address)
    read_what_came_of_it(carer)


def before_it(town: Demo) -> None:
    """Somebody is chief of another unit; and a question that can wait has waited for an hour."""
    now = datetime.now(STOCKHOLM)
    chief = RoleInUnit(Role.UNIT_MANAGER, UNITS["Hemtjänst Norr"], now.date() - timedelta(days=9))
    said = StaffSet(name=ELSEWHERE, title="unit_manager", roles=(chief,))
    asked: Answers = {"s.problem": [code("pain")], "r.wish": [code("advice")], "r.soon": [code("later")]}
    earlier = now - timedelta(hours=1)
    question = Statement(
        SbarRecorded(answers=answered("sbar", asked, earlier)),
        Ref("sbar", str(uuid.uuid4())),
        UNITS["Granen"],
        RESIDENTS["Aina Rask"],
        earlier,
    )
    settings = Settings(data=town.data / "endpoint")
    database = Database(settings.database)
    held = keys.load(settings.key_file, database)
    staff = Statement(said, Ref("staff", str(uuid.uuid4())), chief.unit)
    try:
        database.write_now(lambda connection: statements.write(connection, held, [staff]))
        lena = STAFF["Lena Backlund"]
        database.write_now(lambda connection: statements.write(connection, held, [question], lena))
    finally:
        database.close()


def ask_in_the_middle_of_the_report(carer: Phone) -> None:
    """The banner comes at the first danger; the SBAR that it makes is filled from the report, and saved."""
    carer.tap("report")
    carer.says("Vad har hänt?")
    carer.press("Fall", exact=True)
    carer.says("Vem gäller det?")
    carer.press("Bror Exempelsson")
    carer.says("från journalen")
    expect(carer.choice("blodförtunnande? Ja")).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    carer.press("i huvudet? Ja")
    carer.says("Kontakta sjuksköterska nu")
    carer.says("Lyft inte Bror")
    carer.picture("night-banner")
    carer.tap("make-sbar")
    carer.says("Situation")
    expect(carer.choice("Ramlat")).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    carer.press("Sedan när? I natt")
    carer.tap("next")
    carer.says("Kända sjukdomar")
    expect(carer.choice("blodförtunnande? Ja")).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    carer.press("R Rekommendation")
    carer.press("Bedömer nu")
    carer.says("Bror har ramlat")
    carer.tap("save-only")
    carer.says("Ring sjuksköterskan nu")


def report_the_rest(carer: Phone) -> None:
    """Where it was left: nothing is asked twice."""
    carer.tap("back")
    carer.by_id("rest-as-usual").first.wait_for(state="attached", timeout=PATIENCE)
    expect(carer.choice("i huvudet? Ja")).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    carer.tap("rest-as-usual")
    carer.says("Vad hände?")
    carer.press("Klockan ...")
    carer.keys("0215")
    for answer in ("Badrum", "Gick", "Såg någon? Nej"):
        carer.press(answer)
    carer.press("Lindrig")
    carer.says("Enhetschef: Maria Nyberg")
    carer.tap("save")
    carer.by_id("contact").first.wait_for(state="attached", timeout=PATIENCE)
    chip(carer, "Offline, 4 väntar", SOON)


def find_it_first_and_answer(nurse: Phone) -> None:
    """Danger before time: it stands above what has waited longer."""
    unlock(nurse, "Karin Ström")
    nurse.press("väntar på dig")
    nurse.says("Ingen har läst på 1 timme")
    nurse.by_id("contact").first.wait_for(state="detached", timeout=PATIENCE)  # both stand on Idag too
    assert height(nurse, "Bror Exempelsson") < height(nurse, "Aina Rask")
    nurse.picture("night-inbox")
    nurse.press("Bror Exempelsson")
    nurse.says("Slog i huvudet")
    nurse.tap("take")
    nurse.press("sitta upp")
    nurse.write("med egna ord", ANSWER)
    nurse.tap("send-answer")
    chip(nurse, "Allt skickat")


def height(phone: Phone, name: str) -> float:
    """How far down somebody's card stands."""
    for _ in range(20):
        phone.still()
        if box := phone.button(name).bounding_box(timeout=PATIENCE):
            return box["y"]
    raise AssertionError(f"{name} is not on the page")


def be_answered(carer: Phone) -> None:
    """It comes by itself. That it is repeated back is in test_walk.py."""
    carer.says("Sjuksköterskan har svarat", SOON)
    carer.press("Sjuksköterskan har svarat")
    carer.says(ANSWER)
    carer.by_id("repeat").first.wait_for(state="attached", timeout=PATIENCE)
    home(carer)


@contextmanager
def console(town: Demo, browser: Browser, name: str) -> Iterator[Page]:
    """The console in a window of its own, as somebody."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        page.goto(f"{town.address(0)}/console/deviations")
        send(page, name)
        yield page
    finally:
        context.close()


def send(page: Page, words: str) -> None:
    """Press a form's button, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).and_(page.locator(":visible")).first.click()


def unfold(page: Page, summary: str) -> None:
    """Open what is folded under some words, if it is not."""
    found = page.locator("details", has=page.locator("summary", has_text=summary)).first
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()


def handle(chief: Page) -> str:
    """Received, assessed, lex Maria asked for, investigated, acted on. Gives the address of the case."""
    chief.get_by_role("link", name="Bror Exempelsson").first.click()
    expect(chief.locator("#assessment")).to_be_visible()
    address = chief.url.partition("?")[0]
    expect(chief.locator("main")).to_contain_text("Blodförtunnande")
    send(chief, "Mottagen")
    chief.get_by_label("Betydande, liten: 6").check()
    chief.get_by_label("Varför du bedömer så").fill("Slog i huvudet och tar Eliquis.")
    send(chief, "Spara bedömningen")
    expect(chief.locator("#assessment")).to_contain_text("gör en händelseanalys")
    unfold(chief, "Be MAS eller MAR pröva lex Maria")
    chief.locator("#escalate-lex_maria").fill("Kan ha blödning i huvudet.")
    send(chief, "Skicka frågan")
    send(chief, "Börja utreda")
    chief.get_by_label("Vad har hänt?").fill("Föll på väg från toaletten, strumpläst, släckt.")
    chief.get_by_label("Orsak 1", exact=True).fill("Golvet var halt")
    chief.get_by_label("Gjord som händelseanalys").check()
    send(chief, "Spara utredningen")
    unfold(chief, "Lägg till en åtgärd")
    chief.get_by_label("Vad ska göras?").fill("Halkmatta och nattlampa")
    due = datetime.now(STOCKHOLM).date() + timedelta(days=7)
    chief.get_by_label("Klart senast").fill(due.isoformat())
    send(chief, "Spara åtgärden")
    chief.locator(".action summary", has_text="Klar").first.click()
    send(chief, "Klar")
    try_to_close(chief, FEEDBACK)
    expect(chief.locator("#closing .fault")).to_contain_text("väntar på beslut")
    return address


def decide(mas: Page, address: str) -> None:
    """Who decides finds it on the board, and says what was found and why."""
    cases, _, id = address.rpartition("/")
    mas.goto(f"{cases}/board")
    with mas.expect_navigation():
        mas.locator(f'a[href="/console/deviations/{id}"]').click()
    tracks = mas.locator("#tracks")
    expect(tracks).to_contain_text("Väntar på beslut")
    expect(tracks).to_contain_text("Kan ha blödning i huvudet.")
    tracks.get_by_text("Ingen vårdskada", exact=True).click()
    tracks.get_by_text("Anmäls inte till IVO", exact=True).click()
    mas.locator("#why-lex_maria").fill("Datortomografi visade ingen blödning.")
    send(mas, "Spara beslutet")
    expect(tracks).to_contain_text("Datortomografi visade ingen blödning.")
    mas.screenshot(path=str(picture_path("night-lex-maria")), full_page=True)


def try_to_close(chief: Page, words: str) -> None:
    unfold(chief, "Avsluta ärendet")
    chief.get_by_label("Återkoppling till Amina").fill(words)
    send(chief, "Avsluta ärendet")


def close(chief: Page, address: str) -> None:
    """Not without words to the one who reported."""
    chief.goto(address)
    expect(chief.locator("#tracks")).to_contain_text("Eva Holm")
    try_to_close(chief, "")
    expect(chief.locator("#closing .fault")).to_contain_text("Ärendet avslutas bara med återkoppling")
    try_to_close(chief, FEEDBACK)
    expect(chief.locator("#all")).to_contain_text("Ärendet avslutades")


def find_nothing(other: Page, address: str) -> None:
    """Neither in the list, nor on the board, nor by the case's address, which the others have opened."""
    for page in ("", "/board"):
        other.goto(f"{address.rpartition('/')[0]}{page}")
        expect(other.locator("main")).to_be_visible()
        assert "Bror" not in other.inner_text("body")
    answer = other.goto(address)
    assert answer is not None
    assert answer.status == 404
    assert "Bror" not in other.inner_text("body")


def read_what_came_of_it(carer: Phone) -> None:
    """Every step, and what was written."""
    carer.press("Amina")
    carer.press("Mina rapporter")
    carer.press("Fall, Bror Exempelsson")
    carer.says(FEEDBACK, SOON)
    for step in STEPS:
        carer.says(step)
    carer.picture("night-feedback")
    carer.tap("have-read")
    chip(carer, "Allt skickat")
