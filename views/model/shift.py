"""The shift: one session on the phone. Who has it in their hand, where they are, what was just saved."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from care.facts import Fact
from care.forms import forget_reckoned
from care.schedule import STOCKHOLM
from storage import Statement, Unlocked
from views.guard import Failure
from views.model.attention import Attention
from views.model.phone import Phone
from views.model.viewed import Viewed
from views.places import Lock, Place, Today
from views.presses import Presses

logger = logging.getLogger("rapp.shift")

SPOKEN_HERE = "sv"
"""What the lock screen speaks until somebody has been chosen."""
UNDO_FOR = timedelta(seconds=60)
SIGN_IN_SOON = timedelta(days=10)
"""So long before it is needed a new sign-in is asked for."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Saved:
    """The receipt at the thumb: what was saved, and for a minute the way back."""

    title: str
    line: str
    until: datetime
    undo: Callable[[], Any] | None = None


@dataclass(eq=False)
class Shift:
    """One session. Screens read it and call it; whoever draws subscribes to `changed`."""

    phone: Phone
    unlocked: Unlocked | None = None
    stack: list[Place] = field(default_factory=lambda: [Lock()])
    saved: Saved | None = None
    notice: str = ""
    """Why the phone locked by itself, until somebody opens it: "ended", "moved", "closing"."""
    fault: Failure | None = None
    """What went wrong last; until the next thing is done."""
    language: str = SPOKEN_HERE
    fillings: dict[str, Any] = field(default_factory=dict)
    """Forms being filled in, by draft; those begun without a code live only here until they are sent."""
    done: dict[str, str] = field(default_factory=dict)
    """What the forms that were handed in have become, by draft."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One form is opened at a time, so that the next one finds it."""
    witnessed: Any = None
    """What waits for a second person's signature (views.model.witnessing.Pending)."""
    presses: Presses = field(default_factory=Presses)
    stops: list[Callable[[], Any]] = field(default_factory=list)
    viewed: Viewed = field(default_factory=Viewed)
    attention: Attention = field(init=False)
    _listeners: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.attention = Attention(self.phone.ticks())

    # -- where

    @property
    def place(self) -> Place:
        return self.stack[-1]

    def go(self, place: Place) -> None:
        """Open a screen on top of this one. Where one already is, nothing is opened."""
        self.fault = None
        if place != self.place:
            self.stack.append(place)
            self.viewed.opened(self, place)
        self.changed()

    def replace(self, place: Place) -> None:
        """Open a screen instead of this one, so that back does not lead here."""
        self.fault = None
        self.stack[-1] = place
        self.viewed.opened(self, place)
        self.changed()

    def back(self) -> None:
        """One screen down. The bottom stays."""
        self.fault = None
        if len(self.stack) > 1:
            self.stack.pop()
            self.viewed.opened(self, self.place)
            self.changed()

    def home(self) -> None:
        """Idag, or the lock screen."""
        self.fault = None
        self.stack = [Today() if self.unlocked else Lock()]
        self.changed()

    def choose(self, language: str) -> None:
        """Somebody is about to open the phone: it speaks their language from now."""
        self.language = language or SPOKEN_HERE
        self.changed()

    async def speak(self, language: str) -> None:
        """Change the language of whoever has the phone, for this and the next time."""
        self.language = language
        if self.unlocked:
            await asyncio.to_thread(self.unlocked.remember, "language", language.encode())
        self.changed()

    # -- who

    async def unlock(self, staff: str, pin: str) -> None:
        """Open a slot. Raises WrongPin or SlotClosed."""
        self.opened(await asyncio.to_thread(self.phone.store.unlock, staff, pin))

    async def prove(self, pin: str) -> None:
        """Whoever has the phone is its owner. Raises WrongPin or SlotClosed."""
        await asyncio.to_thread(self.phone.store.prove, self.me.staff, pin)

    async def change_code(self, old: str, new: str) -> None:
        """Another code for whoever has the phone. Raises PinRule, WrongPin or SlotClosed."""
        await asyncio.to_thread(self.phone.store.change_pin, self.me.staff, old, new)

    def opened(self, unlocked: Unlocked) -> None:
        """Somebody has the phone now."""
        self.unlocked = unlocked
        chosen = unlocked.recall("language")
        self.language = chosen.decode() if chosen else unlocked.language
        self.saved, self.notice = None, ""
        self.phone.sync.wake()
        self.home()

    def lock(self) -> None:
        """Put the phone down: keys leave, what waits is still sent."""
        if self.unlocked:
            self.viewed.put_down(self)
            self.unlocked.lock()
        self.unlocked, self.saved, self.fault, self.witnessed = None, None, None, None
        self.language = SPOKEN_HERE
        for filling in self.fillings.values():
            filling.forget()
        self.fillings.clear()
        forget_reckoned()
        self.done.clear()
        self.home()

    def lock_when_ended(self) -> None:
        """The phone has locked by itself, for somebody who has left or for a phone that closes: say why."""
        if self.unlocked and self.unlocked.locked:
            why = self.unlocked.why_locked
            self.lock()
            self.notice = why
            self.changed()

    @property
    def sign_in_before(self) -> date | None:
        """Before which day whoever has the phone must sign in again; None: not soon."""
        if self.unlocked is None:
            return None
        ends = max(self.unlocked.sign_in_by, self.unlocked.certified_until)
        left = ends - self.phone.now()
        return ends.astimezone(STOCKHOLM).date() if left <= SIGN_IN_SOON else None

    def lock_when_left(self) -> None:
        """Lock when nobody has looked for long enough. The form that was open is there again at unlock."""
        if self.unlocked and self.attention.over(self.phone.ticks()):
            self.lock()

    @property
    def me(self) -> Unlocked:
        """Whoever has the phone. Screens that need it are never shown while locked."""
        assert self.unlocked is not None
        return self.unlocked

    # -- saving

    async def save(self, *statements: Statement, draft: str | None = None) -> list[Fact]:
        """Save what was done: durable when it returns. It is sent as soon as there is a network."""
        facts = await asyncio.to_thread(self.me.save, *statements, draft=draft)
        self.phone.sync.wake()
        return facts

    def say_saved(self, title: str, line: str, undo: Callable[[], Any] | None = None) -> None:
        """Show the receipt for a minute."""
        self.fault = None
        self.saved = Saved(title, line, self.phone.now() + UNDO_FOR, undo)
        self.changed()

    def dismiss(self) -> None:
        self.saved = None
        self.changed()

    # -- drawing

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told when something may look different. Returns how to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def stop_listening(self) -> None:
        """Nothing is drawn any more: be told of nothing."""
        stops, self.stops = self.stops, []
        for stop in stops:
            stop()

    def leave(self) -> None:
        """The session is over: its keys go, and so do its listeners."""
        self.stop_listening()
        self.lock()

    def changed(self) -> None:
        """Somebody did something: draw again, and stay open."""
        self.attention.touch(self.phone.ticks())
        for listener in list(self._listeners):
            listener()
