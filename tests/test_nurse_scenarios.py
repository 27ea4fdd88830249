"""After the call, on the screens: a locked phone, nobody who reads, a plan, a check that is due."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import flet as ft
import pytest

from care.facts import Ref
from care.forms import Answers, Coding
from care.person import PlanSet, Scale2Set
from care.sbar import SbarAcknowledged, SbarAnswered, SbarCalled, SbarDocument, check_at
from care.unit import OnCall, Settings, UnitSet
from sync import SyncState
from tests.headless import Headless
from tests.statements import new_id
from tests.store_case import UNIT
from tests.test_answering import asked, document, screen
from tests.ward import AMINA, BROR, INGEGERD, KARIN, PIN, START, Ward, asks, sbar
from views.model import answering, reading
from views.model import filling as fillings
from views.model.phone import SBAR
from views.model.shift import Shift
from views.places import Case, Fill, Inbox, InboxCase, Script, Today

SEVEN: Answers = {
    "s.problem": [Coding("breathing")],
    "a.respiration": [22],
    "a.spo2": [94],
    "a.oxygen": [False],
    "a.systolic": [104],
    "a.diastolic": [60],
    "a.pulse": [112],
    "a.consciousness": [Coding("A")],
    "a.temperature": [Decimal("38.4")],
    "r.wish": [Coding("assess")],
}
"""Script 1 of the scenarios: NEWS2 7 with scale 1, and 6 with scale 2."""
CALM: Answers = SEVEN | {
    "s.problem": [Coding("worry")],
    "a.respiration": [16],
    "a.spo2": [98],
    "a.systolic": [130],
    "a.pulse": [70],
    "a.temperature": [Decimal("36.9")],
}
FALLBACK = (OnCall("Hemtjänst Norr", "08-46500402"),)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    unit = UnitSet(
        name="Granen",
        kind="residential",
        provider="p",
        provider_name="Provkommun",
        nurse=(OnCall("Karin Ström", "070-1740605"),),
        fallback=FALLBACK,
        settings=Settings(news2="score"),
    )
    made.say(unit, Ref("unit", UNIT))
    yield made
    for shift in made.shifts:
        shift.phone.store.close()


async def heard(seen: Headless) -> list[str]:
    """What the phone was asked to do to be noticed."""
    await seen.settle(0.1)
    return [name for name, _ in seen.wire.calls]


async def script_of(shift: Shift, answers: Answers) -> Script:
    """An SBAR about Ingegerd, filled in and ready to be read out."""
    await fillings.begin(shift, SBAR, reading.person(shift, INGEGERD))
    key = next(iter(shift.fillings))
    shift.fillings[key].answers = dict(answers)
    return Script(key)


async def test_news2_is_seven_with_scale_one_and_six_with_scale_two(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    place = await script_of(amina, SEVEN)
    async with screen(amina, place) as seen:
        assert "7" in seen.texts()
        assert seen.has("Hög risk")
        assert seen.find("script-112")
    ward.say(Scale2Set(on=True, ordered_by="Dr Prov"), Ref("person", INGEGERD), INGEGERD, KARIN)
    ward.deliver()
    async with screen(amina) as seen:
        assert "6" in seen.texts()
        assert seen.has("Medelhög risk")
        with pytest.raises(LookupError):
            seen.find("script-112")


async def test_112_first_goes_on_being_said_until_it_is_called_or_a_nurse_has_the_case(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    first = "Ring 112 först. Ring sedan sjuksköterskan."
    called, read = new_id(), new_id()
    for case in (called, read):
        amina.me.save(asks(INGEGERD, sbar(SEVEN), case))
        amina.me.save(asks(INGEGERD, SbarCalled(to="Karin Ström", number="070"), case))
    async with screen(amina, Case(called)) as seen:
        assert seen.has("Du ringde Karin")
        assert seen.has(first)
        await seen.click("case-112")
        assert seen.has("Du ringde 112")
        assert not seen.has(first)
        assert seen.find("call-nurse")
    ward.deliver()
    async with screen(amina, Case(read)) as seen:
        assert seen.find("case-112")
        ward.say(SbarAcknowledged(), Ref("sbar", read), INGEGERD, KARIN)
        ward.deliver()
    async with screen(amina, Case(read)) as seen:
        assert seen.has("Läst")
        assert not seen.has(first)
    plan = PlanSet(text="Lindra.", decided_by="Dr Prov 2 mars")
    ward.say(plan, Ref("person", INGEGERD), INGEGERD, KARIN)
    ward.deliver()
    planned = new_id()
    amina.me.save(asks(INGEGERD, sbar(SEVEN), planned))
    async with screen(amina, Case(planned)) as seen:
        assert not seen.has(first)


async def test_a_palliative_plan_stands_instead_of_the_advice(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    plan = PlanSet(text="Lindra. Ge vid behov. Ring hemsjukvården.", decided_by="Dr Prov 2 mars")
    ward.say(plan, Ref("person", INGEGERD), INGEGERD, KARIN)
    ward.deliver()
    place = await script_of(amina, SEVEN)
    async with screen(amina, place) as seen:
        assert seen.has("Lindra. Ge vid behov. Ring hemsjukvården.")
        assert not seen.has("Hög risk")
        assert not seen.has("Ring 112 nu")
        # What is to be done first is the nurse, and 112 is never out of reach.
        buttons = [control.identifier for control in seen.controls() if getattr(control, "identifier", None)]
        assert buttons.index("call-nurse") < buttons.index("script-112")


async def test_a_plan_goes_before_112_also_in_the_middle_of_the_form(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    await fillings.begin(amina, SBAR, reading.person(amina, INGEGERD))
    key = next(iter(amina.fillings))
    await fillings.answer(amina, key, "a.airway.free", [Coding("blocked")])
    async with screen(amina) as seen:
        assert seen.has("Ring 112 nu")
    for text, in_bar in (("Lindra. Ring hemsjukvården.", True), (("Lindra. " * 40).strip(), False)):
        plan = PlanSet(text=text, decided_by="Dr Prov 2 mars")
        ward.say(plan, Ref("person", INGEGERD), INGEGERD, KARIN)
        ward.deliver()
        async with screen(amina) as seen:
            assert not seen.has("Ring 112 nu")
            assert seen.has("Planen för Ingegerd gäller före 112")
            assert seen.texts().count(text.strip()) == (2 if in_bar else 1)
            await seen.click("Ring Karin Ström")
            await seen.click("call-112")
            asked_for = [a["url"] for name, a in seen.wire.calls if name == "launch_url"]
            assert asked_for == ["tel:0701740605", "tel:112"]
            await seen.click("go-on")
        amina.fillings[key].acknowledged.clear()


async def test_earlier_values_stand_beside_each_vital_sign_with_which_way_they_went(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    for rate in (16, 18, 20, 24):
        asked(amina, answers=SEVEN | {"a.respiration": [rate], "a.pain": [3]})
        ward.pass_(60)
    ward.deliver()
    await fillings.begin(amina, SBAR, reading.person(amina, INGEGERD))
    key = next(iter(amina.fillings))
    form = amina.fillings[key].form
    pages = {page.item.link_id: number for number, page in enumerate(form.pages())}
    for page, says in (
        ("a.breathing", "Förut 18 → 20 → 24"),
        ("a.disability", "Förra värdet Vaken som vanligt, 09:52"),
        ("a.exposure", "Förra värdet 3, 09:52"),
    ):
        async with screen(amina, Fill(key, pages[page])) as seen:
            assert seen.has(says), seen.texts()


async def test_worry_with_a_low_score_still_calls(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    place = await script_of(amina, CALM)
    async with screen(amina, place) as seen:
        assert "0" in seen.texts()
        await seen.click("call-nurse")
        assert ("launch_url", "tel:0701740605") in [(n, a.get("url")) for n, a in seen.wire.calls if a]


async def test_the_script_stays_on_the_screen_through_the_call(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    place = await script_of(amina, SEVEN)
    async with screen(amina, place) as seen:
        await seen.click("call-nurse")
        assert isinstance(amina.place, Case)
        assert seen.has("Läs upp")
        assert seen.has("Puls 112")
        # Nobody answers: the others stand there, without a search.
        assert seen.has("Svarar ingen? Ring här")
        assert seen.has("Hemtjänst Norr")
        ward.deliver()
        ward.say(SbarAnswered(orders=("coming",)), Ref("sbar", amina.place.sbar), INGEGERD, KARIN)
        ward.deliver()
        await seen.settle()
        assert not seen.has("Puls 112")


async def test_with_no_coverage_at_all_it_is_saved_and_says_whom_to_go_to(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = ward.phone("a", AMINA)
    sync = amina.phone.sync
    offline = SyncState("offline", 1, last_contact=START, all_sent_at=START)
    monkeypatch.setattr(type(sync), "state", property(lambda _: offline))
    case = asked(amina, answers=SEVEN)
    async with screen(amina, Case(case)) as seen:
        assert seen.has("Ring sjuksköterskan nu")
        assert seen.has("Ingen täckning för data. Allt sparas på telefonen.")
        assert seen.has("gå till en fast telefon")
        assert seen.has("Hemtjänst Norr")
    # Not a word came through: after the unit's time the phone says by itself whom to call.
    ward.pass_(6)
    async with screen(amina) as seen:
        assert seen.has("Ingen har läst på 6 min")
        assert seen.has("Ring Hemtjänst Norr nu.")
        assert seen.find("case-112")
        await seen.click("call-instead")
        assert seen.wire.calls[-1][1]["url"] == "tel:0846500402"
    assert document(amina, case).calls[-1].to == "Hemtjänst Norr"


async def test_what_nobody_reads_is_first_on_idag_until_somebody_has(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = asked(amina, answers=CALM)
    ward.deliver()
    async with screen(karin, Inbox()) as inbox:
        assert inbox.wire.calls == []
        ward.pass_(5)
        karin.changed()
        await inbox.settle()
        # Five minutes without a reading: the nurse is told once more.
        assert await heard(inbox) == ["vibrate", "resume"]
        karin.changed()
        await inbox.settle()
        assert len(await heard(inbox)) == 2
    async with screen(amina, Today()) as seen:
        assert not seen.has("Ingen har läst om Ingegerd")
        ward.pass_(10)
        amina.changed()
        await seen.settle()
        assert seen.has("Ingen har läst om Ingegerd")
        assert await heard(seen) == ["vibrate", "resume"]
        # Karin had read it long before; her phone was offline.
        ward.say(SbarAcknowledged(), Ref("sbar", case), INGEGERD, KARIN)
        ward.deliver()
        await seen.settle()
        assert not seen.has("Ingen har läst om Ingegerd")


async def test_an_answer_that_came_while_the_phone_was_locked_is_seen_at_unlock(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    ward.deliver()
    amina.lock()
    ward.say(SbarAnswered(orders=("sit_up",)), Ref("sbar", case), INGEGERD, KARIN)
    await amina.unlock(AMINA, PIN)
    async with screen(amina) as seen:
        assert not seen.has("Sjuksköterskan har svarat")
        ward.deliver()  # nothing is fetched while a phone is locked
        await seen.settle()
        assert seen.has("Sjuksköterskan har svarat")
        assert await heard(seen) == ["vibrate", "resume"]


async def test_an_answer_that_comes_before_the_unlocked_phone_has_drawn_anything_is_heard(ward: Ward) -> None:
    """Fetching is faster than drawing: what stands there at the first look may still be new."""
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    ward.deliver()
    async with screen(amina) as seen:
        assert await heard(seen) == []
    amina.lock()
    ward.say(SbarAnswered(orders=("sit_up",)), Ref("sbar", case), INGEGERD, KARIN)
    await amina.unlock(AMINA, PIN)
    ward.deliver()
    async with screen(amina) as seen:
        assert await heard(seen) == ["vibrate", "resume"]
        amina.lock()
        await amina.unlock(AMINA, PIN)
        await seen.settle()
        assert len(await heard(seen)) == 2, "told once, however often the phone is unlocked"


async def test_a_check_that_is_due_is_felt_and_how_it_went_is_said_without_a_network(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    at = ward.now
    ward.pass_(1)
    await answering.read_back(amina, document(amina, case), "Karin Ström", ["measure_again"], "", at)
    async with screen(amina, Case(case)) as seen:
        assert seen.has("Hur är det nu?")
        await seen.click("Bättre")
        assert seen.has("Ny kontroll 06:53: Bättre")
        assert not seen.has("Hur är det nu?")
    assert answering.checks_due(amina) == []


async def test_a_check_that_came_due_while_the_phone_was_locked_is_felt_at_unlock(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    again = check_at(ward.now, 15)
    await answering.read_back(amina, document(amina, case), "Karin Ström", ["measure_again"], "", again)
    amina.lock()
    ward.pass_(20)
    await amina.unlock(AMINA, PIN)
    async with screen(amina) as seen:
        assert await heard(seen) == ["vibrate", "resume"]
        assert seen.has("Kontrollera igen")


async def test_the_nurse_says_how_it_went_and_closes(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = asked(amina)
    ward.deliver()
    async with screen(karin, InboxCase(case)) as seen:
        await seen.click("Sämre")
        await seen.click("close-case")
    ward.deliver()
    found = document(amina, case)
    assert isinstance(found, SbarDocument)
    assert (found.state, [one.outcome for one in found.follow_ups]) == ("closed", ["worse"])
    async with screen(amina, Case(case)) as seen:
        assert seen.has("Avslutat 06:52")


async def test_the_nurse_sees_all_of_a_person_with_which_way_the_values_went(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    asked(amina, answers=CALM)
    ward.pass_(60)
    case = asked(amina, answers=SEVEN)
    asked(amina, person=BROR, answers=SEVEN)
    ward.deliver()
    async with screen(karin, InboxCase(case)) as seen:
        await seen.click("all-sbars")
        assert seen.has("Puls 112, förut 70")
        assert seen.has("Blodtryck 104/60, förut 130/60")
        assert seen.has("Puls 70")
        assert len([text for text in seen.texts() if text.startswith("Puls")]) == 2
        arrows = [one.icon for one in seen.controls() if isinstance(one, ft.Icon)]
        assert ft.Icons.ARROW_UPWARD_ROUNDED in arrows
        assert ft.Icons.ARROW_DOWNWARD_ROUNDED in arrows
