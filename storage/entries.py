"""What is known of an aggregate in a ring: its document, and the facts that it was folded from."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

import msgspec
from msgspec import Raw, Struct

# Every kind must be known before the first document is read.
import care.aggregates  # noqa: F401
from care.documents import Document, document_type, known_kinds
from care.facts import Ref, known_types

FOLDING = 1
"""Raised when an `apply` in care/ makes something else of the same facts: documents are then folded anew."""
_MARK = 36 + 16
"""Bytes of a fact's id, a UUID as text, and of its mark."""


class Entry(Struct, frozen=True):
    """A document and what it is of. Shared, and not to be changed.

    ``marks``: those of its facts, as they have been verified with it; None: it is not whole, or not all of
    its facts can be read.
    """

    name: bytes
    """The aggregate's blind name in its ring."""
    ref: Ref
    document: Document
    marks: bytes | None


class _Content(Struct, frozen=True, array_like=True):
    folding: str
    kind: str
    id: str
    document: Raw


def content(ref: Ref, document: Document) -> bytes:
    """What a row says of a document."""
    return msgspec.json.encode((folding(), ref.kind, ref.id, document))


def read(data: bytes) -> tuple[Ref, Document | None]:
    """What a row is of, and its document; None: another version of the app has folded it."""
    said = msgspec.json.decode(data, type=_Content)
    document = None
    if said.folding == folding():
        with suppress(msgspec.DecodeError):
            document = msgspec.json.decode(said.document, type=document_type(said.kind))
    return Ref(said.kind, said.id), document


@cache
def folding() -> str:
    """Which facts and documents this app knows: documents folded by another app are folded anew."""
    shapes = [(kind, document_type(kind).__struct_fields__) for kind in sorted(known_kinds())]
    return hashlib.sha256(repr((FOLDING, sorted(known_types()), shapes)).encode()).hexdigest()[:16]


def with_marks(marks: bytes, new: Mapping[str, bytes]) -> bytes:
    """The ids and marks of facts in the order of the ids, with those of more facts. Each is of one length."""
    if len(new) == 1:
        # Ids begin with the time that they were made at: what is stated now sorts last, or nearly so.
        [(fact, its_mark)] = new.items()
        name, at = fact.encode(), len(marks)
        while at and name < marks[at - _MARK : at - 16]:
            at -= _MARK
        return marks[:at] + name + its_mark + marks[at:]
    known = [marks[at : at + _MARK] for at in range(0, len(marks), _MARK)]
    return b"".join(sorted([*known, *(fact.encode() + its_mark for fact, its_mark in new.items())]))
