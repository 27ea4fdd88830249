"""One person's open keys: what they may read, and what they state."""

from contextlib import suppress

from care.facts import Fact
from storage import erasing, photos, rotation
from storage.album import Album
from storage.chain import Statement
from storage.drafts import DRAFTS
from storage.errors import Damaged
from storage.outbox import QUIET
from storage.reading import Reading
from storage.saving import give_photos, queued, save, seal_anew, state_facts
from storage.session import Open
from wire.pieces import sealed_pieces


class Unlocked(Reading, Album):
    """Made by Store.unlock and Store.set_slot. Every call raises Locked after `lock`."""

    def save(self, *statements: Statement, draft: str | None = None) -> list[Fact]:
        """State, in one transaction: facts, documents, outbox, and the draft it came from gone.

        On disk when it returns. Raises Locked, DiskFull, ReadOnly, Busy; then nothing of it was saved.
        """
        with self._database.lock:
            held = self._keys()
            with self._database.writing() as connection:
                made, written = save(self._file, connection, held.pen, (held.phone, held.own), statements)
                given = give_photos(self._file, connection, held.pen, held.own, statements, made)
                if draft is not None:
                    DRAFTS.drop(connection, held.own, draft)
            queued(self._file, made)
            for photo in given:
                self._file.pieces.added(photo)
            for ring, entry in written:
                ring.show(entry)
            for stated in made:
                self._waits[stated.fact.id] = stated.fact.aggregate
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

    # What an unlock mends.

    def mend(self) -> bool:
        """Seal damaged facts of the outbox anew, where this person can read them; fold anew what an erasure
        took apart while they were away, and drop what they had begun of it. Give the rows of an older file
        what they are found by. Called at unlock; what fails is tried again at the next."""
        held = self._keys()
        self._after_erasures(held)
        self._index(held)
        self.mend_photos()
        if not self._file.outbox.aside:
            return False
        with self._database.writing() as connection:
            mended = seal_anew(self._file, connection, held.pen, (held.phone, held.own))
        if mended:
            with self._database.reading() as connection:
                self._file.outbox.load(connection)
        return mended

    def mend_photos(self) -> None:
        """Seal photos anew whose pieces were doubted, where this person has the photo itself."""
        with self._database.lock:
            held, pieces = self._keys(), self._file.pieces
            for fact in list(pieces.doubted):
                photo = None
                with suppress(Damaged), self._database.reading() as connection:
                    photo = photos.one(connection, held.own, fact)
                if photo is None:
                    continue
                with self._database.writing() as connection:
                    pieces.put(connection, fact, sealed_pieces(held.pen.sealer, fact, photo.data))
                pieces.added(fact)

    def _after_erasures(self, held: Open) -> None:
        with self._database.reading() as connection:
            if connection.execute("SELECT 1 FROM unfolded LIMIT 1").fetchone() is None:
                return
        with self._database.writing() as connection:
            folded = [erasing.fold_anew(connection, ring) for ring in (held.phone, held.own)]
            dropped = erasing.forget_begun(connection, self._file.keys, held.own)
        if dropped or any(folded):
            self._database.rewrite()

    def _index(self, held: Open) -> None:
        for ring in (held.phone, held.own):
            with self._database.lock:
                with self._database.reading() as connection:
                    if not ring.unindexed(connection):
                        continue
                with self._database.writing() as connection:
                    aggregates = ring.index(connection)
                ring.indexed(aggregates)

    # New keys.

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
