"""A report on the phone, from before it is sent to what came of it; follow-up, complaints, hints."""

from datetime import date, datetime

import pytest

from care.complaint import ComplaintDocument
from care.deviation import DeviationAmended, DeviationDocument, Outside, ReportStatus
from care.facts import Ref
from care.follow_up import FollowUpDocument
from care.forms import Coding
from care.order import OrderPlaced, Plan
from care.schedule import STOCKHOLM, Slot
from care.streams import streams_of
from tests.statements import new_id
from tests.test_answering import screen
from tests.ward import AMINA, BROR, KARIN, LENA, MARIA, SIGRID, Ward
from views.model import amending, answering, filling, reading, reporting, signing
from views.model.phone import COMPLAINT, FALL
from views.model.shift import Shift
from views.places import Cases, ChooseReport, Fill, InboxDeviation, Menu, Report, Sign, Today, Withhold

DAY = 24 * 60


async def begun(shift: Shift, form: str, person: str | None, **answers: str) -> filling.Filling:
    await filling.begin(shift, form, reading.person(shift, person), category=form)
    found = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
    for link_id, code in answers.items():
        item = found.form.item(link_id.replace("__", "."))
        assert item is not None
        await filling.answer(shift, found.key, item.link_id, [item.completed(Coding(code))])
    return found


async def fallen(shift: Shift) -> str:
    found = await begun(shift, FALL, BROR, fall__headHit="yes", fall__harm="mild")
    return await reporting.finish(shift, found.key)


async def test_colleagues_follow_up_a_fall_and_never_see_its_report(ward: Ward) -> None:
    amina, lena = ward.phone("a", AMINA), ward.phone("l", LENA)
    await fallen(amina)
    ward.deliver()
    assert not lena.me.documents("deviation")
    async with screen(lena, Today()) as seen:
        assert not seen.has("Uppföljning efter fall"), "from tomorrow on"
        ward.pass_(DAY)
        lena.changed()
        await seen.settle()
        assert seen.has("Hur mår personen efter fallet?")
        assert seen.has("Extra tillsyn efter slag mot huvudet")
        await seen.click("Extra tillsyn")
        assert seen.has("huvudvärk")
        await seen.click("Hur är det? Som vanligt")
        await seen.click("save-follow-up")
        assert seen.has("Gjord")
    ward.deliver()
    (watch,) = [one for one in reading.all_of(amina, FollowUpDocument) if one.what == "head_watch"]
    assert [(one.found, one.by) for one in watch.standing] == [("as_usual", LENA)]


async def test_something_different_calls_the_nurse_and_is_saved_with_the_sbar_that_it_begins(
    ward: Ward,
) -> None:
    amina = ward.phone("a", AMINA)
    await fallen(amina)
    ward.pass_(DAY)
    async with screen(amina, Today()) as seen:
        await seen.click("Extra tillsyn")
        await seen.click("Hur är det? Något är annorlunda")
        assert seen.has("Kontakta sjuksköterska nu")
        await seen.click("make-sbar")
        assert isinstance(amina.place, Fill)
        assert filling.of(amina, amina.place.draft).person == BROR
    (watch,) = [one for one in reading.all_of(amina, FollowUpDocument) if one.what == "head_watch"]
    assert [one.found for one in watch.standing] == ["changed"]


