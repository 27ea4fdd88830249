"""Every matter of the watch as it arises in a database: who is told, once, how, and when it is over."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from care.delegation import DelegationAccepted, DelegationIssued, DelegationRevoked
from care.dose import DoseCorrected, DoseGiven
from care.facts import Ref
from care.notice import Matter
from care.order import AsNeeded, OrderPlaced
from care.prn import PrnCorrected, PrnGiven
from care.sbar import SbarAcknowledged, SbarRecorded
from care.unit import UnitSet
from care.watch import PHONE_SILENT, RESTORED_FOR, TOLD
from endpoint import escalating
from endpoint.schema import devices
from endpoint.schema import documents as documents_table
from endpoint.watch import outgoing, reading, telling
from endpoint.watch.settings import Channels
from tests.endpoint_phone import Phone
from tests.endpoint_town import town
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, ORDER, OTHER_UNIT, PERSON, UNIT, new_id, plan
from tests.store_case import answered
from tests.test_watch_told import MINUTE, NAME, Watched
from wire.encoding import encode
from wire.messages import (
    DeviceReport,
    Session,
    SessionRequest,
    SessionStatement,
)
from wire.signature import Context, sign

__all__ = ["database_url", "postgres", "postgres_url"]

THIRD, HOME = (f"{n}1111111-0000-5111-8111-111111111111" for n in (0, 3))
WAYS = Channels(
    sms_url="https://sms.example.se",
    mail_url="smtps://rapp@mail.example.se",
    mail_from="rapp@example.se",
    webhook_url="https://hook.example.se",
    webhook_secret_file="x",
)
Clears = Callable[[], object]
"""What ends it."""


@pytest.fixture
def watched(tmp_path: Path, database_url: str | None) -> Iterator[Watched]:
    with town(tmp_path / "data", database_url) as made:
        one = Watched(made, WAYS)
        one.sign(_dose(one))
        yield one


def _dose(watched: Watched) -> str:
    """The task that every watched unit has."""
    from care.ids import dose_id
    from care.schedule import STOCKHOLM

    at = (watched.now - 120 * MINUTE).astimezone(STOCKHOLM)
    return dose_id(ORDER, at.date(), "s")


def late_doses(watched: Watched) -> Clears:
    order = "99999999-7777-5777-8777-777777777777"
    dose = watched.task(order, 120)
    return lambda: watched.sign(dose, order)


def unanswered_sbar(watched: Watched) -> Clears:
    ref = Ref("sbar", new_id())
    watched.here.state(SbarRecorded(answers=answered()), ref, person=PERSON, author=AMINA)
    watched.now += 25 * MINUTE
    return lambda: watched.here.state(SbarAcknowledged(), ref, person=PERSON, author=KARIN)


def double_signed(watched: Watched) -> Clears:
    body = DoseGiven(
        order=ORDER, planned=watched.now - 120 * MINUTE, performed=watched.now - 90 * MINUTE, amount="1",
        order_fact="x",
    )  # fmt: skip
    ref = Ref("dose", _dose(watched))
    second = watched.here.state(body, ref, person=PERSON, author=KARIN)
    withdrawn = DoseCorrected(corrects=second.id)
    return lambda: watched.here.state(withdrawn, ref, person=PERSON, author=KARIN)


def over_maximum(watched: Watched) -> Clears:
    here, order = watched.here, new_id()
    made = plan(slots=(), as_needed=AsNeeded("smärta", 0, 4000, "mg", dose=2000), requires=None)
    placed = OrderPlaced(plan=made, effective=watched.now - timedelta(days=9))
    here.state(placed, Ref("order", order), person=PERSON)
    for hours in (3, 2, 1):
        given = PrnGiven(
            order=order, performed=watched.now - timedelta(hours=hours), amount="2", quantity=2000, unit="mg",
            order_fact="x",
        )  # fmt: skip
        ref = Ref("prn", new_id())
        last = here.state(given, ref, person=PERSON, author=AMINA)
    return lambda: here.state(PrnCorrected(corrects=last.id), ref, person=PERSON, author=AMINA)


def delegation_ending(watched: Watched) -> Clears:
    ref, now = Ref("delegation", new_id()), watched.now
    issued = DelegationIssued(
        holder=AMINA, tasks=("insulin",), units=(UNIT,), start=now - timedelta(days=300),
        end=now + timedelta(days=20), knowledge_tested=True, practice_seen=True,
    )  # fmt: skip
    watched.here.state(issued, ref, author=KARIN)
    watched.here.state(DelegationAccepted(), ref, author=AMINA)
    return lambda: watched.here.state(DelegationRevoked(at=now, reason="x"), ref, author=KARIN)


def silent_phone(watched: Watched) -> Clears:
    watched.here.phone()
    _heard(watched, watched.now - PHONE_SILENT - MINUTE)
    return lambda: _heard(watched, watched.now)


def clock_wrong(watched: Watched) -> Clears:
    phone = watched.here.phone()
    _report(phone, DeviceReport(offset_ms=6 * 60_000))
    return lambda: _report(phone, DeviceReport(offset_ms=1_000))


def chain_gap(watched: Watched) -> Clears:
    phone = watched.here.phone(AMINA)
    first, lost, third = (_stated(phone, watched) for _ in range(3))
    phone.push(first, third)
    _report(phone, DeviceReport(unsent=0))
    return lambda: phone.push(lost)


def chain_fork(watched: Watched) -> Clears:
    phone = watched.here.phone(AMINA)
    first = _stated(phone, watched)
    phone.push(first, _stated(phone, watched))
    # Its file is put back as it was after the first.
    phone.seq, phone.prev = 1, first.hash.hex()
    phone.push(_stated(phone, watched))

    def later() -> None:
        watched.now += RESTORED_FOR
        _heard(watched, watched.now)

    return later


MATTERS = (
    late_doses, unanswered_sbar, double_signed, over_maximum, delegation_ending, silent_phone, clock_wrong,
    chain_gap, chain_fork,
)  # fmt: skip


def _stated(phone: Phone, watched: Watched) -> Any:
    body = SbarRecorded(answers=answered())
    return phone.fact(body, Ref("sbar", new_id()), AMINA, person=PERSON)


def _report(phone: Phone, report: DeviceReport) -> None:
    request = phone.session_request()
    from wire.messages import decode

    statement = decode(request.data, SessionStatement)
    data = encode(
        SessionStatement(device=statement.device, at=statement.at, nonce=statement.nonce, report=report)
    )
    signed = SessionRequest(data=data, device_signature=sign(phone.private, Context.SESSION, data))
    phone.post("/v1/session", signed, Session)


def _heard(watched: Watched, at: Any) -> None:
    watched.here.database.write_now(lambda c: c.execute(update(devices).values(heard=at)))


def _told(watched: Watched, matter: Matter) -> list[tuple[str, int, str, int]]:
    return [one for one in watched.tellings if one[0] == matter]


@pytest.mark.postgres
@pytest.mark.parametrize("arises", MATTERS, ids=lambda one: one.__name__)
def test_a_matter_is_told_once_to_whom_it_concerns_and_is_over_when_it_is(
    watched: Watched, arises: Callable[[Watched], Clears]
) -> None:
    matter: Matter = arises.__name__  # type: ignore[assignment]
    assert watched.look() == 0, "a unit in order is told nothing"
    clears = arises(watched)
    assert watched.look() == 1
    [(_, stage, to, things)] = _told(watched, matter)
    assert (to, things) == (TOLD[matter][stage - 1], 1)
    assert [watched.look(1) for _ in range(3)] == [0, 0, 0]
    channels = {one.channel for one in watched.messages}
    # The nurse on call has a number and an address, the chief an address; the webhook is told of all.
    assert channels == ({"mail", "webhook"} if to == "chief" else {"sms", "mail", "webhook"})
    for one in watched.messages:
        assert one.text.partition("\n")[0].startswith("Rapp: ")
        assert f"{watched.parts.settings.base_url}/console/watch" in one.text
        assert not any(word in one.text for word in (NAME, "Asta", "19360302", "Amina", "Karin", PERSON))
    clears()
    watched.look(1)
    [notice] = [one for one in watched.notices if one.matter == matter]
    assert notice.stages == {}, "over"
    assert all(fact.author == "endpoint" for fact in _facts_of(watched, notice.id))


def _delegated(
    watched: Watched, units: tuple[str, ...], days: int, home: str = UNIT, task: str = "insulin"
) -> Ref:
    ref, now = Ref("delegation", new_id()), watched.now
    issued = DelegationIssued(
        holder=AMINA, tasks=(task,), units=units, start=now - timedelta(days=300),
        end=now + timedelta(days=days), knowledge_tested=True, practice_seen=True,
    )  # fmt: skip
    watched.here.state(issued, ref, home, author=KARIN)
    watched.here.state(DelegationAccepted(), ref, home, author=AMINA)
    return ref


def _told_of(watched: Watched, ref: Ref) -> list[tuple[str, int, str]]:
    """In which unit, at which stage and to whom: each time that it was told."""
    found = [(n.unit, t.stage, t.to) for n in watched.notices for t in n.tellings if ref.id in t.about]
    return sorted(found)


@pytest.mark.postgres
def test_the_end_of_a_delegation_is_told_once_in_each_unit_that_it_covers_and_in_no_other(
    watched: Watched,
) -> None:
    for unit, name in ((THIRD, "Björken"), (HOME, "Poolen")):
        body = UnitSet(name=name, kind="residential", provider="p", provider_name="Provkommun")
        watched.here.state(body, Ref("unit", unit), unit)
    both = _delegated(watched, (UNIT, OTHER_UNIT), 40)
    elsewhere = _delegated(watched, (OTHER_UNIT, THIRD), 20, HOME, "eyes")
    assert [watched.look(1) for _ in range(3)] == [2, 0, 0]
    assert _told_of(watched, elsewhere) == [(THIRD, 1, "nurse"), (OTHER_UNIT, 1, "nurse")]
    assert _told_of(watched, both) == []
    day = 24 * 60
    watched.look(11 * day)
    assert _told_of(watched, both) == [(UNIT, 1, "nurse"), (OTHER_UNIT, 1, "nurse")]
    watched.look(16 * day)
    watched.look(13 * day - 60)
    assert _told_of(watched, both) == [(unit, n, "nurse") for unit in (UNIT, OTHER_UNIT) for n in (1, 2, 3)]
    assert [watched.look(1) for _ in range(3)] == [0, 0, 0]
    contents = watched.here.contents()
    for unit, stream in ((UNIT, "nurse"), (OTHER_UNIT, "nurse")):
        [notice] = [n for n in watched.notices if n.unit == unit and n.tellings[-1].stage == 3]
        assert notice.tellings[-1].fact in contents[f"{stream}:{unit}"]
    watched.here.state(DelegationRevoked(at=watched.now, reason="x"), both, author=KARIN)
    watched.look(1)
    assert not any(both.id in notice.stages for notice in watched.notices), "over in each"


def test_one_that_cannot_be_read_keeps_none_but_its_own_units_from_being_told(watched: Watched) -> None:
    broken, whole = _delegated(watched, (OTHER_UNIT,), 20), _delegated(watched, (UNIT,), 20)
    written = b'{"units":["%s"],"tasks":7}' % OTHER_UNIT.encode()
    change = documents_table.update().where(documents_table.c.id == broken.id).values(document=written)
    watched.here.database.write_now(lambda c: c.execute(change))
    watched.look(1)
    assert _told_of(watched, whole) == [(UNIT, 1, "nurse")]
    late_doses(watched)
    watched.look(1)
    assert _told(watched, "late_doses")


def _facts_of(watched: Watched, notice: str) -> list[Any]:
    from sqlalchemy import select

    from endpoint.schema import facts
    from wire.envelope import envelope

    query = select(facts.c.envelope).where(facts.c.aggregate == f"notice/{notice}")
    found = [envelope(data) for data in watched.here.read(lambda c: c.scalars(query).all())]
    for one in found:
        one.verify(watched.parts.keys.sign_public)
    return [one.fact() for one in found]


def test_a_unit_that_cannot_be_read_keeps_no_other_from_being_told(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    late_doses(watched)
    real = reading.seen

    def fails(connection: Any, unit: Any, *more: Any) -> Any:
        if unit.id == OTHER_UNIT:
            raise OverflowError("of Asta Provdahl")
        return real(connection, unit, *more)

    monkeypatch.setattr(telling, "seen", fails)
    assert watched.look() == 1
    assert _told(watched, "late_doses") == [("late_doses", 1, "nurse", 1)]
    assert OTHER_UNIT in caplog.text


def test_a_message_that_breaks_its_way_is_tried_again_later_and_holds_up_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    late_doses(watched)
    watched.look()
    sent: list[str] = []

    def send(channels: Any, message: outgoing.Message, *more: Any) -> None:
        if message.channel == "mail":
            raise ValueError("Header values may not contain linefeed or carriage return characters")
        sent.append(message.channel)

    monkeypatch.setattr("endpoint.watch.channels.send", send)
    assert watched.send() == 2
    assert sorted(sent) == ["sms", "webhook"]
    [broken] = [one for one in watched.messages if one.channel == "mail"]
    assert (broken.error, broken.tries, broken.given_up) == ("fault", 1, None)
    for minutes in outgoing.WAITS:
        watched.send(minutes)
    [broken] = [one for one in watched.messages if one.channel == "mail"]
    assert broken.given_up


def test_an_sbar_whose_answers_cannot_be_read_is_told_of_as_a_danger_and_holds_up_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = (Ref("sbar", new_id()) for _ in range(2))
    for ref in (broken, whole):
        watched.here.state(SbarRecorded(answers=answered()), ref, person=PERSON, author=AMINA)
    real = escalating._urgency

    def fails(connection: Any, case: Any, unit: Any) -> Any:
        if case.id == broken.id:
            raise KeyError("linkId")
        return real(connection, case, unit)

    monkeypatch.setattr(escalating, "_urgency", fails)
    watched.look(6)
    assert [list(one.stages) for one in watched.notices] == [[broken.id]]
    watched.look(20)
    assert {id for one in watched.notices for id in one.stages} == {broken.id, whole.id}
