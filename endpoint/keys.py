"""The endpoint's own keys: one to sign with, some to open seals with, one to keep the phones' keys under.

They live in one 0600 file, JSON with base64. A KMS or an HSM may take its place: everything that needs a
key goes through `Keys`. They are exchanged, backed up and restored in endpoint/ceremony.
"""

import os
from contextlib import suppress
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct
from sqlalchemy import Connection, inspect, select

from endpoint.database import Database
from endpoint.errors import KeyFileError
from endpoint.schema import devices, facts
from wire import seal, signature
from wire.envelope import Envelope
from wire.errors import SignatureError
from wire.seal import Opener

_NONCE = 12
_KEY = 32
"""Bytes of every key here: Ed25519, X25519, AES-256."""


class KeyFile(Struct, frozen=True, omit_defaults=True):
    """What the file holds. Changed by endpoint/ceremony alone."""

    sign: bytes
    seal: tuple[bytes, ...]
    """The one that is offered to phones, then older ones that phones may hold facts sealed to."""
    master: bytes
    seal_next: bytes | None = None
    """Opens already, and is offered to nobody yet: until every worker knows it."""
    masters_before: tuple[bytes, ...] = ()
    """While the master key is exchanged: what is not yet kept under the new one opens with these."""
    signed_before: tuple[bytes, ...] = ()
    """Public halves of keys that signed before this one: the log's heads and erasures of then still hold."""

    def __repr__(self) -> str:
        return "KeyFile(...)"

    @property
    def seals(self) -> tuple[bytes, ...]:
        """Every key that opens."""
        return (*self.seal, *([self.seal_next] if self.seal_next else []))


class Keys:
    """The keys of one endpoint, shared by its workers."""

    def __init__(self, file: KeyFile) -> None:
        self.sign_private = file.sign
        self.sign_public = signature.public_of(file.sign)
        self.sign_publics = (self.sign_public, *file.signed_before)
        """Whose signatures are the endpoint's: the present key's, then those of former ones."""
        self.seal_publics = tuple(seal.public_of(one) for one in file.seals)
        """Of every key that opens; the one that phones are to use first."""
        self.seal_public = self.seal_publics[0]
        self.opener = Opener(*file.seals)
        self._masters = [AESGCM(one) for one in (file.master, *file.masters_before)]

    def verify(self, one: Envelope) -> None:
        """Raises SignatureError unless the present key signed it, or a former one."""
        for public in self.sign_publics[1:]:
            with suppress(SignatureError):
                one.verify(public)
                return
        one.verify(self.sign_public)

    def wrap(self, secret: bytes, belongs_to: str) -> bytes:
        """Encrypt a secret for the database. Nonce (12 bytes), ciphertext and tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._masters[0].encrypt(nonce, secret, belongs_to.encode())

    def unwrap(self, wrapped: bytes, belongs_to: str) -> bytes:
        """Decrypt it again. Raises KeyFileError when the master key is not the one it was wrapped under."""
        for master in self._masters:
            try:
                return master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], belongs_to.encode())
            except InvalidTag:
                continue
        raise KeyFileError(f"the secret of {belongs_to} was kept under another master key")


def load(path: Path, database: Database) -> Keys:
    """Read the key file, or make it for a database that nothing has been made with.

    Raises KeyFileError: readable by others, damaged, or missing where the database holds facts or phones. New
    keys beside old facts would open no seal and be trusted by no phone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        if database.read_now(_in_use):
            raise KeyFileError(
                f"{path} is missing, and the database holds facts or phones that need its keys: restore"
                f" {path.name} from its backup (docs/operations.md), then start again"
            )
        _make(path)
    return Keys(read(path))


def read(path: Path) -> KeyFile:
    """The file's content. Raises KeyFileError: missing, readable by others, damaged."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f"{path}: readable by others; chmod 600 it")
        return decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, ValueError) as error:
        raise KeyFileError(f"{path}: {error}") from error


def decode(data: bytes) -> KeyFile:
    """Read a key file's bytes. Raises ValueError or msgspec.DecodeError unless every key has its length."""
    found = msgspec.json.decode(data, type=KeyFile)
    keys = (found.sign, found.master, *found.seals, *found.masters_before, *found.signed_before)
    if not found.seal or any(len(key) != _KEY for key in keys):
        raise ValueError("a key that is missing, or not 32 bytes")
    return found


def encode(file: KeyFile) -> bytes:
    return msgspec.json.encode(file)


def _in_use(connection: Connection) -> bool:
    known = inspect(connection)
    made = [table for table in (facts, devices) if known.has_table(table.name)]
    return any(connection.execute(select(table.c.id).limit(1)).first() for table in made)


def _make(path: Path) -> None:
    """Write whole, then link into place: two workers that start at once end up with the same keys."""
    fresh = KeyFile(signature.new_key(), (seal.new_key(),), os.urandom(_KEY))
    with suppress(FileExistsError):
        put(path, encode(fresh))


def put(path: Path, data: bytes, over: bool = False) -> None:
    """Write a secret file (0600) whole and durably. Raises FileExistsError, unless it may replace one."""
    draft = _draft(path, data)
    try:
        if over:
            os.replace(draft, path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _settle(path.parent)


def _draft(path: Path, data: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _settle(path: Path) -> None:
    """The files' names, too, are on disk before anything is sealed to their keys."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
