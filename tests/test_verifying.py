"""Signatures: what processes beside the server say of them is what the server itself would say."""

import os
import signal
from collections.abc import Iterator

import pytest

from endpoint.settings import Settings, from_environment, verifiers
from endpoint.verifying import Claim, Verifier, beside, in_process
from wire.envelope import Envelope, stated
from wire.signature import new_key, public_of

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()


def claims(many: int) -> list[Claim]:
    """Every fifth is signed by somebody else, every seventh was changed afterwards."""
    keys = (public_of(OLD), public_of(NEW))
    made = []
    for n in range(many):
        one = stated(b"%d" % n, FOREIGN if n % 5 == 0 else OLD if n % 2 else NEW)
        made.append((Envelope(one.signature, one.data + b"!") if n % 7 == 0 else one, keys))
    return made


TRUE = [bool(n % 5 and n % 7) for n in range(100)]


@pytest.fixture(scope="module")
def shared() -> Iterator[Verifier]:
    with beside(1) as made:
        yield made


def test_alone_each_is_judged_by_itself() -> None:
    assert in_process(claims(100)) == TRUE


@pytest.mark.parametrize("many", [0, 1, 31, 32, 33, 100])
def test_beside_it_says_the_same_in_the_same_order(shared: Verifier, many: int) -> None:
    assert shared(claims(many)) == TRUE[:many]


def test_what_a_killed_process_was_asked_is_verified_here() -> None:
    with beside(1) as verify:
        assert verify(claims(100)) == TRUE
        [process] = verify._pool._processes.values()  # type: ignore[attr-defined]
        os.kill(process.pid, signal.SIGKILL)
        for _ in range(3):
            assert verify(claims(100)) == TRUE


def test_after_the_end_it_is_verified_here() -> None:
    with beside(1) as verify:
        pass
    assert verify(claims(100)) == TRUE


@pytest.mark.parametrize(
    ("workers", "cores", "demo", "each"),
    [
        (1, 1, False, 0),
        (1, 4, False, 3),
        (2, 2, False, 0),
        (2, 8, False, 3),
        (4, 2, False, 0),
        (1, 8, True, 0),
    ],
)
def test_cores_that_no_worker_takes_are_shared_out(
    tmp_path: object, workers: int, cores: int, demo: bool, each: int
) -> None:
    chosen = Settings(data=tmp_path, workers=workers, demo=demo)  # type: ignore[arg-type]
    assert verifiers(chosen, cores) == each
    assert from_environment({"RAPP_VERIFIERS": "0"}).verifiers == 0
