"""Script 3 in a real browser: a morning dose that nobody gave, from *Försenat* on every phone of the unit to
the words on the reporter's phone.

The endpoint runs in this process, so that its watch looks when the test says so, and not within a minute.
"""

import asyncio
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep

import pytest
import uvicorn
from litestar.datastructures import Cookie
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext, Page, expect

from care.deviation import DeviationDocument
from care.dose import DoseDocument
from care.facts import Body, Ref
from care.notice import NoticeDocument
from care.order import OrderDocument, OrderPlaced, Plan, Slot
from care.schedule import STOCKHOLM, planned
from care.unit import UnitDocument, UnitSet
from demo import Demo
from endpoint import documents
from endpoint.app import create_app
from endpoint.console.routes import console
from endpoint.demo.names import RESIDENTS, STAFF, UNITS
from endpoint.identity import console_session
from endpoint.parts import Parts
from endpoint.settings import Settings
from endpoint.statements import Statement, write
from endpoint.watch.telling import watch
from tests.browser.conftest import PATIENCE, Phone
from tests.browser.test_walk import SOON, unlock
from tests.statements import new_id

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

WHAT, WHO = "Dosett morgon", "Asta Provdahl"
ORDER = new_id()
ANSWER = "Ge inte i kapp. Fortsätt som vanligt i kväll."
FEEDBACK = "Tack. Larmtiden är ändrad."
LATE_FOR = 15
"""Minutes since the window of the dose closed, when the test begins."""


