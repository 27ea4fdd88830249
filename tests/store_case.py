"""A phone to test with: a unit's endpoint keys, a clock that stands still until moved, and people."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Raw

from care.deviation import DeviationReported
from care.dose import DoseGiven
from care.facts import Body, Fact, Ref, encode, raw, type_of
from care.ids import uuid7
from care.published import Answered
from care.sbar import SbarRecorded
from storage import Device, FileSecret, Statement, Store, Unlocked
from storage.keys import SCRYPT_N
from wire import seal, signature
from wire.envelope import Envelope, stated
from wire.messages import Page, Placed, PushResult, Receipt
from wire.seal import Opener

UNIT = "0192aaaa-0000-7000-8000-000000000001"
OTHER_UNIT = "0192aaaa-0000-7000-8000-000000000002"
ANNA = "0192bbbb-0000-7000-8000-000000000001"
BERTIL = "0192bbbb-0000-7000-8000-000000000002"
CILLA = "0192bbbb-0000-7000-8000-000000000003"
PERSON = "0192cccc-0000-7000-8000-000000000001"
ORDER = "0192dddd-0000-7000-8000-000000000001"
PIN = "482913"
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
PHONE_KEY = bytes(range(32))
ENDPOINT_SIGN = signature.new_key()
ENDPOINT_SEAL = seal.new_key()


class Time:
    """The phone's clocks, moved by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now
        self._ticks = 0.0

    def __call__(self) -> datetime:
        return self.now

    def ticks(self) -> float:
        """What nobody can set."""
        return self._ticks

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self._ticks += seconds

    def set_by(self, **by: float) -> None:
        """Somebody sets the clock; no time passes."""
        self.now += timedelta(**by)


def device(unit: str = UNIT) -> Device:
    return Device(
        id="0192eeee-0000-7000-8000-000000000001",
        unit=unit,
        unit_name="Granen",
        name="Granen 2",
        private=signature.new_key(),
        endpoint_url="http://127.0.0.1:8000",
        sign_public=signature.public_of(ENDPOINT_SIGN),
        seal_public=seal.public_of(ENDPOINT_SEAL),
    )


def open_store(folder: Path, now: Time | None = None, price: int | None = SCRYPT_N) -> Store:
    now = now or Time()
    return Store.open(folder / "rapp.db", FileSecret(folder / "secret"), now, price=price, ticks=now.ticks)


@contextmanager
def phone(folder: Path, now: Time | None = None) -> Iterator[Store]:
    """An open store, enrolled; closed afterwards."""
    store = open_store(folder, now)
    try:
        if store.device is None:
            store.enrol(device())
        yield store
    finally:
        store.close()


def sign_in(store: Store, staff: str = ANNA, name: str = "Anna Andersson", pin: str = PIN) -> Unlocked:
    return store.set_slot(
        staff,
        name,
        "assistant_nurse",
        "sv",
        pin,
        signing_key=bytes([staff.encode()[-1]]) * 32,
        phone_key=PHONE_KEY,
        own_key=bytes([staff.encode()[-1] ^ 0xFF]) * 32,
        certified_until=NOON + timedelta(days=30),
    )


def new_id() -> str:
    return str(uuid.uuid4())


def given(dose: str | None = None, amount: str = "5 tabletter", unit: str = UNIT) -> Statement:
    """A dose given: everybody's on the phone."""
    body = DoseGiven(order=ORDER, planned=NOON, performed=NOON, amount=amount, order_fact=ORDER)
    return Statement(body, Ref("dose", dose or new_id()), unit, PERSON)


def answered(words: str = "x") -> Answered:
    return Answered("https://rapp.example/form", "1", Raw(b'{"text": "%s"}' % words.encode()))


def asked(sbar: str | None = None, words: str = "x") -> Statement:
    """An SBAR: the asker's and the nurses'."""
    return Statement(SbarRecorded(answers=answered(words)), Ref("sbar", sbar or new_id()), UNIT, PERSON)


def fallen(words: str = "x", claimed: str = "") -> DeviationReported:
    return DeviationReported(category="fall", answers=answered(words), claimed=claimed)


def elsewhere(
    body: Body, aggregate: Ref, rank: int = 1, unit: str = UNIT, author: str = BERTIL, seq: int = 1
) -> Envelope:
    """A fact of another phone."""
    fact_type, version = type_of(body)
    made = Fact(
        id=uuid7(int(NOON.timestamp() * 1000), uuid.uuid4().bytes[:10]),
        type=fact_type,
        version=version,
        aggregate=aggregate,
        rank=rank,
        at=NOON,
        author=author,
        device="0192eeee-0000-7000-8000-000000000009",
        seq=seq,
        unit=unit,
        person=PERSON,
        body=raw(body),
    )
    return stated(encode(made), b"\x07" * 32)


def page(stream: str, envelopes: list[Envelope], after: int = 0, epoch: str = "e1") -> Page:
    facts = tuple(Placed(position=n, envelope=bytes(of)) for n, of in enumerate(envelopes, after + 1))
    upto = after + len(envelopes)
    return Page(stream=stream, epoch=epoch, after=after, upto=upto, more=False, facts=facts, now=NOON)


def receipt(store: Store, *results: PushResult, received: datetime = NOON) -> Receipt:
    assert store.device
    return Receipt(device=store.device.id, received=received, results=results)


def deliver(store: Store) -> list[Envelope]:
    """Take everything that waits to an endpoint that accepts it; what it then holds."""
    assert store.device
    opener = Opener(ENDPOINT_SEAL)
    sent = store.waiting()
    held = {sealed.id: opener.open(sealed, store.device.id) for sealed in sent}
    envelopes = [Envelope(data[:64], data[64:]) for data in held.values()]
    results = [
        PushResult(id=sealed.id, status="accepted", hash=of.hash)
        for sealed, of in zip(sent, envelopes, strict=True)
    ]
    store.take_receipt(receipt(store, *results), list(held))
    return envelopes


def a_clear_chain(envelopes: list[Envelope]) -> None:
    """Assert that facts of one device are numbered without a gap and each name the one before."""
    held = sorted(envelopes, key=lambda of: of.fact().seq)
    assert [of.fact().seq for of in held] == list(range(1, len(held) + 1))
    assert [of.fact().prev for of in held] == [None, *(of.hash.hex() for of in held[:-1])]