async def test_what_the_manager_wrote_back_is_news_on_idag_and_the_whole_way_is_shown(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    id = await fallen(amina)
    ward.deliver()
    for step, text in (("received", ""), ("action", "Tack. Halkmatta och nattlampa finns nu.")):
        ward.say(ReportStatus(reporter=AMINA, step=step, text=text), Ref("report", id), BROR, MARIA)  # type: ignore[arg-type]
    ward.deliver()
    async with screen(amina, Today()) as seen:
        assert seen.has("Det har hänt något med din rapport")
        await seen.click("Det har hänt något med din rapport")
        words = [one for one in ("Mottagen", "Åtgärd", "Återkoppling") if seen.has(one)]
        assert words == ["Mottagen", "Åtgärd", "Återkoppling"]
        assert seen.has("Halkmatta och nattlampa")
        await seen.click("have-read")
        assert isinstance(amina.place, Today)
        assert not seen.has("Det har hänt något med din rapport")


async def test_the_reporter_changes_the_answers_and_both_are_read(ward: Ward) -> None:
    amina, karin = ward.phone("a", AMINA), ward.phone("k", KARIN)
    found = await begun(amina, FALL, BROR, fall__headHit="no", fall__newPain="yes", fall__harm="none")
    id = await reporting.finish(amina, found.key)
    ward.deliver()
    await answering.receive(karin, amina.me.document("deviation", id))  # type: ignore[arg-type]
    ward.deliver()
    ward.pass_(1)
    async with screen(amina, Report(id)) as seen:
        await seen.click("amend")
    assert isinstance(amina.place, Fill)
    key = amina.place.draft
    for link_id, code in (("fall.headHit", "yes"), ("fall.harm", "mild")):
        await filling.answer(amina, key, link_id, [Coding(code)])
    # A new report of the same person is another form, and does not take this one up.
    await filling.begin(amina, FALL, reading.person(amina, BROR))
    assert amina.place.draft != key
    assert not filling.of(amina, amina.place.draft).amends
    await reporting.finish(amina, key)
    ward.deliver()
    (case,) = [one for one in reading.all_of(karin, DeviationDocument) if one.id == id]
    assert (case.category, case.reporter, len(case.earlier)) == ("fall", AMINA, 1)
    assert "fall.headHit" in case.danger
    assert [one.state for one in answering.inbox(karin)] == ["waiting"], "there is a new danger to read"
    assert {one.what for one in reading.all_of(amina, FollowUpDocument)} == {"after_fall", "head_watch"}
    async with screen(karin, InboxDeviation(id)) as seen:
        assert seen.has("ändrade svaren")
        assert seen.has("Slog i huvudet: Nej → Ja")
        ward.pass_(1)
        await seen.click("have-read")
    ward.deliver()
    assert answering.waiting(karin) == 0
    held = len(case.facts)
    await amending.begin(amina, amending.standing(amina, id))
    await reporting.finish(amina, amina.place.draft)
    assert len(amending.standing(amina, id).facts) <= held, "nothing was changed, and nothing is stated"
    assert case.answers is not None
    ward.say(DeviationAmended(text="", answers=case.earlier[0].answers), Ref("deviation", id), BROR, MARIA)
    ward.deliver()
    (case,) = [one for one in reading.all_of(karin, DeviationDocument) if one.id == id]
    assert len(case.earlier) == 1, "what somebody else answers is not the reporter's answer"


async def test_a_report_about_the_chief_goes_to_mas_alone_and_says_so(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina, "conduct", BROR, conduct__what="words")
    assert reporting.readers(found) == {"chief", "nurse", "sas"}
    amina.replace(Fill(found.key, 1))
    async with screen(amina, Fill(found.key, 1)) as seen:
        assert seen.has("Enhetschef: Maria Nyberg")
        await seen.click("instead")
        await seen.click("Bara MAS läser")
        assert seen.has("Läses av MAS.")
        assert not seen.has("Maria Nyberg")
        await seen.click("Blev någon skadad? Ingen")
        await seen.click("save")
    (case,) = reading.all_of(amina, DeviationDocument)
    assert case.instead == "mas"


@pytest.mark.parametrize(
    ("form", "answers", "readers"),
    [
        ("violence", {"violence__against": "staff"}, {"chief", "nurse", "sas", "safety"}),
        ("violence", {"violence__against": "resident"}, {"chief", "nurse", "sas"}),
        ("care", {"deviation__staff": "yes"}, {"chief", "nurse", "mas", "safety"}),
        ("work", {}, {"chief", "safety"}),
    ],
)
async def test_injury_and_threat_to_staff_go_to_the_skyddsombud(
    ward: Ward, form: str, answers: dict[str, str], readers: set[str]
) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina, form, BROR, **answers)
    assert reporting.readers(found) == readers


