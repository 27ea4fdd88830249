"""The tally of a stream: how many facts it has brought, and a sum over their hashes that has no order.

For finding defects and rot, not for keeping anybody out: what travels is signed (docs/security.md).
"""

from collections.abc import Iterable

from msgspec import Struct

_TAKEN = 8
_SIZE = 2**64


class Tally(Struct, frozen=True, array_like=True):
    """``count`` facts, and the sum of the first eight bytes of each one's hash, modulo 2^64."""

    count: int = 0
    sum: int = 0

    def plus(self, hashes: Iterable[bytes]) -> "Tally":
        """With more facts, by their SHA-256."""
        found = list(hashes)
        added = sum(int.from_bytes(one[:_TAKEN], "big") for one in found)
        return Tally(self.count + len(found), (self.sum + added) % _SIZE)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, (self.sum + other.sum) % _SIZE)

    def __bytes__(self) -> bytes:
        """The sum as it travels: 8 bytes, the highest first."""
        return self.sum.to_bytes(_TAKEN, "big")

    @staticmethod
    def of(count: int, sum: bytes) -> "Tally":
        """As it was told."""
        return Tally(count, int.from_bytes(sum, "big"))
