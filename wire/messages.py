"""The messages of the protocol. docs/protocol.md says what each is for; how they travel, wire/encoding.py."""

from datetime import datetime
from typing import Literal

from msgspec import Struct, field

from care.facts import Ref
from care.unit import OnCall
from wire.encoding import Encoding, Kind, decode, encode
from wire.errors import SignatureError
from wire.seal import Sealed
from wire.signature import Context, sign, verify

PROTOCOL = 1
PUSH_MOST = 1000
"""Facts in one push."""
LONG_POLL_S = 25


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every message. Fields that the other side added are passed over."""


class Signed(Message, frozen=True, kw_only=True):
    """Bytes and a signature over exactly those bytes, in a context that the call gives."""

    data: bytes
    signature: bytes


class Problem(Message, frozen=True, kw_only=True):
    """Every refusal: a stable code, the field where there is one, and the reason in English for logs."""

    code: str
    field: str | None = None
    reason: str = ""
    retry_after: int | None = None


ENROLS, CODE = "enrol", "code"
"""In whose name a code is sealed, and as what."""


class EnrolRequest(Message, frozen=True, kw_only=True):
    code: str
    name: str
    public: bytes
    proof: bytes
    """The device key's signature over ``code || name`` in context ENROL."""
    app: str = ""
    sealed_code: Sealed | None = None
    """In place of `code`, which is then empty: sealed as ``code`` of the device ``enrol``, by whoever knows
    the endpoint's key beforehand."""


class Enrolled(Message, frozen=True, kw_only=True):
    device: str
    unit: str
    unit_name: str
    sign_public: bytes
    """The endpoint's Ed25519 key: pages and receipts are verified with it."""
    seal_public: bytes
    """The endpoint's X25519 key: facts are sealed to it."""
    now: datetime
    signature: bytes | None = None
    """By the endpoint's key, over the answer and the phone's own key (wire/enrolled.py). None: an older
    endpoint."""


class DeviceReport(Message, frozen=True, kw_only=True):
    """How the phone is, told with each session of the device alone. Nothing of persons but staff ids."""

    app: str = ""
    protocol: int = 1
    unsent: int = 0
    """Facts that wait to be sent."""
    aside: int = 0
    """Facts that the endpoint would not take, kept on the phone."""
    drafts: int = 0
    """Forms that somebody has begun."""
    offset_ms: int | None = None
    """Endpoint time minus phone time, as last measured."""
    error: str = ""
    """Key of the last trouble with delivery; empty: none."""
    slots: tuple[str, ...] = ()
    """Ids of those who have signed in on it."""
    read_anew: int = 0
    """Streams that it has had to read anew since it last told, because something of them was not there."""
    anchors: str | None = None
    """What the anchors are called by which it knows the endpoint (wire/anchors.py); empty: the system's."""


class SessionStatement(Message, frozen=True, kw_only=True):
    """What is signed to open a session: by the device, and by the person when one is unlocked."""

    device: str
    staff: str | None = None
    at: datetime
    nonce: bytes
    report: DeviceReport | None = None


class SessionRequest(Message, frozen=True, kw_only=True):
    data: bytes
    """A SessionStatement."""
    device_signature: bytes
    staff_signature: bytes | None = None


class Session(Message, frozen=True, kw_only=True):
    token: str
    expires: datetime
    now: datetime
    standing: str = ""
    """Changes when the phone's standing does: then `GET /v1/device` has news."""


class SignInStarted(Message, frozen=True, kw_only=True):
    """Where the system browser is to go, and the number that both screens show."""

    id: str
    url: str
    number: str
    expires: datetime


class SignInState(Message, frozen=True, kw_only=True):
    """How far a sign-in has come. The name is confirmed by the person before a code is chosen."""

    state: Literal["waiting", "done", "refused", "expired"]
    staff: str | None = None
    name: str = ""
    title: str = ""
    language: str = "sv"


class CertifyRequest(Message, frozen=True, kw_only=True):
    public: bytes
    proof: bytes
    """The new key's signature over ``sign-in id || staff id`` in context CERTIFY."""


