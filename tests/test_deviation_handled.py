"""A case on the console, from the report to its end: the night fall, and who sees what of it."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from care.complaint import ComplaintReceived
from care.deviation import DeviationAmended, DeviationDocument, DeviationReported, Outside, ReportDocument
from care.facts import Ref
from care.notice import NoticeDocument
from care.rights import Role
from care.staff import RoleInUnit, StaffSet
from care.streams import streams_of
from care.watch import overdue
from endpoint import documents
from endpoint.demo import names
from endpoint.watch.telling import remind
from tests.console_world import BROR, GRANEN, NORR, World, answered, code, world

MARIA = names.STAFF["Maria Nyberg"]
LAMP = "Halkmatta och nattlampa"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def case_of(here: World, id: str) -> DeviationDocument:
    found = await documents.get(here.parts.database, DeviationDocument, id)
    assert found is not None
    return found


async def told(here: World, id: str) -> list[tuple[str, str]]:
    found = await documents.get(here.parts.database, ReportDocument, id)
    return [(step.step, step.text) for step in found.steps] if found else []


async def does(here: World, id: str, saying: str, status: int = 303, **fields: Any) -> str:
    answer = await here.send(f"/deviations/{id}/{saying}", fields)
    assert answer.status_code == status, (saying, answer.status_code, answer.text[-2000:])
    return str(answer.text)


def in_days(here: World, days: int) -> str:
    return (here.now.date() + timedelta(days=days)).isoformat()


async def test_the_night_fall_from_report_to_feedback(here: World) -> None:
    id = await here.deviation(ago=300)
    await here.sign_in("Maria Nyberg")
    await does(here, id, "received", tell="Tack Amina.")
    await does(here, id, "assess", risk="3.2", tell="Vi har bedömt risken.")
    await does(here, id, "lead", lead=MARIA, deputy=names.STAFF["Karin Ström"])
    await does(here, id, "begin", due=in_days(here, 14))
    causes = {
        "cause.1.text": "Golvet var halt",
        "cause.1.area": "surroundings",
        "cause.1.level": "1",
        "cause.2.text": "Mattan var i tvätten",
        "cause.2.area": "routine",
        "cause.2.level": "2",
    }
    words = {"happened": "Föll på väg från toaletten.", "why": "Halt och mörkt.", "prevent": LAMP}
    await does(here, id, "investigation", seen="0", event_analysis="yes", **words, **causes)
    await does(
        here, id, "action", text=LAMP, owner=MARIA, due=in_days(here, 7), tell="Det blir en nattlampa."
    )
    (action,) = (await case_of(here, id)).handling.actions
    faulty = await does(here, id, "close", 422, tell="Tack.")
    assert "Gör klart åtgärderna" in faulty
    await does(here, id, "action-done", action=action.id, done=in_days(here, -1))
    await does(here, id, "action-effect", action=action.id, effect="good", text="Inga fall på natten.")
    await does(here, id, "follow-up", text="Har inte hänt igen.")
    assert "Skriv till den som rapporterade" in await does(here, id, "close", 422)
    await does(here, id, "close", tell="Tack Amina. Nu finns nattlampa och halkmatta.")
    case = await case_of(here, id)
    assert case.step == "closed"
    assert [(one.lead, one.deputy) for one in case.handling.leads] == [(MARIA, names.STAFF["Karin Ström"])]
    assert case.handling.analysis is not None
    assert [(one.level, one.area) for one in case.handling.analysis.body.causes] == [
        (1, "surroundings"),
        (2, "routine"),
    ]
    assert await told(here, id) == [
        ("received", "Tack Amina."),
        ("assessed", "Vi har bedömt risken."),
        ("investigated", ""),
        ("action", "Det blir en nattlampa."),
        ("followed_up", ""),
        ("closed", "Tack Amina. Nu finns nattlampa och halkmatta."),
    ]
    html = await here.see(f"/deviations/{id}")
    for said in (LAMP, "Golvet var halt", "Det hjälpte", "Risk 6, hög", "Ärendet avslutades", "Karin Ström"):
        assert said in html, said
    await here.sign_in("Eva Holm")
    assert LAMP in await here.see(f"/deviations/{id}")
    report = await documents.get(here.parts.database, ReportDocument, id)
    assert report is not None
    assert {str(one) for one in streams_of(report)} == {
        f"staff:{names.STAFF['Amina Yusuf']}",
        *(f"{of}:{GRANEN}" for of in ("chief", "nurse", "mas", "sas")),
    }


async def test_what_a_case_is_besides_its_answers_stands_plainly_on_its_page(here: World) -> None:
    ids = {}
    for name, more in {
        "region": {"outside": Outside("to", "hospital")},
        "staff": {"staff": True},
        "mas": {"instead": "mas"},
    }.items():
        body = DeviationReported(category="care", answers=answered("deviation", {}, here.now), **more)  # type: ignore[arg-type]
        ids[name] = str(uuid.uuid4())
        await here.says("Amina Yusuf", body, Ref("deviation", ids[name]), GRANEN, "Bror Exempelsson")
    await here.sign_in("Eva Holm")
    pages = {name: await here.see(f"/deviations/{id}") for name, id in ids.items()}
    for name, said in {
        "region": "Hände hos sjukhuset. De ska få veta.",
        "staff": "Någon som arbetar här skadades eller hotades.",
        "mas": "skickades därför till MAS i stället.",
    }.items():
        assert [one for one, html in pages.items() if said in html] == [name]
    assert "Läses av enhetschef, sjuksköterska, MAS och skyddsombud." in pages["staff"]
    assert "Läses av MAS." in pages["mas"]


async def test_a_manager_of_another_unit_sees_nothing_of_it(here: World) -> None:
    other = str(uuid.uuid4())
    role = RoleInUnit(Role.UNIT_MANAGER, NORR, here.now.date() - timedelta(days=9))
    await here.says(
        None, StaffSet(name="Nils Annan", title="unit_manager", roles=(role,)), Ref("staff", other), NORR
    )
    id = await here.deviation(unit=GRANEN)
    names.STAFF["Nils Annan"] = other
    try:
        await here.sign_in("Nils Annan")
    finally:
        del names.STAFF["Nils Annan"]
    for path in ("", "/board", f"?unit={GRANEN}"):
        assert "Bror" not in await here.see(f"/deviations{path}")
    await here.see(f"/deviations/{id}", 404)
    await here.see(f"/deviations/{id}/ivo/lex_maria", 404)
    for saying in ("assess", "lead", "investigation", "action", "close", "decide"):
        assert (await here.send(f"/deviations/{id}/{saying}", {"risk": "1.1"})).status_code in (403, 404)
    assert (await case_of(here, id)).assessment is None


async def test_answers_given_anew_stand_beside_what_they_were(here: World) -> None:
    id = await here.deviation(ago=90)
    anew = answered("fall", {**BROR, "fall.harm": [code("moderate")]}, here.now)
    again = DeviationAmended(text="", answers=anew, danger=("fall.headHit",))
    await here.says("Amina Yusuf", again, Ref("deviation", id), GRANEN, "Bror Exempelsson")
    await here.sign_in("Maria Nyberg")
    html = await here.see(f"/deviations/{id}")
    assert re.search(r"<del>Lindrig</del> → <strong>Måttlig", html)
    assert "Amina Yusuf ändrade svaren" in html
    assert "Svaren i rapporten ändrades" in html
    assert html.count("<del>") == 1
    await does(here, id, "received")
    worse = DeviationAmended(text="", answers=anew, danger=("fall.headHit", "fall.newPain"))
    at = here.now + timedelta(minutes=1)
    await here.says("Amina Yusuf", worse, Ref("deviation", id), GRANEN, "Bror Exempelsson", at=at)
    assert (await case_of(here, id)).unread, "a new answer that calls for the nurse is to be received anew"
    assert "Lindrig" in html.partition("Så stod det före ändringen")[2]


async def test_the_skyddsombud_reads_what_befell_staff_and_handles_nothing(here: World) -> None:
    id, since = str(uuid.uuid4()), here.now.date() - timedelta(days=9)
    held = (RoleInUnit(Role.SAFETY_REPRESENTATIVE, GRANEN, since), RoleInUnit(Role.NURSE, GRANEN, since))
    alone, both = (StaffSet(name="Sigrid Ombud", title="nurse", roles=held[:n]) for n in (1, 2))
    await here.says(None, alone, Ref("staff", id), GRANEN)
    fall, hurt, shoved = await here.deviation(), str(uuid.uuid4()), str(uuid.uuid4())
    what = answered("deviation", {"deviation.what": ["Ryggen vid lyft av Bror."]}, here.now)
    for ref, category, staff in ((hurt, "work", False), (shoved, "violence", True)):
        body = DeviationReported(category=category, answers=what, staff=staff)  # type: ignore[arg-type]
        await here.says("Amina Yusuf", body, Ref("deviation", ref), GRANEN, "Bror Exempelsson")
    names.STAFF["Sigrid Ombud"] = id
    try:
        await here.sign_in("Sigrid Ombud")
        html = await here.see("/deviations")
        assert (fall in html, hurt in html, shoved in html) == (False, True, True)
        html = await here.see(f"/deviations/{hurt}")
        assert "Ryggen vid lyft" in html
        assert "Exempelsson" not in html
        assert "<form" not in html.partition('class="detail"')[2]
        await here.see(f"/deviations/{fall}", 404)
        assert (await here.send(f"/deviations/{hurt}/received", {})).status_code == 403
        # A nurse who is skyddsombud too still handles only what nurses read.
        await here.says(None, both, Ref("staff", id), GRANEN)
        assert (await here.send(f"/deviations/{hurt}/received", {})).status_code in (403, 404)
        assert (await here.send(f"/deviations/{shoved}/received", {})).status_code == 303
    finally:
        del names.STAFF["Sigrid Ombud"]
    assert not (await case_of(here, hurt)).received


async def test_what_is_missing_is_told_and_what_was_typed_stays(here: World) -> None:
    id = await here.deviation()
    await here.sign_in("Maria Nyberg")
    html = await does(here, id, "action", 422, text="Köp <lampa>", owner=MARIA, due="")
    assert "Välj en dag från och med i dag." in html
    assert "Köp &lt;lampa&gt;" in html
    html = await does(here, id, "investigation", 422, seen="7", happened="Långt skrivet")
    assert "Någon annan har sparat under tiden" in html
    assert "Långt skrivet" in html
    for saying, fields in {
        "assess": {"risk": "9.9"},
        "category": {"category": "fall", "reason": "x"},
        "lead": {"lead": names.STAFF["Amina Yusuf"]},
        "begin": {"due": "1999-01-01"},
        "action-done": {"action": "x", "done": in_days(here, 0)},
        "link": {"kind": "deviation", "to": id},
    }.items():
        await does(here, id, saying, 422, **fields)
    case = await case_of(here, id)
    assert len(case.facts) == 1


async def test_another_assessment_says_why_and_the_first_stays(here: World) -> None:
    id = await here.deviation()
    await here.sign_in("Maria Nyberg")
    await does(here, id, "assess", risk="1.2")
    await does(here, id, "assess", 422, risk="2.2")
    await does(here, id, "assess", risk="2.2", reason="Blödningsrisk.")
    html = await here.see(f"/deviations/{id}")
    assert "Tidigare: allvarlighet mindre, sannolikhet liten." in html
    assert [step for step, _ in await told(here, id)] == ["assessed"]


async def test_lex_maria_is_asked_for_by_the_manager_and_decided_by_mas(here: World) -> None:
    id = await here.deviation()
    await here.sign_in("Maria Nyberg")
    decision = {
        "track": "lex_maria",
        "finding": "serious",
        "outcome": "to_report",
        "reason": "Hjärnblödning.",
    }
    await does(here, id, "decide", 403, **decision, decided=in_days(here, 0))
    await does(here, id, "escalate", track="lex_maria", text="Blödning i hjärnan.")
    await does(here, id, "assess", risk="4.2")
    await here.sign_in("Eva Holm")
    html = await here.see(f"/deviations/{id}")
    assert "Väntar på beslut" in html
    assert "Blödning i hjärnan." in html
    await does(here, id, "decide", **decision, decided=in_days(here, 0))
    await does(here, id, "ivo", track="lex_maria", seen="0", text="Till IVO: hon föll.")
    assert "Till IVO: hon föll." in await here.see(f"/deviations/{id}/ivo/lex_maria")
    assert "Anmälan till IVO är beslutad och inte gjord." in await does(here, id, "close", 422, tell="x")
    await does(
        here,
        id,
        "decide",
        **(decision | {"outcome": "reported"}),
        decided=in_days(here, 0),
        reference="8.2-1",
    )
    case = await case_of(here, id)
    assert [one.outcome for one in case.decisions] == ["to_report", "reported"]
    assert case.decisions[0].by == names.STAFF["Eva Holm"]


async def test_the_same_person_again_is_offered_and_linked_both_ways(here: World) -> None:
    first, second = await here.deviation(ago=9000), await here.deviation(ago=20)
    await here.sign_in("Maria Nyberg")
    assert "samma person" in await here.see(f"/deviations/{second}")
    await does(here, second, "link", kind="deviation", to=first)
    for one, other in ((second, first), (first, second)):
        html = await here.see(f"/deviations/{one}")
        assert f"/console/deviations/{other}" in html.partition('id="similar"')[2]
        assert "samma person" not in html.partition('id="similar"')[2]


async def test_what_is_overdue_comes_first_and_the_board_tells_the_state(here: World) -> None:
    late = await here.deviation(
        "Olle Hagberg", {"deviation.what": ["x"]}, ago=60 * 24 * 20, category="aid", danger=()
    )
    new = await here.deviation(
        "Asta Provdahl", {"deviation.what": ["y"]}, ago=60 * 24 * 3, category="aid", danger=()
    )
    await here.sign_in("Maria Nyberg")
    await does(here, late, "received")
    html = await here.see("/deviations")
    assert html.index(late) < html.index(new)
    board = await here.see("/deviations/board")
    assert board.index("state-new") < board.index(new) < board.index("state-received") < board.index(late)
    assert "Skulle ha bedömts" in board


async def test_the_chief_is_reminded_once_of_what_is_overdue_and_told_when_it_is_over(here: World) -> None:
    await here.deviation(ago=60 * 24 * 3)
    late = await here.deviation("Olle Hagberg", {}, ago=60 * 24 * 4, category="aid", danger=())

    async def reminded() -> int:
        return await asyncio.to_thread(remind, here.parts, here.now)

    assert [await reminded(), await reminded()] == [1, 0]
    (notice,) = await documents.of_kind(here.parts.database, NoticeDocument)
    (telling,) = notice.tellings
    assert (notice.unit, telling.to, len(telling.about)) == (GRANEN, "chief", 2)
    await here.sign_in("Maria Nyberg")
    assert "2 ärenden är försenade" in await here.see("/watch")
    await does(here, late, "received")
    await reminded()
    (notice,) = await documents.of_kind(here.parts.database, NoticeDocument)
    assert late not in notice.stages
    assert len(notice.stages) == 1


async def test_what_went_to_mas_instead_is_told_to_mas_alone_and_complaints_apart(
    here: World,
) -> None:
    at = here.now - timedelta(days=5)
    report = DeviationReported(category="care", answers=answered("deviation", {}, at), instead="mas")
    complaint = ComplaintReceived(
        kind="complaint", answers=answered("complaint", {}, at), reply_to="Siv, telefon"
    )
    for body, kind in ((report, "deviation"), (complaint, "complaint")):
        await here.says("Amina Yusuf", body, Ref(kind, str(uuid.uuid4())), GRANEN, at=at)
    assert await asyncio.to_thread(remind, here.parts, here.now) == 2
    notices = {one.matter: one for one in await documents.of_kind(here.parts.database, NoticeDocument)}
    assert {name: {str(one) for one in streams_of(notice)} for name, notice in notices.items()} == {
        "overdue_mas": {f"mas:{GRANEN}"},
        "overdue_complaint": {f"chief:{GRANEN}"},
    }
    (telling,) = notices["overdue_mas"].tellings
    assert "Eva Holm" in telling.name
    said = {
        "Eva Holm": "1 ärende som bara MAS läser är försenat",
        "Maria Nyberg": "1 klagomål eller synpunkt är försenad",
    }
    for name in said:
        await here.sign_in(name)
        html = await here.see("/watch")
        assert [one for one, words in said.items() if words in html] == [name]


def test_a_case_that_stays_overdue_is_told_of_each_week() -> None:
    day = date(2026, 3, 1)
    stages = {
        n: [one.stage for one in overdue({"x": day}, day + timedelta(days=n))] for n in (0, 1, 7, 8, 15, 99)
    }
    assert stages == {0: [], 1: [1], 7: [1], 8: [2], 15: [3], 99: [4]}
