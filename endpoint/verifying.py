"""Who verifies what phones have signed: this process, or processes beside it when many facts come at once.

An Ed25519 signature takes some 70 µs of a core and holds Python's lock meanwhile: threads gain nothing.
"""

import logging
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from wire.envelope import Envelope
from wire.errors import SignatureError

logger = logging.getLogger("rapp.endpoint")
_WORTH_IT = 32
"""Facts from which sending them to another process costs less than it saves."""

Claim = tuple[Envelope, tuple[bytes, ...]]
"""An envelope, and the public keys of which one should have signed it."""


class Verifier(Protocol):
    def __call__(self, claims: Sequence[Claim]) -> list[bool]:
        """Whether each signature holds under one of its keys."""


def in_process(claims: Sequence[Claim]) -> list[bool]:
    """In this process."""
    return [any(_holds(envelope, public) for public in keys) for envelope, keys in claims]


@contextmanager
def beside(processes: int) -> Iterator[Verifier]:
    """A verifier that shares large batches with so many processes, which end with it."""
    if processes < 1:
        yield in_process
        return
    # Not forked: this process has threads and a database open.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, context, initializer=_begin)
    for _ in range(processes):
        pool.submit(int)  # begun now, not when somebody waits for it
    try:
        yield _Shared(pool, processes)
    finally:
        pool.shutdown(cancel_futures=True)


class _Shared:
    def __init__(self, pool: ProcessPoolExecutor, processes: int) -> None:
        self._pool = pool
        self._shares = processes + 1

    def __call__(self, claims: Sequence[Claim]) -> list[bool]:
        if len(claims) < _WORTH_IT:
            return in_process(claims)
        size = -(-len(claims) // self._shares)
        shares = [claims[at : at + size] for at in range(0, len(claims), size)]
        try:
            others = [self._pool.submit(_answer, _packed(share)) for share in shares[1:]]
        except (BrokenExecutor, RuntimeError):
            # The pool has ended, with the server or before it: what it would have done is done here.
            return in_process(claims)
        answers = in_process(shares[0])
        for share, other in zip(shares[1:], others, strict=True):
            answers += _answered(other, share)
        return answers


def _answered(other: Future[list[bool]], share: Sequence[Claim]) -> list[bool]:
    try:
        return other.result()
    except BrokenExecutor:
        logger.warning("a verifying process has ended; what it was asked is verified here")
        return in_process(share)


def _packed(claims: Sequence[Claim]) -> list[tuple[bytes, bytes, tuple[bytes, ...]]]:
    return [(envelope.signature, envelope.data, keys) for envelope, keys in claims]


def _answer(packed: list[tuple[bytes, bytes, tuple[bytes, ...]]]) -> list[bool]:
    return in_process([(Envelope(signature, data), keys) for signature, data, keys in packed])


def _begin() -> None:
    # Ctrl-C is for the server, which ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _holds(envelope: Envelope, public: bytes) -> bool:
    try:
        envelope.verify(public)
    except SignatureError:
        return False
    return True