async def test_what_is_said_before_sending_is_what_the_saved_report_is(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    found = await begun(amina, "communication", BROR, deviation__outside="hospital")
    said = reporting.readers(found)
    await reporting.finish(amina, found.key)
    (case,) = reading.all_of(amina, DeviationDocument)
    assert {one.of for one in streams_of(case)} == said
    assert case.outside == Outside("to", "hospital")


async def test_a_complaint_is_taken_down_and_followed_like_a_report(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    answers = {"complaint__kind": "complaint", "complaint__from": "relative", "complaint__about": "food"}
    found = await begun(amina, COMPLAINT, BROR, **answers)
    assert reporting.readers(found) == {"chief", "sas"}
    id = await reporting.finish(amina, found.key)
    (case,) = reading.all_of(amina, ComplaintDocument)
    assert (case.id, case.sender, case.sides, case.reporter) == (id, "relative", ["sol"], AMINA)
    ward.deliver()
    ward.say(ReportStatus(reporter=AMINA, step="received", text="Tack"), Ref("report", id), BROR, MARIA)
    ward.deliver()
    async with screen(amina, Today()) as seen:
        assert seen.has("Klagomål, Bror Lindqvist")


async def test_annat_proposes_a_kind_says_why_and_takes_it_in_one_press(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    await filling.begin(amina, "deviation", reading.person(amina, BROR), category="other")
    found = filling.of(amina, amina.place.draft)  # type: ignore[attr-defined]
    await filling.answer(amina, found.key, "deviation.what", ["Lena såg att rullstolen saknade batteri"])
    async with screen(amina, Fill(found.key, 1)) as seen:
        assert seen.has("Det låter som Hjälpmedel")
        assert seen.has("”rullstolen”")
        await seen.click("take-proposal")
        assert reporting.category_of(found) == "aid"
        assert seen.has("Det ser ut som namnet på en kollega"), "said before it is saved"


async def test_without_a_code_everything_but_a_complaint_is_offered(ward: Ward) -> None:
    amina = ward.phone("a", AMINA)
    async with screen(amina, ChooseReport()) as seen:
        assert seen.has("Klagomål")
        amina.lock()
        amina.go(ChooseReport())
        await seen.settle()
        assert seen.has("Arbetsskada")
        assert not seen.has("Klagomål")


async def test_a_form_that_nobody_has_answered_is_not_offered_as_begun(ward: Ward) -> None:
    """What the form and the phone have said themselves, *Nyss* and the unit, is nobody's answer."""
    amina = ward.phone("a", AMINA)
    found = await begun(amina, "care", BROR)
    async with screen(amina, Today()) as seen:
        assert not seen.has("Fortsätt")
        await filling.answer(amina, found.key, "care.what", [Coding("rehab")])
        amina.changed()
        await seen.settle()
        assert seen.has("Vård och rehab")


def planned(ward: Ward) -> None:
    """A pouch at seven, and one at five that nobody has signed."""
    slots = (Slot("early", "05:00"), Slot("m", "07:00"))
    plan = Plan(what="Dospåse", form="pouch", amount="5", slots=slots, start=date(2026, 1, 1))
    since = datetime(2026, 1, 1, tzinfo=STOCKHOLM)
    ward.say(OrderPlaced(plan=plan, effective=since), Ref("order", new_id()), BROR)


def told(shift: Shift) -> dict[str, list[object]]:
    found = filling.of(shift, shift.place.draft)  # type: ignore[attr-defined]
    assert (found.form_name, found.person) == ("medicine", BROR)
    return {link: values for link, values in found.answers.items() if link not in found.started}


async def test_a_late_dose_offers_a_report_that_knows_which_and_when(ward: Ward) -> None:
    planned(ward)
    amina = ward.phone("a", AMINA)
    async with screen(amina, Today()) as seen:
        await seen.click("Bror")
        await seen.click("report-dose")
        answers = told(amina)
        assert answers["deviation.medication"][0].code == "missed"  # type: ignore[attr-defined]
        assert answers["medicine.which"] == ["Dospåse"]
        assert answers["deviation.time"] == ["2026-03-14T05:00:00+01:00"]


async def test_a_dose_signed_twice_offers_a_report_and_one_in_order_does_not(ward: Ward) -> None:
    planned(ward)
    amina, lena = ward.phone("a", AMINA), ward.phone("l", LENA)
    task = reading.day(amina).now[0]
    await signing.give(amina, task)
    async with screen(amina, Sign(task.dose.id)) as seen:
        assert not seen.has("Rapportera avvikelse")
        await signing.give(lena, task)
        ward.deliver()
        amina.changed()
        await seen.settle()
        await seen.click("report-dose")
        assert told(amina)["deviation.medication"][0].code == "double"  # type: ignore[attr-defined]


async def test_a_forgotten_dose_goes_straight_on_to_its_report(ward: Ward) -> None:
    planned(ward)
    amina = ward.phone("a", AMINA)
    task = reading.day(amina).late[0]
    async with screen(amina, Withhold(task.dose.id)) as seen:
        await seen.click("Glömdes")
        await seen.click("save-send")
        assert told(amina)["deviation.medication"][0].code == "missed"  # type: ignore[attr-defined]
        assert seen.has("Utebliven dos")


async def test_the_chief_and_the_skyddsombud_read_on_the_phone_what_is_theirs_and_carers_have_no_list(
    ward: Ward,
) -> None:
    amina, maria, sigrid = ward.phone("a", AMINA), ward.phone("m", MARIA), ward.phone("s", SIGRID)
    hurt = await begun(amina, "work", None, work__what="lift", work__care="no", deviation__outside="hospital")
    await reporting.finish(amina, hurt.key)
    await fallen(amina)
    ward.deliver()
    async with screen(amina, Menu()) as seen:
        assert not seen.has("Avvikelser")
    async with screen(maria, Cases()) as seen:
        assert seen.has("Fall, Bror Lindqvist")
        assert seen.has("Arbetsskada")
    async with screen(sigrid, Menu()) as seen:
        await seen.click("cases")
        assert not seen.has("Fall")
        await seen.click("Arbetsskada")
        assert seen.has("Händelse: ")
        assert seen.has("Hände hos sjukhuset.")
