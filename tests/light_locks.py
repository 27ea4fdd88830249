"""A slot's lock without what makes it dear: most tests open slots, and few are about what a guess costs.

Real are test_store_keys.py, and every process of its own: the browser's phones, those that are killed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from storage import keys
from storage.rows import derived

_DEAR = keys._kek


def _light(pin: str, secret: bytes, salt: bytes, n: int) -> bytes:
    """As different for another PIN, secret, salt or n as scrypt's is, and at once."""
    mixed = hashlib.sha256(b"\0".join((pin.encode(), salt, str(n).encode()))).digest()
    return derived(mixed, b"rapp 1 slot", salt=secret)


@contextmanager
def light() -> Iterator[None]:
    with patch.object(keys, "_kek", _light):
        yield


@contextmanager
def dear() -> Iterator[None]:
    """What the app has."""
    with patch.object(keys, "_kek", _DEAR):
        yield
