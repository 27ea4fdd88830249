"""Rows: every payload is ciphertext bound to its place, and every lookup is blind.

A payload is ``format (1 byte) | key version (1) | nonce (12) | ciphertext | tag (16)``, AES-256-GCM under a
fresh random nonce. Associated data is ``format | key version | length of table name (1) | table name | length
of row key (2) | row key | what else the row is bound to``. Moved, swapped, cut or changed, it does not open.
"""

import hmac
import os
import sqlite3
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import Damaged

FORMAT = 1
"""Of every row but documents, which are of format 2 since they are bound to what they are found by."""
_FORMATS = (1, 2)
UNFOLDED = "unfolded"
"""The table of documents that were taken out of a ring whose key was not at hand (erasing.py)."""
_NONCE = 12
_TAG = 16
_KNOWN = 16384
"""Lookups that are remembered: a screen asks for the same ones each time that it is drawn."""
SECRET = 32
"""Bytes of a secret. A ring's key is one or more of them, oldest first; the last is in use (rotation.py)."""
_LOOKUP = 16
"""Bytes of a blind lookup: 128 bits, so that two things never meet in one row."""


def derived(secret: bytes, info: bytes, length: int = 32, salt: bytes | None = None) -> bytes:
    """HKDF-SHA256 (RFC 5869)."""
    return HKDF(SHA256(), length, salt, info).derive(secret)


def mark(payload: bytes) -> bytes:
    """The tag of a payload: 16 bytes that stand for exactly these bytes, and that tell nothing."""
    return payload[-_TAG:]


class RowKeys:
    """The keys of one set of rows: those that encrypt, one that makes lookups, and the name of the set.

    Lookups and name stay those of the first secret, so that rows keep their places when keys are exchanged.
    """

    def __init__(self, secret: bytes, label: bytes) -> None:
        first = secret[:SECRET]
        self._label = label
        self._aeads: dict[int, AESGCM] = {}
        self._lookups = derived(first, b"rapp 1 lookups " + label)
        self._known: dict[tuple[str, ...], bytes] = {}
        self.secret = b""
        self.floor = 1
        """The oldest version of the key that rows may still be under."""
        self.name = derived(first, b"rapp 1 name " + label, 8)
        """Eight bytes in the clear that say which set a row belongs to."""
        for at in range(0, len(secret), SECRET):
            self.add(secret[at : at + SECRET])

    @property
    def version(self) -> int:
        """Of the key that is in use: how many secrets there have been."""
        return len(self._aeads)

    def add(self, secret: bytes) -> None:
        """Encrypt under a newer secret from now on."""
        if len(secret) != SECRET:
            raise ValueError(f"secret: {len(secret)} bytes, {SECRET} were expected")
        self.secret += secret
        self._aeads[self.version + 1] = AESGCM(derived(secret, b"rapp 1 rows " + self._label))
        self._heads = {form: bytes((form, self.version)) for form in _FORMATS}
        self._newest = self._aeads[self.version]

    def is_older(self, payload: bytes) -> bool:
        """Whether a row is under a key that came before the one in use."""
        return payload[1:2] < bytes((self.version,))

    def lookup(self, *words: str) -> bytes:
        """HMAC-SHA256 of the words, truncated to 16 bytes: the same words give the same row."""
        found = self._known.get(words)
        if found is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            found = hmac.digest(self._lookups, "\0".join(words).encode(), "sha256")[:_LOOKUP]
            self._known[words] = found
        return found

    def forget(self) -> None:
        """Drop the words that lookups have been made of."""
        self._known.clear()

    def seal(self, table: str, key: bytes, content: bytes, bound: bytes = b"", form: int = FORMAT) -> bytes:
        """The payload of one row."""
        nonce, head = os.urandom(_NONCE), self._heads[form]
        associated = head + _placed(table, len(key)) + key + bound
        return head + nonce + self._newest.encrypt(nonce, content, associated)

    def open(self, table: str, key: bytes, payload: bytes, bound: bytes = b"") -> bytes:
        """What the row says. Raises Damaged naming table and row."""
        head = payload[:2]
        aead = self._aeads.get(head[1]) if len(head) == 2 and head[1] >= self.floor else None
        if aead is None or head[0] not in _FORMATS:
            raise Damaged(table, _readable(key))
        try:
            associated = head + _placed(table, len(key)) + key + bound
            return aead.decrypt(payload[2:14], payload[14:], associated)
        except (InvalidTag, ValueError) as error:
            raise Damaged(table, _readable(key)) from error


def taken_out(connection: sqlite3.Connection, device: RowKeys, ring: bytes, aggregate: bytes) -> bool:
    """Whether a document is missing because of an erasure. Only this device can have written that."""
    row = connection.execute(
        "SELECT payload FROM unfolded WHERE ring = ? AND aggregate = ?", (ring, aggregate)
    ).fetchone()
    if row is None:
        return False
    try:
        device.open(UNFOLDED, ring + aggregate, row[0])
    except Damaged:
        return False
    return True


@cache
def _placed(table: str, length: int) -> bytes:
    """What stands before a row's key of that length."""
    name = table.encode()
    return bytes((len(name),)) + name + length.to_bytes(2, "big")


def _readable(key: bytes) -> str:
    text = key.decode("ascii", "replace")
    return text if text.isprintable() and text.isascii() else key.hex()
