"""Somebody's open keys, from the unlock to the lock, and what they keep under them for themselves."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from care.documents import Document
from care.facts import Ref
from storage.drafts import DRAFTS, NOTES, Draft
from storage.errors import Damaged, Locked
from storage.file import File
from storage.keys import Signer, SlotKeys
from storage.pages import Reader
from storage.ring import Ring
from storage.saving import Pen
from storage.slots import Card
from wire.seal import Sealer
from wire.signature import Context

_CERTIFICATE = "certificate"
"""Under this name a person's own notes keep the times of their certificate."""


class Certificate(Struct, frozen=True):
    """Until when the endpoint vouches for a key, and until when it does so anew without a sign-in."""

    public: bytes
    until: datetime
    sign_in_by: datetime


class Open(Struct, frozen=True):
    """What leaves memory at lock."""

    pen: Pen
    phone: Ring
    own: Ring


class Session:
    """Every call raises Locked after `lock`."""

    def __init__(self, file: File, card: Card, keys: SlotKeys, left: Callable[["Session"], None]) -> None:
        device = file.enrolled()
        self._file = file
        self._database = file.database
        self._left = left
        self._merged: dict[Ref, tuple[Document, Document, Document]] = {}
        self._waits: dict[str, Ref | None] = {}
        """What unsent facts are of; None: nothing that this person may read."""
        self.staff = card.staff
        self.name = card.name
        self.title = card.title
        """A key of the texts."""
        self.language = card.language
        self.unit = device.unit
        self.certified_until: datetime = keys.certified_until
        """Until when the endpoint vouches for the signing key; past it, facts are flagged, never refused."""
        self.sign_in_by: datetime = keys.certified_until
        """Until when that can be renewed without a new sign-in."""
        self.why_locked = ""
        """Why the phone locked by itself: "closing", "moved", "ended"; empty: somebody locked."""
        signer = Signer(keys.signing_key)
        self.signing_public = signer.public
        pen = Pen(card.staff, signer, Sealer(device.seal_public, device.id))
        self._open: Open | None = Open(pen, file.open_ring(keys.phone_key), file.open_ring(keys.own_key))

    def lock(self, why: str = "") -> None:
        """Drop the keys and what they decrypted. What is saved stays, what waits is still sent."""
        with self._database.lock:
            held, self._open = self._open, None
            self._merged.clear()
            self._waits.clear()
            if held is None:
                return
            self.why_locked = why
            self._file.close_ring(held.phone)
            self._file.close_ring(held.own)
        self._left(self)

    @property
    def locked(self) -> bool:
        return self._open is None

    def _keys(self) -> Open:
        if self._open is None:
            raise Locked(self.staff)
        return self._open

    def sign(self, context: Context, data: bytes) -> bytes:
        """Sign something else than a fact as this person, such as a session's statement. 64 bytes."""
        return self._keys().pen.signer.sign(context, data)

    def reader(self) -> Reader:
        """For the store's pages: whose, and which rings."""
        held = self._keys()
        return Reader(self.staff, held.phone, held.own)

    # The certificate.

    def renewed(self, until: datetime, sign_in_by: datetime) -> None:
        """The certificate has been renewed: keep its times. The slot, under the PIN, holds the first ones."""
        times = Certificate(self.signing_public, until, sign_in_by)
        self.remember(_CERTIFICATE, msgspec.msgpack.encode(times))
        self.certified_until, self.sign_in_by = until, sign_in_by

    def recall_certificate(self) -> None:
        """Take up the times of the last renewal. Those of another key, or damaged ones, count for nothing."""
        try:
            data = self.recall(_CERTIFICATE)
            times = msgspec.msgpack.decode(data, type=Certificate) if data else None
        except (Damaged, msgspec.DecodeError):
            return
        if times and times.public == self.signing_public:
            self.certified_until, self.sign_in_by = times.until, times.sign_in_by

    # Drafts and notes.

    def draft(self, key: str) -> bytes | None:
        """What was begun under a name. Raises Damaged."""
        with self._database.reading() as connection:
            found = DRAFTS.get(connection, self._keys().own, key)
        return found.data if found else None

    def save_draft(self, key: str, data: bytes) -> None:
        """Keep what has been begun; called at every change. On disk when it returns."""
        with self._database.writing() as connection:
            DRAFTS.put(connection, self._keys().own, Draft(key, self._file.now(), data))

    def drop_draft(self, key: str) -> None:
        with self._database.writing() as connection:
            DRAFTS.drop(connection, self._keys().own, key)

    def drafts(self) -> list[tuple[str, datetime]]:
        """What has been begun and when it was last changed, latest first."""
        with self._database.reading() as connection:
            return [(draft.key, draft.saved_at) for draft in DRAFTS.all(connection, self._keys().own)]

    def remember(self, key: str, data: bytes) -> None:
        """Keep a small setting of one's own, such as which answers have been seen."""
        with self._database.writing() as connection:
            NOTES.put(connection, self._keys().own, Draft(key, self._file.now(), data))

    def recall(self, key: str) -> bytes | None:
        """What was remembered under a name. Raises Damaged."""
        with self._database.reading() as connection:
            found = NOTES.get(connection, self._keys().own, key)
        return found.data if found else None
