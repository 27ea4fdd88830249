"""Push: everything that waits arrives, once, and is sent only when the endpoint's own key has said so."""

import asyncio
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from care.rights import Role
from storage import Store, Unlocked
from storage.outbox import Outbox
from sync import BadAnswer, Busy, Malformed, Offline, TimedOut, TooLarge
from sync.push import Batch, deliver, push
from sync.session import Sessions
from tests.phones import AMINA, Line, person, store_at
from tests.small_endpoint import SmallEndpoint
from wire import signature
from wire.messages import PushResult, Receipt, signed
from wire.signature import Context


@pytest.fixture
def endpoint() -> SmallEndpoint:
    made = SmallEndpoint()
    made.employ(AMINA, "Amina Test", Role.CARER)
    return made


@pytest.fixture
async def line(endpoint: SmallEndpoint, tmp_path: Path) -> Line:
    return await Line(store_at(tmp_path), endpoint).enrol()


@pytest.fixture
async def amina(line: Line, endpoint: SmallEndpoint) -> Unlocked:
    return await line.sign_in(endpoint, AMINA)


def waiting(store: Store) -> int:
    return store.counts().waiting


async def test_what_waits_is_sent_and_leaves_the_outbox(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    saved = [fact for _ in range(3) for fact in amina.save(person())]
    outcome = await push(line.store, line.sessions)
    assert outcome.accepted == 3
    assert set(endpoint.facts) == {fact.id for fact in saved}
    assert waiting(line.store) == 0
    assert line.store.last_all_sent is not None


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many facts each batch has that is sent."""
    found: list[int] = []

    async def counted(sessions: Sessions, batch: Batch) -> Receipt:
        found.append(len(batch.ids))
        return await deliver(sessions, batch)

    monkeypatch.setattr("sync.push.deliver", counted)
    return found


@pytest.mark.parametrize(
    ("session", "quick", "batches"),
    [
        (-1.0, 60.0, [100, 200, 50]),
        (-1.0, 0.0, [100, 100, 100, 50]),
        (60.0, 60.0, [250, 100]),
        (60.0, 0.0, [250, 100]),
    ],
)
async def test_batches_begin_and_grow_as_quickly_as_answers_come_oldest_first(
    line: Line,
    endpoint: SmallEndpoint,
    amina: Unlocked,
    monkeypatch: pytest.MonkeyPatch,
    session: float,
    quick: float,
    batches: list[int],
    sent: list[int],
) -> None:
    monkeypatch.setattr("sync.push.SESSION_S", session)
    monkeypatch.setattr("sync.push.QUICK_S", quick)
    saved = [fact.id for fact in amina.save(*(person() for _ in range(350)))]
    assert (await push(line.store, line.sessions)).accepted == 350
    assert list(endpoint.facts) == saved
    assert sent == batches


async def test_a_session_of_an_hour_ago_says_nothing_of_the_line(
    line: Line, amina: Unlocked, sent: list[int]
) -> None:
    for _ in range(2):
        amina.save(*(person() for _ in range(260)))
        await push(line.store, line.sessions)
    assert (sent[0], sent[2]) == (250, 100)


async def test_nothing_is_packed_while_nobody_answers(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[int] = []
    real = Outbox.oldest

    def oldest(self: Outbox, connection: object, limit: int, *more: object) -> object:
        packed.append(limit)
        return real(self, connection, limit, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Outbox, "oldest", oldest)
    amina.save(person())
    endpoint.lose_answer.add("/v1/session")
    with pytest.raises(Offline):
        await push(line.store, line.sessions)
    assert packed == []
    assert (await push(line.store, line.sessions)).accepted == 1
    assert packed


async def test_a_locked_phone_delivers(line: Line, endpoint: SmallEndpoint, amina: Unlocked) -> None:
    amina.save(person())
    amina.lock()
    assert (await push(line.store, line.sessions)).accepted == 1
    assert waiting(line.store) == 0


async def test_an_answer_lost_after_the_endpoint_had_it_makes_it_known_not_twice(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    amina.save(person())
    endpoint.lose_answer.add("/v1/push")
    with pytest.raises(Offline):
        await push(line.store, line.sessions)
    assert waiting(line.store) == 1
    outcome = await push(line.store, line.sessions)
    assert (outcome.accepted, outcome.known) == (0, 1)
    assert len(endpoint.facts) == 1
    assert waiting(line.store) == 0


async def test_a_batch_that_is_too_large_is_halved_until_it_is_taken(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    amina.save(*(person() for _ in range(100)))
    endpoint.largest_push = 30
    assert (await push(line.store, line.sessions)).accepted == 100
    assert endpoint.paths("/v1/push") == 2 + 4


async def test_a_batch_that_takes_too_long_is_halved(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    amina.save(*(person() for _ in range(10)))
    slow = 2

    def fault(request: httpx.Request) -> None:
        nonlocal slow
        if request.url.path == "/v1/push" and slow:
            slow -= 1
            raise httpx.ReadTimeout("slow")

    endpoint.fault = fault
    assert (await push(line.store, line.sessions)).accepted == 10
    assert endpoint.paths("/v1/push") == 2 + 5


async def test_a_line_too_slow_for_a_single_fact_is_offline(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    amina.save(person(), person())

    def fault(request: httpx.Request) -> None:
        if request.url.path == "/v1/push":
            raise httpx.ReadTimeout("slow")

    endpoint.fault = fault
    with pytest.raises(TimedOut):
        await push(line.store, line.sessions)
    assert waiting(line.store) == 2


@pytest.mark.parametrize("kind", [TooLarge, Malformed])
async def test_one_fact_that_is_never_taken_does_not_stop_those_behind_it(
    line: Line,
    amina: Unlocked,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[TooLarge | Malformed],
) -> None:
    saved = [fact.id for fact in amina.save(*(person() for _ in range(20)))]
    bad = saved[7]

    async def picky(sessions: Sessions, batch: Batch) -> Receipt:
        if bad in batch.ids:
            raise kind("refused")
        return await deliver(sessions, batch)

    monkeypatch.setattr("sync.push.deliver", picky)
    outcome = await push(line.store, line.sessions)
    assert outcome.stuck == {bad}
    assert outcome.accepted == 19
    assert [sealed.id for sealed in line.store.waiting()] == [bad]


async def test_a_receipt_signed_by_another_key_marks_nothing_as_sent(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    amina.save(person())
    endpoint.receipt_key = signature.new_key()
    with pytest.raises(BadAnswer):
        await push(line.store, line.sessions)
    assert waiting(line.store) == 1
    assert line.store.last_all_sent is None


async def test_a_page_is_no_receipt(line: Line, endpoint: SmallEndpoint, amina: Unlocked) -> None:
    """A signature for one purpose is not one for another."""
    fact = amina.save(person())[0]
    result = PushResult(id=fact.id, status="accepted", hash=b"h" * 32)
    assert line.store.device
    receipt = Receipt(device=line.store.device.id, received=fact.at, results=(result,))
    answer = signed(receipt, endpoint.sign_key, Context.PAGE)
    endpoint.fault = answer_of_push(answer)
    with pytest.raises(BadAnswer):
        await push(line.store, line.sessions)
    assert waiting(line.store) == 1


def answer_of_push(answer: object) -> object:
    from sync.link import HEADER
    from wire.messages import encode

    def fault(request: httpx.Request) -> httpx.Response | None:
        if request.url.path != "/v1/push":
            return None
        return httpx.Response(200, content=encode(answer), headers={HEADER: "1"})  # type: ignore[arg-type]

    return fault


@pytest.mark.parametrize("lie", ["other device", "other fact", "twice", "missing", "no hash", "other hash"])
async def test_a_receipt_counts_for_this_device_and_these_facts_only(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, lie: str
) -> None:
    fact = amina.save(person())[0]
    assert line.store.device
    held = line.store.waiting()[0]
    right = PushResult(
        id=held.id, status="accepted", hash=amina.envelopes("person", fact.aggregate.id)[0].hash
    )
    results = {
        "other device": (right,),
        "other fact": (
            PushResult(id="0190a000-0000-7000-8000-000000000000", status="accepted", hash=b"h" * 32),
        ),
        "twice": (right, right),
        "missing": (),
        "no hash": (PushResult(id=held.id, status="accepted"),),
        "other hash": (PushResult(id=held.id, status="accepted", hash=b"h" * 32),),
    }[lie]
    device = "d-99" if lie == "other device" else line.store.device.id
    receipt = Receipt(device=device, received=fact.at, results=results)
    endpoint.fault = answer_of_push(signed(receipt, endpoint.sign_key, Context.RECEIPT))  # type: ignore[assignment]
    if lie == "other hash":
        await push(line.store, line.sessions)
        assert (line.store.counts().waiting, line.store.counts().needs_action) == (0, 1)
    else:
        with pytest.raises(BadAnswer):
            await push(line.store, line.sessions)
        assert waiting(line.store) == 1


async def test_a_token_that_ran_out_is_renewed_once(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    amina.save(person())
    endpoint.tokens.clear()
    assert (await push(line.store, line.sessions)).accepted == 1


async def test_an_endpoint_that_asks_to_be_left_alone_says_for_how_long(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    amina.save(person())
    endpoint.fault = lambda request: httpx.Response(503, headers={"Retry-After": "11"})
    with pytest.raises(Busy) as caught:
        await push(line.store, line.sessions)
    assert caught.value.retry_after == 11
    assert waiting(line.store) == 1


async def test_what_is_sent_again_during_a_push_goes_with_it(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    [fact] = [fact.id for fact in amina.save(person())]
    refusals = 1
    take = line.store.take_receipt

    async def refusing(sessions: Sessions, batch: Batch) -> Receipt:
        receipt = await deliver(sessions, batch)
        if not refusals:
            return receipt
        return replace(receipt, results=(PushResult(id=fact, status="quarantined", reason="unsigned"),))

    def taken(receipt: Receipt, ids: list[str]) -> None:
        nonlocal refusals
        take(receipt, ids)
        if refusals:
            refusals -= 1
            line.store.send_again(fact)

    monkeypatch.setattr("sync.push.deliver", refusing)
    monkeypatch.setattr(line.store, "take_receipt", taken)
    assert (await push(line.store, line.sessions)).stuck == set()
    assert (waiting(line.store), line.store.counts().needs_action) == (0, 0)


async def test_what_was_answered_is_written_down_while_the_next_is_under_way_and_kept_when_that_fails(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina.save(*(person() for _ in range(30)))
    seen: list[int] = []

    async def counted(sessions: Sessions, batch: Batch) -> Receipt:
        await asyncio.sleep(0.2)
        seen.append(waiting(line.store))
        if len(seen) == 3:
            raise Offline("gone")
        return await deliver(sessions, batch)

    monkeypatch.setattr("sync.push.deliver", counted)
    with pytest.raises(Offline):
        await push(line.store, line.sessions, first=10, most=10)
    # The first answer was waited with until the second batch was on its way, the second until the third was.
    assert seen == [30, 20, 10]
    assert waiting(line.store) == 10
    monkeypatch.setattr("sync.push.deliver", deliver)
    assert (await push(line.store, line.sessions)).accepted == 10


async def test_facts_that_are_saved_or_sent_again_during_a_push_go_with_it(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina.save(*(person() for _ in range(25)))
    batches: list[int] = []

    async def counted(sessions: Sessions, batch: Batch) -> Receipt:
        if not batches:
            amina.save(*(person() for _ in range(5)))
        batches.append(len(batch.ids))
        return await deliver(sessions, batch)

    monkeypatch.setattr("sync.push.deliver", counted)
    assert (await push(line.store, line.sessions, first=10, most=10)).accepted == 30
    assert batches == [10, 10, 10]
    assert waiting(line.store) == 0
