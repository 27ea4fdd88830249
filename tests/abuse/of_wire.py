"""What phones send, and what comes back to them: facts, seals, messages, pages, cursors, forms, gzip."""

import json
from contextlib import suppress
from typing import Any

import msgspec

from care.check import CheckDocument
from care.check_calendar import days
from care.days import words
from care.errors import FactError, ScheduleError
from care.facts import Body, Ref, encode, kind_of, known_bodies, type_of
from care.forms.errors import FormError
from care.forms.load import load
from care.forms.validate import validate
from care.order import OrderDocument, Plan, Version
from care.order_check import faults
from care.person import PersonDocument
from care.schedule import planned
from endpoint.arrival import _check
from endpoint.console.texts import texts
from endpoint.errors import Refused
from endpoint.request import _inflated
from tests.abuse.examples import example
from tests.authorities import Authority
from tests.statements import NOON, ORDER, PERSON, UNIT, fact
from wire import anchors, signature
from wire.anchors import AnchorsSigned
from wire.cursor import Cursor
from wire.encoding import decode
from wire.envelope import envelope
from wire.errors import WireError
from wire.messages import (
    CertifyRequest,
    DeviceDone,
    EnrolRequest,
    Page,
    Pulled,
    PushRequest,
    Receipt,
    SessionRequest,
    SessionStatement,
    Signed,
    Snapshot,
    Whole,
    opened,
)
from wire.seal import Opener, Sealed, new_key
from wire.signature import Context

_OPENER = Opener(new_key())
_SIGNS = signature.new_key()
_WEEK = NOON, NOON.replace(day=NOON.day + 7)
_FORM = {
    "resourceType": "Questionnaire",
    "url": "https://rapp.example.se/f",
    "version": "1",
    "status": "active",
    "title": "F",
    "item": [{"linkId": "a", "text": "A", "type": "string"}],
}
MESSAGES = (
    PushRequest, EnrolRequest, SessionStatement, CertifyRequest, DeviceDone, Signed, Page, Snapshot, Whole,
    Pulled, Receipt, SessionRequest,
)  # fmt: skip


def _fact(data: bytes) -> None:
    envelope(data).fact()


def _arrival(data: bytes) -> None:
    """A fact as the endpoint examines it, and what is then reckoned from it for everybody's day."""
    found = envelope(bytes(64) + data).fact()
    alone = _check(found)
    document = alone.document if alone else None
    if isinstance(document, OrderDocument):
        _reckoned(document)
    if isinstance(document, PersonDocument):
        assert document.room_number >= 0
    if isinstance(document, CheckDocument):
        for version in document.versions:
            with suppress(ScheduleError):
                list(days(version.rule, NOON.date(), *(at.date() for at in _WEEK)))


def _reckoned(order: OrderDocument) -> None:
    with suppress(ScheduleError):
        planned(order, *_WEEK)
    if order.plan:
        faults(order.plan)
        words(order.plan.days, texts("sv"))


def _plan(data: bytes) -> None:
    """A plan in force since long ago: whether it can be an order, and when its doses are."""
    try:
        plan = msgspec.json.decode(data, type=Plan)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    _reckoned(OrderDocument(id=ORDER, unit=UNIT, person=PERSON, versions=[Version(plan, NOON, "k", "f")]))


def _seal(data: bytes) -> None:
    _OPENER.open(Sealed("id", data[:32], data[32:]), "d")


def _message(data: bytes) -> None:
    decode(data[1:], MESSAGES[data[0] % len(MESSAGES)] if data else PushRequest)


def _signed(data: bytes) -> None:
    opened(Signed(data=data[96:], signature=data[32:96]), data[:32], Context.PAGE, Page)


def _anchors(data: bytes) -> None:
    """As the endpoint would have signed it, and as one of the certificates in it."""
    anchors.is_certificate(data)
    said = signature.sign(_SIGNS, Context.ANCHORS, data)
    answer = AnchorsSigned(sign_public=signature.public_of(_SIGNS), data=data, signature=said)
    anchors.opened(answer, "")


def _cursor(data: bytes) -> None:
    Cursor.parse(data.decode("utf-8", "replace"))


def _questionnaire(data: bytes) -> None:
    load(data)


def _response(data: bytes) -> None:
    try:
        response: Any = json.loads(data)
    except (ValueError, RecursionError):
        return
    validate(load(json.dumps(_FORM).encode()), response if isinstance(response, dict) else {"item": response})


def _gzip(data: bytes) -> None:
    _inflated(data)


def _every_fact() -> tuple[bytes, ...]:
    """A fact of every type that there is."""
    bodies: list[Body] = [example(cls) for cls in known_bodies().values()]
    return tuple(map(_said, bodies))


def _said(body: Body) -> bytes:
    return encode(fact(body, Ref(kind_of(type_of(body)[0]) or "x", ORDER)))


READERS = {
    "fact": (_fact, (WireError, FactError)),
    "arrival": (_arrival, (WireError, FactError)),
    "plan": (_plan, ()),
    "seal": (_seal, (WireError,)),
    "message": (_message, (WireError,)),
    "signed": (_signed, (WireError,)),
    "anchors": (_anchors, (WireError,)),
    "cursor": (_cursor, (WireError,)),
    "questionnaire": (_questionnaire, (FormError,)),
    "response": (_response, (FormError,)),
    "gzip": (_gzip, (Refused,)),
}
_PLAN = (
    b'{"what":"a","form":"tablet","amount":"1","start":"2026-01-05","days":"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU",'
    b'"slots":[{"id":"m","time":"08:00","before":60,"after":60}],"as_needed":{"indication":"a","min_hours":4,'
    b'"max_per_24h":4,"unit":"mg","dose":1},"narcotic":{"preparation":"a","unit":"st"},"steps":[{"start":'
    b'"2026-01-06","amount":"2"}],"value":{"what":"b","least":1,"most":2}}'
)
SEEDS: dict[str, tuple[bytes, ...]] = {
    "fact": (bytes(64) + b'{"id":"018f0000-0000-7000-8000-000000000000","type":"sbar.called","version":1}',),
    "arrival": _every_fact(),
    "plan": (
        _PLAN,
        _PLAN.replace(b"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", b"FREQ=DAILY;INTERVAL=0"),
        _PLAN.replace(b"INTERVAL=2", b"INTERVAL=" + b"9" * 5000),
        _PLAN.replace(b"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", b"FREQ=YEARLY;COUNT=9;BYMONTH=2;BYMONTHDAY=30"),
        _PLAN.replace(b'"before":60', b'"before":999999999999999'),
    ),
    "seal": (bytes(60),),
    "message": (
        b'\0{"items":[]}',
        b'\6{"stream":"unit:u","epoch":"e","after":0,"upto":0,"more":false,"facts":[]}',
    ),
    "signed": (bytes(96) + b"{}",),
    "anchors": (
        b'{"nonce":"","seal_public":"","certificates":["MAA="]}',
        Authority("Provkommun").der,
    ),
    "cursor": (b"0123abcd.12",),
    "questionnaire": (json.dumps(_FORM).encode(),),
    "response": (
        b'{"resourceType":"QuestionnaireResponse","item":[{"linkId":"a","answer":[{"valueString":"x"}]}]}',
    ),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0\0\3\xab\0\0",),
}
