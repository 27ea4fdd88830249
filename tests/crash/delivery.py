"""Acts between phone and endpoint: what waits is taken and answered for, and pages come."""

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from care.erasing import FactErased, Named
from care.facts import ENDPOINT, Body, Clock, Fact, Ref, encode, raw, type_of
from tests.crash.acts import SEAL, Act, Phone
from tests.crash.held import OURS, SHARED, Held, came, label
from tests.store_case import NOON, page, receipt
from wire.cursor import Cursor
from wire.envelope import Envelope, envelope, stated
from wire.messages import Placed, PushResult, Whole
from wire.seal import Opener

THEIRS = "0192eeee-0000-7000-8000-000000000009"


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
            held = came(held, fact.aggregate, [label(fact)], staff)
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
        held = came(held, ref, [f"fact.erased {ENDPOINT[-1]}#50"], staff, gone)
        waits = {seq: name for seq, name in held.outbox.items() if name not in gone}
        return replace(held, outbox=waits, cursors={**held.cursors, stream: str(Cursor("e1", after + 1))})

    return Act("page that erases", do, (then,))


def purges(staff: str, keep: Ref, *closed: Ref) -> Act:
    """What is over leaves: here all that everybody reads, then of their own what is `closed`.

    The endpoint has it all; of `keep` it is asked later.
    """

    def do(phone: Phone) -> None:
        phone.endpoint = phone.me[staff].envelopes(keep.kind, keep.id)
        assert sum(phone.store.tidy.purge(phone.me[staff], NOON + timedelta(days=60)))

    def leaves(held: Held, over: Iterable[tuple[str, str]]) -> Held:
        left = {key: facts for key, facts in held.readable.items() if key not in over}
        gone = {key: facts for key, facts in held.readable.items() if key in over}
        return replace(held, readable=left, purged={**held.purged, **gone})

    def shared(held: Held) -> Held:
        return leaves(held, [key for key in held.readable if key[0] == ""])

    def own(held: Held) -> Held:
        return leaves(held, [(staff, f"{ref.kind}/{ref.id}") for ref in closed])

    return Act("purge", do, (shared, own))


def fetches(staff: str, stream: str, ref: Ref) -> Act:
    """An aggregate that has left is fetched back whole."""

    def do(phone: Phone) -> None:
        facts = tuple(Placed(position=n, envelope=bytes(one)) for n, one in enumerate(phone.endpoint, 1))
        whole = Whole(kind=ref.kind, id=ref.id, stream=stream, facts=facts, now=NOON)
        phone.store.take_whole(whole, phone.me[staff])

    def then(held: Held) -> Held:
        return came(held, ref, held.purged["", f"{ref.kind}/{ref.id}"], staff)

    return Act("fetch back", do, (then,))


def elsewhere(
    body: Body, ref: Ref, seq: int, unit: str, of: str = THEIRS, person: str | None = None, rank: int = 0
) -> Envelope:
    """A fact of another phone, or of the endpoint; its rank is its number unless another is given."""
    kind, version = type_of(body)
    made = Fact(
        id=f"0192fa00-{seq:04x}-7000-8000-{ref.id[-12:]}",
        type=kind,
        version=version,
        aggregate=ref,
        rank=rank or seq,
        at=NOON - timedelta(hours=1),
        author=None if of == ENDPOINT else THEIRS,
        device=of,
        seq=seq,
        unit=unit,
        person=person,
        body=raw(body),
    )
    return stated(encode(made), b"\x07" * 32)
