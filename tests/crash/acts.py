"""What people do with a phone, one act at a time: the call on the store, and what it promises."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Body, Clock, Fact, Ref, encode, raw, type_of
from storage import Statement, Store, Unlocked, WrongPin
from storage.closing import LastWord
from storage.state import Device, LockInfo
from tests.crash.held import Held
from tests.store_case import NOON, PHONE_KEY, Time, device, open_store, page, receipt
from wire.cursor import Cursor
from wire.envelope import Envelope, envelope, stated
from wire.messages import PushResult
from wire.seal import Opener, public_of

SEAL = b"\x11" * 32
"""The endpoint's key: the same in each run, so that whoever looks afterwards can open what waits."""
OURS, THEIRS = device().id, "0192eeee-0000-7000-8000-000000000009"
SHARED = frozenset({"dose"})
"""Kinds that everybody on the phone may read."""
WORD = LastWord(what="moved", url="https://rapp.example.se", data=b"x", signature=b"y")
INFO = LockInfo(unit_name="Granen", phone_name="Granen 2")


class Phone:
    """A phone in use: its store, and who is unlocked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = Time()
        self.me: dict[str, Unlocked] = {}
        self.store: Store

    def open(self) -> None:
        self.store = open_store(self.folder, self.time)


class Act(Struct, frozen=True):
    """``then``: what each of its transactions makes of what is held; empty: nothing that anybody sees."""

    name: str
    do: Callable[[Phone], object]
    then: tuple[Callable[[Held], Held], ...] = ()


def label(fact: Fact) -> str:
    return f"{fact.type} {fact.device[-1]}#{fact.seq}"


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


# People.


def chains(staff: str, secrets: int) -> tuple[bytes, bytes]:
    """The phone's and a person's own key, of so many secrets."""
    first = bytes([staff.encode()[-1] ^ 0xFF]) * 32
    return PHONE_KEY + b"\x33" * 32 * (secrets - 1), first + b"\x44" * 32 * (secrets - 1)


def signs_in(staff: str, pin: str, secrets: int = 1) -> Act:
    def do(phone: Phone) -> None:
        keys = bytes([staff.encode()[-1]]) * 32, *chains(staff, secrets)
        until = NOON + timedelta(days=30)
        name = f"Invented {staff[-1]}"
        phone.me[staff] = phone.store.set_slot(staff, name, "assistant_nurse", "sv", pin, *keys, until)

    return Act("sign in", do, (lambda held: _person(held, staff, pin, 0),))


def unlocks(staff: str, pin: str) -> Act:
    def do(phone: Phone) -> None:
        phone.me[staff] = phone.store.unlock(staff, pin)

    return Act("unlock", do, (lambda held: _tried(held, staff), lambda held: _person(held, staff, pin, 0)))


def changes_pin(staff: str, old: str, new: str) -> Act:
    return Act(
        "new PIN",
        lambda phone: phone.store.change_pin(staff, old, new),
        (
            lambda held: _tried(held, staff),
            lambda held: _person(held, staff, old, 0),
            lambda held: _person(held, staff, new, 0),
        ),
    )


def takes_keys(staff: str) -> Act:
    """The endpoint has added a secret to each key."""
    return Act("new keys", lambda phone: phone.me[staff].take_keys(*chains(staff, 2)))


def exchanges(staff: str) -> Act:
    """What is under the old keys is encrypted anew, in several transactions."""

    def do(phone: Phone) -> None:
        while phone.me[staff].exchange(20):
            pass

    return Act("exchange of keys", do)


def mistypes(staff: str, pin: str) -> Act:
    def do(phone: Phone) -> None:
        try:
            phone.store.unlock(staff, pin)
        except WrongPin:
            return
        raise AssertionError("the wrong PIN opened the slot")

    return Act("wrong PIN", do, (lambda held: _tried(held, staff),))


def locks(staff: str) -> Act:
    return Act("lock", lambda phone: phone.me.pop(staff).lock())


def ends(staff: str) -> Act:
    def gone(held: Held) -> Held:
        return replace(
            held,
            people={key: value for key, value in held.people.items() if key != staff},
            readable={key: value for key, value in held.readable.items() if key[0] != staff},
            drafts={key: value for key, value in held.drafts.items() if key[0] != staff},
            cursors={key: value for key, value in held.cursors.items() if key != f"staff:{staff}"},
        )

    return Act("end slot", lambda phone: phone.store.keeper.end_slot(staff), (gone,))


def _person(held: Held, staff: str, pin: str, wrong: int) -> Held:
    return replace(held, people={**held.people, staff: (pin, wrong)})


def _tried(held: Held, staff: str) -> Held:
    pin, wrong = held.people[staff]
    return _person(held, staff, pin, wrong + 1)


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
            held = _made(held, one.body, one.aggregate, staff)
        drafts = {key: words for key, words in held.drafts.items() if key != (staff, draft)}
        return replace(held, drafts=drafts)

    return Act(name, lambda phone: phone.me[staff].save(*statements, draft=draft), (then,))


def corrects(staff: str, ref: Ref, unit: str, body: Callable[[str], Body]) -> Act:
    """Something said of the last fact of an aggregate."""

    def do(phone: Phone) -> None:
        last = phone.me[staff].envelopes(ref.kind, ref.id)[-1].fact()
        phone.me[staff].save(Statement(body(last.id), ref, unit, last.person))

    return Act("correct", do, (lambda held: _made(held, body(""), ref, staff),))


def reads(staff: str, *statements: Statement) -> Act:
    def then(held: Held) -> Held:
        for one in statements:
            held = _made(held, one.body, one.aggregate, None)
        return held

    return Act("log of reading", lambda phone: phone.me[staff].state_reading(*statements), (then,))


def reports(body: Body, ref: Ref, unit: str) -> Act:
    return Act(
        "report without a sign-in",
        lambda phone: phone.store.report(body, ref, unit),
        (lambda held: _made(held, body, ref, None),),
    )


def _made(held: Held, body: Body, ref: Ref, author: str | None) -> Held:
    seq = held.made + 1
    name = f"{type_of(body)[0]} {OURS[-1]}#{seq}"
    held = replace(held, made=seq, outbox={**held.outbox, seq: name})
    return held if author is None else _came(held, ref, [name], author)


def _came(held: Held, ref: Ref, names: Iterable[str], reader: str, without: Iterable[str] = ()) -> Held:
    key = "" if ref.kind in SHARED else reader, f"{ref.kind}/{ref.id}"
    facts = {*held.readable.get(key, ()), *names} - set(without)
    return replace(held, readable={**held.readable, key: tuple(sorted(facts))})


# The endpoint.


def delivers(refused: int = 0) -> Act:
    """Everything that waits goes, and the receipt comes; one number may be refused."""

    def do(phone: Phone) -> None:
        sent = phone.store.waiting()
        opened = [envelope(Opener(SEAL).open(sealed, OURS)) for sealed in sent]
        results = [
            PushResult(id=of.fact().id, status="quarantined", reason="malformed")
            if of.fact().seq == refused
            else PushResult(id=of.fact().id, status="accepted", hash=of.hash)
            for of in opened
        ]
        phone.store.take_receipt(receipt(phone.store, *results), [sealed.id for sealed in sent])

    def then(held: Held) -> Held:
        aside = {seq: name for seq, name in held.outbox.items() if seq == refused}
        return replace(held, outbox={}, aside={**held.aside, **aside})

    return Act("receipt", do, (then,))


def sends_again() -> Act:
    def do(phone: Phone) -> None:
        (aside,) = phone.store.set_aside()
        phone.store.send_again(aside.id)

    return Act(
        "send again", do, (lambda held: replace(held, outbox={**held.outbox, **held.aside}, aside={}),)
    )


def hears() -> Act:
    return Act("contact", lambda phone: phone.store.note_contact(phone.time(), Clock(1500, 0)))


def takes(staff: str, stream: str, envelopes: list[Envelope], after: int = 0) -> Act:
    def then(held: Held) -> Held:
        for fact in (one.fact() for one in envelopes):
            held = _came(held, fact.aggregate, [label(fact)], staff)
        return replace(held, cursors={**held.cursors, stream: str(Cursor("e1", after + len(envelopes)))})

    return Act(
        "page", lambda phone: phone.store.take_page(page(stream, envelopes, after), phone.me[staff]), (then,)
    )


def erases(staff: str, stream: str, ref: Ref, after: int, first: int, unit: str) -> Act:
    """The endpoint erases the first facts of an aggregate; the page that says so has VACUUM run."""

    def erasure(phone: Phone) -> Envelope:
        held = phone.me[staff].envelopes(ref.kind, ref.id)[:first]
        named = tuple(Named(one.fact().id, one.hash.hex()) for one in held)
        return elsewhere(FactErased(facts=named, why="decision", decision="IVO 1"), ref, 50, unit, ENDPOINT)

    def do(phone: Phone) -> None:
        phone.store.take_page(page(stream, [erasure(phone)], after), phone.me[staff])

    def then(held: Held) -> Held:
        key = "" if ref.kind in SHARED else staff, f"{ref.kind}/{ref.id}"
        # In order of rank, which here is that of the numbers.
        gone = sorted(held.readable[key], key=lambda name: int(name.rpartition("#")[2]))[:first]
        held = _came(held, ref, [f"fact.erased {ENDPOINT[-1]}#50"], staff, gone)
        waits = {seq: name for seq, name in held.outbox.items() if name not in gone}
        return replace(held, outbox=waits, cursors={**held.cursors, stream: str(Cursor("e1", after + 1))})

    return Act("page that erases", do, (then,))


def elsewhere(
    body: Body, ref: Ref, seq: int, unit: str, of: str = THEIRS, person: str | None = None
) -> Envelope:
    """A fact of another phone, or of the endpoint."""
    kind, version = type_of(body)
    made = Fact(
        id=f"0192fa00-{seq:04x}-7000-8000-{ref.id[-12:]}",
        type=kind,
        version=version,
        aggregate=ref,
        rank=seq,
        at=NOON - timedelta(hours=1),
        author=None if of == ENDPOINT else THEIRS,
        device=of,
        seq=seq,
        unit=unit,
        person=person,
        body=raw(body),
    )
    return stated(encode(made), b"\x07" * 32)
