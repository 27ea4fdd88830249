"""All that is held of a care recipient, as one ZIP file: to read, for computers, and as it was signed.

The file is made while it is sent. Last in it comes the manifest, with the SHA-256 of every other file, and
the endpoint's signature over it.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

import msgspec
from msgspec import Raw, Struct
from sqlalchemy import Connection, select

from care.deviation import DeviationDocument
from care.documents import Document, document_type
from care.errors import FactError
from care.published import Answered
from endpoint import documents, photos
from endpoint.database import Database
from endpoint.keeping.erase import aggregates_of
from endpoint.keys import Keys
from endpoint.schema import facts
from wire.envelope import envelope
from wire.signature import Context, sign

FORMAT = 1
_AT_A_TIME = 200


class Made(Struct, frozen=True):
    """Who hands out what of whom, and when."""

    person: str
    unit: str
    by: str
    at: datetime
    reason: str


class Listed(Struct, frozen=True):
    name: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True):
    """``manifest.json``. Its signature is in ``manifest.sig``, in the context ``rapp export 1``."""

    format: int
    made: Made
    endpoint: str
    """The endpoint's Ed25519 key, in hex: compare it with what the care provider has published."""
    files: tuple[Listed, ...]


class SignedFact(Struct, frozen=True):
    """A line of ``facts/<kind>.jsonl``: the bytes that were signed, the signature, and what the bytes say."""

    signature: bytes
    data: bytes
    fact: Raw


Read = Callable[[list[Document]], str]
"""Draws the page to read from every document."""


def stream(database: Database, keys: Keys, made: Made, read: Read) -> Iterator[bytes]:
    """The file's bytes, part by part. Blocking; each part reads what it needs."""
    names = database.read_now(lambda connection: aggregates_of(connection, made.person))
    by_kind = {kind: some for kind, some in _documents(database, names) if some}
    found = [(kind, one) for kind, some in by_kind.items() for one in some]
    out = _Out()
    listed: list[Listed] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:

        def add(name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
            digest, size = hashlib.sha256(), 0
            with file.open(_entry(name, made.at), "w", force_zip64=True) as entry:
                for part in parts:
                    digest.update(part)
                    size += len(part)
                    entry.write(part)
                    if data := out.taken():
                        yield data
            listed.append(Listed(name, size, digest.hexdigest()))
            yield out.taken()

        yield from add("las-mig.html", [read([one for _, one in found]).encode()])
        for kind, some in by_kind.items():
            yield from add(f"documents/{kind}.json", [msgspec.json.format(msgspec.json.encode(some))])
            yield from add(f"facts/{kind}.jsonl", _facts(database, [f"{kind}/{one.id}" for one in some]))
        for kind, one in found:
            answers = getattr(one, "answers", None)
            if isinstance(answers, Answered):
                response = msgspec.json.format(bytes(answers.response))
                yield from add(f"fhir/{kind}-{one.id}.json", [response])
            for photo in one.photos if isinstance(one, DeviationDocument) else ():
                if picture := database.read_now(partial(photos.one, photo=photo.id)):
                    yield from add(f"photos/{photo.id}.jpg", [picture.data])
        manifest = Manifest(FORMAT, made, keys.sign_public.hex(), tuple(listed))
        data = msgspec.json.format(msgspec.json.encode(manifest))
        yield from add("manifest.json", [data])
        yield from add("manifest.sig", [sign(keys.sign_private, Context.EXPORT, data)])
    yield out.taken()


def _documents(database: Database, names: list[str]) -> Iterator[tuple[str, list[Document]]]:
    """The documents by kind, the person's own first; none of which nothing is left."""
    by_kind: dict[str, list[str]] = {}
    for name in names:
        kind, _, id = name.partition("/")
        by_kind.setdefault(kind, []).append(id)
    for kind in sorted(by_kind, key=lambda kind: (kind != "person", kind)):
        ids, found = by_kind[kind], list[Document]()
        for start in range(0, len(ids), _AT_A_TIME):
            found += database.read_now(
                partial(
                    documents.some, kind=document_type(kind), ids=ids[start : start + _AT_A_TIME], name=kind
                )
            )
        yield kind, [one for one in found if not one.gone]


def _facts(database: Database, names: list[str]) -> Iterator[bytes]:
    """Each fact on a line, in the order of arrival within its aggregates."""
    for start in range(0, len(names), _AT_A_TIME):
        yield b"".join(database.read_now(_Lines(names[start : start + _AT_A_TIME])))


class _Lines(Struct, frozen=True):
    names: list[str]

    def __call__(self, connection: Connection) -> list[bytes]:
        query = (
            select(facts.c.envelope)
            .where(facts.c.aggregate.in_(self.names), facts.c.erased.is_(None))
            .order_by(facts.c.aggregate, facts.c.received, facts.c.id)
        )
        return [_line(data) for data in connection.scalars(query)]


def _line(data: bytes) -> bytes:
    one = envelope(data)
    try:
        one.fact()
        said = Raw(one.data)
    except FactError:
        said = Raw(b"null")
    return msgspec.json.encode(SignedFact(one.signature, one.data, said)) + b"\n"


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


class _Out:
    """What the ZIP file is written to: taken from as it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
