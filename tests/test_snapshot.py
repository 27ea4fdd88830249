"""The first sync of a unit with a long history: what is needed, and not the history."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import select, update

from care.dose import DoseCorrected, DoseWithheld
from care.facts import Ref
from care.order import OrderDocument, OrderPlaced, Plan, Slot
from care.schedule import planned
from care.today import AHEAD, BACK
from care.unit import UnitDocument
from endpoint import documents, pages, snapshot
from endpoint.schema import streams
from endpoint.statements import Statement as Said
from endpoint.statements import write
from endpoint.whole_day import FRESH
from storage import Statement, Unlocked
from sync import BadAnswer
from sync.pull import _opened_part
from tests.phones import Phone, new_id, until
from tests.phones_town import Town, town
from tests.statements import AMINA, PERSON, TESFAY, UNIT
from wire.envelope import envelope
from wire.messages import Pulled, Snapshot, signed
from wire.signature import Context, new_key, public_of

STREAM = f"unit:{UNIT}"
LONG_AGO = datetime.now(UTC) - timedelta(days=90)
OLD = [new_id() for _ in range(60)]
FRESH_DOSES = [new_id() for _ in range(40)]


def dose(id: str, at: datetime) -> Said:
    body = DoseWithheld(order=new_id(), planned=at, performed=at, reason="asleep", order_fact=new_id())
    return Said(body, Ref("dose", id), UNIT, PERSON, at)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """Granen, with sixty doses of the last season and forty of today."""
    monkeypatch.setattr(pages, "FACTS_MOST", 50)
    monkeypatch.setattr(snapshot, "AGGREGATES_MOST", 25)
    with town(tmp_path) as made:
        said = [dose(id, LONG_AGO) for id in OLD] + [dose(id, datetime.now(UTC)) for id in FRESH_DOSES]
        made.database.write_now(lambda c: write(c, made.parts.keys, said))
        yield made


def head(here: Town) -> int:
    query = select(streams.c.position).where(streams.c.name == STREAM)
    return int(here.database.read_now(lambda c: c.execute(query).scalar_one()))


def doses(who: Unlocked) -> set[str]:
    return {one.id for one in who.documents("dose")}


async def read(here: Town, phone: Phone, who: Unlocked) -> None:
    await until(lambda: (phone.store.cursor(STREAM, who) or "").endswith(f".{head(here)}"), within=20)


async def test_what_is_over_does_not_come_and_is_brought_when_it_is_asked_for(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    assert doses(amina) == set(FRESH_DOSES)
    assert amina.document(UnitDocument.kind, UNIT)
    assert amina.document("staff", TESFAY)
    # Somebody opens one of them.
    assert await phone.sync.bring(amina, "dose", OLD[3])
    assert amina.document("dose", OLD[3])
    # Of another something is said, as if for the first time: it does not stand alone, and comes whole.
    other = await here.phone()
    tesfay = await here.sign_in(other, TESFAY)
    tesfay.save(Statement(DoseCorrected(corrects=new_id()), Ref("dose", OLD[5]), UNIT, PERSON))
    await until(lambda: len(getattr(amina.document("dose", OLD[5]), "facts", ())) == 2, within=20)


async def test_a_snapshot_goes_on_where_it_was_broken_off(here: Town) -> None:
    phone = await here.phone()
    pulls: list[httpx.QueryParams] = []
    inner = here.line._inner.handle_async_request

    async def breaking(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/pull":
            pulls.append(request.url.params)
            if len(pulls) == 3:
                here.line.away = True
                raise httpx.ReadError("the line broke", request=request)
        return await inner(request)

    here.line._inner.handle_async_request = breaking  # type: ignore[method-assign]
    amina = await here.sign_in(phone, AMINA)
    # The part before it is stored while the next is asked for.
    await until(lambda: here.line.away and doses(amina), within=20)
    # What every screen needs has come, and what changed last.
    assert amina.document(UnitDocument.kind, UNIT)
    assert doses(amina) < set(FRESH_DOSES)
    reached = phone.store.part(STREAM, amina)
    assert reached
    assert phone.store.cursor(STREAM, amina) is None
    here.line.away = False
    phone.sync.wake()
    await read(here, phone, amina)
    assert doses(amina) == set(FRESH_DOSES)
    assert f"{STREAM}@{reached}" in pulls[3].get_list("snapshot")
    assert phone.store.part(STREAM, amina) == ""


async def test_a_stream_that_is_rebuilt_is_read_anew_and_what_is_held_becomes_what_it_is_now(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    # What is opened of old things would leave again at the day's first purge.
    monkeypatch.setattr(phone.store.tidy, "purge", lambda *_: iter(()))
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    await phone.sync.bring(amina, "dose", OLD[0])
    here.line.away = True
    correction = Said(DoseCorrected(corrects=new_id()), Ref("dose", OLD[0]), UNIT, PERSON, LONG_AGO)
    here.database.write_now(lambda c: write(c, here.parts.keys, [correction]))
    here.database.write_now(lambda c: c.execute(update(streams).values(epoch="ffffffff")))
    here.line.away = False
    phone.sync.wake()
    await until(lambda: (phone.store.cursor(STREAM, amina) or "").startswith("ffffffff."), within=20)
    # It is over and only named; but this phone holds it, so it is fetched whole.
    await until(lambda: len(getattr(amina.document("dose", OLD[0]), "facts", ())) == 2, within=20)


async def test_a_part_that_the_endpoint_never_said_begins_the_snapshot_anew(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    here.line.away = True
    epoch = (phone.store.cursor(STREAM, amina) or "").partition(".")[0]
    phone.store.forget_cursor(STREAM, amina)
    ahead = Snapshot(
        stream=STREAM, epoch=epoch, cut=9999, after="", upto=f"{epoch}.9999.0.9", now=datetime.now(UTC)
    )
    phone.store.take_snapshot(ahead, amina)
    here.line.away = False
    phone.sync.wake()
    await read(here, phone, amina)
    assert doses(amina) == set(FRESH_DOSES)


def test_a_part_counts_only_with_the_endpoints_signature_and_for_a_stream_that_is_granted() -> None:
    key = new_key()
    part = Snapshot(stream=STREAM, epoch="e", cut=1, after="", upto="", now=datetime.now(UTC))
    pulled = Pulled(streams=(STREAM,), now=datetime.now(UTC))
    assert _opened_part(signed(part, key, Context.SNAPSHOT), public_of(key), pulled) == part
    for lie, streams_now in (
        (signed(part, new_key(), Context.SNAPSHOT), (STREAM,)),
        (signed(part, key, Context.PAGE), (STREAM,)),
        (signed(part, key, Context.SNAPSHOT), ()),
    ):
        with pytest.raises(BadAnswer):
            _opened_part(lie, public_of(key), msgspec.structs.replace(pulled, streams=streams_now))


ORDER = new_id()
SLOTS = tuple(Slot(f"s{hour}", f"{hour:02}:00") for hour in range(24))


def ordered(here: Town) -> None:
    """Something every hour: whatever the time is, much of it is planned within the day's list."""
    plan = Plan(what="Vändning", form="care", amount="1", slots=SLOTS, start=LONG_AGO.date())
    body = OrderPlaced(plan=plan, effective=LONG_AGO)
    said = [Said(body, Ref("order", ORDER), UNIT, PERSON)]
    here.database.write_now(lambda c: write(c, here.parts.keys, said))


