"""The phone's standing: what the endpoint has decided of it, asked for at each contact and carried out here.

Nothing is done on an answer that the endpoint has not signed for this phone and this question.
"""

import os
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from storage import LastWord, LockInfo, Store
from sync.errors import BadAnswer, Refused, SyncError
from sync.session import Sessions
from wire.encoding import encode
from wire.errors import WireError
from wire.messages import (
    DeviceDone,
    DeviceKeyRequest,
    DeviceStanding,
    Noted,
    Signed,
    opened,
)
from wire.signature import Context, new_key, public_of, sign

if TYPE_CHECKING:
    from sync.link import Link

ASK_EVERY_S = 300.0
"""Without any sign of news, so often."""
_AGAIN_S = 5.0
"""After a try that failed, whatever else rings."""
_NONCE = 16
_NO_SUCH_CALL = "no_such_call"
_NO_MOVE = "no_move"


class Standing:
    """Asks, and does what is said. Belongs to the delivery of one enrolled phone."""

    def __init__(self, store: Store, sessions: Sessions) -> None:
        self._store = store
        self._sessions = sessions
        self._asked: float | None = None
        self._not_before = 0.0
        self._target: DeviceStanding | None = None

    @property
    def due(self) -> bool:
        """Whether it is time to ask: news, a key that waits to be taken, or long ago."""
        now, device = time.monotonic(), self._store.device
        if device and device.next_private:
            return True
        if now < self._not_before:
            return False
        if self._asked is None or self._sessions.news or self.can_move:
            return True
        return now - self._asked >= ASK_EVERY_S

    async def ask(self, stuck: frozenset[str]) -> None:
        """Ask, and do what can be done at once. Closing is begun here, and ended by `destroy`.

        Raises SyncError, and StillWaiting when the phone is to move and more than `stuck` has yet to be sent.
        """
        self._not_before = time.monotonic() + _AGAIN_S
        try:
            told = await self._told()
        except Refused as error:
            if error.code != _NO_SUCH_CALL:
                raise
            # An endpoint from before phones had a standing.
            self._asked, self._not_before = time.monotonic(), 0.0
            self._sessions.news = False
            return
        if told.chain and self._store.held_at_endpoint(told.chain.seq, told.chain.hash, told.chain.twice):
            # With the next session the endpoint is told what befell the phone.
            self._sessions.tell_anew()
        keeper = self._store.keeper
        keeper.use_seal_key(told.seal_public)
        if told.state != "open":
            keeper.begin_closing()
            return
        keeper.keep_open()
        self._end_slots(told)
        self._target = told
        if self.can_move:
            await self._move(told, stuck)
        device = self._store.device
        if device and (told.new_key or device.next_private):
            await self._new_key()
        await self._sessions.trust.follow(told.anchors)

    def destroy(self, stuck: frozenset[str]) -> None:
        """Close: everything has been sent that can be. Raises StillWaiting, StorageError."""
        device = self._sessions.device
        counts = self._store.counts()
        kept = counts.waiting + counts.quiet + counts.needs_action
        self._store.keeper.destroy(self._word("closed", device.unit, kept), stuck)

    async def say_last_word(self) -> None:
        """The endpoint hears that the phone has moved before it hears anything else. Raises SyncError.

        Or that it had closed, when it was enrolled anew before that could be said.
        """
        word = self._store.keeper.last_word
        if word is None or word.url != self._sessions.link.url:
            return
        try:
            await say(self._sessions.link, word)
        except Refused as error:
            if word.what == "moved" and error.code != _NO_MOVE:
                raise
            # It was decided otherwise meanwhile. The phone is told where it belongs, and moves there.
            self._sessions.news = True
        self._store.keeper.heard()

    async def _told(self) -> DeviceStanding:
        nonce = os.urandom(_NONCE).hex()

        def get(token: str) -> Awaitable[Signed]:
            # What comes while this is under way is news again.
            self._sessions.news = False
            return self._sessions.link.get("/v1/device", Signed, token, params=[("nonce", nonce)])

        try:
            told = self._opened(await self._sessions.ask(None, get), nonce)
        except SyncError:
            # Nothing has been told: what there was to hear still is.
            self._sessions.news = True
            raise
        self._asked, self._not_before = time.monotonic(), 0.0
        self._sessions.standing = told.standing
        return told

    def _opened(self, answer: Signed, nonce: str) -> DeviceStanding:
        device = self._sessions.device
        try:
            told = opened(answer, device.sign_public, Context.DEVICE, DeviceStanding)
        except WireError as error:
            raise BadAnswer(str(error)) from error
        if told.device != device.id or told.nonce != nonce:
            raise BadAnswer("standing: of another phone, or not asked for now")
        return told

    def _end_slots(self, told: DeviceStanding) -> None:
        held = {slot.staff for slot in self._store.slots()}
        gone = held.intersection(told.ended)
        for staff in gone:
            self._store.keeper.end_slot(staff)
        if told.ended:
            # With the next session the endpoint is told who is left, and forgets their keys as well.
            self._sessions.tell_anew()
            self._sessions.news |= bool(gone)

    @property
    def can_move(self) -> bool:
        """Whether the phone is to move and nobody has it unlocked: no form is torn from anybody's hands."""
        device, target = self._store.device, self._target
        if device is None or target is None or self._store.keeper.closing:
            return False
        return (target.moves or target.unit != device.unit) and not self._store.state_unlocked

    async def _move(self, told: DeviceStanding, stuck: frozenset[str]) -> None:
        device = self._sessions.device
        info = LockInfo(
            unit_name=told.unit_name, phone_name=device.name, nurse=told.nurse, fallback=told.fallback
        )
        stay = {slot.staff for slot in self._store.slots()}.difference(told.ended)
        self._store.keeper.move(told.unit, info, stay, self._word("moved", told.unit), stuck)
        self._target = None
        await self.say_last_word()

    async def _new_key(self) -> None:
        """Make a new device key, or go on with the one whose taking was not answered."""
        device, keeper = self._sessions.device, self._store.keeper
        private = device.next_private or new_key()
        if not device.next_private:
            keeper.prepare_key(private)
        public = public_of(private)
        said = device.id.encode() + public
        request = DeviceKeyRequest(
            public=public,
            by_old=sign(device.private, Context.DEVICE_KEY, said),
            by_new=sign(private, Context.DEVICE_KEY, said),
        )
        await self._sessions.ask(
            None, lambda token: self._sessions.link.post("/v1/device/key", request, Noted, token)
        )
        keeper.use_next_key()

    def _word(self, what: str, unit: str, kept: int = 0) -> LastWord:
        device = self._sessions.device
        assert what in ("closed", "moved")
        done = DeviceDone(
            device=device.id,
            what="closed" if what == "closed" else "moved",
            unit=unit,
            at=self._sessions.now(),
            kept=kept,
        )
        data = encode(done)
        signature = sign(device.private, Context.DEVICE_DONE, data)
        return LastWord(
            what=what,
            url=device.endpoint_url,
            data=data,
            signature=signature,
            sign_public=device.sign_public,
            anchors=device.anchors,
        )


async def say(link: "Link", word: LastWord) -> None:
    """Tell the endpoint what the phone has done. Said again: nothing more. Raises SyncError."""
    await link.post(f"/v1/device/{word.what}", Signed(data=word.data, signature=word.signature), Noted)
