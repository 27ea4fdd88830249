"""Forms on the phone: few taps, nothing lost, and what is dangerous said at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from care.deviation import DeviationDocument
from care.facts import Ref
from care.follow_up import FollowUpDocument
from care.forms import Answers, Coding, Line, load, reckoned, summary
from care.person import Flag, PersonSet
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM
from care.staff import RoleInUnit, StaffSet
from care.unit import OnCall, Settings, UnitDocument, UnitSet
from storage import Statement, Store, Unlocked
from sync import Offline, SyncState
from tests import store_case as case
from tests.headless import Headless
from views.app import App
from views.model import filling, measuring
from views.model.after_fall import sbar_answers
from views.model.assessing import assess
from views.model.phone import Phone, shipped_forms
from views.model.reporting import occurred
from views.model.shift import Shift
from views.places import BlankScript, ChooseReport, Fill, Script
from views.screens.script import parts

APP = App.__wrapped__  # drawn as render_views draws it: its views are the page's
ASSETS = Path(__file__).parent.parent / "assets"
FORMS = shipped_forms(ASSETS / "forms")
INGEGERD = "0192cccc-0000-7000-8000-000000000005"
BROR = "0192cccc-0000-7000-8000-000000000007"


HL7 = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
EATS = "%resource.descendants().where(linkId = 's.eats').answer"
SUM = "(%resource.descendants().where(linkId in ('s.moves' | 's.eats')).answer.value.sum())"


def _reckoned(url: str, expression: str) -> dict[str, Any]:
    return {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": expression}}


def _constraint(severity: str, human: str, expression: str) -> dict[str, Any]:
    parts = {"key": ("Id", "k"), "severity": ("Code", severity), "human": ("String", human)}
    parts |= {"expression": ("String", expression)}
    inside = [{"url": url, f"value{kind}": said} for url, (kind, said) in parts.items()]
    return {"url": HL7 + "questionnaire-constraint", "extension": inside}


def _points(link_id: str, text: str) -> dict[str, Any]:
    options = [{"valueInteger": number} for number in (1, 2, 3, 4)]
    return {"linkId": link_id, "text": text, "type": "choice", "required": True, "answerOption": options}


SCORED: list[dict[str, Any]] = [
    {
        "linkId": "s.scale",
        "text": "Skala",
        "type": "group",
        "extension": [_constraint("error", "Båda kan inte vara 4.", "item.answer.value.sum() < 8")],
        "item": [_points("s.moves", "Hur rör sig {name}?"), _points("s.eats", "Hur äter {name}?")],
    },
    {
        "linkId": "s.total",
        "text": "Bedömning",
        "type": "string",
        "required": True,
        "extension": [
            _reckoned(
                SDC + "calculatedExpression",
                f"iif({EATS}.exists(), 'Summan är ' & {SUM}.toString())",
            ),
            _constraint("warning", "Högt. Stämmer det?", f"{SUM} < 8"),
        ],
    },
    {
        "linkId": "s.why",
        "text": "Varför?",
        "type": "string",
        "extension": [_reckoned(SDC + "enableWhenExpression", f"{SUM} > 5")],
    },
]
"""A scale that a form counts itself."""


class StillSync:
    """Nothing is sent."""

    def __init__(self, phase: str = "sent") -> None:
        self.state = SyncState(phase=phase)  # type: ignore[arg-type]

    def wake(self) -> None: ...

    async def bring(self, who: Unlocked, kind: str, id: str) -> bool:
        raise Offline("no network")

    def subscribe(self, told: object) -> object:
        return lambda: None


class Screen(Headless):
    """Counts what a thumb does."""

    taps = 0

    def _views(self) -> Any:
        """App brings its own views."""
        return self.root(*self.arguments)

    async def click(self, name: str) -> None:
        self.taps += 1
        await super().click(name)
        # The draft is written in a thread; what follows is drawn after it.
        for _ in range(60):
            await self.settle(0.005)
            if not any(one.lock.locked() for one in self.arguments[0].fillings.values()):
                break
        await self.settle(0.01)

    async def key(self, digits: str) -> None:
        for digit in digits:
            await self.click(f"key-{digit}")


def fill_store(store: Store) -> None:
    """A unit, Anna who works there, and two who live there."""
    anna = case.sign_in(store)
    everyday = date(2026, 1, 1)
    nurse = (OnCall("Karin Ström", "070-1740605"),)
    unit = UnitSet(
        name="Granen",
        kind="residential",
        provider="0192ffff-0000-7000-8000-000000000001",
        provider_name="Provkommun",
        nurse=nurse,
        fallback=(OnCall("Hemtjänst Norr", "08-46500402"),),
        settings=Settings(news2="score"),
    )
    staff = StaffSet(
        name="Anna Andersson", title="assistant_nurse", roles=(RoleInUnit("carer", case.UNIT, everyday),)
    )
    ingegerd = PersonSet(
        name="Ingegerd Norling",
        personnummer="19360819-2385",
        born=date(1936, 8, 19),
        room="5",
        flags=(Flag("allergy", "penicillin"), Flag("condition", "Hjärtsvikt")),
    )
    bror = PersonSet(
        name="Bror Lindqvist",
        personnummer="19470701-2391",
        born=date(1947, 7, 1),
        room="7",
        flags=(Flag("blood_thinner", "Eliquis"),),
    )
    anna.save(
        Statement(unit, Ref("unit", case.UNIT), case.UNIT, None),
        Statement(staff, Ref("staff", case.ANNA), case.UNIT, None),
        Statement(ingegerd, Ref("person", INGEGERD), case.UNIT, INGEGERD),
        Statement(bror, Ref("person", BROR), case.UNIT, BROR),
    )
    anna.lock()


@asynccontextmanager
async def shown(
    folder: Path, locked: bool = False, phase: str = "sent"
) -> AsyncIterator[tuple[Screen, Shift]]:
    with case.phone(folder) as store:
        if not store.slots():
            fill_store(store)
        clock = store._file.now  # the store's own clock is the phone's
        shift = Shift(Phone(store, StillSync(phase), FORMS, clock))  # type: ignore[arg-type]
        if not locked:
            await shift.unlock(case.ANNA, case.PIN)
        async with Screen(App, shift) as screen:
            yield screen, shift


async def measure_all(screen: Screen) -> None:
    """From the airway to the recommendation, with everything measured and nothing else to tell."""
    await screen.click("Fri")
    await screen.key("26")
    await screen.key("93")
    await screen.click("Får Ingegerd syrgas? Nej")
    await screen.key("104")
    await screen.key("10864")
    await screen.click("Vaken som vanligt")
    await screen.key("376")
    assert screen.has("Har Ingegerd ont i bröstet?"), "what calls for 112 is in sight before the page turns"
    await screen.click("Hur ont har Ingegerd, från 0 till 10? 4")


async def to_script(screen: Screen) -> None:
    """From Idag: contact, who, what, since when, all the vitals and the wish."""
    await screen.click("contact")
    await screen.click("Ingegerd")
    await screen.click("Andas sämre")
    await screen.click("Sedan när? Flera dagar")
    await screen.click("Stämmer")
    await measure_all(screen)
    await screen.click("Kommer hit")


def sbars(shift: Shift) -> list[SbarDocument]:
    return [one for one in shift.me.documents("sbar") if isinstance(one, SbarDocument)]


def called(screen: Screen) -> list[str]:
    return [str(arguments) for name, arguments in screen.wire.calls if name == "launch_url"]


async def test_an_sbar_with_all_vitals_takes_25_taps_to_the_script(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        await to_script(screen)
        assert isinstance(shift.place, Script), screen.texts()
        assert screen.taps == 25
        assert screen.has("Hög risk")
        assert screen.has("Blodtryck 108 genom 64.")


async def test_a_page_that_turned_under_a_thumb_is_not_turned_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "Andas sämre", "Sedan när? Flera dagar", "Stämmer", "Fri"):
            await screen.click(name)
        await screen.key("1896")
        await screen.click("Får Ingegerd syrgas? Nej")
        monkeypatch.setattr("views.presses.DOUBLE_TAP_S", 60.0)
        await screen.key("8012060")
        there = shift.place
        await screen.click("next")  # one digit too many: what has come in its place is not what was meant
        assert shift.place == there
        monkeypatch.setattr("views.presses.DOUBLE_TAP_S", 0.0)
        await screen.click("next")
        assert shift.place != there


async def test_calling_the_nurse_saves_the_sbar_and_the_call_first(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        await to_script(screen)
        await screen.click("call-nurse")
        (found,) = sbars(shift)
        assert found.person == INGEGERD
        assert found.answers is not None
        assert len(found.calls) == 1
        assert "070" in called(screen)[-1]
        assert shift.me.drafts() == []
        assert [type(place).__name__ for place in shift.stack] == ["Today", "Case"]


async def test_calling_112_saves_the_sbar_and_leaves_the_script_open_for_the_nurse(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        await to_script(screen)
        await screen.click("script-112")
        assert isinstance(shift.place, Script)
        assert "112" in called(screen)[-1]
        assert len(sbars(shift)) == 1
        await screen.click("call-nurse")
        (found,) = sbars(shift)
        assert len(found.calls) == 2


async def test_a_fall_with_a_danger_says_so_at_once_and_is_saved_with_what_colleagues_follow_up(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("report", "Fall", "Bror", "Slog Bror i huvudet? Ja"):
            await screen.click(name)
        assert screen.has("Kontakta sjuksköterska nu")
        assert screen.has("Lyft inte Bror ännu.")
        for name in (
            "Har Bror ny smärta? Nej",
            "Kan Bror stå som vanligt? Ja",
            "Är Bror mer trött eller förvirrad? Nej",
        ):
            await screen.click(name)
        await screen.click("go-on")
        for name in ("Badrum", "Reste sig", "Såg någon? Nej", "Vilken skada ser du? Lindrig", "save"):
            await screen.click(name)
        (found,) = [one for one in shift.me.documents("deviation") if isinstance(one, DeviationDocument)]
        assert found.category == "fall"
        assert found.danger == ["fall.headHit", "fall.bloodThinner"]
        assert found.occurred is not None
        assert screen.has("Tack. Sparat")
        tasks = [one for one in shift.me.documents("task") if isinstance(one, FollowUpDocument)]
        assert {(one.what, one.person, one.prompted_by) for one in tasks} == {
            ("after_fall", BROR, found.id),
            ("head_watch", BROR, found.id),
        }


@pytest.mark.parametrize(
    ("about", "danger", "says"),
    [
        ("Bror", False, "Läses av enhetschef, sjuksköterska, MAS och SAS."),
        ("no-person", False, "Läses av enhetschef, MAS och SAS."),
        ("no-person", True, "Läses av enhetschef, sjuksköterska, MAS och SAS."),
    ],
)
async def test_it_is_said_who_reads_the_report_at_hand(
    tmp_path: Path, about: str, danger: bool, says: str
) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("report", "Fall", about):
            await screen.click(name)
        draft = shift.place.draft  # type: ignore[attr-defined]
        form = filling.of(shift, draft)
        form.answers["fall.headHit"] = [Coding("yes" if danger else "no")]
        form.answers.pop("fall.bloodThinner", None)
        form.acknowledged.add("fall.headHit")
        shift.replace(Fill(draft, 2))
        await screen.settle(0.1)
        assert screen.has(says)


async def test_an_sbar_made_from_a_fall_knows_what_the_fall_told(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("report", "Fall", "Bror", "Slog Bror i huvudet? Ja", "make-sbar"):
            await screen.click(name)
        assert isinstance(shift.place, Fill)
        form = filling.of(shift, shift.place.draft)
        fall = next(one for one in shift.fillings.values() if one.form_name == "fall")
        assert form.prompted_by == fall.id
        assert "Slog i huvudet: Ja" in str(form.value("s.words"))
        assert form.answers["b.bloodThinner"][0].code == "yes"  # type: ignore[union-attr]


def in_hand(form: str, answers: Answers) -> filling.Filling:
    return filling.Filling("k", "i", form, FORMS[form], None, answers=answers)


MORNING = datetime(2026, 3, 14, 6, 50, tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("when", "clock", "at"),
    [
        ("now", "", MORNING),
        ("clock", "02:15:00", datetime(2026, 3, 14, 2, 15, tzinfo=STOCKHOLM)),
        ("clock", "22:30:00", datetime(2026, 3, 13, 22, 30, tzinfo=STOCKHOLM)),
        ("clock", "", None),
        ("found", "", None),
        ("", "", None),
    ],
)
def test_a_fall_happened_when_it_was_said_to_have_and_not_when_it_was_written(
    when: str, clock: str, at: datetime | None
) -> None:
    answers: Answers = {"fall.when": [Coding(when)]} if when else {}
    if clock:
        answers["fall.when.time"] = [clock]
    assert occurred(in_hand("fall", answers), MORNING) == at
    assert occurred(in_hand("fall", answers), MORNING.astimezone(UTC)) == at


@pytest.mark.parametrize(
    ("when", "time", "at"),
    [
        ("", "", None),
        ("now", "", MORNING),
        ("unknown", "", None),
        ("earlier", "2026-03-13", None),
        ("earlier", "2026-03-13T21:00:00+01:00", datetime(2026, 3, 13, 21, tzinfo=STOCKHOLM)),
    ],
)
def test_a_deviation_without_an_hour_has_no_time(when: str, time: str, at: datetime | None) -> None:
    answers: Answers = {"deviation.when": [Coding(when)]} if when else {}
    if time:
        answers["deviation.time"] = [time]
    assert occurred(in_hand("deviation", answers), MORNING) == at


@pytest.mark.parametrize(
    ("when", "clock", "since"),
    [
        ("", "", None),
        ("now", "", "now"),
        ("found", "", "unknown"),
        ("clock", "06:20:00", "today"),
        ("clock", "02:15:00", "night"),
        ("clock", "19:00:00", "yesterday"),
    ],
)
def test_the_sbar_after_a_fall_says_since_when_only_as_the_fall_did(
    when: str, clock: str, since: str | None
) -> None:
    answers: Answers = {"fall.when": [Coding(when)]} if when else {}
    if clock:
        answers["fall.when.time"] = [clock]
    told = sbar_answers(in_hand("fall", answers), MORNING)
    assert told.get("s.since") == ([Coding(since)] if since else None)
    assert told.get("s.since.time") == ([clock] if clock else None)


async def test_a_fall_in_the_night_is_told_with_its_hour_and_the_pad_opens_by_itself(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("report", "Fall", "Ingegerd", "Slog Ingegerd i huvudet? Nej"):
            await screen.click(name)
        for name in ("blodförtunnande? Nej", "ny smärta? Nej", "stå som vanligt? Ja", "förvirrad? Nej"):
            await screen.click(name)
        await screen.click("Klockan")
        await screen.key("0215")
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.answers["fall.when.time"] == ["02:15:00"]
        assert form.active == ""


async def test_what_is_missing_is_marked_and_the_page_stays(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "next"):
            await screen.click(name)
        await screen.settle(0.3)
        assert shift.place == Fill(shift.place.draft, 0)  # type: ignore[attr-defined]
        assert screen.texts().count("Svara här.") == 2
        scrolled = [arguments for name, arguments in screen.wire.calls if name == "scroll_to"]
        assert "s.problem" in str(scrolled)


async def test_a_killed_app_goes_on_where_it_was(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "Andas sämre"):
            await screen.click(name)
    async with shown(tmp_path) as (screen, shift):
        await screen.click("contact")
        await screen.click("Ingegerd")
        assert screen.has("Dina svar finns kvar.")
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert [one.code for one in form.answers["s.problem"]] == ["breathing"]  # type: ignore[union-attr]
        await screen.click("Börja om")
        assert "s.problem" not in filling.of(shift, form.key).answers
        assert len(shift.me.drafts()) == 1


async def test_another_person_gets_another_form(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "Andas sämre", "back", "Bror"):
            await screen.click(name)
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.person == BROR
        assert "s.problem" not in form.answers


async def test_an_impossible_number_is_asked_for_again_and_an_unusual_one_once(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "Andas sämre", "Sedan när? Flera dagar", "Stämmer", "Fri"):
            await screen.click(name)
        await screen.key("40")
        assert screen.has("40 per minut är ovanligt. Stämmer det?")
        await screen.click("is-right")
        await screen.key("29")
        assert screen.has("29 kan inte stämma. Skriv igen.")
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.answers["a.respiration"] == [40]
        assert "a.spo2" not in form.answers
        await screen.key("94")
        assert form.answers["a.spo2"] == [94]


async def test_a_pulse_of_700_asks_back_and_is_not_70_with_a_nought_in_the_next_field(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "Andas sämre", "Sedan när? Flera dagar", "Stämmer", "Fri"):
            await screen.click(name)
        await screen.key("1896")
        await screen.click("Får Ingegerd syrgas? Nej")
        await screen.key("700")
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert screen.has("700 kan inte stämma. Skriv igen.")
        assert "a.pulse" not in form.answers
        await screen.key("38")
        assert screen.has("38 per minut är ovanligt. Stämmer det?")
        await screen.click("is-right")
        assert form.answers["a.pulse"] == [38]
        await screen.key("12080")
        assert (form.answers["a.systolic"], form.answers["a.diastolic"]) == ([120], [80])


async def test_digits_typed_while_a_number_is_being_written_are_of_the_next_number(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "Andas sämre", "Sedan när? Flera dagar", "Stämmer", "Fri"):
            await screen.click(name)
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        page = next(one for one in filling.pages(form) if one.item.link_id == "a.breathing")
        await asyncio.gather(*(measuring.press(shift, form, page, digit) for digit in "2294"))
        assert (form.answers["a.respiration"], form.answers["a.spo2"]) == ([22], [94])


async def test_what_could_not_be_measured_is_said_why_and_both_pressures_are_passed(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "Andas sämre", "Sedan när? Flera dagar", "Stämmer", "Fri"):
            await screen.click(name)
        await screen.key("1896")
        await screen.click("Får Ingegerd syrgas? Nej")
        await screen.key("80")
        await screen.click("not-measured")
        await screen.click("Kunde inte mäta blodtrycket Har inte utrustning")
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.active == ""
        assert screen.has("Medvetande"), "a reason why not ends a page as a number does"
        await screen.click("Cirkulation")
        assert screen.texts().count("Inte mätt") == 2
        assert form.answers["a.systolic.missing"][0].code == "no-equipment"  # type: ignore[union-attr]


async def test_a_sign_of_danger_to_life_calls_for_112_in_the_middle_of_the_form(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, _):
        for name in ("contact", "Ingegerd", "Andas sämre", "Sedan när? Flera dagar", "Stämmer", "Blockerad"):
            await screen.click(name)
        assert screen.has("Ring 112 nu")
        await screen.click("go-on")
        assert not screen.has("Ring 112 nu")


async def test_the_nurse_can_be_called_before_anything_is_filled_in(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("contact", "Ingegerd", "call-now"):
            await screen.click(name)
        assert "070" in called(screen)[-1]
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.called == ("Karin Ström", "070-1740605")


async def test_the_nurse_can_be_called_before_it_is_said_whom_it_is_about(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, _):
        await screen.click("contact")
        await screen.click("Ring Karin Ström nu")
        assert "070" in called(screen)[-1]


async def test_when_no_nurse_has_the_hour_it_is_said_who_else_to_call(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        unit = shift.me.document("unit", case.UNIT)
        assert isinstance(unit, UnitDocument)
        unit.nurse = []
        await screen.click("contact")
        assert screen.has("Ingen sjuksköterska är i tjänst nu. Ring något av de här numren.")
        assert screen.has("Hemtjänst Norr")


async def test_an_sbar_about_somebody_who_is_not_listed_names_nobody_but_tells_who(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        await screen.click("contact")
        await screen.click("Personen finns inte i listan")
        await screen.enter("Vem gäller det? (namn eller rum)", "Gäst i rum 4")
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.person is None
        said = [part.text for part in parts(shift, form, assess(shift, form))]
        assert "Gäller: Gäst i rum 4." in said[0]
        assert "None" not in " ".join(said)


async def test_a_report_without_a_code_is_saved_and_readable_by_nobody_here(tmp_path: Path) -> None:
    async with shown(tmp_path, locked=True) as (screen, shift):
        shift.go(ChooseReport())
        await screen.settle(0.1)
        await screen.click("Fall")
        await screen.enter("Vem gäller det? (namn eller rum)", "Rum 4")
        for name in ("Slog personen i huvudet? Nej", "Tar personen blodförtunnande? Vet inte"):
            await screen.click(name)
        for name in ("Har personen ny smärta? Nej", "Kan personen stå som vanligt? Ja"):
            await screen.click(name)
        await screen.click("Är personen mer trött eller förvirrad? Nej")
        for name in ("Hittades", "Korridor", "Gick", "Såg någon? Ja", "Vilken skada ser du? Ingen"):
            await screen.click(name)
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        form.claimed = "Amina"
        assert Line("fall.person", "Gäller", "Rum 4") in summary(form.form, form.answers)
        waiting = shift.phone.store.counts().waiting
        await screen.click("save")
        assert shift.phone.store.counts().waiting == waiting + 1
        assert screen.has("Vem är du?")
        assert screen.has("Tack. Sparat")


async def test_help_without_a_code_shows_what_to_check_and_whom_to_call(tmp_path: Path) -> None:
    async with shown(tmp_path, locked=True) as (screen, shift):
        shift.go(BlankScript())
        await screen.settle(0.1)
        assert screen.has("Vid livshotande tillstånd: ring 112 först.")
        assert screen.has("Är luftvägen fri?")


async def test_without_coverage_it_says_that_all_is_saved_and_whom_else_to_try(tmp_path: Path) -> None:
    async with shown(tmp_path, phase="offline") as (screen, _):
        await to_script(screen)
        assert screen.has("Allt sparas på telefonen.")
        assert screen.has("Hemtjänst Norr")


async def test_a_medicine_report_begins_where_the_category_leaves_off(tmp_path: Path) -> None:
    async with shown(tmp_path) as (screen, shift):
        for name in ("report", "Läkemedel", "Bror"):
            await screen.click(name)
        assert screen.has("Vad hände med läkemedlet?")
        for name in ("Utebliven dos", "När hände det? Vet inte", "Berätta med egna ord"):
            await screen.click(name)
        await screen.enter("Berätta med egna ord", "Dosetten låg kvar.")
        await screen.click("Blev någon skadad? Ingen")
        await screen.click("save")
        (found,) = [one for one in shift.me.documents("deviation") if isinstance(one, DeviationDocument)]
        assert found.category == "medicine"
        assert found.occurred is None
        assert found.answers is not None
        assert "Dosetten låg kvar." in str(found.answers.read())


async def test_a_question_added_to_the_form_is_asked_without_a_line_of_code(tmp_path: Path) -> None:
    raw = json.loads((ASSETS / "forms" / "sbar.json").read_text())
    asked = {"linkId": "s.slept", "text": "Har {name} sovit?", "type": "boolean", "required": True}
    raw["item"][0]["item"].insert(0, asked)
    async with shown(tmp_path) as (screen, shift):
        shift.phone.forms = {**FORMS, "sbar": load(json.dumps(raw).encode())}
        for name in ("contact", "Ingegerd", "Har Ingegerd sovit? Nej"):
            await screen.click(name)
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.answers["s.slept"] == [False]


async def test_what_the_form_itself_answers_is_shown_and_cannot_be_changed(tmp_path: Path) -> None:
    raw = json.loads((ASSETS / "forms" / "sbar.json").read_text())
    fixed = {"linkId": "s.area", "text": "Område", "type": "choice", "readOnly": True, "required": True}
    options = [
        {"valueCoding": {"code": code, "display": name}} for code, name in (("n", "Norr"), ("s", "Syd"))
    ]
    fixed |= {"answerOption": options, "initial": [{"valueCoding": {"code": "n"}}]}
    empty = {"linkId": "s.nothing", "text": "Tomt", "type": "string", "readOnly": True, "required": True}
    raw["item"][0]["item"] = [fixed, empty, *raw["item"][0]["item"]]
    async with shown(tmp_path) as (screen, shift):
        shift.phone.forms = {**FORMS, "sbar": load(json.dumps(raw).encode())}
        for name in ("contact", "Ingegerd"):
            await screen.click(name)
        assert screen.has("Norr")
        assert not screen.has("Syd")
        assert not screen.has("Tomt")
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert form.answers["s.area"] == [Coding("n", "Norr")]
        for name in ("Andas sämre", "Sedan när? Flera dagar"):
            await screen.click(name)
        assert screen.has("Stämmer"), "nobody is held back by what they cannot answer"


async def test_what_a_form_calculates_is_shown_and_its_constraints_are_said_in_its_own_words(
    tmp_path: Path,
) -> None:
    raw = json.loads((ASSETS / "forms" / "sbar.json").read_text())
    raw["item"][0]["item"] = SCORED
    async with shown(tmp_path) as (screen, shift):
        shift.phone.forms = {**FORMS, "sbar": load(json.dumps(raw).encode())}
        for name in ("contact", "Ingegerd"):
            await screen.click(name)
        form = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
        assert screen.has("Räknas ut när frågorna har svar.")
        assert not screen.has("Varför?")
        for name in ("Hur rör sig Ingegerd? 4", "Hur äter Ingegerd? 4"):
            await screen.click(name)
        assert screen.has("Summan är 8")
        assert screen.has("Högt. Stämmer det?"), "a warning is said at once"
        assert screen.has("Varför?")
        assert not screen.has("Båda kan inte vara 4.")
        await screen.click("next")
        assert screen.has("Båda kan inte vara 4."), "an error when Nästa has looked for it"
        assert shift.place == Fill(form.key)
        await screen.click("Hur äter Ingegerd? 1")
        assert screen.has("Summan är 5")
        for gone in ("Båda kan inte vara 4.", "Högt. Stämmer det?", "Varför?"):
            assert not screen.has(gone)
        await screen.click("next")
        assert shift.place == Fill(form.key, 1)
        assert form.answers.keys() >= {"s.moves", "s.eats"}
        held, given = form.form, dict(form.answers)
        before = reckoned(held, given)
        shift.lock()
        assert reckoned(held, given) is not before, "nothing of what was answered stays on a locked phone"
