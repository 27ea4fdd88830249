"""Photos on the phone: kept in a draft, sealed when the report is saved, gone when nothing needs them."""

import os
import signal
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Ref, encode
from care.photo import CHUNK
from storage import Damaged, Statement, StillWaiting, Store
from storage.closing import LastWord
from storage.state import LockInfo
from tests.photographs import DRAFT, LENGTH, add, named, pixels, reported
from tests.statements import fact
from tests.store_case import (
    ANNA,
    BERTIL,
    ENDPOINT_SEAL,
    NOON,
    PHONE_KEY,
    PIN,
    UNIT,
    asked,
    deliver,
    fallen,
    new_id,
    open_store,
    page,
    phone,
    receipt,
    sign_in,
)
from wire.envelope import stated
from wire.errors import SealError
from wire.pieces import PhotoHeld, PhotoState, open_piece
from wire.seal import Opener

DAY = timedelta(days=1)
WORD = LastWord(what="closed", url="https://rapp.example.se", data=b"x", signature=b"y")
BYTES = pixels()


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "rapp.db")) as file:
        return file.execute(query).fetchall()


def held(store: Store, photo: str, state: PhotoState = "whole") -> PhotoHeld:
    assert store.device
    return PhotoHeld(device=store.device.id, photo=photo, state=state, received=NOON)


def opened(store: Store, photo: str) -> bytes:
    """What the endpoint makes of the pieces that wait."""
    assert store.device
    device, opener = store.device.id, Opener(ENDPOINT_SEAL)
    return b"".join(open_piece(opener, photo, piece, device) for piece in store.pieces_of(photo))


