"""Saving: what somebody stated, durable when the function returns."""

import sqlite3
from datetime import datetime, timedelta

from care.documents import Document, fold
from care.facts import EARLIEST, LATEST, OFFSET_MOST_MS, RANK_MOST, Clock, Fact, Ref, within_years
from care.streams import streams_of
from storage import photos
from storage.chain import Occasion, Stated, Statement, anew, state
from storage.entries import Entry
from storage.errors import Damaged
from storage.file import File
from storage.keys import Signer
from storage.outbox import WAITING
from storage.ring import Ring
from storage.state import Chain
from storage.wanted import Wanted
from wire.envelope import Envelope
from wire.pieces import sealed_pieces
from wire.seal import Sealer


class Pen:
    """Who writes, and with which keys: somebody unlocked, or the locked phone itself."""

    def __init__(self, author: str | None, signer: Signer, sealer: Sealer) -> None:
        self.author = author
        self.signer = signer
        self.sealer = sealer


def state_facts(
    file: File,
    connection: sqlite3.Connection,
    pen: Pen,
    ranked: list[tuple[Statement, int]],
    state_of_row: int = WAITING,
) -> list[Stated]:
    """Make the facts and queue them, sealed. The chain moves on with them."""
    at, clock = _time(file)
    occasion = Occasion(pen.author, file.enrolled().id, at, clock)
    chain = _end_of_chain(file, connection)
    made: list[Stated] = []
    for statement, rank in ranked:
        stated = state(statement, rank, chain, occasion, pen.signer)
        chain = stated.chain
        sealed = pen.sealer.seal(stated.fact.id, bytes(stated.envelope))
        file.outbox.add(connection, stated.fact.seq, sealed, stated.hash, state_of_row)
        made.append(stated)
    file.state.put(connection, chain)
    return made


def _time(file: File) -> tuple[datetime, Clock | None]:
    """The phone's time, and what is known of its clock; within the years that a fact may be of.

    A phone whose clock began again in 1970 keeps nobody from recording: its facts are of the first moment
    there is, and say nothing of the clock.
    """
    now = file.now()
    clock = file.contact.clock(now)
    at = min(max(now, EARLIEST), LATEST)
    return at, clock if at == now and clock and _can_be(at, clock) else None


def _can_be(at: datetime, clock: Clock) -> bool:
    """Whether a fact may say so of its clock. An answer that was damaged on its way may say anything."""
    if abs(clock.offset_ms) > OFFSET_MOST_MS:
        return False
    return within_years(at + timedelta(milliseconds=clock.offset_ms))


def _end_of_chain(file: File, connection: sqlite3.Connection) -> Chain:
    """As it has been committed; read anew when another process has written to the file meanwhile."""
    (others,) = connection.execute("PRAGMA data_version").fetchone()
    if file.chain is not None and file.chain_of == others:
        return file.chain
    file.chain = None
    last = file.outbox.last(connection)
    try:
        chain = file.state.get(connection, Chain) or Chain()
        if chain.seq < last:
            raise Damaged("state", "chain", f"{chain.seq}, and {last} waits")
        file.chain, file.chain_of = chain, others
        return chain
    except Damaged as error:
        # Nobody is kept from recording.
        file.damage.append(error)
        return anew(last)


def queued(file: File, made: list[Stated], state_of_row: int = WAITING) -> None:
    """Count what has been committed, and go on from there."""
    if made and file.chain is not None:
        file.chain = made[-1].chain
    for stated in made:
        file.outbox.added(stated.fact.seq, stated.fact.id, state_of_row)


