"""A phone that does not hold what the endpoint has notices it, reads the stream anew, and says so."""

import logging
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, update

from care.dose import DoseCorrected, DoseWithheld
from care.erasing import FactErased, Named
from care.facts import Ref
from endpoint import pages, snapshot
from endpoint.schema import facts, placed, streams
from endpoint.statements import Statement as Said
from endpoint.statements import write
from storage import Unlocked
from storage import pages as taking
from sync.pull import look_through, pull
from sync.selfcheck import ReadAnew
from tests.endpoint_table import contents
from tests.phones import Line, Phone, new_id, person, until
from tests.phones_town import Town, town
from tests.statements import AMINA, PERSON, UNIT
from wire.checksum import Tally

STREAM = f"unit:{UNIT}"
NOW = datetime.now(UTC)


def dose(id: str, at: datetime = NOW) -> Said:
    body = DoseWithheld(order=new_id(), planned=at, performed=at, reason="asleep", order_fact=new_id())
    return Said(body, Ref("dose", id), UNIT, PERSON, at)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path) as made:
        yield made


def say(here: Town, *said: Said) -> None:
    _, done = here.database.write_now(lambda c: write(c, here.parts.keys, list(said)))
    here.database.wake.up(done.woken)


def head(here: Town) -> Tally:
    query = select(streams.c.position, streams.c.sum).where(streams.c.name == STREAM)
    return here.database.read_now(lambda c: Tally(*c.execute(query).one()))


async def read(here: Town, phone: Phone, who: Unlocked) -> None:
    """Until the phone has, by count and sum, what the endpoint has."""

    def whole() -> bool:
        reached = phone.store.reached(STREAM, who)
        return reached is not None and (reached.at.position, reached.tally) == (head(here).count, head(here))

    await until(whole)


def lost(phone: Phone, who: Unlocked) -> int:
    return sum(len(found) for found in phone.store.lost(STREAM, who))


def stopped(here: Town, phone: Phone) -> Line:
    """The phone without its loop, to pull one by one."""
    phone.sync.stop()
    return Line(phone.store, here.line)  # type: ignore[arg-type]


def test_a_sum_has_no_order_and_tells_what_is_missing() -> None:
    hashes = [random.Random(n).randbytes(32) for n in range(50)]
    whole = Tally().plus(hashes)
    assert Tally().plus(hashes[30:]) + Tally().plus(hashes[:30]) == whole
    assert Tally().plus(random.Random(1).sample(hashes, 50)) == whole
    assert all(Tally().plus(hashes[:n] + hashes[n + 1 :]) != whole for n in range(50))
    # What is there twice does not cancel itself out, and a sum beyond 64 bits begins anew.
    assert Tally().plus([*hashes, hashes[0], hashes[0]]).sum != whole.sum
    assert Tally().plus([b"\xff" * 32, b"\0" * 7 + b"\2" + bytes(24)]) == Tally(2, 1)
    assert Tally.of(7, bytes(Tally(7, 2**64 - 3))) == Tally(7, 2**64 - 3)


