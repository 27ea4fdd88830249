"""A phone of an office: who has a code on it, and that nothing of residents comes there or is opened."""

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, delete, or_, select, update

from care.deviation import DeviationDocument, DeviationReported
from care.deviation_case import DeviationAnalysed
from care.documents import fold
from care.erasing import FactErased, Named
from care.facts import Body, Ref
from care.order import OrderPlaced
from care.person import PersonSet
from care.rights import Role
from care.sbar import SbarRecorded
from care.staff import RoleInUnit, StaffDocument, StaffSet
from care.streams import QUALITY, streams_of
from care.unit import OFFICE, UnitDocument, UnitSet
from endpoint import documents, standing
from endpoint.publish_anew import publish_anew
from endpoint.schema import facts, placed, slot_keys, streams
from storage import Statement, Unlocked
from sync.errors import BadAnswer, Refused
from sync.pull import _remembered
from tests.phones import PIN, Phone, new_id, until
from tests.phones_town import URL, Town, town
from tests.statements import AMINA, KARIN, OTHER_UNIT, PERSON, UNIT, fact, plan
from tests.test_answering import screen
from tests.ward import FORMS, START, answered
from views.model import drafts, reading, reporting
from views.model.phone import Phone as Held
from views.model.shift import Shift
from views.places import Cases, Menu
from views.screens.before_sending import _people
from wire.messages import Signed

KANSLI, FAR = new_id(), new_id()
"""The office; a unit of another vårdgivare."""
EVA, SAGA, SVEN = new_id(), new_id(), new_id()
CASE, ORDER = new_id(), new_id()
SINCE = date(2025, 1, 1)
READS = {Role.MAS, Role.MAR, Role.SAS, Role.SAFETY_REPRESENTATIVE}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """Two units of care and an office. Asta lives in Granen; Amina has reported what befell her there."""
    with town(tmp_path) as made:
        unit(made, KANSLI, "Kansliet", "p")
        unit(made, FAR, "Eken", "q")
        employ(made, EVA, "Eva Holm", RoleInUnit(Role.MAS, OTHER_UNIT, SINCE))
        employ(made, SAGA, "Saga Ek", RoleInUnit(Role.SAS, UNIT, SINCE))
        asta = PersonSet(name="Asta Provdahl", personnummer="19400101-2397", born=date(1940, 1, 1))
        made.say(asta, Ref("person", PERSON), person=PERSON)
        made.say(OrderPlaced(plan=plan(), effective=START), Ref("order", ORDER), person=PERSON)
        made.say(SbarRecorded(answers=answered("sbar", {})), Ref("sbar", new_id()), person=PERSON)
        case(made, CASE, "fall")
        yield made


def unit(here: Town, id: str, name: str, provider: str) -> None:
    kind = OFFICE if id == KANSLI else "residential"
    here.say(UnitSet(name=name, kind=kind, provider=provider, provider_name=provider), Ref("unit", id), id)


def employ(here: Town, id: str, name: str, *roles: RoleInUnit) -> None:
    here.say(StaffSet(name=name, title="mas", roles=roles), Ref("staff", id), roles[0].unit)


def case(here: Town, id: str, category: str) -> None:
    """What Amina has reported, and Karin has found."""
    said: dict[str, Body] = {
        AMINA: DeviationReported(category=category, answers=answered("fall", {})),  # type: ignore[arg-type]
        KARIN: DeviationAnalysed(happened="Golvet var halt."),
    }
    for author, body in said.items():
        here.say(body, Ref("deviation", id), UNIT, PERSON, author)


async def office(here: Town, staff: str = EVA) -> tuple[Phone, Unlocked]:
    """A phone of the office, and who has it, once the case is there."""
    phone = await here.phone(KANSLI, "Kansliets telefon")
    session = await here.sign_in(phone, staff)
    await until(lambda: session.document("staff", staff) and phone.sync.state.phase == "sent")
    return phone, session


def held(session: Unlocked) -> set[str]:
    """The kinds of what somebody can open."""
    kinds = ("unit", "staff", "person", "order", "dose", "sbar", "deviation", "report", "delegation", "task")
    return {kind for kind in kinds if session.documents(kind)}


