"""The endpoint's own keys: one to sign with, some to open seals with, one to keep the phones' keys under.

They live in one 0600 file, JSON with base64. A KMS or an HSM may take its place: everything that needs a
key goes through `Keys`.
"""

import os
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
from wire.seal import Opener

_NONCE = 12


class _File(Struct, frozen=True):
    sign: bytes
    seal: tuple[bytes, ...]
    """The current one first; older ones as long as a phone may hold facts sealed to them."""
    master: bytes


class Keys:
    """The keys of one endpoint, shared by its workers."""

    def __init__(self, sign: bytes, seal_keys: tuple[bytes, ...], master: bytes) -> None:
        self.sign_private = sign
        self.sign_public = signature.public_of(sign)
        self.seal_public = seal.public_of(seal_keys[0])
        self.opener = Opener(*seal_keys)
        self._master = AESGCM(master)

    def wrap(self, secret: bytes, belongs_to: str) -> bytes:
        """Encrypt a secret for the database. Nonce (12 bytes), ciphertext and tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._master.encrypt(nonce, secret, belongs_to.encode())

    def unwrap(self, wrapped: bytes, belongs_to: str) -> bytes:
        """Decrypt it again. Raises KeyFileError when the master key is not the one it was wrapped under."""
        try:
            return self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], belongs_to.encode())
        except InvalidTag as error:
            raise KeyFileError(f"the secret of {belongs_to} was kept under another master key") from error


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
    if path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path}: readable by others; chmod 600 it")
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
        return Keys(found.sign, found.seal, found.master)
    except (msgspec.DecodeError, ValueError, IndexError) as error:
        raise KeyFileError(f"{path}: {error}") from error


def _in_use(connection: Connection) -> bool:
    known = inspect(connection)
    made = [table for table in (facts, devices) if known.has_table(table.name)]
    return any(connection.execute(select(table.c.id).limit(1)).first() for table in made)


def _make(path: Path) -> None:
    """Write whole, then link into place: two workers that start at once end up with the same keys."""
    fresh = _File(signature.new_key(), (seal.new_key(),), os.urandom(32))
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(fresh))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # The file's name, too, is on disk before anything is sealed to its keys.
        os.fsync(folder)
    finally:
        os.close(folder)
