"""Who verifies what phones have signed: libsodium, which takes half of OpenSSL's time for it.

It is stricter than OpenSSL with keys and signatures that nobody makes by signing (small orders, other ways to
write a number down): those hold nowhere here. Phones verify what the endpoint signs, with OpenSSL.

Of a large batch it is the half of the work. A worker has a process beside it (endpoint/verifier.py) that does
it while the worker goes on, and hears what it says before anything is committed.
"""

import logging
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from select import POLLIN, POLLOUT, poll
from threading import Lock

import msgspec

from endpoint.verifier import Claim, holds
from wire.envelope import Envelope
from wire.signature import Context, spoken

logger = logging.getLogger("rapp.endpoint")
_VERIFIER = Path(__file__).with_name("verifier.py")
_WORTH_IT = 32
"""Facts from which asking another process costs less than it saves."""
_FRAME = 50
"""Claims that are sent at a time: it begins with the first of them."""
_WITHIN_S = 5.0
"""So long is the process waited for. 10,000 signatures take a second; a phone waits 15 for its answer."""
_AGAIN_S = 60.0
"""After it was begun: if it has ended by then, it is not begun again at once."""


class Verdicts:
    """What is known of some claims, in their order."""

    def __init__(self, holds: list[bool]) -> None:
        self._holds = holds

    def so_far(self) -> list[bool]:
        """Whether each signature holds; True, too, where it is not known yet."""
        return self._holds

    def all(self) -> list[bool]:
        """Whether each signature holds. Waits for it."""
        return self._holds


class Verifier:
    """Verifies in this process, at once."""

    def begin(self, signed: Sequence[tuple[Envelope, tuple[bytes, ...]]]) -> Verdicts:
        """Have envelopes verified, each with the public keys of which one should have signed it."""
        claims = [(one.signature, spoken(Context.FACT, one.data), keys) for one, keys in signed]
        return self._begun(claims)

    def _begun(self, claims: Sequence[Claim]) -> Verdicts:
        return Verdicts(_verified(claims))

    def ready(self) -> None:
        """Something will be asked before long."""

    def close(self) -> None:
        """What is asked from now on is little, and the last."""


def _verified(claims: Sequence[Claim]) -> list[bool]:
    return [holds(*one) for one in claims]


class Beside(Verifier):
    """Has large batches verified by a process beside this one, and does it itself where that has ended."""

    def __init__(self) -> None:
        self._process: _Process | None = None
        self._began = -_AGAIN_S
        self._closed = False
        self._turn = Lock()

    def _begun(self, claims: Sequence[Claim]) -> Verdicts:
        if len(claims) >= _WORTH_IT and (asked := self._asked(claims)):
            return asked
        return super()._begun(claims)

    def _asked(self, claims: Sequence[Claim]) -> Verdicts | None:
        with self._turn:
            process = self._running()
            try:
                return process.ask(claims) if process else None
            except OSError as error:
                logger.warning("what verifies has ended (%r): this process does it meanwhile", error)
                self._end()
                return None

    def _running(self) -> "_Process | None":
        if self._process and self._process.failed:
            self._end()
        if not self._process and not self._closed and time.monotonic() - self._began >= _AGAIN_S:
            self._began = time.monotonic()
            try:
                self._process = _Process()
            except OSError as error:
                logger.warning("what verifies cannot be begun (%r): this process does it meanwhile", error)
        return self._process

    def _end(self) -> None:
        if self._process:
            self._process.end()
        self._process = None

    def ready(self) -> None:
        """Begin the process: whoever came first would wait for it."""
        with self._turn:
            self._running()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._end()


class _Process:
    """The process, and what it has been asked that it has not answered: it answers in turn.

    Whatever goes wrong in asking or hearing ends it: what it says next might be taken for the answer to
    something else.
    """

    def __init__(self) -> None:
        self._child = subprocess.Popen(  # noqa: S603  (our own file)
            [sys.executable, "-I", str(_VERIFIER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={},
            start_new_session=True,
        )
        assert self._child.stdin
        assert self._child.stdout
        self._to, self._from = self._child.stdin.fileno(), self._child.stdout.fileno()
        os.set_blocking(self._to, False)
        self._asked: deque[_Asked] = deque()
        self._hearing = Lock()
        self.failed = False

    def ask(self, claims: Sequence[Claim]) -> Verdicts:
        """Send claims. Raises OSError: it has ended, or takes nothing."""
        asked, ends = _Asked(claims, self), time.monotonic() + _WITHIN_S
        with self._ends_it():
            self._asked.append(asked)
            for at in range(0, len(claims), _FRAME):
                self._write(msgspec.msgpack.encode(claims[at : at + _FRAME]), ends)
        return asked

    def hear(self, asked: "_Asked") -> bytes:
        """Read answers until that one is there. Raises OSError, EOFError: there will be none."""
        ends = time.monotonic() + _WITHIN_S
        with self._hearing:
            while asked.answer is None:
                if self.failed:
                    raise EOFError
                with self._ends_it():
                    first = self._asked.popleft()
                    first.answer = self._read(len(first.claims), ends)
            return asked.answer

    @contextmanager
    def _ends_it(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.failed = True
            raise

    def _write(self, frame: bytes, ends: float) -> None:
        left = memoryview(len(frame).to_bytes(4, "big") + frame)
        while left:
            _wait(self._to, POLLOUT, ends)
            left = left[os.write(self._to, left) :]

    def _read(self, many: int, ends: float) -> bytes:
        found = b""
        while len(found) < many:
            _wait(self._from, POLLIN, ends)
            if not (more := os.read(self._from, many - len(found))):
                raise EOFError
            found += more
        return found

    def end(self) -> None:
        self._child.kill()
        with self._hearing:  # whoever waits for an answer hears of it first
            self.failed = True
            self._child.communicate()


def _wait(file: int, what: int, ends: float) -> None:
    """Until a pipe takes something, or has something. Raises TimeoutError."""
    pipe = poll()
    pipe.register(file, what)
    if not pipe.poll(max(0.0, ends - time.monotonic()) * 1000):
        raise TimeoutError


class _Asked(Verdicts):
    """Claims that the process has been sent."""

    def __init__(self, claims: Sequence[Claim], of: _Process) -> None:
        super().__init__([True] * len(claims))
        self.claims, self._of = claims, of
        self.answer: bytes | None = None
        self._found: list[bool] | None = None

    def all(self) -> list[bool]:
        if self._found is None:
            try:
                self._found = [one == 1 for one in self._of.hear(self)]
            except (OSError, EOFError) as error:
                logger.warning("what verifies gave no answer (%r): this process does it", error)
                self._found = _verified(self.claims)
        return self._found