async def test_only_those_who_answer_for_quality_have_a_code_on_an_offices_phone(here: Town) -> None:
    phone, ward = await here.phone(KANSLI, "Kansliets telefon"), await here.phone()
    for role in Role:
        employ(here, SVEN, "Sven Prov", RoleInUnit(role, UNIT, SINCE))
        assert await let_in(here, phone, SVEN) == (role in READS), role
        assert await let_in(here, ward, SVEN) == (role not in READS | {Role.ADMINISTRATOR}), role
    employ(here, SVEN, "Sven Prov", RoleInUnit(Role.MAS, FAR, SINCE))
    assert not await let_in(here, phone, SVEN), "of another vårdgivare"
    employ(here, SVEN, "Sven Prov", RoleInUnit(Role.MAS, UNIT, SINCE, SINCE + timedelta(days=9)))
    assert not await let_in(here, phone, SVEN), "no longer"


async def let_in(here: Town, phone: Phone, staff: str) -> bool:
    try:
        (await here.sign_in(phone, staff)).lock()
    except BadAnswer:
        return False
    return True


async def test_mas_reads_the_cases_of_her_vardgivare_and_nothing_of_its_residents(here: Town) -> None:
    phone, eva = await office(here)
    await until(lambda: eva.document("deviation", CASE))
    found = eva.document("deviation", CASE)
    assert isinstance(found, DeviationDocument)
    assert found.handling.analysis
    assert found.handling.analysis.body.happened == "Golvet var halt."
    assert held(eva) == {"unit", "staff", "deviation"}
    assert {one.id for one in eva.documents("unit")} == {UNIT, OTHER_UNIT, KANSLI}
    assert {one.id for one in eva.documents("staff")} >= {AMINA, KARIN, SAGA}, "whose names a case says"
    theirs = {f"staff:{EVA}", *(f"mas:{one}" for one in (UNIT, OTHER_UNIT, KANSLI))}
    await until(lambda: granted(phone, eva) == theirs)


def granted(phone: Phone, session: Unlocked) -> frozenset[str]:
    """The streams that the endpoint said were theirs, when they last asked."""
    return _remembered(phone.store, session)


async def test_an_offices_phone_brings_no_residents_to_somebody_who_also_cares_for_them(here: Town) -> None:
    """She has the right to read them, on the phones of her unit: this one is nobody's ward."""
    roles = (RoleInUnit(Role.MAS, UNIT, SINCE), RoleInUnit(Role.NURSE, UNIT, SINCE))
    employ(here, EVA, "Eva Holm", *roles, RoleInUnit(Role.CARER, KANSLI, SINCE))
    phone, eva = await office(here)
    await until(lambda: eva.document("deviation", CASE))
    assert held(eva) == {"unit", "staff", "deviation"}
    await until(lambda: {one.partition(":")[0] for one in granted(phone, eva)} == {"mas", "staff"})
    for kind, id, stream in (
        ("person", PERSON, ""),
        ("person", PERSON, f"unit:{UNIT}"),
        ("order", ORDER, ""),
        ("unit", KANSLI, f"unit:{KANSLI}"),
    ):
        with pytest.raises(Refused) as refused:
            await whole(phone, eva, kind, id, stream)
        assert refused.value.code == ("no_such_stream" if stream else "no_such_aggregate")
    assert await whole(phone, eva, "deviation", CASE, "")
    eva.lock()
    ward = await here.sign_in(await here.phone(), EVA)
    await until(lambda: ward.document("person", PERSON) and ward.documents("sbar"))


async def whole(phone: Phone, session: Unlocked, kind: str, id: str, stream: str) -> Signed:
    """What the endpoint answers, as the phone asks."""
    sessions = phone.sync._line
    path, params = f"/v1/aggregate/{kind}/{id}", [("stream", stream)]
    return await phone.sync.call(
        sessions.ask(session, lambda token: sessions.link.get(path, Signed, token, params=params))
    )


async def test_the_keys_of_an_offices_phone_open_no_fact_of_a_unit(here: Town) -> None:
    """Looked for under every key that Eva and Saga were handed, in all rows there are."""
    medicine = new_id()
    case(here, medicine, "medicine")
    phone, eva = await office(here)
    await until(lambda: eva.document("deviation", CASE) and eva.document("deviation", medicine))
    rings = [eva.reader().phone, eva.reader().own]
    rows = {ring.id: count(phone, ring.id) for ring in rings}
    assert rows[rings[0].id] == 0, "nothing under the phone's key, which the next one here has too"
    assert rows[rings[1].id] > 0
    assert sum(rows.values()) == count(phone), "and nothing under any other key"
    eva.lock()
    saga = await here.sign_in(phone, SAGA)
    await until(lambda: {one.partition(":")[0] for one in granted(phone, saga)} == {"sas", "staff"})
    await until(lambda: saga.document("deviation", CASE))
    assert saga.document("deviation", medicine) is None, "MAS's alone, and Eva's rows are under her key"
    assert held(saga) == {"unit", "staff", "deviation"}
    assert count(phone, saga.reader().phone.id) == 0
    assert b"Asta" not in (phone.store.folder / "rapp.db").read_bytes()


