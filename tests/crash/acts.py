"""What is done with a phone, one act at a time: the call on the store, and what it promises."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from care.facts import Body, Ref
from storage import Statement, Store, Unlocked
from storage.state import Device
from tests.crash.held import Held, made
from tests.store_case import Time, device, open_store
from wire.envelope import Envelope
from wire.seal import public_of

SEAL = b"\x11" * 32
"""The endpoint's key: the same in each run, so that whoever looks afterwards can open what waits."""


class Phone:
    """A phone in use: its store, and who is unlocked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = Time()
        self.me: dict[str, Unlocked] = {}
        self.endpoint: Sequence[Envelope] = ()
        """Facts that the endpoint keeps, and the phone does not."""
        self.store: Store

    def open(self) -> None:
        self.store = open_store(self.folder, self.time)


class Act(Struct, frozen=True):
    """``then``: what each of its transactions makes of what is held; empty: nothing that anybody sees."""

    name: str
    do: Callable[[Phone], object]
    then: tuple[Callable[[Held], Held], ...] = ()


def start() -> Act:
    return Act("start", lambda phone: phone.open())


def close_and_start() -> Act:
    def do(phone: Phone) -> None:
        phone.store.close()
        phone.me.clear()
        phone.open()

    return Act("close and start", do)


def a_device(unit: str) -> Device:
    return replace(
        device(unit), private=b"\x22" * 32, sign_public=public_of(SEAL), seal_public=public_of(SEAL)
    )


def enrol(unit: str) -> Act:
    return Act(
        "enrol",
        lambda phone: phone.store.enrol(a_device(unit)),
        (lambda held: replace(held, unit=unit, closed=False),),
    )


def call(name: str, do: Callable[[Phone], object], then: Callable[[Held], Held] | None = None) -> Act:
    """Any other call on the store."""
    return Act(name, do, (then,) if then else ())


# Writing.


def types(staff: str, key: str, words: str) -> list[Act]:
    """One act for each keystroke."""
    return [_drafts(staff, key, words[:end]) for end in range(1, len(words) + 1)]


def _drafts(staff: str, key: str, words: str) -> Act:
    return Act(
        "keystroke",
        lambda phone: phone.me[staff].save_draft(key, words.encode()),
        (lambda held: replace(held, drafts={**held.drafts, (staff, key): words}),),
    )


def saves(staff: str, *statements: Statement, draft: str | None = None, name: str = "save") -> Act:
    def then(held: Held) -> Held:
        for one in statements:
            held = made(held, one.body, one.aggregate, staff)
        drafts = {key: words for key, words in held.drafts.items() if key != (staff, draft)}
        return replace(held, drafts=drafts)

    return Act(name, lambda phone: phone.me[staff].save(*statements, draft=draft), (then,))


def corrects(staff: str, ref: Ref, unit: str, body: Callable[[str], Body]) -> Act:
    """Something said of the last fact of an aggregate."""

    def do(phone: Phone) -> None:
        last = phone.me[staff].envelopes(ref.kind, ref.id)[-1].fact()
        phone.me[staff].save(Statement(body(last.id), ref, unit, last.person))

    return Act("correct", do, (lambda held: made(held, body(""), ref, staff),))


def reads(staff: str, *statements: Statement) -> Act:
    def then(held: Held) -> Held:
        for one in statements:
            held = made(held, one.body, one.aggregate, None)
        return held

    return Act("log of reading", lambda phone: phone.me[staff].state_reading(*statements), (then,))


def reports(body: Body, ref: Ref, unit: str) -> Act:
    return Act(
        "report without a sign-in",
        lambda phone: phone.store.report(body, ref, unit),
        (lambda held: made(held, body, ref, None),),
    )
