"""Facts for tests: made as a phone makes them, with time and ids passed in."""

import itertools
from datetime import UTC, date, datetime, timedelta

from care.facts import Body, Clock, Fact, Ref, raw, type_of
from care.ids import uuid7
from care.order import Content, OrderDocument, OrderPlaced, Plan, Slot, Version

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
UNIT = "11111111-1111-5111-8111-111111111111"
OTHER_UNIT = "22222222-2222-5222-8222-222222222222"
PERSON = "33333333-3333-5333-8333-333333333333"
AMINA = "44444444-4444-5444-8444-444444444444"
TESFAY = "55555555-5555-5555-8555-555555555555"
KARIN = "66666666-6666-5666-8666-666666666666"
ORDER = "77777777-7777-5777-8777-777777777777"
SLOT = "morning"

_numbers = itertools.count(1)


def new_id() -> str:
    number = next(_numbers)
    return uuid7(1_700_000_000_000 + number, number.to_bytes(10, "big"))


def fact(
    body: Body,
    aggregate: Ref,
    *,
    rank: int = 1,
    at: datetime = NOON,
    author: str | None = AMINA,
    device: str = "phone-1",
    seq: int = 1,
    unit: str = UNIT,
    person: str | None = PERSON,
    offset_ms: int | None = None,
    id: str | None = None,
) -> Fact:
    kind, version = type_of(body)
    return Fact(
        id=id or new_id(),
        type=kind,
        version=version,
        aggregate=aggregate,
        rank=rank,
        at=at,
        clock=None if offset_ms is None else Clock(offset_ms, 60),
        author=author,
        device=device,
        seq=seq,
        unit=unit,
        person=person,
        body=raw(body),
    )


def plan(**changes: object) -> Plan:
    values: dict[str, object] = {
        "what": "Dospåse morgon",
        "form": "pouch",
        "amount": "5 tabletter",
        "contents": (Content("Metoprolol 50 mg", "1"), Content("Furix 40 mg", "4")),
        "slots": (Slot(SLOT, "08:00"),),
        "start": date(2026, 1, 1),
        "requires": "medicine.pouch",
    }
    return Plan(**(values | changes))  # type: ignore[arg-type]


def order(*versions: tuple[Plan, datetime], stopped: datetime | None = None) -> OrderDocument:
    stated = versions or ((plan(), NOON - timedelta(days=60)),)
    return OrderDocument(
        id=ORDER,
        unit=UNIT,
        person=PERSON,
        versions=[Version(one, effective, KARIN, f"fact-{n}") for n, (one, effective) in enumerate(stated)],
        stopped=stopped,
    )


def placed(one: Plan) -> Fact:
    return fact(OrderPlaced(plan=one, effective=NOON), Ref("order", ORDER), author=KARIN)
