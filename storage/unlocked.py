"""One person's open keys: what they may read, and what they state."""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec
from msgspec import Struct

from care.documents import Document, fold
from care.facts import EARLIEST, Fact, Ref
from storage import erasing, rotation
from storage.chain import Statement
from storage.drafts import DRAFTS, NOTES, Draft
from storage.errors import Damaged, Locked
from storage.file import File
from storage.keys import Signer, SlotKeys
from storage.outbox import QUIET
from storage.pages import Reader
from storage.ring import Ring
from storage.saving import Pen, queued, save, seal_anew, state_facts
from storage.slots import Card
from wire.envelope import Envelope
from wire.seal import Sealer
from wire.signature import Context

_CERTIFICATE = "certificate"
"""Under this name a person's own notes keep the times of their certificate."""


class Certificate(Struct, frozen=True):
    """Until when the endpoint vouches for a key, and until when it does so anew without a sign-in."""

    public: bytes
    until: datetime
    sign_in_by: datetime


class _Open(Struct, frozen=True):
    """What leaves memory at lock."""

    pen: Pen
    phone: Ring
    own: Ring


class Unlocked:
    """Made by Store.unlock and Store.set_slot. Every call raises Locked after `lock`."""

    def __init__(self, file: File, card: Card, keys: SlotKeys, left: Callable[["Unlocked"], None]) -> None:
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
        self._open: _Open | None = _Open(pen, file.open_ring(keys.phone_key), file.open_ring(keys.own_key))

    def mend(self) -> bool:
        """Seal damaged facts of the outbox anew, where this person can read them; fold anew what an erasure
        took apart while they were away, and drop what they had begun of it. Give the rows of an older file
        what they are found by. Called at unlock; what fails is tried again at the next."""
        held = self._keys()
        self._after_erasures(held)
        self._index(held)
        if not self._file.outbox.aside:
            return False
        with self._database.writing() as connection:
            mended = seal_anew(self._file, connection, held.pen, (held.phone, held.own))
        if mended:
            with self._database.reading() as connection:
                self._file.outbox.load(connection)
        return mended

    def _after_erasures(self, held: _Open) -> None:
        with self._database.reading() as connection:
            if connection.execute("SELECT 1 FROM unfolded LIMIT 1").fetchone() is None:
                return
        with self._database.writing() as connection:
            folded = [erasing.fold_anew(connection, ring) for ring in (held.phone, held.own)]
            dropped = erasing.forget_begun(connection, self._file.keys, held.own)
        if dropped or any(folded):
            self._database.rewrite()

    def _index(self, held: _Open) -> None:
        for ring in (held.phone, held.own):
            with self._database.lock:
                with self._database.reading() as connection:
                    if not ring.unindexed(connection):
                        continue
                with self._database.writing() as connection:
                    aggregates = ring.index(connection)
                ring.indexed(aggregates)

    def take_keys(self, phone: bytes, own: bytes) -> None:
        """The endpoint has added secrets to the rings' chains: they are used from now on, and each of the
        phone's slots is led to them. What is there is encrypted anew by `exchange`. Raises ForeignKeys."""
        with self._database.lock:
            held = self._keys()
            file, versions = self._file, self._file.versions
            pairs = [(held.phone, phone), (held.own, own)]
            for ring, chain in pairs:
                rotation.check_follows(ring.rows.secret, chain)
            newer = [(ring, chain) for ring, chain in pairs if len(chain) > len(ring.rows.secret)]
            if not newer:
                return
            with self._database.writing() as connection:
                for _, chain in newer:
                    rotation.link(connection, chain)
                    versions = rotation.in_use(versions, chain)
                file.state.put(connection, versions)
            file.versions = versions
            for ring, chain in newer:
                ring.use(chain)

    def exchange(self, limit: int = 50) -> bool:
        """Encrypt some of what is still under an older key anew, one transaction; False: nothing is left."""
        with self._database.lock:
            held = self._keys()
            for ring in (held.phone, held.own):
                if ring.rows.floor == ring.rows.version:
                    continue
                versions = self._file.versions
                with self._database.writing() as connection:
                    step = rotation.step(connection, ring, limit)
                    if step.done:
                        versions = rotation.finished(versions, ring)
                        self._file.state.put(connection, versions)
                ring.encrypted_anew(step.aggregates)
                self._file.versions = versions
                if step.done:
                    ring.rows.floor = ring.rows.version
                return True
            return False

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

    def _keys(self) -> _Open:
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

    # Stating.

    def save(self, *statements: Statement, draft: str | None = None) -> list[Fact]:
        """State, in one transaction: facts, documents, outbox, and the draft it came from gone.

        On disk when it returns. Raises Locked, DiskFull, ReadOnly, Busy; then nothing of it was saved.
        """
        with self._database.lock:
            held = self._keys()
            with self._database.writing() as connection:
                made, written = save(self._file, connection, held.pen, (held.phone, held.own), statements)
                if draft is not None:
                    DRAFTS.drop(connection, held.own, draft)
            queued(self._file, made)
            for ring, entry in written:
                ring.show(entry)
            self._waits.update((stated.fact.id, stated.fact.aggregate) for stated in made)
        self._file.tell(frozenset(entry.ref for _, entry in written))
        return [stated.fact for stated in made]

    def state_reading(self, *statements: Statement) -> None:
        """State what was read, for the log: sealed and queued like any fact, and otherwise not kept here.

        No screen counts it, and it leaves the phone once the endpoint has answered. On disk when it returns.
        """
        with self._database.lock:
            held = self._keys()
            with self._database.writing() as connection:
                ranked = [(statement, 1) for statement in statements]
                made = state_facts(self._file, connection, held.pen, ranked, QUIET)
            queued(self._file, made, QUIET)

    @property
    def unsent(self) -> frozenset[str]:
        """Ids of facts, of anybody on this phone, that the endpoint has not yet said it has."""
        return self._file.outbox.unsent

    # Reading.

    def document(self, kind: str, id: str) -> Document | None:
        """One document, or None. Shared and not to be changed; a change makes a new one."""
        ref = Ref(kind, id)
        with self._database.reading() as connection:
            held = self._keys()
            shared, own = held.phone.entry(connection, ref), held.own.entry(connection, ref)
            return self._one(ref, shared.document if shared else None, own.document if own else None)

    def incomplete(self, kind: str, id: str) -> bool:
        """Whether something of it has yet to be fetched: what is shown is not all that was said."""
        ref = Ref(kind, id)
        with self._database.reading() as connection:
            held = self._keys()
            return held.phone.lacks(connection, ref) or held.own.lacks(connection, ref)

    def some(self, kind: str, ids: Iterable[str]) -> list[Document]:
        """Those documents of a kind that there are; none of which nothing is left."""
        with self._database.reading() as connection:
            held, refs = self._keys(), [Ref(kind, id) for id in ids]
            shared, own = held.phone.some(connection, refs), held.own.some(connection, refs)
            found = [self._one(ref, shared.get(ref), own.get(ref)) for ref in refs]
        return [one for one in found if one and not one.gone]

    def documents(self, kind: str, person: str | None = None) -> list[Document]:
        """All documents of a kind, or those of one person; in no order. None of which nothing is left."""
        with self._database.reading() as connection:
            held = self._keys()
            shared = held.phone.of_kind(connection, kind, person)
            own = held.own.of_kind(connection, kind, person)
            return self._together(shared, own, person)

    def waiting(self) -> list[Document]:
        """The documents with something in them that the endpoint has not yet said it has; in no order."""
        with self._database.reading() as connection:
            held, unsent = self._keys(), self._file.outbox.unsent
            self._waits = {fact: ref for fact, ref in self._waits.items() if fact in unsent}
            if strange := unsent - self._waits.keys():
                # Saved before this unlock, or by somebody else: looked for once.
                self._waits.update(dict.fromkeys(strange))
                for ring in (held.phone, held.own):
                    self._waits.update(ring.of_facts(connection, strange))
            refs = {ref for ref in self._waits.values() if ref}
            return [one for ref in refs if (one := self.document(ref.kind, ref.id)) and not one.gone]

    def newest(self, person: str, limit: int) -> list[Document]:
        """Of everything about a person, what changed last, latest first. None of which nothing is left."""
        with self._database.reading() as connection:
            held = self._keys()
            # What is gone takes up a place; there is hardly ever any.
            shared = held.phone.newest(connection, person, limit)
            own = held.own.newest(connection, person, limit)
            found = self._together(shared, own, person)
        return sorted(found, key=_last_change, reverse=True)[:limit]

    def _together(
        self, shared: dict[Ref, Document], own: dict[Ref, Document], person: str | None
    ) -> list[Document]:
        """What both rings hold; of what one of them was not asked for, the part there as well."""
        with self._database.reading() as connection:
            held = self._keys()
            shared |= held.phone.some(connection, own.keys() - shared.keys())
            own |= held.own.some(connection, shared.keys() - own.keys())
            found = [self._one(ref, shared.get(ref), own.get(ref)) for ref in shared | own]
        return [one for one in found if one and not one.gone and (person is None or one.person == person)]

    def envelopes(self, kind: str, id: str) -> list[Envelope]:
        """The evidence: every fact of an aggregate as it was signed, in order. Raises Damaged."""
        ref = Ref(kind, id)
        with self._database.reading() as connection:
            held = self._keys()
            both = held.phone.held(connection, ref, strict=True)
            both.update(held.own.held(connection, ref, strict=True))
        return [one.envelope for one in sorted(both.values(), key=lambda one: one.fact.order)]

    @property
    def damage(self) -> list[Damaged]:
        """What was found damaged in what this person may read."""
        held = self._keys()
        return [*held.phone.facts.damage, *held.own.facts.damage]

    def _one(self, ref: Ref, shared: Document | None, own: Document | None) -> Document | None:
        """What the two rings say together, where both hold something."""
        if shared is None or own is None or shared == own:
            return shared or own
        known = self._merged.get(ref)
        if known is None or known[0] is not shared or known[1] is not own:
            with self._database.reading() as connection:
                held = self._keys()
                both = held.phone.held(connection, ref) | held.own.held(connection, ref)
            known = shared, own, fold(ref.kind, ref.id, (one.fact for one in both.values()))
            self._merged[ref] = known
        return known[2]

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


def _last_change(document: Document) -> datetime:
    return document.changed or EARLIEST
