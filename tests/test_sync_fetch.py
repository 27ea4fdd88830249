"""Fetching: what has left a phone comes back whole, when something new is said of it or somebody opens it."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from care.dose import DoseCorrected, DoseGiven
from care.facts import Ref
from care.rights import Role
from storage import Statement, Unlocked
from sync import BadAnswer, Offline
from sync.fetch import MOST, fetch
from sync.link import HEADER, Link
from sync.pull import pull
from sync.push import push
from tests.phones import AMINA, KARIN, Line, Phone, new_id, person, store_at, until
from tests.small_endpoint import UNIT, SmallEndpoint
from tests.statements import TESFAY
from wire.encoding import decode, encode
from wire.messages import (
    Signed,
    Whole,
    signed,
)
from wire.signature import Context

LATER = datetime.now(UTC) + timedelta(days=40)
DOSES = 3


def given(dose: str = "") -> Statement:
    now = datetime.now(UTC)
    body = DoseGiven(order=new_id(), planned=now, performed=now, amount="1", order_fact=new_id())
    return Statement(body, Ref("dose", dose or new_id()), UNIT, None)


class Two:
    """Amina's phone has given doses; Karin's had them, and purged them."""

    def __init__(self, endpoint: SmallEndpoint, one: Line, two: Line) -> None:
        self.endpoint, self.one, self.two = endpoint, one, two

    async def begin(self, doses: int = DOSES) -> "Two":
        self.amina = await self.one.sign_in(self.endpoint, AMINA)
        self.karin = await self.two.sign_in(self.endpoint, KARIN)
        self.given = self.amina.save(*(given() for _ in range(doses)))
        await push(self.one.store, self.one.sessions)
        while (await pull(self.two.store, self.karin, self.two.sessions)).more:
            pass
        assert sum(self.two.store.tidy.purge(self.karin, LATER)) == doses
        return self

    async def correct(self, number: int = 0) -> Ref:
        ref = self.given[number].aggregate
        self.amina.save(Statement(DoseCorrected(corrects=self.given[number].id), ref, UNIT))
        await push(self.one.store, self.one.sessions)
        return ref

    async def pull(self) -> frozenset[Ref]:
        return (await pull(self.two.store, self.karin, self.two.sessions)).changed

    def same(self, ref: Ref) -> bool:
        return self.karin.document(ref.kind, ref.id) == self.amina.document(ref.kind, ref.id)

    def incomplete(self, ref: Ref) -> bool:
        return self.karin.incomplete(ref.kind, ref.id)


@pytest.fixture
def endpoint() -> SmallEndpoint:
    made = SmallEndpoint()
    made.employ(AMINA, "Amina Test", Role.CARER)
    made.employ(KARIN, "Karin Test", Role.NURSE)
    return made


@pytest.fixture
async def both(endpoint: SmallEndpoint, tmp_path: Path) -> Two:
    one = await Line(store_at(tmp_path / "one"), endpoint).enrol()
    two = await Line(store_at(tmp_path / "two"), endpoint).enrol()
    return await Two(endpoint, one, two).begin()


async def test_a_late_correction_brings_back_the_whole_and_nothing_else(both: Two) -> None:
    ref = await both.correct()
    assert ref in await both.pull()
    assert both.same(ref)
    assert not both.incomplete(ref)
    assert len(both.karin.documents("dose")) == 1
    assert both.endpoint.paths("/v1/aggregate/") == 1
    await both.pull()
    assert both.endpoint.paths("/v1/aggregate/") == 1


async def test_without_contact_it_is_shown_as_incomplete_and_fetched_later(both: Two) -> None:
    ref = await both.correct()

    def cut(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.startswith("/v1/aggregate/"):
            raise httpx.ConnectError("no route to host", request=request)
        return None

    both.endpoint.fault = cut
    with pytest.raises(Offline):
        await both.pull()
    assert both.incomplete(ref)
    assert both.karin.document("dose", ref.id)
    assert not both.same(ref)
    both.endpoint.fault = None
    await both.pull()
    assert both.same(ref)
    assert not both.incomplete(ref)


@pytest.mark.parametrize("lie", ["as a page", "another", "another stream"])
async def test_a_whole_that_is_not_what_was_asked_for_is_not_taken_and_stops_nothing(
    both: Two, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    ref = await both.correct()
    said = both.endpoint.tokens[next(reversed(both.endpoint.tokens))]
    right = both.endpoint._whole(replace(said, staff=KARIN), "dose", ref.id, "")
    whole, key = decode(right.data, Whole), both.endpoint.sign_key
    wrong: Signed = {
        "as a page": lambda: signed(whole, key, Context.PAGE),
        "another": lambda: both.endpoint._whole(
            replace(said, staff=KARIN), "dose", both.given[1].aggregate.id, ""
        ),
        "another stream": lambda: signed(replace(whole, stream=f"nurse:{UNIT}"), key, Context.WHOLE),
    }[lie]()
    both.endpoint.fault = lambda request: (
        httpx.Response(200, content=encode(wrong), headers={HEADER: "1"})
        if request.url.path.startswith("/v1/aggregate/")
        else None
    )
    both.amina.save(person())
    await push(both.one.store, both.one.sessions)
    with caplog.at_level(logging.WARNING, "sync.fetch"):
        await both.pull()
    assert "whole" in caplog.text
    assert both.karin.documents("person")
    assert both.incomplete(ref)
    both.endpoint.fault = None
    await both.pull()
    assert both.same(ref)


async def test_what_the_endpoint_has_no_more_of_is_asked_for_once(both: Two) -> None:
    ref = await both.correct()
    both.endpoint.fault = lambda request: (
        httpx.Response(404, content=b'{"code":"no_such_aggregate"}', headers={HEADER: "1"})
        if request.url.path.startswith("/v1/aggregate/")
        else None
    )
    await both.pull()
    assert not both.incomplete(ref)
    await both.pull()
    assert both.endpoint.paths("/v1/aggregate/") == 1


async def test_what_the_unit_shares_stays_wanted_until_somebody_comes_who_may_read_it(both: Two) -> None:
    """Karin works elsewhere since a moment ago: that she gets nothing of it says nothing of it."""
    ref = both.given[0].aggregate
    both.karin.save(Statement(DoseCorrected(corrects=both.given[0].id), ref, UNIT))
    both.endpoint.fault = lambda request: (
        httpx.Response(404, content=b'{"code":"no_such_stream"}', headers={HEADER: "1"})
        if request.url.path.startswith("/v1/aggregate/")
        else None
    )
    await both.pull()
    assert both.endpoint.paths("/v1/aggregate/") == 1
    assert both.incomplete(ref)
    both.endpoint.fault = None
    both.endpoint.employ(KARIN, "Karin Test", Role.NURSE, unit=new_id())
    await both.pull()
    assert both.endpoint.paths("/v1/aggregate/") == 1, "of what is not hers nothing is asked"
    assert both.incomplete(ref)
    both.karin.lock()
    both.endpoint.employ(TESFAY, "Tesfay Test", Role.CARER)
    tesfay = await both.two.sign_in(both.endpoint, TESFAY)
    await pull(both.two.store, tesfay, both.two.sessions)
    assert not tesfay.incomplete(ref.kind, ref.id)
    document = tesfay.document(ref.kind, ref.id)
    assert document
    assert both.given[0].id in document.facts


async def test_many_are_fetched_some_at_a_time(endpoint: SmallEndpoint, tmp_path: Path) -> None:
    one = await Line(store_at(tmp_path / "one"), endpoint).enrol()
    two = await Line(store_at(tmp_path / "two"), endpoint).enrol()
    both = await Two(endpoint, one, two).begin(MOST + 5)
    refs = [await both.correct(n) for n in range(MOST + 5)]
    await both.pull()
    assert sum(both.incomplete(ref) for ref in refs) == 5
    await both.pull()
    assert all(both.same(ref) for ref in refs)


async def test_what_somebody_opens_is_fetched_and_what_is_not_theirs_is_not(both: Two) -> None:
    ref = both.given[2].aggregate
    assert both.karin.document("dose", ref.id) is None
    assert await fetch(both.two.store, both.karin, both.two.sessions, ref) == [ref]
    assert both.same(ref)
    assert await fetch(both.two.store, both.karin, both.two.sessions, Ref("dose", new_id())) == []
    both.endpoint.page_key = bytes(32)
    with pytest.raises(BadAnswer):
        await fetch(both.two.store, both.karin, both.two.sessions, both.given[1].aggregate)


async def test_the_app_purges_by_itself_after_a_sync_and_brings_what_is_opened(
    endpoint: SmallEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    purged: list[datetime] = []
    vacuumed: list[bool] = []
    phone = Phone(tmp_path / "0", lambda url: Link(url, endpoint))
    purge, vacuum = phone.store.tidy.purge, phone.store.tidy.vacuum

    def later(who: Unlocked, now: datetime) -> object:
        purged.append(now)
        return purge(who, now + timedelta(days=40))

    monkeypatch.setattr(phone.store.tidy, "purge", later)
    monkeypatch.setattr(phone.store.tidy, "vacuum", lambda: vacuumed.append(vacuum()))
    try:
        await phone.sync.enrol("https://rapp.example.se", "1234-5678", "Granen 2")
        endpoint.next_sign_in = AMINA
        started = await phone.sync.start_sign_in()
        amina = await phone.sync.certify(started, await phone.sync.wait_for_sign_in(started), "246813")
        await until(lambda: purged)
        # The clock of the endpoint, which is this machine's.
        assert abs(purged[0] - datetime.now(UTC)) < timedelta(seconds=30)
        [fact] = amina.save(given())
        await until(lambda: not phone.store.counts().waiting)
        monkeypatch.setattr("storage.tidy.EVERY", timedelta())
        amina.save(person())
        await until(lambda: amina.document("dose", fact.aggregate.id) is None)
        monkeypatch.undo()
        assert await phone.sync.bring(amina, "dose", fact.aggregate.id)
        assert amina.document("dose", fact.aggregate.id)
        assert not await phone.sync.bring(amina, "dose", new_id())
        monkeypatch.setattr(phone.store.tidy, "vacuum", lambda: vacuumed.append(vacuum()))
        amina.lock()
        await until(lambda: vacuumed)
    finally:
        phone.close()