async def test_what_has_come_is_what_the_endpoint_has_and_nothing_is_read_anew(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    kept = [new_id() for _ in range(5)]
    say(here, *map(dose, kept))
    amina.save(person())
    await until(lambda: not phone.store.counts().waiting)
    say(here, Said(DoseCorrected(corrects=new_id()), Ref("dose", kept[0]), UNIT, PERSON))
    await read(here, phone, amina)
    assert lost(phone, amina) == 0
    assert phone.sync._sessions is not None
    assert not phone.sync._sessions.read_anew._last
    here.database.read_now(contents)


async def test_a_snapshot_that_leaves_things_out_adds_up(here: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FACTS_MOST", 20)
    monkeypatch.setattr(snapshot, "AGGREGATES_MOST", 10)
    over, fresh = ([new_id() for _ in range(15)] for _ in range(2))
    say(here, *(dose(id, NOW - timedelta(days=90)) for id in over), *map(dose, fresh))
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    assert {one.id for one in amina.documents("dose")} == set(fresh)
    # What is brought of it, and what is said of it since, changes nothing of that.
    assert await phone.sync.bring(amina, "dose", over[0])
    say(here, *(Said(DoseCorrected(corrects=new_id()), Ref("dose", id), UNIT, PERSON) for id in over[:3]))
    await read(here, phone, amina)
    await until(lambda: not phone.store.wanted(amina))
    assert lost(phone, amina) == 0
    # Purged, it has left whole: that is no loss.
    later = datetime.now(UTC) + timedelta(days=90)
    monkeypatch.setattr(phone.store.tidy, "_done", lambda *_: False)
    assert sum(phone.store.tidy.purge(amina, later)) >= len(fresh)
    assert lost(phone, amina) == 0
    say(here, dose(new_id()))
    await read(here, phone, amina)
    assert phone.sync._sessions is not None
    assert not phone.sync._sessions.read_anew._last


def take_away(phone: Phone, who: Unlocked, ref: Ref) -> None:
    """Row by row, without a trace."""
    reader = who.reader()
    with phone.store._database.writing() as connection:
        for ring in (reader.phone, reader.own):
            for table in ("facts", "documents"):
                connection.execute(
                    f"DELETE FROM {table} WHERE ring = ? AND aggregate = ?", (ring.id, ring.facts.lookup(ref))
                )
            ring.forget({ring.facts.lookup(ref)})


def rot(phone: Phone, who: Unlocked, ref: Ref) -> None:
    """A byte in the middle of each row of its facts turns."""
    ring = who.reader().phone
    with phone.store._database.writing() as connection:
        query = "SELECT rowid, payload FROM facts WHERE ring = ? AND aggregate = ?"
        for row, payload in connection.execute(query, (ring.id, ring.facts.lookup(ref))).fetchall():
            turned = payload[:40] + bytes((payload[40] ^ 1,)) + payload[41:]
            connection.execute("UPDATE facts SET payload = ? WHERE rowid = ?", (turned, row))


@pytest.mark.parametrize("way", [take_away, rot])
@pytest.mark.parametrize("long", [False, True])
async def test_what_left_the_phones_file_comes_back_and_the_outbox_stays(
    here: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: object, long: bool
) -> None:
    if long:
        monkeypatch.setattr(pages, "FACTS_MOST", 20)
    ids = [new_id() for _ in range(30)]
    say(here, *map(dose, ids))
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    line = stopped(here, phone)
    unsent = amina.save(person())[0]
    gone = Ref("dose", ids[4])
    assert callable(way)
    way(phone, amina, gone)
    with caplog.at_level(logging.WARNING):
        assert await look_through(phone.store, amina, line.sessions)
    assert "unit" in caplog.text
    assert "read anew" in caplog.text
    assert ids[4] not in caplog.text
    assert phone.store.cursor(STREAM, amina) is None
    while (await pull(phone.store, amina, line.sessions)).more:
        pass
    assert lost(phone, amina) == 0
    assert len(amina.envelopes("dose", ids[4])) == 1
    assert {one.id for one in amina.documents("dose")} == set(ids)
    assert [one.id for one in phone.store.waiting(10)] == [unsent.id]
    assert amina.document("person", unsent.aggregate.id)
    assert not await look_through(phone.store, amina, line.sessions)


async def test_what_was_passed_over_as_a_page_was_taken_is_noticed_with_the_next_answer(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    line = stopped(here, phone)
    ids = [new_id() for _ in range(3)]
    say(here, *map(dose, ids))
    whole = taking.by_aggregate

    def short(connection: object, stream: str, placed: list[object], ring: object) -> object:
        return whole(connection, stream, placed[:-1], ring)  # type: ignore[arg-type]

    monkeypatch.setattr(taking, "by_aggregate", short)
    outcome = await pull(phone.store, amina, line.sessions)
    assert outcome.more
    assert phone.store.cursor(STREAM, amina) is None
    assert sum(amina.document("dose", id) is None for id in ids) == 1
    monkeypatch.setattr(taking, "by_aggregate", whole)
    while (await pull(phone.store, amina, line.sessions)).more:
        pass
    assert all(amina.document("dose", id) for id in ids)


async def test_an_endpoint_that_was_put_back_by_hand_is_noticed_at_the_same_place(here: Town) -> None:
    """Its streams kept their names and numbers, and have another history behind them."""
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    say(here, dose(new_id()))
    await read(here, phone, amina)
    line = stopped(here, phone)
    forgotten, instead = head(here).count, new_id()

    def lose_the_last(connection: object) -> None:
        where = (placed.c.stream == STREAM, placed.c.position == forgotten)
        fact = connection.execute(select(placed.c.fact).where(*where)).scalar_one()  # type: ignore[attr-defined]
        hash = connection.execute(select(facts.c.hash).where(facts.c.id == fact)).scalar_one()  # type: ignore[attr-defined]
        before = Tally(0, head(here).sum - int.from_bytes(hash[:8], "big")).sum % 2**64
        connection.execute(placed.delete().where(*where))  # type: ignore[attr-defined]
        connection.execute(  # type: ignore[attr-defined]
            update(streams).where(streams.c.name == STREAM).values(position=forgotten - 1, sum=before)
        )

    here.database.write_now(lose_the_last)
    say(here, dose(instead))
    assert head(here).count == forgotten
    assert (await pull(phone.store, amina, line.sessions)).more
    while (await pull(phone.store, amina, line.sessions)).more:
        pass
    assert amina.document("dose", instead)


async def test_only_at_the_same_place_is_anything_compared(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What arrives between the heads and the pages of one answer is no loss."""
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    line = stopped(here, phone)
    heads, later = pages._heads, new_id()

    def early(connection: object, names: tuple[str, ...]) -> object:
        found = heads(connection, names)  # type: ignore[arg-type]
        write(connection, here.parts.keys, [dose(later)])  # type: ignore[arg-type]
        return found

    say(here, dose(new_id()))
    monkeypatch.setattr(pages, "_heads", early)
    monkeypatch.setattr(here.database, "read", lambda read: here.database.write(read))
    await pull(phone.store, amina, line.sessions)
    assert amina.document("dose", later)
    assert not line.sessions.read_anew._last


def test_a_stream_that_it_does_not_help_is_left_alone_for_longer_each_time() -> None:
    anew, now = ReadAnew(), NOW
    found = []
    for _ in range(14 * 24):
        if anew.may(AMINA, STREAM, now):
            found.append(now)
        now += timedelta(hours=1)
    pauses = [(later - earlier) / timedelta(hours=1) for earlier, later in pairwise(found)]
    assert pauses[:6] == [1, 2, 4, 8, 16, 24]
    assert set(pauses[6:]) == {24}
    assert anew.may("somebody else", STREAM, now)


async def test_the_endpoint_hears_of_it(here: Town, caplog: pytest.LogCaptureFixture) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("rapp_streams_read_anew_total") or 0.0

    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    await read(here, phone, amina)
    before = counted()
    line = stopped(here, phone)
    say(here, dose(gone := new_id()))
    await pull(phone.store, amina, line.sessions)
    take_away(phone, amina, Ref("dose", gone))
    assert await look_through(phone.store, amina, line.sessions)
    with caplog.at_level(logging.WARNING):
        await line.sessions.ask(
            None, lambda token: line.sessions.link.get("/v1/device", dict, token, params=[])
        )
    assert counted() == before + 1
    assert "1 streams anew" in caplog.text
    assert line.sessions.read_anew.untold == 0


async def test_what_an_erasure_took_is_no_loss(here: Town) -> None:
    phone = await here.phone()
    amina = await here.sign_in(phone, AMINA)
    say(here, dose(id := new_id()))
    await read(here, phone, amina)
    query = select(facts.c.id, facts.c.hash).where(facts.c.aggregate == f"dose/{id}")
    [row] = here.database.read_now(lambda c: c.execute(query).all())
    body = FactErased(facts=(Named(row.id, row.hash.hex()),), why="decision", decision=new_id())
    say(here, Said(body, Ref("dose", id), UNIT, PERSON))
    await read(here, phone, amina)
    assert not [one for one in amina.envelopes("dose", id) if one.fact().id == row.id]
    assert lost(phone, amina) == 0
    # On a phone that comes later the place is empty, and adds up all the same.
    other = await here.phone()
    again = await here.sign_in(other, AMINA)
    await read(here, other, again)
    assert lost(other, again) == 0
