"""Log control: a month is drawn with one tap, judged row by row, closed with a protocol, and followed up."""

import asyncio
import atexit
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from litestar.testing import AsyncTestClient
from sqlalchemy import func, select

from care.facts import Ref
from care.log_control import SIGNS
from care.person import ProtectedSet
from care.staff import StaffDocument
from care.unit import UnitDocument
from endpoint import documents, keys
from endpoint.__main__ import main
from endpoint.audit import heads
from endpoint.audit.log import Entry, note, rows
from endpoint.audit.tables import audit
from endpoint.console.log_control_shown import READ, WROTE
from endpoint.console.page import FOLDER
from endpoint.console.texts import Texts
from endpoint.database import Database
from endpoint.demo import names
from endpoint.demo.reading import DEVICE, read_past
from endpoint.demo.register import EndpointRegister
from endpoint.log_control import control, drawing, due, investigating, judging, months, protocol, retention
from endpoint.log_control.control import Control, Decision
from endpoint.log_control.errors import NotDone, NotOver
from endpoint.log_control.tables import log_control_rows, log_control_steps, log_controls
from endpoint.settings import Settings
from tests.console_world import GRANEN, NORR, World, filled, routed, world
from tests.test_console_pages import Page
from wire.errors import SignatureError

CHIEF, MAS = names.STAFF["Maria Nyberg"], names.STAFF["Eva Holm"]
SEED = bytes(range(32))


