"""Who verifies what phones have signed: libsodium, which takes half of OpenSSL's time for it and lets go of
Python's lock meanwhile, so that large batches are verified on all cores.

It is stricter than OpenSSL with keys and signatures that nobody makes by signing (small orders, other ways to
write a number down): those hold nowhere here. Phones verify what the endpoint signs, with OpenSSL.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

from wire.envelope import Envelope
from wire.signature import Context, spoken

_WORTH_IT = 32
"""Facts from which asking another thread costs less than it saves."""

Claim = tuple[Envelope, tuple[bytes, ...]]
"""An envelope, and the public keys of which one should have signed it."""

_CORES = os.cpu_count() or 1
_beside = ThreadPoolExecutor(_CORES, "verify")


def verify(claims: Sequence[Claim]) -> list[bool]:
    """Whether each signature holds under one of its keys."""
    if len(claims) < _WORTH_IT or _CORES == 1:
        return _share(claims)
    size = -(-len(claims) // _CORES)
    shares = [claims[at : at + size] for at in range(0, len(claims), size)]
    return [holds for share in _beside.map(_share, shares) for holds in share]


def _share(claims: Sequence[Claim]) -> list[bool]:
    return [any(_holds(envelope, public) for public in keys) for envelope, keys in claims]


def _holds(envelope: Envelope, public: bytes) -> bool:
    try:
        VerifyKey(public).verify(spoken(Context.FACT, envelope.data), envelope.signature)
    except CryptoError:
        return False
    return True
