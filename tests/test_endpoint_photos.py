"""Photos at the endpoint: pieces in any order and as often as need be, one picture or nothing, and nobody
else's."""

import os
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace
from sqlalchemy import func, select

from care.deviation import DeviationReported
from care.erasing import FactErased, Named
from care.facts import Ref, raw
from care.photo import BYTES_MOST, CHUNK, DeviationPhotographed, pieces
from care.published import Answered
from care.rights import Role
from care.staff import RoleInUnit
from endpoint import photos
from endpoint.audit.tables import audit
from endpoint.keeping.retention import sweep_ended
from endpoint.keeping.terms import PIECES_DAYS
from endpoint.photos import photo_pieces
from endpoint.photos import photos as photos_table
from endpoint.schema import facts
from tests.endpoint_phone import Phone, Refusal, fresh_id
from tests.endpoint_town import Town, town
from tests.photographs import pixels, said
from tests.postgres import database_url, postgres, postgres_url
from tests.statements import AMINA, KARIN, OTHER_UNIT, PERSON, TESFAY, UNIT
from wire.messages import Signed, opened
from wire.pieces import PIECES_MOST, PhotoHeld, PhotoPart, PhotoPieces, Piece, sealed_pieces
from wire.seal import Sealer
from wire.signature import Context

__all__ = ["database_url", "postgres", "postgres_url"]

BYTES = pixels()
ALL = [0, 1, 2, 3]
REPORTED = DeviationReported(category="fall", answers=Answered("form", "1", Raw(b"{}")))


