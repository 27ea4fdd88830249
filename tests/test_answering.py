"""From the carer's SBAR to the nurse's answer and back: the loop is closed on the screens of two phones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import copy_context
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import flet as ft
import pytest

from care.deviation import DeviationDocument, DeviationReceived, ReportDocument, ReportStatus
from care.deviation_case import (
    DeviationActionSet,
    DeviationAnalysed,
    DeviationAssessed,
    DeviationClosed,
    DeviationEscalated,
)
from care.facts import Ref
from care.forms import Answers, Coding
from care.handling import Cause
from care.sbar import SbarAnswered, SbarDocument, SbarReadBack, check_at
from storage import Statement
from tests.headless import Headless
from tests.phones import until
from tests.statements import new_id
from tests.ward import (
    AMINA,
    BROR,
    INGEGERD,
    KARIN,
    LENA,
    MARIA,
    VERA,
    Ward,
    as_needed,
    asks,
    fall,
    sbar,
)
from views.model import answering, reading, reports
from views.model.dial import dial
from views.model.notices import use_notices
from views.model.shift import Shift
from views.places import (
    AsNeededList,
    Case,
    Cases,
    Inbox,
    InboxCase,
    InboxDeviation,
    MyReports,
    Place,
    ReadBack,
    Report,
)
from views.screens import inbox_case, register
from views.texts import Texts
from views.theme import LIGHT, Look, LookContext

SHORT_OF_BREATH: Answers = {
    "s.problem": [Coding("breathing")],
    "s.since": [Coding("night")],
    "a.respiration": [26],
    "a.spo2": [93],
    "a.oxygen": [False],
    "a.systolic": [108],
    "a.diastolic": [64],
    "a.pulse": [104],
    "a.consciousness": [Coding("A")],
    "a.temperature": [Decimal("37.6")],
    "r.wish": [Coding("assess")],
}
SLEEPLESS: Answers = SHORT_OF_BREATH | {
    "s.problem": [Coding("worry")],
    "a.respiration": [16],
    "a.spo2": [98],
    "a.systolic": [130],
    "a.pulse": [70],
}
HIT_HEAD: Answers = {"fall.headHit": [Coding("yes")], "fall.bloodThinner": [Coding("yes")]}


@asynccontextmanager
async def screen(shift: Shift, place: Place | None = None) -> AsyncIterator[Headless]:
    """What somebody sees now, drawn again at each change."""
    if place is not None:
        shift.stack.append(place)
    stops: list[Callable[[], None]] = []

    @ft.component
    def drawn() -> ft.Control:
        _, again = ft.use_state(0)
        look = Look(palette=LIGHT, texts=Texts.load(shift.language))
        look = look.with_(call_112=dial(look, "112"))
        use_notices(look, shift)
        ft.use_effect(lambda: stops.extend(listen(shift, lambda: again(lambda n: n + 1))), [])
        return LookContext(look, lambda: SCREEN(shift, shift.place, key=f"{len(shift.stack)}:{shift.place}"))

    async with Headless(drawn) as seen:
        yield seen
        for stop in stops:
            stop()


def listen(shift: Shift, again: Callable[[], None]) -> list[Callable[[], None]]:
    loop, here = asyncio.get_running_loop(), copy_context()
    stored = shift.phone.store.subscribe(lambda _: loop.call_soon_threadsafe(again, context=here))
    return [shift.subscribe(again), stored]


@ft.component
def SCREEN(shift: Shift, place: Place) -> ft.Control:  # noqa: N802 - a component
    return register.screen(type(place))(shift, place)


def asked(shift: Shift, person: str = INGEGERD, answers: Answers = SHORT_OF_BREATH, **more: str) -> str:
    id = new_id()
    shift.me.save(asks(person, sbar(answers, **more), id))
    return id


def fell(shift: Shift, person: str = BROR) -> str:
    id = new_id()
    shift.me.save(asks(person, fall(HIT_HEAD), id, "deviation"))
    return id


def document(shift: Shift, id: str) -> SbarDocument:
    found = reading.one(shift, SbarDocument, id)
    assert found
    return found


async def test_an_sbar_is_read_answered_repeated_and_seen_repeated(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = asked(amina)
    ward.pass_(2)
    ward.deliver()
    async with screen(karin, Inbox()) as inbox:
        assert inbox.has("Ingegerd Norling")
        assert inbox.has("Väntar på dig, 2 min")
        await inbox.click(f"case-{case}")
        assert inbox.has("108/64")
        await inbox.click("take")
        assert inbox.has("Läst av Karin 06:54")
    ward.deliver()
    async with screen(amina, Case(case)) as seen:
        assert seen.has("Läst av sjuksköterska Karin Ström 06:54")
    async with screen(karin) as answer:
        await answer.click("Ambulans kommer")
        await answer.click("15 min")
        await answer.enter("Med egna ord", "Stanna hos Ingegerd.")
        await answer.click("send-answer")
        assert answer.has("Svarat 06:54. Inte upprepat än")
    ward.deliver()
    ward.pass_(1)
    async with screen(amina) as seen:
        assert seen.has("Ambulans kommer. Mät igen. Stanna hos Ingegerd. Ny kontroll 07:10.")
        await seen.click("repeat")
        assert seen.has("Upprepa för Karin")
        assert seen.has("”Ambulansen kommer. Jag mäter igen klockan 07:10. Stanna hos Ingegerd.”")
        await seen.click("Jag har upprepat och Karin har sagt ja")
        await seen.click("Spara. Ny kontroll 07:10")
        assert seen.has("Du har upprepat")
    said = document(amina, case).read_back
    assert said is not None
    assert (said.nurse, said.orders) == ("Karin Ström", ("ambulance", "measure_again"))
    assert [(due.sbar, f"{due.at:%H:%M}") for due in answering.checks_due(amina)] == [(case, "07:10")]
    ward.deliver()
    async with screen(karin) as inbox:
        assert inbox.has("Upprepat av Amina 06:55")


async def test_until_a_nurse_has_read_it_the_carer_is_told_to_call(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    async with screen(amina, Case(case)) as seen:
        assert seen.has("Ring sjuksköterskan nu")
        assert seen.has("Det är sparat på telefonen. Sjuksköterskan har inte fått det än.")
        assert not seen.has("Skickat")
        await seen.click("call-nurse")
        assert seen.wire.calls[-1][1]["url"] == "tel:0701740605"
    assert len(document(amina, case).calls) == 1
    ward.deliver()
    async with screen(amina) as seen:
        assert seen.has("Ingen sjuksköterska har läst än.")


async def test_what_was_said_on_the_phone_is_chosen_and_repeated(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    async with screen(amina, ReadBack(case)) as seen:
        with pytest.raises(AssertionError):
            await seen.click("save-read-back")
        await seen.click("Sitta upp")
        await seen.click("30 min")
        assert seen.has("”Ingegerd ska sitta upp. Jag mäter igen klockan 07:25.”")
        await seen.click("Klart senast, när? 15 min")
        words = "”Ingegerd ska sitta upp. Jag mäter igen klockan 07:25. Det är klart senast klockan 07:10.”"
        assert seen.has(words)
        with pytest.raises(AssertionError):
            await seen.click("save-read-back")
        await seen.click("Jag har upprepat och Karin har sagt ja")
        await seen.click("save-read-back")
    found = document(amina, case)
    assert found.state == "read_back"
    assert found.read_back is not None
    assert f"{found.read_back.done_by:%H:%M}" == "07:10"
    async with screen(amina, Case(case)) as seen:
        assert seen.has("Klart senast 07:10.")


async def test_a_changed_order_asks_for_the_nurses_yes_again(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    async with screen(amina, ReadBack(case)) as seen:
        await seen.click("Sitta upp")
        await seen.click("Jag har upprepat")
        await seen.click("Titta till")
        with pytest.raises(AssertionError):
            await seen.click("save-read-back")


async def test_a_newer_answer_asks_for_the_nurses_yes_again(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    ward.deliver()
    ward.say(SbarAnswered(orders=("look_in",)), Ref("sbar", case), INGEGERD, KARIN)
    ward.deliver()
    async with screen(amina, ReadBack(case)) as seen:
        await seen.click("Jag har upprepat")
        assert seen.find("save-read-back").content.on_click
        ward.say(SbarAnswered(orders=("call_112",)), Ref("sbar", case), INGEGERD, KARIN)
        ward.deliver()
        await seen.settle()
        assert seen.has("”Jag ringer 112.”")
        assert not seen.find("save-read-back").content.on_click


async def test_an_order_that_this_app_does_not_know_is_shown_and_repeated(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    ward.deliver()
    ward.say(SbarAnswered(orders=("measure_again_15", "turn_left")), Ref("sbar", case), INGEGERD, KARIN)
    ward.deliver()
    async with screen(amina, ReadBack(case)) as seen:
        assert seen.has("”Annat: turn_left. Jag mäter igen.”")


async def test_the_phone_vibrates_and_sounds_once_when_an_answer_comes(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    ward.deliver()
    async with screen(amina, Case(case)) as seen:
        assert seen.wire.calls == []
        ward.say(SbarAnswered(orders=("coming",)), Ref("sbar", case), INGEGERD, KARIN)
        ward.deliver()
        await seen.settle()
        amina.changed()
        await seen.settle()
        assert [name for name, _ in seen.wire.calls] == ["vibrate", "resume"]


async def test_the_nurses_112_is_the_filled_button(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    ward.deliver()
    ward.say(SbarAnswered(orders=("call_112",)), Ref("sbar", case), INGEGERD, KARIN)
    ward.deliver()
    async with screen(amina, Case(case)) as seen:
        assert seen.find("call-112-now").content.bgcolor == LIGHT.danger_fill
        assert seen.find("repeat")


async def test_an_answer_being_written_is_there_after_the_phone_was_put_down(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = asked(amina)
    ward.deliver()
    async with screen(karin, InboxCase(case)) as answer:
        await answer.click("Titta till")
        await answer.enter("Med egna ord", "Ge vatten.")
    async with screen(karin) as answer:
        assert answer.find("Titta till").checked
        await answer.click("send-answer")
    assert document(karin, case).replies[0].text == "Ge vatten."
    assert karin.me.drafts() == []


async def test_what_is_typed_in_an_answer_stays_and_so_does_its_field_when_a_colleague_answers(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = asked(amina)
    ward.deliver()
    monkeypatch.setattr(inbox_case, "PAUSE_S", 60.0)
    async with screen(karin, InboxCase(case)) as answer:
        (field,) = (one for one in answer.controls() if isinstance(one, ft.TextField))
        answer.session.apply_patch(field._i, {"value": "Ge va"})
        before = answer.wire.bytes_sent
        typing = asyncio.create_task(answer.session.dispatch_event(field._i, "change", "Ge va"))
        await until(lambda: karin.me.drafts() != [])
        await answer.settle()
        assert answer.wire.bytes_sent == before, "nothing is drawn while somebody types"
        ward.say(SbarAnswered(orders=("look_in",), text="Jag tar den."), Ref("sbar", case), INGEGERD, MARIA)
        ward.deliver()
        await answer.settle()
        assert answer.has("Jag tar den.")
        (again,) = (one for one in answer.controls() if isinstance(one, ft.TextField))
        assert (again._i, again.value) == (field._i, "Ge va")
        typing.cancel()


def test_the_most_dangerous_comes_first_and_a_fall_is_among_them(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    low = asked(amina, VERA, SLEEPLESS)
    ward.pass_(1)
    fallen = fell(amina)
    ward.pass_(1)
    high = asked(amina)
    ward.deliver()
    assert [case.document.id for case in answering.inbox(karin)] == [fallen, high, low]
    assert answering.waiting(karin) == 3


def test_a_fall_and_its_sbar_are_one_case_with_the_danger_of_both(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    fallen = fell(amina)
    case = asked(amina, BROR, SLEEPLESS, prompted_by=fallen)
    ward.deliver()
    (found,) = answering.inbox(karin)
    assert found.document.id == case
    assert found.urgency.level == "high"


def test_a_unit_that_shows_values_only_has_no_score(tmp_path: Path) -> None:
    ward = Ward(tmp_path, news2="values")
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    asked(amina)
    ward.deliver()
    assert answering.inbox(karin)[0].urgency.score is None


async def test_what_is_done_leaves_the_inbox_after_a_day(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    case = asked(amina)
    ward.deliver()
    await answering.read_back(amina, document(amina, case), "Karin Ström", ["coming"], "", None)
    ward.deliver()
    assert len(answering.inbox(karin)) == 1
    ward.pass_(24 * 60 + 1)
    assert answering.inbox(karin) == []


async def test_a_carer_is_not_offered_the_inbox(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    async with screen(amina, Inbox()) as seen:
        assert seen.has("Inkorgen är för sjuksköterskor")
    async with screen(amina, InboxCase(case)) as seen:
        assert seen.has("Den här frågan finns inte här längre")


async def test_a_read_fall_tells_whoever_reported_it_once(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    fallen = fell(amina)
    ward.deliver()
    async with screen(karin, InboxDeviation(fallen)) as seen:
        assert seen.has("Slog i huvudet: Ja. Blodförtunnande: Ja")
        await seen.click("have-read")
    async with screen(karin, InboxDeviation(fallen)) as seen:
        with pytest.raises(LookupError):
            await seen.click("have-read")
    ward.deliver()
    told = reading.one(amina, ReportDocument, fallen)
    assert told is not None
    assert [(step.step, step.by) for step in told.steps] == [("received", KARIN)]
    assert reports.mine(karin) == []
    async with screen(amina, MyReports()) as seen:
        assert seen.has("Fall, Bror Lindqvist")
        assert seen.has("Mottagen 06:52")


async def test_the_nurse_reads_what_has_become_of_a_case_and_its_reporter_does_not(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    fallen = fell(amina)
    ward.deliver()
    ref, today = Ref("deviation", fallen), karin.phone.now().date()
    for body in (
        DeviationReceived(),
        DeviationAssessed(severity=3, probability=2, reason="Kan hända igen."),
        DeviationAnalysed(happened="Golvet var halt.", causes=(Cause("Mattan var i tvätten"),)),
        DeviationActionSet(action="a", text="Köp en halkmatta", owner=KARIN, due=today + timedelta(days=9)),
        DeviationActionSet(action="b", text="Byt lampan", owner=KARIN, due=today - timedelta(days=1)),
        DeviationEscalated(track="lex_maria", text="Slog i huvudet."),
    ):
        karin.me.save(Statement(body, ref, karin.me.unit, BROR))
    words = ReportStatus(reporter=AMINA, step="action", text="Tack Amina.", readers=("chief", "nurse"))
    ward.say(words, Ref("report", fallen), BROR, MARIA)
    ward.deliver()
    async with screen(karin, Cases()) as seen:
        assert seen.has("Försenad sedan")
        await seen.click("Fall, Bror Lindqvist")
        for said in (
            "Åtgärden skulle vara klar",
            "Läses av enhetschef, sjuksköterska, MAS och SAS.",
            "Du läser som sjuksköterska. PDL 4:1",
            "Mottagen",
            "Risk 6, hög",
            "Kan hända igen.",
            "Golvet var halt.",
            "Mattan var i tvätten",
            "Lex Maria: väntar på beslut",
            "Tack Amina.",
        ):
            assert seen.has(said), said
        drawn = seen.texts()
        late, later = (next(at for at, one in enumerate(drawn) if text in one) for text in ("Byt", "Köp en"))
        assert late < later, "what is overdue stands first"
        assert not seen.has("Frågan om lex Maria ställdes")
        await seen.click("all-done")
        assert seen.has("Frågan om lex Maria ställdes")
    own = reading.one(amina, DeviationDocument, fallen)
    assert own is not None
    assert (own.assessments, own.handling.actions, own.handling.analyses) == ([], [], [])


async def test_what_a_closed_case_did_not_need_is_not_shown_as_still_to_come(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    fallen = fell(amina)
    ward.deliver()
    ref = Ref("deviation", fallen)
    karin.me.save(Statement(DeviationReceived(), ref, karin.me.unit, BROR))
    async with screen(karin, InboxDeviation(fallen)) as seen:
        assert seen.has("Utreds")
    karin.me.save(Statement(DeviationClosed(text="Tack Amina."), ref, karin.me.unit, BROR))
    async with screen(karin, InboxDeviation(fallen)) as seen:
        assert seen.has("Återkoppling")
        assert not seen.has("Utreds")


async def test_feedback_stands_first_until_it_is_read(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    fallen = fell(amina)
    ward.deliver()
    words = ReportStatus(reporter=AMINA, step="action", text="Tack Amina. Nu finns en halkmatta.")
    ward.say(words, Ref("report", fallen), BROR, MARIA)
    ward.deliver()
    async with screen(amina, MyReports()) as seen:
        assert seen.has("Återkoppling till dig")
        await seen.click(f"report-{fallen}")
        assert seen.has("Tack Amina. Nu finns en halkmatta.")
        await seen.click("have-read")
        assert not seen.has("Återkoppling till dig")
        assert seen.has("Åtgärd 06:52")


async def test_something_is_added_to_a_report_and_what_was_written_stays(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    fallen = fell(amina)
    async with screen(amina, Report(fallen)) as seen:
        await seen.click("add")
        await seen.enter("Vad vill du lägga till?", "Golvet var blött.")
        await seen.click("save-added")
        assert seen.has("Golvet var blött.")
        assert seen.has("Slog i huvudet")


async def test_a_report_from_another_phone_is_listed_by_what_came_of_it(ward: Ward) -> None:
    lena = ward.phone("l", LENA)
    id = new_id()
    ward.say(ReportStatus(reporter=LENA, step="received"), Ref("report", id), BROR, MARIA)
    ward.deliver()
    async with screen(lena, Report(id)) as seen:
        assert seen.has("Avvikelse, Bror Lindqvist")
        assert seen.has("Mottagen 06:52")
        assert not seen.has("Du rapporterade"), "when is known where it was written alone"


async def test_a_check_is_due_until_somebody_has_recorded_it(ward: Ward) -> None:
    amina, lena = ward.phone("a", AMINA), ward.phone("l", LENA)
    case = asked(amina)
    again = check_at(ward.now, 15)
    await answering.read_back(amina, document(amina, case), "Karin Ström", ["measure_again"], "", again)
    ward.deliver()
    assert [f"{due.at:%H:%M}" for due in answering.checks_due(amina)] == ["07:10"]
    assert answering.checks_due(lena) == []
    ward.pass_(20)
    asked(amina)
    assert answering.checks_due(amina) == []


def test_an_order_of_a_new_answer_opens_the_loop_again(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    case = asked(amina)
    ward.deliver()
    ward.pass_(1)
    ward.say(SbarReadBack(nurse="Karin Ström", orders=("coming",)), Ref("sbar", case), INGEGERD, AMINA)
    ward.pass_(1)
    ward.say(SbarAnswered(orders=("call_112",)), Ref("sbar", case), INGEGERD, KARIN)
    ward.deliver()
    assert document(amina, case).state == "answered"


async def test_what_may_be_given_when_needed_says_whether_it_may_be_given_now_and_no_button_gives_it(
    ward: Ward,
) -> None:
    amina = ward.phone("a", AMINA)
    ward.say(as_needed(), Ref("order", new_id()), VERA, KARIN)
    ward.deliver()
    async with screen(amina, AsNeededList()) as seen:
        assert seen.has("Alvedon 500 mg")
        assert seen.has("Vid smärta")
        assert seen.has("Kan ges nu")
        assert seen.has("Inte given tidigare")
        with pytest.raises(LookupError):
            seen.find("Given")
