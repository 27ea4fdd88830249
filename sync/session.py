"""Sessions: short-lived tokens, opened with a signed statement of the device, and of the person who reads.

A token is renewed before it ends, and once when the endpoint no longer knows it.
"""

import os
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from storage import Device, Store, Unlocked
from sync.clock import Offset
from sync.errors import NotSignedIn
from sync.selfcheck import ReadAnew
from sync.trust import Trust
from wire.encoding import encode
from wire.messages import (
    PROTOCOL,
    ChainEnd,
    DeviceReport,
    Message,
    Session,
    SessionRequest,
    SessionStatement,
)
from wire.signature import Context, sign

if TYPE_CHECKING:
    from sync.link import Link

RENEW_BEFORE = timedelta(minutes=5)
_CONTACT_NOTED_EVERY = timedelta(seconds=10)
_RENEWED_EVERY = timedelta(hours=1)
_NONCE = 16
_CLOCK = "clock"
_PROOF, _OF_DEVICE = "bad_proof", "device_signature"
APP = "rapp 0.1.0"

Result = TypeVar("Result")


class _Time(Message, frozen=True, kw_only=True):
    now: datetime


class Sessions:
    """The tokens of one device and of those unlocked on it."""

    def __init__(self, link: "Link", store: Store, device: Device, offset: Offset) -> None:
        self.link = link
        self.standing = ""
        """What the phone was last told of its standing (`sync.standing`), as one word."""
        self.news = False
        """Whether an answer has said that it is another one now."""
        self.error = ""
        """Key of the last trouble with delivery; the endpoint is told of it."""
        self.read_anew = ReadAnew()
        self.trust = Trust(link, device.sign_public, device.anchors, self._new_anchors)
        self._enrolled_as = device
        self._store = store
        self._offset = offset
        self._contact: datetime | None = None
        self._renewals: dict[str, datetime] = {}
        self._held: dict[str | None, Session] = {}
        self._to_tell = 0
        """How often there has been something to tell."""

    @property
    def device(self) -> Device:
        """The phone, with the key that it has now."""
        return self._store.device or self._enrolled_as

    def heard_standing(self, standing: str) -> None:
        """An answer names the phone's standing; another than ours is news. Empty: it says nothing."""
        if standing and standing != self.standing:
            self.news = True

    def heard_chain(self, chain: ChainEnd | None) -> None:
        """A receipt says how the phone's chain ends at the endpoint. Where the phone's is older that is news;
        nothing is done about it but on the answer to a question of now."""
        if chain and self._store.is_older_than(chain.seq, chain.hash, chain.twice):
            self.news = True

    def may_renew(self, staff: str) -> bool:
        """Whether a renewal was last asked for long enough ago; it is counted as asked for now."""
        last, now = self._renewals.get(staff), self._offset.corrected()
        if last is not None and abs(now - last) < _RENEWED_EVERY:
            return False
        self._renewals[staff] = now
        return True

    def tell_anew(self) -> None:
        """Open a new session of the device at the next call, and report how the phone is."""
        self._to_tell += 1
        self._held.pop(None, None)

    async def ready(self) -> float | None:
        """Open a session of the device, where none is held. How long its answer took, in seconds; None: one
        was held, and says nothing of the line that the phone has now. Raises SyncError."""
        held = self._held.get(None)
        await self._token(None)
        return None if held is not None and self._held.get(None) is held else self._offset.took_s

    async def ask(self, who: Unlocked | None, request: Callable[[str], Awaitable[Result]]) -> Result:
        """Make a request with a token, of the device alone or of the device and a person.

        A token that the endpoint does not know any longer is replaced once. Raises SyncError.
        """
        token = await self._token(who)
        try:
            return await request(token)
        except NotSignedIn:
            self._held.pop(_key(who), None)
        return await request(await self._token(who))

    def keep(self, staff: Collection[str]) -> None:
        """Let go of everybody's tokens but these: the others have locked."""
        self._held = {who: held for who, held in self._held.items() if who is None or who in staff}

    def contact(self) -> None:
        """The endpoint has answered: note when, and what is known of the clock. At most every few seconds."""
        now, clock = self._offset.device_time(), self._offset.clock
        if clock is None:
            return
        if self._contact is None or abs(now - self._contact) >= _CONTACT_NOTED_EVERY:
            self._contact = now
            self._store.note_contact(now, clock)

    def now(self) -> datetime:
        """What time the endpoint has, as far as is known."""
        return self._offset.corrected()

    @property
    def knows_time(self) -> bool:
        """Whether the endpoint has said what time it is, since this began."""
        return self._offset.clock is not None

    def _new_anchors(self, anchors: tuple[bytes, ...]) -> None:
        self.tell_anew()
        self._store.keeper.use_anchors(anchors)

    async def _token(self, who: Unlocked | None) -> str:
        held = self._held.get(_key(who))
        if held is None or held.expires - RENEW_BEFORE <= self._offset.corrected():
            told = self._to_tell
            held = await self._open(who)
            if who or told == self._to_tell:
                self._held[_key(who)] = held
        return held.token

    async def _open(self, who: Unlocked | None) -> Session:
        try:
            return await self._state(who)
        except NotSignedIn as error:
            if error.code == _PROOF and error.field == _OF_DEVICE and self.device.next_private:
                # Perhaps the endpoint took the new key, and its answer was lost. The old one goes when
                # the new one has opened a session: with neither, what is saved could never be sent.
                session = await self._state(who, self.device.next_private)
                self._store.keeper.use_next_key()
                return session
            if error.code != _CLOCK:
                raise
        # The phone's clock is further off than the endpoint believes: ask what time it is, and try again.
        sent = self._offset.sent()
        self._offset.answered(sent, (await self.link.get("/v1/health", _Time)).now)
        return await self._state(who)

    async def _state(self, who: Unlocked | None, private: bytes = b"") -> Session:
        statement = encode(
            SessionStatement(
                device=self.device.id,
                staff=who.staff if who else None,
                at=self._offset.corrected(),
                nonce=os.urandom(_NONCE),
                report=None if who else self._report(),
            )
        )
        request = SessionRequest(
            data=statement,
            device_signature=sign(private or self.device.private, Context.SESSION, statement),
            staff_signature=who.sign(Context.SESSION, statement) if who else None,
        )
        sent, told = self._offset.sent(), 0 if who else self.read_anew.untold
        session = await self.link.post("/v1/session", request, Session)
        self._offset.answered(sent, session.now)
        self.read_anew.untold -= told
        self.heard_standing(session.standing)
        return session

    def _report(self) -> DeviceReport:
        counts = self._store.counts()
        clock, mishap = self._offset.clock, self._store.mishap
        return DeviceReport(
            app=APP,
            protocol=PROTOCOL,
            unsent=counts.unsent,
            aside=counts.needs_action,
            drafts=self._store.keeper.drafts_begun(),
            offset_ms=clock.offset_ms if clock else self._store.clock_offset_ms or None,
            error=f"delivery.{mishap.what}" if mishap else self.error,
            slots=tuple(slot.staff for slot in self._store.slots()),
            read_anew=self.read_anew.untold,
            anchors=self.trust.name,
        )


def _key(who: Unlocked | None) -> str | None:
    return who.staff if who else None