@pytest.fixture
def here(tmp_path: Path, database_url: str | None) -> Iterator[Town]:
    with town(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def phone(here: Town) -> Phone:
    return here.phone(AMINA, KARIN)


def named(
    phone: Phone, body: DeviationPhotographed | None = None, author: str = AMINA, **changes: Any
) -> str:
    """A report and a photo's fact, pushed; the photo's id."""
    about = Ref("deviation", fresh_id())
    report = phone.fact(REPORTED, about, author)
    photo = phone.fact(body or said(BYTES), about, author, rank=2, **changes)
    assert {one.status for one in phone.push(report, photo)} == {"accepted"}
    return photo.fact().id


def send(phone: Phone, photo: str, *sent: Piece) -> PhotoHeld:
    message = PhotoPieces(pieces=sent)
    answer = phone.post(f"/v1/photo/{photo}", message, Signed, phone.token())
    held = opened(answer, phone.known.sign_public, Context.PHOTO, PhotoHeld)
    assert (held.device, held.photo) == (phone.known.device, photo)
    return held


def cut(phone: Phone, photo: str, data: bytes = BYTES) -> list[Piece]:
    return sealed_pieces(phone.sealer, photo, data)


def kept(here: Town) -> tuple[int, int]:
    """How many whole pictures, and how many pieces."""
    tables = (photos_table, photo_pieces)
    return tuple(here.read(lambda c: [c.scalar(select(func.count()).select_from(one)) for one in tables]))


def picture(here: Town, photo: str) -> bytes | None:
    found = here.read(lambda c: photos.one(c, photo))
    return found.data if found else None


@pytest.mark.parametrize("order", [ALL, ALL[::-1], [2, 0, 2, 0, 3, 1], [0, 0, 0, 1, 2, 3]])
def test_pieces_come_in_any_order_and_any_number_of_times(here: Town, phone: Phone, order: list[int]) -> None:
    photo = named(phone)
    made = cut(phone, photo)
    had: set[int] = set()
    for n in order:
        held = send(phone, photo, made[n])
        had.add(n)
        expected = ("whole", ()) if len(had) == 4 else ("wanted", tuple(sorted(had)))
        assert (held.state, held.held) == expected
    assert picture(here, photo) == BYTES
    assert kept(here) == (1, 0)
    assert send(phone, photo, *made).state == "whole"
    assert kept(here) == (1, 0)


def test_it_says_what_it_has_when_it_is_asked(here: Town, phone: Phone) -> None:
    photo = named(phone)
    assert (send(phone, photo).state, send(phone, photo).held) == ("wanted", ())
    send(phone, photo, *cut(phone, photo)[1:3])
    assert send(phone, photo).held == (1, 2)
    assert picture(here, photo) is None


@pytest.mark.parametrize("length", [1, CHUNK, CHUNK + 1, BYTES_MOST])
def test_a_photo_of_any_length_comes_whole(here: Town, phone: Phone, length: int) -> None:
    data = os.urandom(length)
    photo = named(phone, said(data))
    assert send(phone, photo, *cut(phone, photo, data)).state == "whole"
    assert picture(here, photo) == data


def test_another_picture_than_the_fact_names_is_refused_and_the_right_one_taken_after_it(
    here: Town, phone: Phone
) -> None:
    photo = named(phone)
    held = send(phone, photo, *cut(phone, photo, pixels(seed=2)))
    assert (held.state, kept(here)) == ("refused", (0, 0))
    assert send(phone, photo, *cut(phone, photo)).state == "whole"
    assert picture(here, photo) == BYTES


def test_what_is_no_piece_of_it_is_passed_by(here: Town, phone: Phone) -> None:
    photo, other = named(phone), named(phone)
    [first, second, _, last] = cut(phone, photo)
    piece = first.__class__
    stranger = Sealer(phone.known.seal_public, "another phone")
    wrong = [
        piece(n=1, enc=first.enc, box=first.box),
        piece(n=0, enc=first.enc, box=first.box[:-1] + bytes([first.box[-1] ^ 1])),
        piece(n=0, enc=bytes(32), box=first.box),
        piece(n=0, enc=b"", box=b""),
        sealed_pieces(stranger, photo, BYTES)[0],
        cut(phone, other)[0],
        # It opens, and is not as long as that piece is.
        cut(phone, photo, BYTES[:100])[0],
        cut(phone, photo, BYTES + bytes(CHUNK))[3],
    ]
    for one in wrong:
        assert send(phone, photo, one).held == ()
    beyond = cut(phone, photo, BYTES + bytes(2 * CHUNK))
    assert send(phone, photo, *beyond[4:]).held == ()
    assert send(phone, photo, second, last).held == (1, 3)


@pytest.mark.parametrize("n", [-1, 4, 10**9, 2**63, -(2**63) - 1])
def test_a_number_that_no_piece_has_is_passed_by(phone: Phone, n: int) -> None:
    photo = named(phone)
    sealed = phone.sealer.seal(f"{photo}/{n}", BYTES[:CHUNK])
    content = b'{"pieces":[{"n":%d,"enc":"","box":""}]}' % n
    answer = phone.client.post(
        f"/v1/photo/{photo}", content=content, headers={"authorization": f"Bearer {phone.token()}"}
    )
    assert answer.status_code in (200, 400)
    if -(2**63) <= n < 2**63:
        assert send(phone, photo, Piece(n=n, enc=sealed.enc, box=sealed.box)).held == ()


def refused(phone: Phone, photo: str, *sent: Piece) -> tuple[int, str]:
    with pytest.raises(Refusal) as refusal:
        send(phone, photo, *sent)
    return refusal.value.status, refusal.value.problem.code


def test_only_the_phone_that_named_it_sends_it(here: Town, phone: Phone) -> None:
    photo = named(phone)
    colleague, elsewhere = here.phone(KARIN), here.phone(TESFAY, unit=OTHER_UNIT)
    for other in (colleague, elsewhere):
        assert refused(other, photo, *cut(other, photo)) == (404, "no_such_photo")
    assert kept(here) == (0, 0)


def test_nothing_is_taken_before_its_fact_is_here_or_for_what_is_no_photo(here: Town, phone: Phone) -> None:
    about = Ref("deviation", fresh_id())
    fact = phone.fact(said(BYTES), about, AMINA)
    photo = fact.fact().id
    assert refused(phone, photo, *cut(phone, photo)) == (404, "no_such_photo")
    report = phone.fact(REPORTED, Ref("deviation", fresh_id()), AMINA)
    phone.push(report)
    for id in (report.fact().id, fresh_id(), "x", "%00", "a" * 300, "å"):
        assert refused(phone, id) == (404, "no_such_photo")
    phone.push(fact)
    assert send(phone, photo, *cut(phone, photo)).state == "whole"


@pytest.mark.parametrize("size", [BYTES_MOST + 1, 10**12, 0, -5])
def test_a_fact_of_a_picture_that_may_not_be_brings_none_in(here: Town, phone: Phone, size: int) -> None:
    good = said(BYTES)
    lie = raw(good)
    forged = bytes(lie).replace(b'"size":%d' % len(BYTES), b'"size":%d' % size)
    assert forged != bytes(lie)
    about = Ref("deviation", fresh_id())
    fact = replace(phone.fact(good, about, AMINA).fact(), body=Raw(forged))
    phone.push(phone.fact(REPORTED, about, AMINA), phone.signed(fact, AMINA))
    photo = fact.id
    assert refused(phone, photo, *cut(phone, photo)) == (404, "no_such_photo")


def test_too_many_or_too_large_pieces_are_refused_whole(here: Town, phone: Phone) -> None:
    photo = named(phone)
    [first, *_] = cut(phone, photo)
    assert refused(phone, photo, *[first] * (PIECES_MOST + 1)) == (413, "too_large")
    large = Piece(n=0, enc=first.enc, box=first.box + b"x")
    assert refused(phone, photo, large) == (413, "too_large")
    assert kept(here) == (0, 0)


def test_nobody_without_a_session_is_told_anything(here: Town, phone: Phone) -> None:
    photo = named(phone)
    for token in ({}, {"authorization": "Bearer x"}):
        assert here.client.post(f"/v1/photo/{photo}", content=b"{}", headers=token).status_code == 401


def test_several_lines_at_once_bring_one_picture(here: Town, phone: Phone) -> None:
    photo = named(phone)
    made = cut(phone, photo)
    states: list[str] = []

    def all_of_it(first: int) -> None:
        for at in range(4):
            states.append(send(phone, photo, made[(first + at) % 4]).state)

    phone.token()
    lines = [threading.Thread(target=all_of_it, args=(first,)) for first in range(4)]
    for one in lines:
        one.start()
    for one in lines:
        one.join()
    assert len(states) == 16
    assert send(phone, photo).state == "whole"
    assert (picture(here, photo), kept(here)) == (BYTES, (1, 0))


def test_an_erasure_takes_the_picture_and_what_had_come_and_nothing_brings_it_back(
    here: Town, phone: Phone
) -> None:
    whole, begun = named(phone), named(phone)
    send(phone, whole, *cut(phone, whole))
    send(phone, begun, *cut(phone, begun)[:2])
    assert kept(here) == (1, 2)
    for photo in (whole, begun):
        row = here.read(lambda c, photo=photo: c.execute(_fact(photo)).one())  # type: ignore[misc]
        kind, _, id = row.aggregate.partition("/")
        named_fact = Named(photo, row.hash.hex())
        here.state(FactErased(facts=(named_fact,), why="decision", decision="IVO 1"), Ref(kind, id), UNIT)
    assert kept(here) == (0, 0)
    for photo in (whole, begun):
        assert send(phone, photo, *cut(phone, photo)).state == "erased"
    assert kept(here) == (0, 0)


def _fact(photo: str) -> Any:
    return select(facts.c.aggregate, facts.c.hash).where(facts.c.id == photo)


def test_pieces_that_never_became_a_picture_go_and_the_phone_sends_them_anew(
    here: Town, phone: Phone
) -> None:
    photo = named(phone)
    made = cut(phone, photo)
    send(phone, photo, *made[:3])
    now = here.parts.now()
    assert sweep_ended(here.database, now + timedelta(days=PIECES_DAYS - 1))["photo_pieces"] == 0
    assert sweep_ended(here.database, now + timedelta(days=PIECES_DAYS + 1))["photo_pieces"] == 3
    phone.tokens.clear()  # sessions have ended, too
    assert send(phone, photo, made[3]).held == (3,)
    assert send(phone, photo, *made[:3]).state == "whole"
    assert sweep_ended(here.database, now + timedelta(days=4000))["photo_pieces"] == 0
    assert picture(here, photo) == BYTES


def test_how_many_pieces_there_are_follows_from_the_size() -> None:
    assert [pieces(size) for size in (1, CHUNK, CHUNK + 1, BYTES_MOST)] == [1, 1, 2, 7]


def part(phone: Phone, staff: str, photo: str, n: int = 0) -> PhotoPart:
    found: PhotoPart = phone.get(f"/v1/photo/{photo}/{n}", PhotoPart, phone.token(staff))
    return found


def refusal(phone: Phone, staff: str | None, photo: str, n: object = 0) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        phone.get(f"/v1/photo/{photo}/{n}", PhotoPart, phone.token(staff))
    return refused.value.status, refused.value.problem.code


def read_of(here: Town) -> list[tuple[str, ...]]:
    """What the log says was read."""
    c = audit.c
    query = select(c.staff, c.person, c.device, c.what, c.role).where(c.act == "read")
    return [tuple(row) for row in here.read(lambda connection: connection.execute(query).all())]


def test_whoever_handles_the_case_is_given_the_photo_in_pieces_and_it_is_logged(
    here: Town, phone: Phone
) -> None:
    photo = named(phone, person=PERSON)
    assert part(phone, KARIN, photo).count == 0, "it has not come, and that is no fault"
    assert read_of(here) == []
    send(phone, photo, *cut(phone, photo))
    found = [part(phone, KARIN, photo, n) for n in range(pieces(len(BYTES)))]
    assert b"".join(one.data for one in found) == BYTES
    assert {(one.photo, one.count) for one in found} == {(photo, 4)}
    assert read_of(here) == [(KARIN, PERSON, phone.known.device, "deviation", "nurse")], "once"
    part(phone, KARIN, photo)
    assert len(read_of(here)) == 2, "shown again is read again"


def test_to_everybody_else_the_photo_is_not_there(here: Town, phone: Phone) -> None:
    photo = named(phone, person=PERSON)
    send(phone, photo, *cut(phone, photo))
    nothing = (404, "no_such_photo")
    assert refusal(phone, AMINA, photo) == nothing, "whoever reported it reads no case"
    assert refusal(here.phone(TESFAY, unit=OTHER_UNIT), TESFAY, photo) == nothing
    assert refusal(phone, KARIN, fresh_id()) == nothing
    assert refusal(phone, KARIN, "no-id") == nothing
    assert [refusal(phone, KARIN, photo, n) for n in (4, -1, 10**30)] == [nothing] * 3
    assert refusal(phone, KARIN, photo, "x")[0] == 404
    assert refusal(phone, None, photo) == (403, "staff_needed")
    assert read_of(here) == []
    row = here.read(lambda c: c.execute(select(facts).where(facts.c.id == photo)).one())
    erased = FactErased(facts=(Named(photo, row.hash.hex()),), why="decision", decision="IVO 1")
    here.state(erased, Ref(*row.aggregate.split("/")), UNIT)
    assert refusal(phone, KARIN, photo) == nothing


def test_a_skyddsombud_reads_the_case_and_sees_no_photo(here: Town, phone: Phone) -> None:
    about = Ref("deviation", fresh_id())
    fact = phone.fact(said(BYTES), about, AMINA, rank=2)
    phone.push(phone.fact(replace(REPORTED, staff=True), about, AMINA), fact)
    photo = fact.fact().id
    send(phone, photo, *cut(phone, photo))
    since = date(2025, 1, 1)
    roles = [RoleInUnit(role, UNIT, since) for role in (Role.CARER, Role.SAFETY_REPRESENTATIVE)]
    here.employ(AMINA, *roles)
    assert phone.get(f"/v1/aggregate/deviation/{about.id}", Signed, phone.token(AMINA))
    assert refusal(phone, AMINA, photo) == (404, "no_such_photo")