class Certified(Message, frozen=True, kw_only=True):
    """The key is vouched for, and here are the two keys of this person's slot on this phone.

    The endpoint keeps both, so that a forgotten code or a first sign-in on a locked phone loses nothing.
    """

    staff: str
    start: datetime
    end: datetime
    phone_key: bytes
    """What all of the unit may see on this phone is under it; the same for everybody on it. One or more
    secrets of 32 bytes, oldest first; the last is in use."""
    own_key: bytes
    """What only this person may see on this phone is under it; likewise."""
    sign_in_by: datetime | None = None
    """Until then the certificate is renewed without a new sign-in."""


class Renewed(Message, frozen=True, kw_only=True):
    """A person's certificate, renewed for the same key."""

    end: datetime
    sign_in_by: datetime
    phone_key: bytes = b""
    """The keys of the slot as they are now, as in Certified; empty: nothing is said of them."""
    own_key: bytes = b""


class ChainEnd(Message, frozen=True, kw_only=True):
    """What the endpoint holds of the phone's chain of facts. A phone whose own end is before it, or is
    another fact under the same number, has a file that was put back as it once was."""

    seq: int
    """The highest number."""
    hash: str
    """SHA-256 of that fact's bytes, in hex."""
    twice: int = 0
    """The highest number that two facts have; 0: none."""


DeviceState = Literal["open", "closing", "closed"]


class DeviceStanding(Message, frozen=True, kw_only=True):
    """What the phone is to do. Signed by the endpoint in context DEVICE; ``nonce`` is the asker's own."""

    device: str
    nonce: str
    state: DeviceState
    unit: str
    """Where the phone is to belong. Another than its own: it moves, once everything is sent."""
    unit_name: str
    name: str
    ended: tuple[str, ...] = ()
    """Staff ids whose slots are to be closed."""
    seal_public: bytes
    """The endpoint's current X25519 key; older ones still open what was sealed to them."""
    nurse: tuple[OnCall, ...] = ()
    fallback: tuple[OnCall, ...] = ()
    """The numbers of that unit: a phone that has moved shows them before anybody has signed in."""
    new_key: bool = False
    """Whether the phone is to make a new device key."""
    standing: str
    now: datetime
    chain: ChainEnd | None = None
    """None: nothing of this phone has arrived."""
    anchors: str | None = None
    """What the endpoint's anchors are called (wire/anchors.py). None: it says nothing of them."""
    moves: bool = False
    """Whether the phone has yet to say that it has moved to that unit, even if it is in it: its file may have
    been put back to before it left."""


class DeviceDone(Message, frozen=True, kw_only=True):
    """What the phone has done. Signed by the device in context DEVICE_DONE."""

    device: str
    what: Literal["closed", "moved"]
    unit: str
    at: datetime
    kept: int = 0
    """Sealed facts that the endpoint would not take: still on the phone, readable by the endpoint alone."""


class DeviceKeyRequest(Message, frozen=True, kw_only=True):
    """A new key of the device. Both keys sign ``device id || new public key`` in context DEVICE_KEY."""

    public: bytes
    by_old: bytes
    by_new: bytes


class Noted(Message, frozen=True, kw_only=True):
    now: datetime


class PushRequest(Message, frozen=True, kw_only=True):
    protocol: int = PROTOCOL
    items: tuple[Sealed, ...]
    left: int | None = None
    """Facts that wait behind these."""


PushStatus = Literal["accepted", "known", "quarantined"]
QuarantineReason = Literal[
    "malformed", "unsigned", "unknown_author", "unknown_device", "sealed", "conflict", "not_permitted"
]


class PushResult(Message, frozen=True, kw_only=True):
    """What became of one fact. ``hash`` is the SHA-256 of the bytes that the endpoint holds."""

    id: str
    status: PushStatus
    hash: bytes = b""
    reason: QuarantineReason | None = None


class Receipt(Message, frozen=True, kw_only=True):
    """The answer to a push: signed as a whole, so that "Skickat" can be said."""

    device: str
    received: datetime
    results: tuple[PushResult, ...]
    chain: ChainEnd | None = None
    """As in DeviceStanding, once these facts have been taken in. Where it is not as the phone knows it, the
    phone asks for its standing."""


