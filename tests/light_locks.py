"""A slot's lock without what makes it dear: most tests open slots, and few are about what a guess costs."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from storage import keys
from storage.rows import derived

AS_IN_THE_APP = frozenset(
    {
        "test_store_keys.py",  # the lock itself
        "test_store_released.py",  # files that released versions have made
        # What one process locks another opens.
        "test_app_survives_kill.py",
        "test_store_failures.py",
        "test_store_survives_kill.py",
    }
)
"""Files of tests that have scrypt; those with a browser do, too."""


@contextmanager
def light() -> Iterator[None]:
    with patch.object(keys, "_kek", _light):
        yield


def _light(pin: str, secret: bytes, salt: bytes, n: int) -> bytes:
    """As different for another PIN, secret, salt or n as scrypt's is, and at once."""
    mixed = hashlib.sha256(b"\0".join((pin.encode(), salt, str(n).encode()))).digest()
    return derived(mixed, b"rapp 1 slot", salt=secret)