@cache
def read() -> Path:
    """Provkommun with last month's reading in its log, made once per run."""
    folder = Path(tempfile.mkdtemp(prefix="rapp-log-control-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(filled(), folder, dirs_exist_ok=True)
    database = Database(Settings(data=folder).database)
    register = EndpointRegister(database, keys.load(folder / "endpoint.keys", database))
    asyncio.run(read_past(register, datetime.now(UTC)))
    database.close()
    return folder


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    shutil.copytree(await asyncio.to_thread(read), tmp_path, dirs_exist_ok=True)
    app = routed(Settings(data=tmp_path, demo=True))
    async with AsyncTestClient(app, base_url="http://testserver.local") as client:
        yield World(app, client)


@pytest.fixture
def month(here: World) -> date:
    return months.over(here.now, 1)[0]


async def draws(here: World, unit: str, month: date, seed: bytes = SEED) -> str:
    where = await documents.get(here.parts.database, UnitDocument, unit)
    assert where is not None
    return await here.parts.database.write(
        lambda c: drawing.keep(c, drawing.draw_month(c, where, month, CHIEF, here.now, seed))
    )


async def kept(here: World, id: str) -> Control:
    return await here.parts.database.read(lambda c: control.get(c, id))


async def judges_all(here: World, id: str, by: str = CHIEF) -> None:
    found = await kept(here, id)

    def judge(connection: Any) -> None:
        for number in judging.left(found, by):
            judging.decide(connection, id, number, "entitled", "", by, here.now)

    await here.parts.database.write(judge)


async def closes(here: World, id: str) -> Control:
    await here.sign_in("Maria Nyberg")
    await judges_all(here, id)
    answer = await here.send(f"/log_control/{id}/close")
    assert answer.headers["location"] == f"/console/log_control/{id}/protocol"
    return await kept(here, id)


async def protect_asta(here: World) -> None:
    asta = Ref("person", names.RESIDENTS["Asta Provdahl"])
    await here.says(None, ProtectedSet(on=True), asta, GRANEN, "Asta Provdahl")


def reading(staff: str, person: str, at: datetime, **more: Any) -> Entry:
    said: dict[str, Any] = {"act": "read", "what": "person", "role": "", "law": "", **more}
    return Entry(at=at, staff=staff, device="console", unit=GRANEN, person=person, **said)


def row_with(found: Control, sign: str) -> int:
    return next(one.row.number for one in found.rows if sign in one.row.signs)


async def test_one_tap_draws_the_month_and_the_second_opens_the_same(here: World, month: date) -> None:
    await here.sign_in("Maria Nyberg")
    form = {"unit": GRANEN, "month": months.name(month)}
    first, second = await asyncio.gather(*(here.send("/log_control", form) for _ in range(2)))
    assert first.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    found = await kept(here, first.headers["location"].rsplit("/", 1)[1])
    assert found.rows
    assert len(found.seed) == 32
    assert (await here.send("/log_control", form | {"month": "2026-13"})).status_code == 404
    html = await here.see(f"/log_control/{found.id}")
    assert f"0 av {len(found.rows)} rader klara" in html


async def test_last_months_demo_has_each_kind_of_thing_to_look_at_and_is_written_once(
    here: World, month: date
) -> None:
    database = here.parts.database
    shown = {
        sign
        for unit in (GRANEN, NORR)
        for one in (await kept(here, await draws(here, unit, month))).rows
        for sign in one.row.signs
    }
    assert {"surname", "beyond", "no_relation", "night", "mass"} <= shown

    def count(connection: Any) -> Any:
        return connection.scalar(select(func.count()).select_from(audit).where(audit.c.device == DEVICE))

    before = await database.read(count)
    await read_past(EndpointRegister(database, here.parts.keys), here.now)
    assert await database.read(count) == before > 300


async def test_a_row_tells_who_whom_when_why_and_what_else_was_done(here: World, month: date) -> None:
    id = await draws(here, NORR, month)
    found = await kept(here, id)
    await here.sign_in("Maria Nyberg")
    html = await here.see(f"/log_control/{id}/{row_with(found, 'no_relation')}")
    for told in (
        "Amina Yusuf",
        "undersköterska",
        "Cilla Påhittad",
        "Hade inte uppdrag i personens enhet",
        "Granen",
    ):
        assert told in html, told
    plain = next(one.row for one in found.rows if one.row.care and not one.row.signs)
    html = await here.see(f"/log_control/{id}/{plain.number}")
    assert "Slumpvis vald" in html
    assert "Signerade en insats" in html
    id = await draws(here, GRANEN, month)
    html = await here.see(f"/log_control/{id}/{row_with(await kept(here, id), 'beyond')}")
    assert "Skäl som angavs: " in html
    assert "Hjälpte Granen" in html


async def test_looking_at_what_was_drawn_is_logged_itself(here: World, month: date) -> None:
    id = await draws(here, GRANEN, month)
    await here.sign_in("Maria Nyberg")
    await here.see(f"/log_control/{id}")
    since = here.now - timedelta(minutes=5)
    logged = await here.parts.database.read(
        lambda c: rows(c, staff=CHIEF, since=since, until=here.now + timedelta(minutes=5))
    )
    assert {one.what for one in logged} == {"log_control"}
    assert {one.person for one in logged} == {one.row.occasion.person for one in (await kept(here, id)).rows}


async def test_anybody_can_draw_again_and_a_changed_log_shows(here: World, month: date) -> None:
    database = here.parts.database
    id = await draws(here, GRANEN, month)
    again = await database.read(lambda c: drawing.redraw(c, id))
    assert again.same
    # That somebody is now protected changes no draw of the past.
    await here.says(
        None, ProtectedSet(on=True), Ref("person", names.RESIDENTS["Asta Provdahl"]), GRANEN, "Asta Provdahl"
    )
    assert (await database.read(lambda c: drawing.redraw(c, id))).same
    since, _ = months.period(month)
    late = reading(MAS, "p", since)
    await database.write(lambda c: note(c, [late], since + timedelta(hours=3)))
    assert not (await database.read(lambda c: drawing.redraw(c, id))).log


async def test_the_draw_and_the_protocol_are_checked_from_the_command_line(
    here: World, month: date, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id = await draws(here, GRANEN, month)
    assert await asyncio.to_thread(main, ["log-control", "redraw", id, "--data", str(tmp_path)]) == 0
    assert "the same" in capsys.readouterr().out
    found = await kept(here, id)
    swapped = msgspec.json.encode(msgspec.structs.replace(found.rows[1].row, number=1))
    c = log_control_rows.c
    change = log_control_rows.update().where(c.control == id, c.number == 1).values(row=swapped)
    await here.parts.database.write(lambda connection: connection.execute(change))
    assert await asyncio.to_thread(main, ["log-control", "redraw", id, "--data", str(tmp_path)]) == 1
    assert await asyncio.to_thread(main, ["log-control", "redraw", "none", "--data", str(tmp_path)]) == 2
    await closes(here, id)
    file = tmp_path / "protocol.json"
    file.write_bytes((await here.client.get(f"/console/log_control/{id}/protocol/json")).content)
    assert await asyncio.to_thread(main, ["log-control", "check", str(file)]) == 0
    assert await asyncio.to_thread(main, ["log-control", "check", str(file), "--public", "00" * 32]) == 1


async def test_rows_are_judged_one_after_the_other_and_taken_back(here: World, month: date) -> None:
    id = await draws(here, NORR, month)
    await here.sign_in("Maria Nyberg")
    answer = await here.send(f"/log_control/{id}/1", {"decision": "entitled"})
    assert answer.headers["location"] == f"/console/log_control/{id}/2?did=1"
    assert "Rad 1: Behörig" in await here.see(f"/log_control/{id}/2?did=1")
    answer = await here.send(f"/log_control/{id}/2", {"decision": "investigate", "note": "  "})
    assert answer.status_code == 200
    assert "Skriv vad som behöver utredas." in answer.text
    assert (await kept(here, id)).row(2).decision is None
    await here.send(f"/log_control/{id}/2", {"decision": "investigate", "note": "Varför från Granen?"})
    assert "Fortsätt med rad 3" in await here.see(f"/log_control/{id}")
    assert "Varför från Granen?" in await here.see(f"/log_control/{id}/2")
    await here.send(f"/log_control/{id}/2", {"decision": "take_back"})
    found = await kept(here, id)
    assert (found.row(2).decision, found.row(2).note, found.row(2).decided_by) == (None, "", None)
    assert (found.row(1).decision, found.row(1).decided_by) == ("entitled", CHIEF)
    assert "Fortsätt med rad 2" in await here.see(f"/log_control/{id}")


async def test_what_care_explains_is_judged_with_one_tap_each_row_by_itself(here: World, month: date) -> None:
    id = await draws(here, NORR, month)
    found = await kept(here, id)
    able = judging.explained(found, CHIEF)
    assert able
    assert not {row_with(found, sign) for sign in ("surname", "no_relation")} & set(able)
    await here.sign_in("Maria Nyberg")
    answer = await here.send(f"/log_control/{id}/explained")
    html = await here.see(answer.headers["location"].removeprefix("/console"))
    assert f"{len(able)} rader är bedömda var för sig." in html
    after = await kept(here, id)
    judged = [one.row.number for one in after.rows if one.decision == "entitled" and one.decided_by == CHIEF]
    assert judged == able


async def test_nobody_judges_their_own_reading_it_goes_to_the_mas(here: World, month: date) -> None:
    since, _ = months.period(month)
    at = since + timedelta(days=1)
    siv = names.RESIDENTS["Siv Hedman"]
    own = reading(CHIEF, siv, at, act="beyond", role="unit_manager", reason="other: Egen")
    await here.parts.database.write(lambda c: note(c, [own], at))
    id = await draws(here, GRANEN, month)
    found = await kept(here, id)
    number = next(one.row.number for one in found.rows if one.row.occasion.staff == CHIEF)
    await here.sign_in("Maria Nyberg")
    assert "Det här är din egen läsning." in await here.see(f"/log_control/{id}/{number}")
    for decision in ("entitled", "take_back"):
        answer = await here.send(f"/log_control/{id}/{number}", {"decision": decision})
        assert answer.status_code == 403
    closed = await closes(here, id)
    assert closed.row(number).decision == "handed"
    assert (await here.send(f"/log_control/{id}/case/{number}", {"step": "told_hr"})).status_code == 403
    await here.sign_in("Eva Holm")
    assert 'id="count-log_control">1' in await here.see("/log_control")
    ends = {"step": "closed", "outcome": "entitled", "note": "Hjälpte till vid fall."}
    assert (await here.send(f"/log_control/{id}/case/{number}", ends)).status_code == 303
    assert 'id="count-log_control"></span>' in await here.see("/log_control")


async def test_it_is_closed_when_every_row_is_judged_and_then_it_stays(here: World, month: date) -> None:
    id = await draws(here, GRANEN, month)
    chief = await here.parts.database.read(lambda c: documents.one(c, StaffDocument, CHIEF))
    assert chief is not None
    with pytest.raises(NotDone):
        await here.parts.database.write(lambda c: judging.close(c, here.parts.keys, id, chief, here.now))
    await here.sign_in("Maria Nyberg")
    assert (await here.send(f"/log_control/{id}/close")).headers["location"] == f"/console/log_control/{id}"
    closed = await closes(here, id)
    await here.send(f"/log_control/{id}/1", {"decision": "take_back"})
    await here.send(f"/log_control/{id}/close")
    assert await kept(here, id) == closed


async def test_the_protocol_is_signed_and_tells_of_nobody(here: World, month: date) -> None:
    id = await draws(here, GRANEN, month)
    found = await kept(here, id)
    asked = row_with(found, "beyond")
    await here.sign_in("Maria Nyberg")
    note = "Asta Provdahl och Hanna Ek"
    await here.send(f"/log_control/{id}/{asked}", {"decision": "investigate", "note": note})
    closed = await closes(here, id)
    assert closed.protocol
    assert closed.signature
    public = here.parts.keys.sign_public
    protocol.verify(public, closed.protocol, closed.signature)
    with pytest.raises(SignatureError):
        protocol.verify(public, closed.protocol.replace(b"entitled", b"entitlee", 1), closed.signature)
    told = protocol.read(closed.protocol)
    assert told.decisions["investigate"] == 1
    assert (told.rows[asked - 1].decision, told.seed) == ("investigate", SEED.hex())
    csv = (await here.client.get(f"/console/log_control/{id}/protocol/csv")).text
    assert f"{asked};Granen;Aktivt val" in csv
    assert len(csv.splitlines()) == len(found.rows) + 1
    html = await here.see(f"/log_control/{id}/protocol")
    main = html.partition("<main")[2]
    hidden = {id for one in found.rows for id in (one.row.occasion.person, one.row.occasion.staff)} - {CHIEF}
    hidden |= {name for name in (*names.RESIDENTS, *names.STAFF) if name != "Maria Nyberg"}
    for text in (closed.protocol.decode(), csv, main):
        assert not [each for each in hidden if each in text]
        assert not re.search(r"\d{8}-\d{4}", text)


async def test_the_heads_of_the_log_stand_in_the_protocol(here: World, month: date) -> None:
    await here.parts.database.write(lambda c: heads.make_due(c, here.parts.keys.sign_private, here.now))
    closed = await closes(here, await draws(here, GRANEN, month))
    told = protocol.read(closed.protocol or b"")
    assert len(told.heads) >= 28
    assert {head.day[:7] for head in told.heads} == {months.name(month)}


async def test_what_needs_investigation_is_followed_to_its_end(here: World, month: date) -> None:
    id = await draws(here, NORR, month)
    number = row_with(await kept(here, id), "no_relation")
    await here.sign_in("Maria Nyberg")
    await here.send(f"/log_control/{id}/{number}", {"decision": "investigate", "note": "Varför?"})
    assert (await here.client.get(f"/console/log_control/{id}/case/{number}")).status_code == 404
    await closes(here, id)
    path = f"/log_control/{id}/case/{number}"
    assert "Varför?" in await here.see(path)
    for form, fault in (
        ({}, "Välj vad du har gjort."),
        ({"step": "handed_over"}, "Skriv några ord"),
        ({"step": "closed", "note": "Klart"}, "Välj vad ni kom fram till."),
    ):
        answer = await here.send(path, form)
        assert answer.status_code == 200
        assert fault in answer.text
        assert form.get("note", "") in answer.text
    assert (await here.send(path, {"step": "told_hr"})).status_code == 303
    assert "HR eller MAS vet" in await here.see("/log_control")
    await here.send(path, {"step": "handed_over", "note": "MAS tar vid."})
    await here.sign_in("Eva Holm")
    assert 'id="count-log_control">1' in await here.see("/log_control")
    await here.send(path, {"step": "closed", "outcome": "talk", "note": "Hjälpte en kollega."})
    html = await here.see(path)
    assert "Vi har pratat om det" in html
    assert "<textarea" not in html
    before = await here.parts.database.read(lambda c: investigating.one(c, id, number))
    await here.send(path, {"step": "noted", "note": "För sent"})
    assert await here.parts.database.read(lambda c: investigating.one(c, id, number)) == before


async def test_a_chief_is_reminded_until_it_is_done(here: World, month: date) -> None:
    await here.sign_in("Maria Nyberg")
    front = await here.see("/deviations")
    assert 'id="count-log_control">2' in front
    assert "Loggkontroll: 2 att göra" in front
    assert "Gör loggkontroll för" in await here.see("/log_control")
    await closes(here, await draws(here, GRANEN, month))
    assert 'id="count-log_control">1' in await here.see("/deviations")
    await closes(here, await draws(here, NORR, month))
    assert "Loggkontroll:" not in await here.see("/deviations")
    assert "Allt är gjort." in await here.see("/log_control")


async def test_it_is_due_from_the_first_and_overdue_after_the_fifteenth(here: World, month: date) -> None:
    database = here.parts.database
    granen = await documents.get(database, UnitDocument, GRANEN)
    assert granen is not None
    _, ended = months.period(month)

    async def state(now: datetime) -> str:
        found = await database.read(lambda c: due.standings(c, [granen], now, 1))
        return found[0].state if found[0].month == months.name(month) else "not yet"

    assert await state(ended - timedelta(days=1)) == "not yet"
    assert await state(ended + timedelta(hours=2)) == "not_done"
    assert await state(ended + timedelta(days=14, hours=12)) == "not_done"
    assert await state(ended + timedelta(days=15, hours=12)) == "overdue"
    with pytest.raises(NotOver):
        await database.write(lambda c: drawing.draw_month(c, granen, month, CHIEF, ended - timedelta(days=1)))
    await draws(here, GRANEN, month)
    assert await state(ended + timedelta(days=2)) == "begun"
    assert await state(ended + timedelta(days=20)) == "begun_overdue"


async def test_the_mas_sees_every_unit_and_no_employee(here: World, month: date) -> None:
    await draws(here, GRANEN, month)
    await closes(here, await draws(here, NORR, month))
    await here.sign_in("Eva Holm")
    html = await here.see("/log_control")
    main = html.partition("<main")[2]
    assert "Granen" in main
    assert "Hemtjänst Norr" in main
    assert "Påbörjad" in main
    assert "Gjord" in main
    assert not [name for name in names.STAFF if name in main]
    await here.sign_in("Amina Yusuf")
    await here.see("/log_control", 403)


async def test_an_extra_control_is_drawn_at_any_time(here: World) -> None:
    await here.sign_in("Maria Nyberg")
    answer = await here.send("/log_control/extra", {"unit": GRANEN, "days": "90"})
    found = await kept(here, answer.headers["location"].rsplit("/", 1)[1])
    assert found.month is None
    assert found.rows
    assert (await here.parts.database.read(lambda c: drawing.redraw(c, found.id))).same
    again = await here.send("/log_control/extra", {"unit": GRANEN, "days": "90"})
    assert again.headers["location"] != answer.headers["location"]
    assert (await here.send("/log_control/extra", {"unit": GRANEN, "days": "4000"})).status_code == 404
    assert "extra kontroll" in await here.see("/log_control")


async def test_a_unit_where_nobody_read_anything_has_nothing_due(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.sign_in("Maria Nyberg")
        assert "Allt är gjort." in await here.see("/log_control")
        id = await draws(here, GRANEN, months.over(here.now, 1)[0])
        assert "Ingen har läst om enhetens personer" in await here.see(f"/log_control/{id}")
        closed = await closes(here, id)
        assert protocol.read(closed.protocol or b"").rows == ()
        await here.see(f"/log_control/{id}/protocol")


async def test_a_person_with_protected_identity_is_shown_by_initials(here: World, month: date) -> None:
    await protect_asta(here)
    id = await draws(here, GRANEN, month)
    number = row_with(await kept(here, id), "protected")
    await here.sign_in("Maria Nyberg")
    html = await here.see(f"/log_control/{id}/{number}")
    assert "A. P." in html
    assert "Asta Provdahl" not in html
    assert "Personen har skyddade personuppgifter" in html


async def test_rows_go_when_the_log_goes_and_the_protocol_stays(here: World, month: date) -> None:
    id = await draws(here, GRANEN, month)
    await closes(here, id)
    database = here.parts.database
    assert await database.write(lambda c: retention.forget(c, here.now)) == 0
    later = here.now + timedelta(days=366 * 5 + 40)
    assert await database.write(lambda c: retention.forget(c, later)) == 1
    left = await kept(here, id)
    assert (left.rows, left.known.workers) == ((), ())
    assert left.protocol
    assert not await database.read(lambda c: c.execute(select(log_control_steps)).all())
    assert await database.read(lambda c: c.scalar(select(func.count()).select_from(log_controls))) == 1


async def test_every_page_is_whole_and_every_act_a_plain_form(here: World, month: date) -> None:
    id = await draws(here, NORR, month)
    number = row_with(await kept(here, id), "no_relation")
    await here.sign_in("Maria Nyberg")
    pages = [
        await here.see(path) for path in ("/log_control", f"/log_control/{id}", f"/log_control/{id}/{number}")
    ]
    await here.send(f"/log_control/{id}/{number}", {"decision": "investigate", "note": "Varför?"})
    await judges_all(here, id)
    pages.append(await here.see(f"/log_control/{id}/close"))
    await closes(here, id)
    pages += [await here.see(f"/log_control/{id}/{rest}") for rest in ("protocol", f"case/{number}")]
    for html in pages:
        elements = Page(html).elements
        assert len([tag for tag, _ in elements if tag == "h1"]) == 1
        labelled = {attributes.get("for") for tag, attributes in elements if tag == "label"}
        ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
        assert len(set(ids)) == len(ids)
        for tag, attributes in elements:
            assert tag != "style"
            assert not [name for name in attributes if name == "style" or name.startswith("on")]
            if tag in ("textarea", "select"):
                assert attributes["id"] in labelled
            if tag == "form":
                assert attributes["method"] == "post"


def test_every_text_that_a_page_puts_together_is_in_both_languages() -> None:
    start = "console.log_control."
    wanted = {f"{start}sign.{sign}" for sign in (*SIGNS, "random")}
    wanted |= {f"{start}read.{what}" for what in (*READ, "record")} | {
        f"{start}wrote.{one}" for one in (*WROTE, "other")
    }
    wanted |= {f"{start}act.{act}" for act in ("beyond", "export", "print")}
    wanted |= {f"{start}state.{state}" for state in get_args(due.State)}
    wanted |= {f"{start}decision.{one}" for one in (*get_args(Decision), "none")}
    wanted |= {f"{start}step.{step}" for step in get_args(investigating.Step)}
    wanted |= {f"{start}outcome.{one}" for one in investigating.OUTCOMES}
    wanted |= {f"{start}case.{one}" for one in ("open", "told", "closed")} | {
        f"{start}on.console",
        f"{start}on.phone",
    }
    wanted |= {f"{start}{one}" for one in ("begin", "resume", "title", "waiting")}
    for path in (FOLDER / "templates").glob("log_control*.html"):
        wanted |= set(re.findall(r"\bt(?:\.n)?\('([a-z0-9_.]+[a-z0-9_])'[,)]", path.read_text("utf-8")))
    for language in ("sv", "en"):
        assert not [key for key in sorted(wanted) if Texts(language)(key) == key]
