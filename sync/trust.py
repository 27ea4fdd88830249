"""Whom the phone takes for its endpoint: whose certificate comes from an anchor that the endpoint has signed.

The endpoint says with the phone's standing what its anchors are called now; others than the phone's are
fetched, over the line as it is. Where the line is not believed they are asked for over one that nobody
believes: nothing of the phone's goes along, and what comes counts by that signature alone, and as the answer
to a nonce of this moment. So authorities may change, also without warning, and no phone is left behind.
"""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from storage import StorageError
from sync.errors import BadAnswer, OtherEndpoint, SyncError
from wire.anchors import Anchors, AnchorsSigned, digest, opened
from wire.errors import WireError

if TYPE_CHECKING:
    from sync.link import Link

ASK_EVERY_S = 60.0
"""While the line is not believed, so often at most."""
_PATH = "/v1/anchors"
_NONCE = 16
_log = logging.getLogger(__name__)


class _Call(Protocol):
    def __call__(
        self, path: str, answer: type[AnchorsSigned], *, params: Sequence[tuple[str, str]]
    ) -> Awaitable[AnchorsSigned]: ...


class Trust:
    """Of one line. `keep` is given new anchors, to remember them."""

    def __init__(
        self,
        link: "Link",
        public: bytes,
        anchors: tuple[bytes, ...],
        keep: Callable[[tuple[bytes, ...]], None],
    ) -> None:
        self._link = link
        self._public = public
        self._held = anchors
        self._keep = keep
        self._asking = asyncio.Lock()
        self._asked: float | None = None
        link.believe(anchors)
        link.doubted = self.doubted

    @property
    def name(self) -> str:
        """What the anchors that hold now are called; empty: they are the system's."""
        return digest(self._held)

    async def follow(self, name: str | None) -> None:
        """The endpoint's anchors are called so now; None: it says nothing of them. Raises SyncError."""
        if name is not None and name != self.name:
            self._take(await self._stated(self._link.get))

    async def doubted(self) -> None:
        """The line is not believed: perhaps it would be by other anchors."""
        async with self._asking:
            now = time.monotonic()
            if self._asked is not None and now - self._asked < ASK_EVERY_S:
                return
            self._asked = now
            try:
                self._take(await self._stated(self._link.ask_anybody))
            except SyncError as error:
                _log.info("anchors: %r", error)

    async def _stated(self, call: _Call) -> tuple[bytes, ...]:
        _, anchors = await ask(call, lambda public: public == self._public)
        return anchors.certificates

    def _take(self, anchors: tuple[bytes, ...]) -> None:
        if digest(anchors) == self.name:
            return
        _log.warning("anchors: %d others from now on", len(anchors))
        self._link.believe(anchors)
        self._held = anchors
        try:
            self._keep(anchors)
        except StorageError as error:
            # They hold for this line; the next start asks for them again.
            _log.warning("anchors: not kept: %r", error)


async def ask(call: _Call, is_known: Callable[[bytes], bool]) -> tuple[bytes, Anchors]:
    """What the endpoint states now, and the key that signed it.

    Raises SyncError; OtherEndpoint when it is another key than one that `is_known`.
    """
    nonce = os.urandom(_NONCE).hex()
    answer = await call(_PATH, AnchorsSigned, params=[("nonce", nonce)])
    if not is_known(answer.sign_public):
        raise OtherEndpoint("anchors: of another key")
    try:
        return answer.sign_public, opened(answer, nonce)
    except WireError as error:
        raise BadAnswer(str(error)) from error
