"""Photos on their way: after their report, piece by piece, whatever is lost; kept until the whole is signed
for."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from care.photo import BYTES_MOST, CHUNK, pieces
from care.rights import Role
from storage import Unlocked
from sync import BadAnswer, Busy, Link, Offline
from sync.link import HEADER
from sync.photos import PhotoOutcome, ask, send_photos
from sync.push import push
from tests.phones import AMINA, PIN, Line, Phone, person, store_at, until
from tests.photographs import pixels, reported
from tests.small_endpoint import UNIT, SmallEndpoint
from wire import signature
from wire.encoding import decode, encode
from wire.messages import (
    Problem,
    signed,
)
from wire.pieces import PhotoPieces
from wire.signature import Context

BYTES = pixels()


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


async def send(line: Line) -> PhotoOutcome:
    outcome = PhotoOutcome(set(), set())
    async for _ in send_photos(line.store, line.sessions, outcome):
        pass
    return outcome


def took(who: Unlocked, *photos: bytes) -> list[str]:
    """Report with photos; the ids of their facts."""
    return reported(who, *photos, unit=UNIT, person=None)[1]


async def test_a_photo_arrives_after_its_report_and_leaves_the_phones_queue(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    [photo] = took(amina, BYTES)
    assert (await send(line)).stuck == {photo}
    assert endpoint.taken == []
    await push(line.store, line.sessions)
    assert line.store.last_all_sent is None
    assert (await send(line)).sent == {photo}
    assert endpoint.photos == {photo: BYTES}
    assert endpoint.taken == [(photo, n) for n in range(4)]
    assert line.store.counts().unsent == 0
    assert line.store.last_all_sent is not None


@pytest.mark.parametrize("length", [2, CHUNK - 1, CHUNK, CHUNK + 1, BYTES_MOST])
async def test_a_photo_of_any_length_is_the_same_there(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, length: int
) -> None:
    [photo] = took(amina, pixels(length))
    await push(line.store, line.sessions)
    await send(line)
    assert endpoint.photos == {photo: pixels(length)}
    assert len(endpoint.taken) == pieces(length)


async def test_a_locked_phone_sends_it(line: Line, endpoint: SmallEndpoint, amina: Unlocked) -> None:
    [photo] = took(amina, BYTES)
    amina.lock()
    await push(line.store, line.sessions)
    await send(line)
    assert endpoint.photos == {photo: BYTES}


@pytest.mark.parametrize("breaks_at", range(1, 6))
@pytest.mark.parametrize("answered", [True, False], ids=["before it arrives", "after it arrives"])
async def test_it_goes_on_where_the_line_broke_and_sends_nothing_twice(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, breaks_at: int, answered: bool
) -> None:
    [photo] = took(amina, BYTES)
    await push(line.store, line.sessions)
    path, calls = f"/v1/photo/{photo}", 0

    def fault(request: httpx.Request) -> httpx.Response | None:
        nonlocal calls
        calls += request.url.path == path
        if calls == breaks_at and request.url.path == path:
            if answered:
                raise httpx.ReadError("the line broke", request=request)
            endpoint.lose_answer.add(path)
        return None

    endpoint.fault = fault
    with pytest.raises(Offline):
        await send(line)
    assert line.store.photos_waiting() == [photo]
    endpoint.fault = None
    await send(line)
    assert endpoint.photos == {photo: BYTES}
    assert sorted(endpoint.taken) == [(photo, n) for n in range(4)]


async def test_a_restart_in_the_middle_goes_on(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, tmp_path: Path
) -> None:
    [photo] = took(amina, BYTES)
    await push(line.store, line.sessions)
    async for _ in send_photos(line.store, line.sessions, PhotoOutcome(set(), set())):
        break
    line.store.close()
    again = Line(store_at(tmp_path), endpoint)
    await send(again)
    assert endpoint.photos == {photo: BYTES}
    assert sorted(endpoint.taken) == [(photo, n) for n in range(4)]


async def test_what_is_saved_meanwhile_waits_for_one_piece_at_most(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    took(amina, BYTES)
    await push(line.store, line.sessions)
    order: list[str] = []
    async for _ in send_photos(line.store, line.sessions, PhotoOutcome(set(), set())):
        order.append("piece")
        if len(order) == 1:
            amina.save(person())
        if line.store.counts().waiting:
            await push(line.store, line.sessions)
            order.append("fact")
    assert order == ["piece", "fact", "piece", "piece", "piece"]


async def test_one_that_is_refused_is_made_anew_and_sent_again(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    [photo, other] = took(amina, BYTES, pixels(seed=2))
    await push(line.store, line.sessions)
    endpoint.pieces[photo] = {0: bytes(CHUNK)}
    outcome = await send(line)
    assert (outcome.stuck, outcome.sent) == ({photo}, {other})
    assert line.store.photos_waiting() == [photo]
    assert (await send(line)).sent == {photo}
    assert endpoint.photos[photo] == BYTES


async def test_an_endpoint_that_keeps_nothing_of_it_is_not_asked_for_ever(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    [photo] = took(amina, BYTES)
    await push(line.store, line.sessions)
    endpoint.lose_pieces = True
    assert (await send(line)).stuck == {photo}
    assert len(endpoint.taken) == 1
    endpoint.lose_pieces = False
    assert (await send(line)).sent == {photo}


async def test_nothing_is_taken_off_on_an_answer_that_is_not_the_endpoints_or_not_of_it(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked
) -> None:
    [photo] = took(amina, BYTES)
    await push(line.store, line.sessions)
    whole = await ask(line.sessions, photo)
    lies = [replace(whole, state="whole", device="another"), replace(whole, state="whole", photo="another")]
    forged = [signed(one, endpoint.sign_key, Context.PHOTO) for one in lies]
    forged.append(signed(replace(whole, state="whole"), signature.new_key(), Context.PHOTO))
    forged.append(signed(replace(whole, state="whole"), endpoint.sign_key, Context.RECEIPT))
    for answer in forged:
        endpoint.fault = lambda _, answer=answer: httpx.Response(  # type: ignore[misc]
            200, content=encode(answer), headers={HEADER: "1"}
        )
        with pytest.raises(BadAnswer):
            await send(line)
        assert line.store.photos_waiting() == [photo]


@pytest.mark.parametrize(
    ("status", "code", "stuck"),
    [
        (404, "no_such_photo", True),
        (404, "no_such_call", True),
        (413, "too_large", True),
        (503, "unavailable", False),
    ],
)
async def test_a_photo_that_is_not_taken_stops_nothing_and_stays(
    line: Line, endpoint: SmallEndpoint, amina: Unlocked, status: int, code: str, stuck: bool
) -> None:
    [photo] = took(amina, BYTES)
    await push(line.store, line.sessions)
    endpoint.fault = lambda _: httpx.Response(
        status, content=encode(Problem(code=code)), headers={HEADER: "1"}
    )
    if stuck:
        assert (await send(line)).stuck == {photo}
    else:
        with pytest.raises(Busy):
            await send(line)
    assert line.store.photos_waiting() == [photo]


@pytest.fixture
def phone(endpoint: SmallEndpoint, tmp_path: Path) -> Iterator[Phone]:
    made = Phone(tmp_path / "app", lambda url: Link(url, endpoint))
    yield made
    made.close()


async def test_the_app_sends_them_and_says_that_all_is_sent_only_then(
    phone: Phone, endpoint: SmallEndpoint
) -> None:
    await phone.sync.enrol("https://rapp.example.se", "1234-5678", "Granen 2")
    endpoint.next_sign_in = AMINA
    started = await phone.sync.start_sign_in()
    amina = await phone.sync.certify(started, await phone.sync.wait_for_sign_in(started), PIN)

    def fault(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.startswith("/v1/photo/") and decode(request_body(request), PhotoPieces).pieces:
            raise httpx.ConnectError("gone", request=request)
        return None

    endpoint.fault = fault
    photos = took(amina, BYTES, pixels(seed=2))
    await until(lambda: len(endpoint.facts) == 3 and phone.sync.state.phase == "offline")
    assert (phone.sync.state.waiting, phone.store.counts().waiting) == (2, 0)
    endpoint.fault = None
    phone.sync.wake()
    await until(lambda: phone.sync.state.phase == "sent" and phone.sync.state.waiting == 0)
    assert set(endpoint.photos) == set(photos)


def request_body(request: httpx.Request) -> bytes:
    body = request.content
    return gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body