class Endpoint:
    """The endpoint of a town in a thread of this process."""

    def __init__(self, demo: Demo) -> None:
        settings = Settings(data=demo.data / "endpoint", demo=True, port=demo.port)
        app = create_app(settings, [console])
        self.parts: Parts = app.state.parts
        self.unit = UNITS["Granen"]
        self._server = uvicorn.Server(uvicorn.Config(app, port=demo.port, log_level="warning", ws="none"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        until = monotonic() + PATIENCE / 1000
        while not self._server.started:
            assert monotonic() < until, "the endpoint does not start"
            sleep(0.05)

    def stop(self) -> None:
        self.parts.database.wake.close()  # no signal reaches this thread: who sleeps would be waited for
        self._server.should_exit = True
        self._thread.join(PATIENCE / 1000)

    def say(self, body: Body, about: Ref, author: str, person: str | None = None) -> None:
        said = Statement(body, about, self.unit, person)
        database, keys = self.parts.database, self.parts.keys
        done = database.write_now(lambda connection: write(connection, keys, [said], author))[1]
        database.wake.up(done.woken)

    def signed_in(self, staff: str) -> Cookie:
        """The cookie of somebody who has signed in. In another thread: this one has the browser's loop."""
        made = console_session.create(self.parts.database, self.parts.settings, staff, datetime.now(UTC))
        with ThreadPoolExecutor(1) as beside:
            return beside.submit(asyncio.run, made).result()

    def look(self) -> int:
        """What the watch does each minute; how many notices that made."""
        return watch(self.parts, datetime.now(UTC))

    def times(self, **minutes: int) -> None:
        """The unit's times, as whoever administers sets them."""
        unit = self.parts.database.read_now(lambda c: documents.one(c, UnitDocument, self.unit))
        assert unit
        body = UnitSet(
            name=unit.name,
            kind=unit.unit_kind,
            provider=unit.provider,
            provider_name=unit.provider_name,
            floors=tuple(unit.floors),
            nurse=tuple(unit.nurse),
            fallback=tuple(unit.fallback),
            settings=replace(unit.settings, **minutes),
        )
        self.say(body, Ref("unit", self.unit), STAFF["Robin Sand"])

    def told(self) -> set[str]:
        """Who has been told of the dose, and not that it is over."""
        found = self.parts.database.read_now(lambda c: documents.all_of(c, NoticeDocument))
        return {
            each.to
            for one in found
            for each in one.tellings
            if one.matter == "late_doses" and self.dose in one.open(each)
        }

    def plan_dose(self) -> None:
        """An order whose dose of today is `LATE_FOR` minutes late, as a nurse places it."""
        closed = datetime.now(STOCKHOLM).replace(second=0, microsecond=0) - timedelta(minutes=LATE_FOR)
        at = closed.astimezone(UTC) - timedelta(minutes=60)
        at = at.astimezone(STOCKHOLM)
        slot = Slot("morning", f"{at:%H:%M}", 60, 60)
        plan = Plan(
            what=WHAT,
            form="pouch",
            amount="5 tabletter",
            slots=(slot,),
            start=at.date(),
            end=at.date(),
            requires="medicine_pouch",
        )
        body = OrderPlaced(plan=plan, effective=at - timedelta(days=1))
        self.say(body, Ref("order", ORDER), STAFF["Karin Ström"], RESIDENTS[WHO])
        order = self.parts.database.read_now(lambda c: documents.one(c, OrderDocument, ORDER))
        assert order
        (planned_dose,) = planned(order, at - timedelta(hours=1), at + timedelta(hours=1))
        self.dose = planned_dose.id

    def signed(self) -> DoseDocument | None:
        return self.parts.database.read_now(lambda c: documents.one(c, DoseDocument, self.dose))

    def case(self) -> DeviationDocument:
        """The report that has just been made, once it is here."""
        until = monotonic() + SOON / 1000
        while True:
            found = self.parts.database.read_now(lambda c: documents.all_of(c, DeviationDocument))
            lately = datetime.now(UTC) - timedelta(minutes=10)
            new = [one for one in found if one.reported and one.reported > lately]
            if new or monotonic() > until:
                break
            sleep(0.1)
        (one,) = new
        return one


@pytest.fixture(scope="module")
def town(first_town: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo's two phones; whoever uses it starts the endpoint."""
    data = tmp_path_factory.mktemp("missed") / "data"
    shutil.copytree(first_town.data, data)
    demo = Demo(data, first_town.port)
    try:
        yield demo
    finally:
        demo.stop()


@pytest.fixture(scope="module")
def endpoint(town: Demo) -> Iterator[Endpoint]:
    made = Endpoint(town)
    made.start()
    try:
        made.times(late_nurse_minutes=5, late_chief_minutes=480)
        made.plan_dose()
        for number, phone in enumerate(town.phones, start=1):
            town.start_phone(phone, number)
        for number, phone in enumerate(town.phones, start=1):
            town._wait_for(town.address(number), phone.folder)
        yield made
    finally:
        made.stop()


@pytest.fixture
def desk(browser: Browser, town: Demo, endpoint: Endpoint) -> Iterator[Callable[[str], Page]]:
    """The console, as somebody."""
    opened: list[BrowserContext] = []

    def sign_in(name: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        cookie = endpoint.signed_in(STAFF[name])
        context.add_cookies([{"name": cookie.key, "value": cookie.value or "", "url": town.address(0)}])
        return context.new_page()

    yield sign_in
    for context in opened:
        context.close()


def test_a_missed_dose_is_followed_to_the_feedback(
    town: Demo, endpoint: Endpoint, phone: Callable[..., Phone], desk: Callable[[str], Page]
) -> None:
    carer, nurse = phone(town.address(1)), phone(town.address(2))
    late_on_every_phone(carer, nurse)
    the_nurse_is_told_first(endpoint, nurse)
    chief = desk("Maria Nyberg")
    then_the_chief_by_the_units_times(town, endpoint, chief)
    it_is_said_and_the_report_is_begun(endpoint, carer)
    case = the_report(endpoint)
    the_nurse_answers(town, case, carer, desk("Karin Ström"))
    the_case_is_closed(town, chief, case)
    the_reporter_is_told(carer)


def late_on_every_phone(carer: Phone, nurse: Phone) -> None:
    for one, name in ((carer, "Amina Yusuf"), (nurse, "Karin Ström")):
        unlock(one, name)
        one.says("Försenat", SOON)
        one.says(WHAT, SOON)
    carer.picture("missed-late")


def the_nurse_is_told_first(endpoint: Endpoint, nurse: Phone) -> None:
    assert endpoint.look() > 0
    assert endpoint.told() == {"nurse"}
    assert endpoint.look() == 0, "once"
    nurse.picture("missed-nurse")
    nurse.press("väntar på dig")
    told(nurse, "inte signera", SOON)
    nurse.picture("missed-nurse-told")


def then_the_chief_by_the_units_times(town: Demo, endpoint: Endpoint, chief: Page) -> None:
    chief.goto(f"{town.address(0)}/console/watch")
    told = chief.locator("table[aria-labelledby=told]")
    here = told.locator("tr", has_text=re.compile("uppgift(er)? i Granen är inte signerad"))
    expect(here).to_contain_text("Sjuksköterskorna")
    expect(here).to_have_count(1)
    endpoint.times(late_chief_minutes=5)
    assert endpoint.look() > 0
    assert endpoint.told() == {"nurse", "chief"}
    chief.reload()
    chief.screenshot(path="build/pictures/missed-chief.png")
    expect(here).to_have_count(2)
    expect(here.first).to_contain_text("Enhetschefen")


def it_is_said_and_the_report_is_begun(endpoint: Endpoint, carer: Phone) -> None:
    """*Glömdes* is a deviation: the draft knows what, whom and when."""
    carer.press(WHAT)
    carer.press("Inte given")
    carer.says("Varför inte given?")
    carer.press("Glömdes")
    carer.tap("save-send")
    carer.picture("missed-draft")
    expect(carer.choice("Utebliven dos")).to_have_attribute("aria-checked", "true", timeout=PATIENCE)
    carer.tap("next")
    carer.picture("missed-draft-2")
    carer.press("Nej, men det kunde ha hänt")
    carer.picture("missed-draft-3")
    carer.tap("save")
    endpoint.case()  # once it is here, what was signed before it is too
    signed = endpoint.signed()
    assert signed
    assert [one.reason for one in signed.standing] == ["forgotten"]
    endpoint.look()
    assert endpoint.told() == set(), "what was told is over"


def the_report(endpoint: Endpoint) -> str:
    """It knows what, whom, when and by whom, of what nobody has typed."""
    case = endpoint.case()
    assert case.answers
    answers = str(case.answers.read())
    assert all(words in answers for words in ("Utebliven dos", WHAT))
    assert (case.category, case.reporter, case.person) == ("medicine", STAFF["Amina Yusuf"], RESIDENTS[WHO])
    return case.id


def the_nurse_answers(town: Demo, case: str, carer: Phone, desk: Page) -> None:
    """What is to be done now: told to whoever reported it, with that the report is received."""
    desk.goto(f"{town.address(0)}/console/deviations/{case}")
    expect(desk.locator("main")).to_contain_text(WHAT)
    desk.locator("#words").fill(ANSWER)
    send(desk, "Mottagen")
    carer.back_to(carer.by_id("contact"))
    told(carer, "Det har hänt något med din", SOON)


def the_case_is_closed(town: Demo, chief: Page, case: str) -> None:
    """Severity 1 x probability 3, an action, and what came of it in words to the reporter."""
    chief.goto(f"{town.address(0)}/console/deviations/{case}")
    chief.get_by_label("Mindre, stor: 3").check()
    chief.get_by_label("Varför du bedömer så").fill("En dos, ingen skada.")
    send(chief, "Spara bedömningen")
    send(chief, "Börja utreda")
    chief.get_by_label("Vad har hänt?").fill("Larmet kom när rundan var slut.")
    chief.get_by_label("Orsak 1", exact=True).fill("Larmtiden är för lång")
    send(chief, "Spara utredningen")
    opened(chief, "Lägg till en åtgärd")
    chief.get_by_label("Vad ska göras?").fill("Ändra larmtiden")
    chief.get_by_label("Klart senast").fill(datetime.now(STOCKHOLM).date().isoformat())
    send(chief, "Spara åtgärden")
    chief.locator(".action summary", has_text="Klar").first.click()
    send(chief, "Klar")
    opened(chief, "Avsluta ärendet")
    chief.get_by_label("Återkoppling till Amina").fill(FEEDBACK)
    send(chief, "Avsluta ärendet")
    expect(chief.locator("#all")).to_contain_text("Ärendet avslutades")


def the_reporter_is_told(carer: Phone) -> None:
    carer.press("Amina")
    carer.press("Mina rapporter")
    carer.press(f"{WHO}")
    carer.picture("missed-feedback")
    told(carer, ANSWER, SOON)
    told(carer, FEEDBACK, SOON)


def send(page: Page, words: str) -> None:
    """Press a form's button, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).and_(page.locator(":visible")).first.click()


def opened(page: Page, summary: str) -> None:
    """Open what is folded under some words, if it is not."""
    found = page.locator("details", has=page.locator("summary", has_text=summary)).first
    if found.get_attribute("open") is None:
        found.locator("summary").first.click()


def told(phone: Phone, words: str, patience: float) -> None:
    """What a line says, also where its words are the name of a group."""
    phone.page.locator(f'[aria-label*="{words}"]').or_(phone.page.get_by_text(words)).first.wait_for(
        state="attached", timeout=patience
    )
