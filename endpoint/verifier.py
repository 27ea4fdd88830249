"""The process that verifies signatures: claims in, a byte for each out, 1 where the signature holds.

Run by endpoint/verifying.py as a file by itself, with no environment and nothing of ours imported. A frame is
its length (4 bytes, big-endian) and an array in MessagePack of signature, what was signed, and the public
keys of which one should have signed it. It keeps nothing, and ends with whoever began it.
"""

import os
import signal
import sys
from collections.abc import Sequence
from queue import SimpleQueue
from threading import Thread

import msgspec
from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

Claim = tuple[bytes, bytes, tuple[bytes, ...]]
"""A signature, what was signed, and the public keys of which one should have signed it."""


def holds(signature: bytes, signed: bytes, keys: Sequence[bytes]) -> bool:
    """Whether a signature holds under one of the keys."""
    for public in keys:
        try:
            VerifyKey(public).verify(signed, signature)
        except CryptoError:
            continue
        return True
    return False


def main() -> None:
    for ends in (signal.SIGINT, signal.SIGTERM):
        # For whoever began us: it finishes what it has begun, and then we end too.
        signal.signal(ends, signal.SIG_IGN)
    asked: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_read, args=[asked], daemon=True).start()
    read = msgspec.msgpack.Decoder(list[Claim]).decode
    try:
        while frame := asked.get():
            sys.stdout.buffer.write(bytes(holds(*one) for one in read(frame)))
            sys.stdout.buffer.flush()
    finally:
        os._exit(0)  # without a word: whoever asked sees that there is no answer, and verifies by itself


def _read(asked: SimpleQueue[bytes]) -> None:
    """At once, whatever is being verified: who asks goes on. An empty frame is the end."""
    given = sys.stdin.buffer
    try:
        while length := given.read(4):
            asked.put(given.read(int.from_bytes(length, "big")))
    finally:
        asked.put(b"")


if __name__ == "__main__":
    main()
