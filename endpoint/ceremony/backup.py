"""The key file under a passphrase, to be kept apart from the database's backups.

    backup   JSON: {"format": "rapp keys 1", "made": time, "n", "r", "p", "salt", "nonce", "box"};
             bytes in base64
    key      scrypt(passphrase as UTF-8 in NFC, salt (16 bytes), n = 2^17, r = 8, p = 1), 32 bytes (RFC 7914)
    box      AES-256-GCM(key, nonce (12 bytes), the key file's bytes) and its tag
             associated data: "rapp keys 1" | 00 | made | 00 | n, r, p in decimal with spaces | 00 | salt

scrypt at these costs takes 128 MiB and some half second a guess. The passphrase must carry the rest: six
words drawn by dice have 77 bits.
"""

import os
import unicodedata
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Struct
from sqlalchemy import Connection, select

from care.facts import ENDPOINT
from endpoint import keys as key_file
from endpoint.ceremony import exchange, notes
from endpoint.errors import KeyFileError
from endpoint.keys import KeyFile, Keys
from endpoint.schema import facts
from wire.envelope import envelope
from wire.errors import SignatureError

FORMAT = "rapp keys 1"
PASSPHRASE_LEAST = 20
"""Characters: six short words."""
_N, _R, _P = 2**17, 8, 1
_N_MOST = 2**20
_SALT, _NONCE = 16, 12
_SIGNED_LOOKED_AT = 200


class Backup(Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    made: str
    n: int
    r: int
    p: int
    salt: bytes
    nonce: bytes
    box: bytes

    @property
    def associated(self) -> bytes:
        costs = f"{self.n} {self.r} {self.p}"
        return b"\0".join([self.format.encode(), self.made.encode(), costs.encode(), self.salt])


class Proof(Struct, frozen=True):
    """What a backup was found to do with a database. `lacking`: keys that only the database knows of."""

    made: str
    opened: int
    """Secrets kept under the master key, all of which it opens."""
    verified: int
    """The last facts of the endpoint's own, all of which its key has signed."""
    lacking: tuple[str, ...]


def seal_up(file: KeyFile, passphrase: str, now: datetime) -> bytes:
    """The backup's bytes. Raises KeyFileError for a passphrase that is too short."""
    if len(passphrase) < PASSPHRASE_LEAST:
        raise KeyFileError(
            f"a passphrase has at least {PASSPHRASE_LEAST} characters: six words drawn by dice"
        )
    bare = Backup(FORMAT, now.isoformat(), _N, _R, _P, os.urandom(_SALT), os.urandom(_NONCE), b"")
    box = AESGCM(_key(bare, passphrase)).encrypt(bare.nonce, key_file.encode(file), bare.associated)
    return msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(bare, box=box)))


def open_up(data: bytes, passphrase: str) -> KeyFile:
    """The key file in a backup. Raises KeyFileError."""
    found = read(data)
    try:
        bare = AESGCM(_key(found, passphrase)).decrypt(found.nonce, found.box, found.associated)
        return key_file.decode(bare)
    except InvalidTag as error:
        raise KeyFileError("the backup does not open: another passphrase, or changed bytes") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise KeyFileError(f"what the backup holds is no key file: {error}") from error


def read(data: bytes) -> Backup:
    """A backup, unopened. Raises KeyFileError."""
    try:
        found = msgspec.json.decode(data, type=Backup)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KeyFileError(f"no backup of keys: {error}") from error
    if found.format != FORMAT or not 2 <= found.n <= _N_MOST or found.r != _R or found.p != _P:
        raise KeyFileError(f"no backup of keys: {found.format!r}, n {found.n}")
    return found


def prove(connection: Connection, file: KeyFile, made: str) -> Proof:
    """Try the keys of a backup on a database. Raises KeyFileError for what does not open or hold."""
    keys = Keys(file)
    opened = exchange.open_all(connection, keys)
    own = select(facts.c.envelope).where(facts.c.device == ENDPOINT, facts.c.envelope != b"")
    last = connection.scalars(own.order_by(facts.c.seq.desc()).limit(_SIGNED_LOOKED_AT)).all()
    try:
        for one in last:
            keys.verify(envelope(one))
    except SignatureError as error:
        raise KeyFileError("the endpoint's own facts were signed by another key") from error
    lacking = notes.missing(connection, (one.public for one in notes.of(file)))
    return Proof(made, opened, len(last), tuple(str(one) for one in lacking))


def _key(backup: Backup, passphrase: str) -> bytes:
    same = unicodedata.normalize("NFC", passphrase).encode()
    return Scrypt(backup.salt, 32, backup.n, backup.r, backup.p).derive(same)
