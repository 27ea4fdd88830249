"""Signatures: what libsodium says of them is what OpenSSL says, but of those that nobody makes by signing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from endpoint import verifying
from endpoint.verifying import Beside, Verifier
from wire.envelope import Envelope, stated
from wire.errors import SignatureError
from wire.signature import new_key, public_of

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()

Signed = tuple[Envelope, tuple[bytes, ...]]


def signed(many: int) -> list[Signed]:
    """Every fifth is signed by somebody else, every seventh was changed afterwards."""
    keys = (public_of(OLD), public_of(NEW))
    made = []
    for n in range(many):
        one = stated(b"%d" % n, FOREIGN if n % 5 == 0 else OLD if n % 2 else NEW)
        made.append((Envelope(one.signature, one.data + b"!") if n % 7 == 0 else one, keys))
    return made


TRUE = [bool(n % 5 and n % 7) for n in range(100)]


def verify(some: list[Signed]) -> list[bool]:
    return Verifier().begin(some).all()


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside()
    yield made
    made.close()


def child(of: Beside) -> int:
    assert of._process
    return of._process._child.pid


@pytest.mark.parametrize("many", [0, 1, 31, 32, 33, 100])
def test_each_is_judged_by_itself_and_answered_in_its_place(many: int, beside: Beside) -> None:
    assert verify(signed(many)) == TRUE[:many]
    assert beside.begin(signed(many)).all() == TRUE[:many]
    assert (beside._process is not None) == (many >= 32)


def test_it_is_there_before_it_is_asked(beside: Beside) -> None:
    beside.ready()
    before = child(beside)
    assert beside.begin(signed(40)).all() == TRUE[:40]
    assert child(beside) == before


def test_who_asks_later_may_hear_first(beside: Beside) -> None:
    first, second = beside.begin(signed(100)), beside.begin(signed(50))
    assert second.all() == TRUE[:50]
    assert first.all() == TRUE


def test_many_ask_at_once(beside: Beside) -> None:
    with ThreadPoolExecutor(8) as threads:
        sizes = [32 + n for n in range(60)]
        found = list(threads.map(lambda many: beside.begin(signed(many)).all(), sizes))
    assert found == [TRUE[:many] for many in sizes]


def test_what_a_process_that_ended_did_not_say_is_verified_here(beside: Beside) -> None:
    beside.begin(signed(40)).all()
    os.kill(child(beside), signal.SIGSTOP)
    asked = [beside.begin(signed(40)), beside.begin(signed(50))]
    os.kill(child(beside), signal.SIGKILL)
    assert [one.all() for one in asked] == [TRUE[:40], TRUE[:50]]
    assert beside.begin(signed(60)).all() == TRUE[:60]
    assert beside._process is None  # not begun again at once


def test_where_it_cannot_be_begun_all_is_verified_here(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    beside.ready()
    assert beside.begin(signed(100)).all() == TRUE


def test_it_is_begun_again_after_a_while(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    beside.begin(signed(40)).all()
    before = child(beside)
    os.kill(before, signal.SIGKILL)
    monkeypatch.setattr(verifying, "_AGAIN_S", 0.0)
    assert beside.begin(signed(40)).all() == TRUE[:40]
    assert beside.begin(signed(50)).all() == TRUE[:50]
    assert child(beside) != before


@pytest.mark.parametrize("many", [40, 2000], ids=["it is asked", "it takes no more"])
def test_a_process_that_hangs_keeps_nobody_waiting(
    many: int, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside.begin(signed(40)).all()
    monkeypatch.setattr(verifying, "_WITHIN_S", 0.1)
    os.kill(child(beside), signal.SIGSTOP)
    assert beside.begin(signed(100) * (many // 40)).all() == TRUE * (many // 40)
    assert beside.begin(signed(40)).all() == TRUE[:40]
    assert beside._process is None


@pytest.mark.parametrize("where", ["encode", "read"])
def test_whatever_goes_wrong_no_answer_is_taken_for_anothers(
    where: str, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = [(Envelope(bytes(64), b"%d" % n), (public_of(OLD),)) for n in range(40)]
    good = [(stated(b"%d" % n, OLD), (public_of(OLD),)) for n in range(80)]
    first = beside.begin(good)
    process = beside._process
    assert process

    def fails(*_: object) -> bytes:
        monkeypatch.undo()
        raise MemoryError

    if where == "encode":
        monkeypatch.setattr(verifying.msgspec.msgpack, "encode", fails)
        with pytest.raises(MemoryError):
            beside.begin(forged)
        asked = [beside.begin(forged), beside.begin(good)]
    else:
        asked = [beside.begin(forged), beside.begin(good)]
        monkeypatch.setattr(process, "_read", fails)
        with pytest.raises(MemoryError):
            first.all()
    assert [set(one.all()) for one in (first, *asked)] == [{True}, {False}, {True}]


def test_of_what_is_asked_when_it_has_closed_all_is_verified_here(beside: Beside) -> None:
    waits = beside.begin(signed(100))
    beside.close()
    assert waits.all() == TRUE
    assert beside.begin(signed(50)).so_far() == TRUE[:50]
    assert beside._process is None


def test_it_ends_without_a_word_when_its_worker_is_killed() -> None:
    """With answers on their way."""
    code = (
        "import os, signal; from endpoint.verifying import Beside; from tests.test_verifying import signed\n"
        "asked = Beside(); [asked.begin(signed(100)) for _ in range(9)]\n"
        "print(asked._process._child.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    gone = int(killed.stdout)
    for _ in range(200):
        try:
            state = Path(f"/proc/{gone}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            break
        if state == "Z":
            break
        time.sleep(0.05)
    else:
        raise AssertionError("it outlives its worker")
    assert killed.stderr == b""


def test_it_outlives_what_the_worker_is_told_and_ends_with_it(beside: Beside) -> None:
    beside.begin(signed(40)).all()
    process = beside._process
    assert process
    for told in (signal.SIGTERM, signal.SIGINT):
        os.kill(child(beside), told)
    assert beside.begin(signed(100)).all() == TRUE
    assert process._child.stdin
    process._child.stdin.close()  # as when the worker is killed
    process._child.stdin = None
    assert process._child.wait(20) == 0


@given(some.data())
def test_changed_anywhere_it_holds_as_little_as_for_a_phone(data: some.DataObject) -> None:
    one, public = stated(b"what was said", OLD), public_of(OLD)
    whole = bytearray(public + bytes(one))
    at = data.draw(some.integers(0, 8 * len(whole) - 1))
    whole[at // 8] ^= 1 << at % 8
    changed, key = Envelope(bytes(whole[32:96]), bytes(whole[96:])), bytes(whole[:32])
    assert verify([(one, (public,))]) == [True]
    with pytest.raises(SignatureError):
        changed.verify(key)
    assert verify([(changed, (key,))]) == [False]


@pytest.mark.parametrize(
    ("signature", "public"),
    [(b"", public_of(OLD)), (bytes(63), public_of(OLD)), (bytes(64), b""), (bytes(64), bytes(33))],
    ids=["no signature", "a short one", "no key", "a long one"],
)
def test_what_has_not_the_length_does_not_hold(signature: bytes, public: bytes) -> None:
    assert verify([(Envelope(signature, b"said"), (public,))]) == [False]


def test_a_key_under_which_one_signature_fits_everything_is_no_key() -> None:
    """The neutral point: OpenSSL takes it, and whoever had it certified had signed everything."""
    neutral = bytes([1]) + bytes(31)
    forged = Envelope(neutral + bytes(32), b"anything at all")
    forged.verify(neutral)
    assert verify([(forged, (neutral,))]) == [False]