def test_what_is_in_a_draft_is_there_after_a_restart_and_a_colleague_sees_none_of_it(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        first, second = add(anna, BYTES), add(anna, pixels(seed=2))
        anna.describe_photo(first, "place")
        bertil = sign_in(store, BERTIL, "Bertil Berg", "593047")
        assert bertil.photos_in(DRAFT) == []
    with phone(tmp_path) as store:
        anna = store.unlock(ANNA, PIN)
        photos = anna.photos_in(DRAFT)
        assert [one.id for one in photos] == [first, second]
        assert (photos[0].data, photos[0].thumb, photos[0].said.shows) == (BYTES, b"small", "place")
        assert store.counts().photos == 0
        anna.drop_photo(first)
        assert [one.id for one in anna.photos_in(DRAFT)] == [second]
        anna.drop_draft(DRAFT)
        assert anna.photos_in(DRAFT) == []
    assert rows(tmp_path, "SELECT * FROM photos") == []


def test_nothing_of_it_stands_in_the_clear(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        reported(anna, BYTES)
        add(anna, pixels(seed=2))
    written = b"".join(path.read_bytes() for path in tmp_path.glob("rapp.db*"))
    assert len(written) > 2 * LENGTH
    for data in (BYTES, pixels(seed=2)):
        for at in range(0, LENGTH - 16, 997):
            assert data[at : at + 16] not in written
    assert b"wound" not in written


def test_a_saved_report_takes_its_photos_along_sealed_and_readable(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        report, [photo] = reported(anna, BYTES)
        assert anna.drafts() == []
        [mine] = anna.photos_of("deviation", report)
        assert (mine.id, mine.data) == (photo, BYTES)
        assert store.photos_waiting() == [photo]
        assert anna.photos_unsent == {photo}
        assert [len(one.box) for one in store.pieces_of(photo)] == [CHUNK + 28] * 3 + [1000 + 28]
        assert opened(store, photo) == BYTES
        [first, second, *_] = store.pieces_of(photo)
        assert store.device
        for name, piece, device in (
            (photo, first.__class__(n=1, enc=first.enc, box=first.box), store.device.id),
            (new_id(), first, store.device.id),
            (photo, second, "another phone"),
        ):
            with pytest.raises(SealError):
                open_piece(Opener(ENDPOINT_SEAL), name, piece, device)


def test_photos_taken_out_of_the_draft_are_not_saved_and_those_left_in_it_go(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        photo, left, report = add(anna, BYTES), add(anna, pixels(seed=2)), new_id()
        anna.drop_photo(photo)
        with pytest.raises(Damaged):
            anna.save(named(photo, BYTES, report), draft=DRAFT)
        # Nothing of it was saved, and the draft is as it was.
        assert [one.id for one in anna.photos_in(DRAFT)] == [left]
        assert (store.counts().unsent, anna.document("deviation", report)) == (0, None)
        anna.save(asked(), draft=DRAFT)
    assert rows(tmp_path, "SELECT * FROM photos") == []


def test_it_waits_while_locked_and_all_is_sent_only_when_the_photos_are(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        _, photos = reported(sign_in(store), BYTES, pixels(seed=2))
    with phone(tmp_path) as store:
        assert (store.counts().waiting, store.counts().photos, store.counts().unsent) == (3, 2, 5)
        deliver(store)
        assert store.last_all_sent is None
        assert opened(store, photos[0]) == BYTES
        store.take_held(held(store, photos[0]))
        assert (store.photos_waiting(), store.last_all_sent) == ([photos[1]], None)
        for state in ("wanted", "refused"):
            store.take_held(held(store, photos[1], state))
            assert store.photos_waiting() == [photos[1]]
        store.take_held(held(store, photos[1]))
        assert (store.counts().unsent, store.last_all_sent) == (0, NOON)
        store.take_receipt(receipt(store), [])
    assert rows(tmp_path, "SELECT * FROM pieces") == []


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE pieces SET box = zeroblob(length(box)) WHERE n = 2",
        "UPDATE pieces SET n = 9 WHERE n = 2",
        "UPDATE pieces SET n = -9 WHERE n = 2",
        "DELETE FROM pieces WHERE n = 3",
        "UPDATE pieces SET payload = zeroblob(40) WHERE n = 0",
    ],
)
def test_pieces_that_are_damaged_are_named_and_made_anew_from_the_photo(tmp_path: Path, query: str) -> None:
    with phone(tmp_path) as store:
        _, [photo] = reported(sign_in(store), BYTES)
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as file, file:
        file.execute(query)
    with phone(tmp_path) as store:
        with pytest.raises(Damaged):
            store.pieces_of(photo)
        store.doubt_photo(photo)
        with pytest.raises(Damaged):
            store.pieces_of(photo)
        anna = store.unlock(ANNA, PIN)
        assert anna.mend() in (True, False)
        assert opened(store, photo) == BYTES
    with closing(sqlite3.connect(tmp_path / "rapp.db")) as file, file:
        file.execute(query)
    with phone(tmp_path) as store:
        store.unlock(ANNA, PIN)
        store.doubt_photo(photo)
        assert opened(store, photo) == BYTES


def test_a_photo_that_was_changed_is_damaged_and_keeps_nobody_out(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        report, [photo] = reported(sign_in(store), BYTES)
    for column, value in (("payload", "zeroblob(100)"), ("saved", "saved + 1")):
        with closing(sqlite3.connect(tmp_path / "rapp.db")) as file, file:
            file.execute(f"UPDATE photos SET {column} = {value}")
        with phone(tmp_path) as store:
            store.doubt_photo(photo)
            anna = store.unlock(ANNA, PIN)
            with pytest.raises(Damaged):
                anna.photos_of("deviation", report)
            assert opened(store, photo) == BYTES


def test_an_erasure_takes_the_photo_and_what_waits_of_it(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        report, _ = reported(anna, BYTES)
        sent = [one.fact() for one in deliver(store)]
        facts = tuple(Named(one.id, "ab" * 32) for one in sent)
        body = FactErased(facts=facts, why="decision", decision="IVO 1/2026")
        said = fact(body, Ref("deviation", report), rank=9, author=BERTIL, device=ENDPOINT, person=None)
        erasing = stated(encode(said), b"\x07" * 32)
        store.take_page(page(f"staff:{ANNA}", [erasing]), anna)
        assert (store.photos_waiting(), anna.photos_of("deviation", report)) == ([], [])
    assert rows(tmp_path, "SELECT * FROM photos") == rows(tmp_path, "SELECT * FROM pieces") == []


def test_one_that_the_endpoint_has_erased_leaves_at_once(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        report, [photo] = reported(anna, BYTES)
        store.take_held(held(store, photo, "erased"))
        assert (store.photos_waiting(), anna.photos_of("deviation", report)) == ([], [])


def test_what_was_sent_leaves_after_the_units_window_and_nothing_else_does(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        anna = sign_in(store)
        _, [sent] = reported(anna, BYTES)
        deliver(store)
        store.take_held(held(store, sent))
        _, [waits] = reported(anna, pixels(seed=2))
        begun = add(anna, pixels(seed=3))
        for days, left in ((29, {sent, waits, begun}), (40, {waits, begun})):
            for _ in store.tidy.purge(anna, NOON + days * DAY):
                pass
            assert {id for (id,) in rows(tmp_path, "SELECT id FROM photos")} == left


def test_a_phone_is_not_closed_before_its_photos_are_sent(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        _, [photo] = reported(sign_in(store), BYTES)
        deliver(store)
        with pytest.raises(StillWaiting):
            store.keeper.destroy(WORD)
        with pytest.raises(StillWaiting):
            store.keeper.move("other", LockInfo(unit_name="Boken"), [], WORD)
        assert opened(store, photo) == BYTES
        store.keeper.destroy(WORD, stuck=[photo])
        assert [one.id for _, one in store.keeper.kept()] == [f"{photo}/{n}" for n in range(4)]
    assert rows(tmp_path, "SELECT * FROM photos") == rows(tmp_path, "SELECT * FROM pieces") == []


def test_a_newer_key_takes_the_photos_along(tmp_path: Path) -> None:
    own, newer = bytes([ANNA.encode()[-1] ^ 0xFF]) * 32, b"\x2c" * 32
    with phone(tmp_path) as store:
        anna = sign_in(store)
        report, _ = reported(anna, BYTES)
        add(anna, pixels(seed=2))
        anna.take_keys(PHONE_KEY, own + newer)
        while anna.exchange():
            pass
        assert {payload[1] for (payload,) in rows(tmp_path, "SELECT payload FROM photos")} == {2}  # type: ignore[index]
        assert [one.data for one in anna.photos_of("deviation", report)] == [BYTES]
        assert [one.data for one in anna.photos_in(DRAFT)] == [pixels(seed=2)]


STEPS = 60
"""More statements than a save has."""


def killed_at(step: int, folder: Path, report: str) -> bool:
    """Save a report with its photos in a child that dies at a statement; False: it was done before."""
    child = os.fork()
    if child == 0:
        left = step

        def count(_: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        store = open_store(folder)
        anna = store.unlock(ANNA, PIN)
        [photo] = anna.photos_in(DRAFT)
        with store._database.reading() as connection:
            connection.set_trace_callback(count)
        report_itself = Statement(fallen(), Ref("deviation", report), UNIT)
        anna.save(report_itself, named(photo.id, BYTES, report), draft=DRAFT)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_whenever_the_app_is_killed_the_photo_is_in_the_draft_or_in_the_report(tmp_path: Path) -> None:
    with phone(tmp_path) as store:
        add(sign_in(store), BYTES)
    report, died = new_id(), 0
    for step in range(0, STEPS, 2):
        killed = killed_at(step, tmp_path, report)
        died += killed
        with phone(tmp_path) as store:
            anna = store.unlock(ANNA, PIN)
            in_draft = [one.data for one in anna.photos_in(DRAFT)]
            in_report = [one.data for one in anna.photos_of("deviation", report)]
            waits = [opened(store, photo) for photo in store.photos_waiting()]
            saved = anna.document("deviation", report) is not None
        assert (in_draft, in_report, waits) == (([], [BYTES], [BYTES]) if saved else ([BYTES], [], []))
        if saved:
            break
    assert saved
    assert died >= 5