class Tombstone(Message, frozen=True, kw_only=True):
    """What is left of a fact that has been erased: its id, and the SHA-256 that its bytes had."""

    id: str
    hash: bytes


ERASED_ENVELOPE = bytes(64) + b"erased"
"""Stands in the envelope's place where the fact has been erased. A reader that knows of no erasures takes it
for a fact that it cannot read, keeps these bytes, and goes on."""


class Placed(Message, frozen=True, kw_only=True):
    """An envelope at its place in a stream; or, with `erased`, the place where one was."""

    position: int
    envelope: bytes
    erased: Tombstone | None = None


class Page(Message, frozen=True, kw_only=True):
    """A stretch of one stream, gapless and in commit order: positions ``after + 1`` to ``upto``."""

    stream: str
    epoch: str
    after: int
    upto: int
    more: bool
    facts: tuple[Placed, ...]
    now: datetime


class Left(Message, frozen=True, kw_only=True):
    """What a stream has of aggregates that are only named: so many facts, and the sum over them."""

    count: int
    sum: bytes
    """8 bytes (wire/checksum.py)."""


class Day(Message, frozen=True, kw_only=True):
    """Of planned doses from `start` and before `end`."""

    start: datetime
    end: datetime


class Snapshot(Message, frozen=True, kw_only=True):
    """A part of the first sync of one stream: whole aggregates as they stood at its position ``cut``, what a
    screen needs first. Signed in context SNAPSHOT."""

    stream: str
    epoch: str
    cut: int
    """The stream is read on from here, once the last part has been taken."""
    after: str
    """The ``upto`` of the part before; empty: this is the first."""
    upto: str
    """What to ask for the next part with, opaque; empty: this was the last."""
    facts: tuple[Placed, ...] = ()
    left_out: tuple[Ref, ...] = ()
    """Aggregates that phones no longer keep: fetched whole when something more is said of them."""
    left: Left | None = None
    """Of those in `left_out`, so that the reader can tell whether everything else has come."""
    day: Day | None = None
    """Of these doses, and of what was given as needed in the two days before, all that has been said has come
    with this part and those before it. Said once; None: not yet, or that was said before."""
    now: datetime


class Whole(Message, frozen=True, kw_only=True):
    """All that a stream has of one aggregate, each fact at its place there. Signed in context WHOLE."""

    kind: str
    id: str
    stream: str
    facts: tuple[Placed, ...]
    now: datetime


class StreamSum(Message, frozen=True, kw_only=True):
    """How far a stream goes, and the sum over all its facts up to there."""

    epoch: str
    position: int
    sum: bytes
    """8 bytes (wire/checksum.py)."""


class Sums(Message, frozen=True, kw_only=True):
    """Of each of a reader's streams that has anything. What the reader has taken up to that position has the
    same sum, or something was lost. Signed in context SUMS."""

    streams: dict[str, StreamSum]
    now: datetime


class Pulled(Message, frozen=True, kw_only=True):
    """Pages that follow the cursors, and every stream that the reader may read now."""

    pages: tuple[Signed, ...] = ()
    """Each a Page, signed by the endpoint in context PAGE."""
    snapshots: tuple[Signed, ...] = ()
    """Each a Snapshot, signed by the endpoint in context SNAPSHOT; for whoever asks for them."""
    streams: tuple[str, ...] = ()
    now: datetime
    heads: dict[str, int] = field(default_factory=dict)
    sums: Signed | None = None
    """Sums, signed by the endpoint in context SUMS."""
    standing: str = ""
    """As in Session."""


def signed(message: Struct, private: bytes, context: Context, encoding: Encoding = Encoding.JSON) -> Signed:
    """A message with a signature over the bytes that travel."""
    data = encode(message, encoding)
    return Signed(data=data, signature=sign(private, context, data))


def opened(message: Signed, public: bytes, context: Context, kind: type[Kind]) -> Kind:
    """The message inside, once its signature holds. Raises SignatureError or MessageError."""
    if not message.data:
        raise SignatureError(f"{context.name.lower()}: nothing is signed")
    verify(public, context, message.signature, message.data)
    return decode(message.data, kind)
