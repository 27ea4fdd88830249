"""The scenarios of an SBAR in a real browser, in one demo town; how many presses a full one takes.

An answer that comes while the carer's phone is locked, and the offline walk, are in test_walk.py.
"""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from demo import Demo
from endpoint.demo.names import RESIDENTS
from tests.browser.conftest import PATIENCE, Phone
from tests.browser.test_walk import SOON, chip, record_sbar, unlock

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]

PRESSES_MOST = 25
"""From Idag to the words to read aloud, with all vital signs; each key of the pad is one."""
KEYS = 16
SECONDS_MOST = 120.0
COUNT = """
window.presses = [];
addEventListener('pointerdown', event => {
  const named = event.composedPath().find(node => node.getAttribute?.('flt-semantics-identifier'));
  window.presses.push(named ? named.getAttribute('flt-semantics-identifier') : '');
}, true);
"""
"""What is really pressed, whatever the test calls it: the identifier of each thing."""


def test_the_scenarios(town: Demo, phone: Callable[..., Phone], browser: Browser) -> None:
    carer = phone(town.address(1))
    carer.page.add_init_script(COUNT)
    carer.open(town.address(1))
    unlock(carer, "Amina Yusuf")
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="sv-SE")
    context.set_default_timeout(PATIENCE)
    try:
        nurse = context.new_page()
        nurse.goto(town.address(0))
        nurse.get_by_role("button", name="Karin Ström").click()
        expect(nurse.get_by_role("link", name="Inkorg").first).to_be_visible()
        news2_is_seven_in_few_presses(carer)
        with_scale_2_it_is_six(town, carer, nurse)
        without_a_temperature_it_is_incomplete(carer)
        the_script_stays_through_the_call(carer)
        a_plan_overrides(town, carer, nurse)
        worry_with_a_low_score_and_no_coverage(town, carer)
    finally:
        context.close()


def news2_is_seven_in_few_presses(carer: Phone) -> None:
    carer.page.evaluate("window.presses = []")
    began = time.monotonic()
    record_sbar(carer, "Asta Provdahl")
    took = time.monotonic() - began
    pressed = carer.page.evaluate("window.presses")
    keys = [one for one in pressed if one.startswith("key-")]
    print(f"\nSBAR with all vital signs: {len(pressed)} presses, {len(keys)} of them keys; {took:.0f} s")
    assert len(pressed) <= PRESSES_MOST, pressed
    assert len(keys) <= KEYS
    assert took < SECONDS_MOST
    carer.says("Hög risk")
    carer.says("Puls 112")
    carer.picture("sbar-seven")


def with_scale_2_it_is_six(town: Demo, carer: Phone, nurse: Page) -> None:
    """The nurse sets it on the person; the phone that is open reckons anew by itself."""
    nurse.goto(f"{town.address(0)}/console/persons/{RESIDENTS['Asta Provdahl']}")
    nurse.get_by_label("Vilken läkare har ordinerat").fill("Dr Prov")
    nurse.get_by_role("button", name="Använd skala 2").click()
    carer.says("Medelhög risk", SOON)
    expect(carer.page.get_by_text("Ring 112 först.", exact=False)).to_have_count(0, timeout=SOON)


def without_a_temperature_it_is_incomplete(carer: Phone) -> None:
    carer.tap("back")
    carer.says("Hur snart?")
    carer.tap("back")
    carer.tap("field-a.temperature")
    carer.tap("not-measured")
    carer.press("temperaturen Har inte utrustning")
    carer.press("R Rekommendation")
    carer.tap("next")
    carer.says("Ofullständig. Minst medelhög risk")
    carer.says("Temperatur")
    carer.picture("sbar-incomplete")


def the_script_stays_through_the_call(carer: Phone) -> None:
    carer.tap("call-nurse")
    carer.says("Du ringde")
    carer.says("Puls 112")
    carer.page.wait_for_timeout(2000)
    carer.says("Puls 112")
    carer.picture("sbar-script-stays")
    carer.page.bring_to_front()  # the call has opened a page of its own, and what lies behind is drawn slowly
    home(carer)


def a_plan_overrides(town: Demo, carer: Phone, nurse: Page) -> None:
    nurse.goto(f"{town.address(0)}/console/persons/{RESIDENTS['Bror Exempelsson']}")
    nurse.get_by_label("Vad ska göras i stället").fill("Lindra. Ge vid behov. Ring hemsjukvården.")
    nurse.get_by_label("Vem har beslutat det").first.fill("Dr Prov 2 mars")
    nurse.locator("#plan").get_by_role("button", name="Spara").click()
    chip(carer, "Allt skickat")
    carer.tap("contact")
    carer.says("Vem gäller det?")
    carer.press("Bror Exempelsson")
    carer.press("Ont")
    carer.press("I dag")
    carer.tap("next")
    carer.press("Stämmer")
    carer.press("Är luftvägen fri? Blockerad")
    told(carer, "Planen för Bror gäller före 112")
    told(carer, "Lindra. Ge vid behov.")
    expect(carer.page.get_by_text("Ring 112 nu")).to_have_count(0)
    carer.picture("sbar-plan")
    carer.tap("go-on")
    carer.press("R Rekommendation")
    carer.press("Bedömer nu")
    carer.says("Lindra. Ge vid behov.")
    carer.picture("sbar-plan-script")
    carer.tap("save-only")
    carer.says("Ring sjuksköterskan nu")
    home(carer)


def worry_with_a_low_score_and_no_coverage(town: Demo, carer: Phone) -> None:
    """Nothing is sent, all is saved, and whom to go to stands there; then it is delivered."""
    town.stop("endpoint")
    chip(carer, "Offline", 60_000)
    carer.tap("contact")
    carer.says("Vem gäller det?")
    carer.press("Ingegerd Norling")
    carer.press("Något är fel")
    carer.press("Den senaste timmen")
    carer.press("Stämmer")
    carer.press("Är luftvägen fri? Fri")
    carer.keys("1698")
    carer.press("syrgas? Nej")
    carer.keys("7013080")
    carer.press("Vaken som vanligt")
    carer.keys("369")
    carer.press("från 0 till 10? 0")
    carer.press("Bedömer nu")
    carer.says("Inga avvikande värden")
    carer.says("Ring ändå om du är orolig.")
    carer.says("Ingen täckning för data. Allt sparas på telefonen.")
    carer.picture("sbar-worry-offline")
    carer.tap("call-nurse")
    carer.says("Det är sparat på telefonen.")
    home(carer)
    chip(carer, "Offline", SOON)
    town.start_endpoint()
    carer.by_id("sync").filter(has_text=re.compile("Allt skickat")).first.wait_for(
        state="attached", timeout=60_000
    )


def told(carer: Phone, words: str) -> None:
    """What a banner says: its words are the name of the group that holds its button."""
    carer.page.locator(f'[aria-label*="{words}"]').or_(carer.page.get_by_text(words)).first.wait_for(
        state="attached", timeout=PATIENCE
    )


def home(carer: Phone) -> None:
    carer.back_to(carer.by_id("contact"))
