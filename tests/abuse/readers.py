"""Everything that reads bytes from outside, and how each may refuse them: by its own errors, and no other."""

import json
from collections.abc import Callable
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from care.errors import FactError
from care.forms.errors import FormError
from care.forms.load import load
from care.forms.validate import validate
from endpoint.deviations import table as reports
from endpoint.deviations.errors import DeviationsError
from endpoint.errors import Refused
from endpoint.people import table as staff
from endpoint.people.errors import PeopleError
from endpoint.request import _inflated
from wire.cursor import Cursor
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
    SessionStatement,
    Signed,
    Snapshot,
    Whole,
    decode,
    opened,
)
from wire.seal import Opener, Sealed, new_key
from wire.signature import Context

_OPENER = Opener(new_key())
_DEVICE = "d"
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
    Pulled, Receipt,
)  # fmt: skip


def _fact(data: bytes) -> None:
    envelope(data).fact()


def _seal(data: bytes) -> None:
    _OPENER.open(Sealed("id", data[:32], data[32:]), _DEVICE)


def _message(data: bytes) -> None:
    decode(data[1:], MESSAGES[data[0] % len(MESSAGES)] if data else PushRequest)


def _signed(data: bytes) -> None:
    opened(Signed(data=data[96:], signature=data[32:96]), data[:32], Context.PAGE, Page)


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


def _staff(data: bytes) -> None:
    staff.read(data)


def _reports(data: bytes) -> None:
    reports.read(data, {"when": ("datum",), "what": ("händelse",)}, ("when",), dict(MappingProxyType({})))


def _gzip(data: bytes) -> None:
    _inflated(data)


READERS: dict[str, tuple[Callable[[bytes], None], tuple[type[Exception], ...]]] = {
    "fact": (_fact, (WireError, FactError)),
    "seal": (_seal, (WireError,)),
    "message": (_message, (WireError,)),
    "signed": (_signed, (WireError,)),
    "cursor": (_cursor, (WireError,)),
    "questionnaire": (_questionnaire, (FormError,)),
    "response": (_response, (FormError,)),
    "staff": (_staff, (PeopleError,)),
    "reports": (_reports, (DeviationsError,)),
    "gzip": (_gzip, (Refused,)),
}
SEEDS: dict[str, tuple[bytes, ...]] = {
    "fact": (bytes(64) + b'{"id":"018f0000-0000-7000-8000-000000000000","type":"sbar.called","version":1}',),
    "seal": (bytes(60),),
    "message": (
        b'\0{"items":[]}',
        b'\6{"stream":"unit:u","epoch":"e","after":0,"upto":0,"more":false,"facts":[]}',
    ),
    "signed": (bytes(96) + b"{}",),
    "cursor": (b"0123abcd.12",),
    "questionnaire": (json.dumps(_FORM).encode(),),
    "response": (
        b'{"resourceType":"QuestionnaireResponse","item":[{"linkId":"a","answer":[{"valueString":"x"}]}]}',
    ),
    "staff": ("id;namn;enhet;roll\n1;Åsa;Granen;nurse\n".encode(), b"\xff\xfei\0d\0"),
    "reports": ("datum;händelse\n2026-01-02;fall\n".encode("cp1252"),),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0\0\3\xab\0\0",),
}


def read(name: str, data: bytes) -> None:
    """Let a reader read. What it raises besides its own errors is a fault."""
    reader, errors = READERS[name]
    with suppress(*errors):
        reader(data)