class Aggregate:
    """What two rings hold of one aggregate, and where what is new of it goes."""

    def __init__(self, connection: sqlite3.Connection, ref: Ref, phone: Ring, own: Ring) -> None:
        self._connection = connection
        self.ref = ref
        self._phone, self._own = phone, own
        self._shared, self._owned = phone.entry(connection, ref), own.entry(connection, ref)
        self.rank = max(_rank(self._shared), _rank(self._owned))
        self.new: list[tuple[Fact, Envelope]] = []

    def write(self, file: File) -> tuple[Ring, Entry]:
        """Write the new facts to the ring that they belong in."""
        new = [fact for fact, _ in self.new]
        added = None
        if not (self._shared and self._owned):
            ring = self._own if self._owned else self._phone
            added = ring.with_new(self.ref, self._owned or self._shared, new)
        whole = added or self._folded(new)
        shared = file.shared_stream in streams_of(whole)
        ring = self._phone if shared else self._own
        here, elsewhere = (self._shared, self._owned) if shared else (self._owned, self._shared)
        if not here and not elsewhere:
            self._want_whole(ring, str(file.shared_stream) if shared else "")
        return ring, ring.write(self._connection, self.ref, here, self.new, None if elsewhere else added)

    def _want_whole(self, ring: Ring, stream: str) -> None:
        """What is said of something that has been purged does not stand alone. What the unit shares is asked
        for by its stream: whoever may not read that cannot say that there is nothing."""
        aggregate = ring.facts.lookup(self.ref)
        if ring.purged.holds(self._connection, aggregate):
            ring.wanted.put(self._connection, aggregate, Wanted(self.ref, stream))

    def _folded(self, new: list[Fact]) -> Document:
        """What both rings say together, with what is new."""
        pairs = (self._phone, self._shared), (self._own, self._owned)
        held = [ring.held(self._connection, self.ref) for ring, known in pairs if known]
        return fold(self.ref.kind, self.ref.id, [one.fact for of in held for one in of.values()] + new)


def _rank(known: Entry | None) -> int:
    return known.document.rank if known else 0


def save(
    file: File,
    connection: sqlite3.Connection,
    pen: Pen,
    rings: tuple[Ring, Ring],
    statements: tuple[Statement, ...],
) -> tuple[list[Stated], list[tuple[Ring, Entry]]]:
    """State and write within a transaction. Returns what to show once it has been committed."""
    aggregates: dict[Ref, Aggregate] = {}
    ranked: list[tuple[Statement, int]] = []
    for statement in statements:
        ref = statement.aggregate
        aggregate = aggregates.get(ref)
        if aggregate is None:
            aggregate = aggregates[ref] = Aggregate(connection, ref, *rings)
        aggregate.rank = min(aggregate.rank + 1, RANK_MOST)
        ranked.append((statement, aggregate.rank))
    made = state_facts(file, connection, pen, ranked)
    for stated in made:
        aggregates[stated.fact.aggregate].new.append((stated.fact, stated.envelope))
    return made, [aggregate.write(file) for aggregate in aggregates.values()]


def give_photos(
    file: File,
    connection: sqlite3.Connection,
    pen: Pen,
    own: Ring,
    statements: tuple[Statement, ...],
    made: list[Stated],
) -> list[str]:
    """Photos of the draft are named by facts now: their pieces wait, and the report has them. Returns the
    facts' ids.

    Raises Damaged; then nothing of the save stands.
    """
    given: list[str] = []
    for statement, stated in zip(statements, made, strict=True):
        if not statement.photo:
            continue
        fact = stated.fact.id
        photo = photos.one(connection, own, statement.photo)
        if photo is None:
            raise Damaged("photos", statement.photo, "it is not in the draft any more")
        file.pieces.put(connection, fact, sealed_pieces(pen.sealer, fact, photo.data))
        photos.give(connection, own, photo, own.facts.lookup(statement.aggregate), fact)
        given.append(fact)
    return given


def seal_anew(file: File, connection: sqlite3.Connection, pen: Pen, rings: tuple[Ring, ...]) -> bool:
    """Seal damaged facts of the outbox again from their readable copies. Returns whether any was."""
    damaged = [aside.id for aside in file.outbox.set_aside(connection) if aside.reason == "damaged"]
    found = [held for ring in rings for fact in damaged if (held := ring.facts.one(connection, fact))]
    for held in found:
        sealed = pen.sealer.seal(held.fact.id, bytes(held.envelope))
        file.outbox.replace(connection, sealed, held.envelope.hash)
    return bool(found)