def count(phone: Phone, ring: bytes | None = None) -> int:
    """Rows of facts, under one key or all."""
    where, values = ("WHERE ring = ?", (ring,)) if ring else ("", ())
    with sqlite3.connect(phone.store.folder / "rapp.db") as connection:
        return int(connection.execute(f"SELECT count(*) FROM facts {where}", values).fetchone()[0])


async def test_what_was_erased_leaves_the_offices_phone_also_when_a_colleague_has_it(here: Town) -> None:
    """Saga has no part in a case about medicine: her phone takes it out of Eva's rows all the same."""
    medicine = new_id()
    case(here, medicine, "medicine")
    phone, eva = await office(here)
    await until(lambda: eva.document("deviation", medicine))
    own = reports(phone, eva)
    await until(lambda: phone.store.counts().waiting == 0)
    eva.lock()
    saga = await here.sign_in(phone, SAGA)
    await until(lambda: saga.document("deviation", CASE))
    theirs = facts.c.aggregate.in_([f"deviation/{medicine}", f"sbar/{own}"])
    query = select(facts.c.id, facts.c.hash, facts.c.aggregate).where(theirs)
    rows = here.database.read_now(lambda c: c.execute(query).all())
    ids = {row.id for row in rows}
    assert len(ids) == 3
    assert held_ids(phone) >= ids
    for row in rows:
        kind, _, id = row.aggregate.partition("/")
        erased = FactErased(facts=(Named(row.id, row.hash.hex()),), why="decision", decision="IVO 1")
        here.say(erased, Ref(kind, id))
    await until(lambda: not held_ids(phone) & ids)


def reports(phone: Phone, session: Unlocked) -> str:
    """Something that only its author has, on this phone."""
    id = new_id()
    session.save(Statement(SbarRecorded(answers=answered("sbar", {})), Ref("sbar", id), UNIT, None))
    return id


def held_ids(phone: Phone) -> set[str]:
    with sqlite3.connect(phone.store.folder / "rapp.db") as connection:
        return {id for (id,) in connection.execute("SELECT id FROM facts")}


