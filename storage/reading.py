"""What somebody may read: the documents of both their rings, together."""

from collections.abc import Iterable
from datetime import datetime

from care.documents import Document, fold
from care.facts import EARLIEST, Ref
from storage.errors import Damaged
from storage.session import Session
from wire.envelope import Envelope


class Reading(Session):
    """Documents are shared and not to be changed. Every call raises Locked after `lock`."""

    @property
    def unsent(self) -> frozenset[str]:
        """Ids of facts, of anybody on this phone, that the endpoint has not yet said it has."""
        return self._file.outbox.unsent

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


def _last_change(document: Document) -> datetime:
    return document.changed or EARLIEST