def signed_today(here: Town) -> list[str]:
    """The ids of the doses of that order that Idag shows now, up to now."""
    return [dose.id for dose in planned(order_of(here), datetime.now(UTC) - BACK, datetime.now(UTC))]


def order_of(here: Town) -> OrderDocument:
    found = here.database.read_now(lambda c: documents.one(c, OrderDocument, ORDER))
    assert found
    return found


def parts(here: Town) -> Iterator[Snapshot]:
    """Each part that a phone asks for, until the last."""
    upto = ""
    while True:
        heads = here.database.read_now(lambda c: pages._heads(c, (STREAM,)))
        asked = partial(snapshot.snapshot, name=STREAM, head=heads[STREAM], after=upto, now=datetime.now(UTC))
        part = here.database.read_now(asked)
        yield part
        upto = part.upto
        if not upto:
            return


def say_doses(here: Town, ids: list[str]) -> None:
    said = [dose(id, datetime.now(UTC)) for id in ids]
    here.database.write_now(lambda c: write(c, here.parts.keys, said))


def of(part: Snapshot) -> set[str]:
    return {envelope(one.envelope).fact().aggregate.id for one in part.facts}


def test_the_day_is_said_to_be_whole_with_the_part_that_brings_the_last_of_it(here: Town) -> None:
    ordered(here)
    today = signed_today(here)
    assert len(today) > 10
    # Of today, and before much of what is newer: two parts down.
    say_doses(here, today[:5])
    say_doses(here, [new_id() for _ in range(30)])
    say_doses(here, today[5:])
    came: set[str] = set()
    said: list[Snapshot] = []
    brought = list(parts(here))
    for part in brought:
        whole_before = set(today) <= came
        came |= of(part)
        if part.day:
            said.append(part)
            assert set(today) <= came
            assert not whole_before
    [one] = said
    assert one not in (brought[0], brought[-1])
    assert one.day
    assert one.day.start <= one.now - BACK
    assert one.day.end == one.now + AHEAD + FRESH
    # Nothing comes twice, and nothing is missing, whatever has been said of the day.
    positions = [placed.position for part in brought for placed in part.facts]
    assert len(positions) == len(set(positions))
    left = sum(part.left.count for part in brought if part.left)
    assert len(positions) + left == head(here)


def test_a_day_that_nobody_has_signed_anything_of_is_whole_with_the_orders(here: Town) -> None:
    ordered(here)
    brought = list(parts(here))
    [at] = [n for n, part in enumerate(brought) if part.day]
    assert at < len(brought) - 1
    assert ORDER in {id for part in brought[: at + 1] for id in of(part)}
    assert not any(of(part) & set(FRESH_DOSES) for part in brought[: at + 1])


def test_what_is_signed_after_the_cut_makes_the_day_no_fresher_than_it_was_then(here: Town) -> None:
    ordered(here)
    today = signed_today(here)
    say_doses(here, today[:5])
    say_doses(here, [new_id() for _ in range(30)])
    asked = parts(here)
    next(asked)
    say_doses(here, today[5:])
    signed_at = datetime.now(UTC)
    [one] = [part for part in asked if part.day]
    assert one.day
    assert one.day.end <= signed_at + AHEAD + FRESH


async def test_a_phone_shows_the_day_as_whole_before_the_history_has_come_and_never_too_early(
    here: Town,
) -> None:
    ordered(here)
    today = signed_today(here)
    say_doses(here, today)
    phone = await here.phone()
    store = phone.store
    looked: list[set[str]] = []

    def changed(_: object) -> None:
        now = datetime.now(UTC)
        for who in store.state_unlocked:
            if who.document("staff", AMINA) and not store.coming(STREAM, who, now - BACK, now + AHEAD):
                looked.append(doses(who))

    store.subscribe(changed)
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    assert set(today) <= looked[0]
    assert looked[0] < set(today) | set(FRESH_DOSES)
    assert doses(amina) == set(today) | set(FRESH_DOSES)