async def test_a_wards_phone_that_moves_to_the_office_hands_its_old_key_to_nobody(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await until(lambda: amina.document("person", PERSON))
    device = phone.store.device
    assert device
    before = phone_key(here, device.id)
    amina.lock()
    here.decide(standing.move, device.id, KANSLI)
    await until(lambda: here.row(device.id).unit == KANSLI)
    assert [slot.staff for slot in phone.store.slots()] == []
    eva = await here.sign_in(phone, EVA)
    await until(lambda: eva.document("deviation", CASE))
    assert before
    assert phone_key(here, device.id) not in (None, before)
    assert held(eva) == {"unit", "staff", "deviation"}
    assert count(phone) == count(phone, eva.reader().own.id)


def phone_key(here: Town, device: str) -> bytes | None:
    query = select(slot_keys.c.wrapped).where(slot_keys.c.device == device, slot_keys.c.staff == "")
    held = here.database.read_now(lambda c: c.scalar(query))
    return here.parts.keys.unwrap(held, f"{device}/") if held else None


async def test_whoever_answers_for_quality_no_more_loses_the_code_and_one_role_of_two_keeps_it(
    here: Town,
) -> None:
    roles = [RoleInUnit(Role.MAS, UNIT, SINCE), RoleInUnit(Role.MAS, OTHER_UNIT, SINCE)]
    employ(here, EVA, "Eva Holm", *roles)
    phone, eva = await office(here)
    ended = RoleInUnit(Role.MAS, UNIT, SINCE, SINCE + timedelta(days=9))
    employ(here, EVA, "Eva Holm", ended, roles[1])
    await until(lambda: (me := eva.document("staff", EVA)) and me.roles[0].end)  # type: ignore[attr-defined]
    assert [slot.staff for slot in phone.store.slots()] == [EVA]
    assert not eva.locked
    employ(here, EVA, "Eva Holm", ended, RoleInUnit(Role.CARER, UNIT, SINCE))
    await until(lambda: eva.locked and not phone.store.slots())
    assert eva.why_locked == "ended"


async def test_a_role_that_ends_between_the_browser_and_the_code_lets_nobody_in(here: Town) -> None:
    phone = await here.phone(KANSLI)
    started = await phone.sync.start_sign_in()
    async with httpx.AsyncClient(transport=here.line, base_url=URL) as browser:
        await browser.post(f"/demo/signin/{started.id}", data={"staff": EVA})
    found = await phone.sync.wait_for_sign_in(started)
    employ(here, EVA, "Eva Holm", RoleInUnit(Role.CARER, UNIT, SINCE))
    with pytest.raises(Refused) as refused:
        await phone.sync.certify(started, found, PIN)
    assert refused.value.code == "not_of_unit"
    assert phone.store.slots() == []


async def test_her_screens_are_cases_reports_and_her_own_and_no_residents(here: Town) -> None:
    phone, eva = await office(here)
    await until(lambda: eva.document("deviation", CASE))
    shift = Shift(Held(phone.store, phone.sync, FORMS, clock=here.now))
    shift.opened(eva)
    async with screen(shift) as seen:
        for there in ("Avvikelser", "Fall", "Granen"):
            assert seen.has(there), there
        for absent in ("Asta", "Kontakta sjuksköterska", "Vid behov", "Dospåse"):
            assert not seen.has(absent), absent
        assert reading.persons(shift) == []
        await seen.click(f"case-{CASE}")
        for said in ("Enhet: Granen.", "Vem det gäller visas på datorn.", "Golvet var halt.", "Karin Ström"):
            assert seen.has(said), said
    async with screen(shift, Menu()) as seen:
        for there in ("Avvikelser", "Mina rapporter", "Byt kod"):
            assert seen.has(there), there
        for absent in ("Ordinationer", "delegering", "Avsluta passet", "Narkotika"):
            assert not seen.has(absent), absent
        await seen.click("cases")
        assert seen.has("Fall")
        assert isinstance(shift.place, Cases)


async def test_her_report_goes_to_those_who_read_the_unit_where_it_happened(here: Town) -> None:
    phone, eva = await office(here)
    shift = Shift(Held(phone.store, phone.sync, FORMS, clock=here.now))
    shift.opened(eva)
    await until(lambda: reading.units(shift) and len(reading.units(shift)) == 3)
    async with screen(shift) as seen:
        await seen.click("report")
        await seen.click("Fall")
        assert seen.has("Var hände det?")
        assert not seen.has("Kansliet")
        assert not seen.has("Eken")
        await seen.click(f"unit-{UNIT}")
        assert seen.has("Fall, Granen"), "which unit it is of"
    (key,) = shift.fillings
    filling = shift.fillings[key]
    assert filling.person is None
    assert _people(shift, filling.unit)["mas"] == ["Eva Holm"]
    again = drafts.read(shift, key, None)
    assert again is not None
    assert again.unit == UNIT, "also when the app is killed meanwhile"
    id = await reporting.finish(shift, key)
    await until(lambda: here.database.read_now(lambda c: documents.one(c, DeviationDocument, id)))
    found = here.database.read_now(lambda c: documents.one(c, DeviationDocument, id))
    assert found
    assert (found.unit, found.reporter) == (UNIT, EVA)
    assert {str(one) for one in streams_of(found)} >= {f"chief:{UNIT}", f"mas:{UNIT}"}


def test_an_office_stays_one_and_a_ward_becomes_none() -> None:
    def kinds(*said: str) -> str:
        bodies = [UnitSet(name="A", kind=kind, provider="p", provider_name="P") for kind in said]  # type: ignore[arg-type]
        facts = [fact(one, Ref("unit", UNIT), rank=n, person=None) for n, one in enumerate(bodies, 1)]
        folded = fold("unit", UNIT, facts)
        assert isinstance(folded, UnitDocument)
        return folded.unit_kind

    assert kinds("residential", "office") == "residential"
    assert kinds("office", "residential") == "office"
    assert kinds("residential", "lss") == "lss"


async def test_what_was_published_before_these_readers_were_is_published_to_them_once(here: Town) -> None:
    def forget(connection: Connection) -> None:
        """As an endpoint of before would have it."""
        connection.execute(delete(placed).where(or_(*(placed.c.stream.like(f"{one}:%") for one in QUALITY))))
        these = or_(*(streams.c.name.like(f"{one}:%") for one in QUALITY))
        connection.execute(update(streams).where(these).values(position=0, sum=0))

    here.database.write_now(forget)
    assert publish_anew(here.parts) > 0
    assert publish_anew(here.parts) == 0
    _, eva = await office(here)
    assert {one.id for one in eva.documents("unit")} == {UNIT, OTHER_UNIT, KANSLI}
    assert isinstance(me := eva.document("staff", AMINA), StaffDocument)
    assert me.name == "Amina Yusuf"
