"""Identities: made once, never reused, sortable by when they were made where that helps."""

import re
import uuid
from datetime import date
from functools import lru_cache

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION_AND_VARIANT = 0x7000_8000_0000_0000_0000
_RANDOM_BITS = 0x0FFF_3FFF_FFFF_FFFF_FFFF


def uuid7(unix_ms: int, random: bytes) -> str:
    """A UUIDv7 (RFC 9562, 5.7) from milliseconds since 1970 and ten random bytes."""
    if len(random) != 10:
        raise ValueError("random: ten bytes are needed")
    said = int.from_bytes(random, "big") & _RANDOM_BITS | _VERSION_AND_VARIANT
    text = f"{(unix_ms & 0xFFFF_FFFF_FFFF) << 80 | said:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@lru_cache(maxsize=8192)
def dose_id(order: str, day: date, slot: str) -> str:
    """The identity of one planned dose: the same on every phone that knows the order.

    It hangs on the local date and on the slot, never on the clock time: an order re-timed from 08:00 to
    08:30 must not make a second dose, and a night with two 02:30 must not make two of one.
    """
    return str(uuid.uuid5(uuid.UUID(order), f"{day.isoformat()}/{slot}"))


def stock_id(person: str, preparation: str, month: str) -> str:
    """The identity of a month ("2026-03") of a person's preparation: the same on every phone, so that what
    two of them enter is in one ledger. `preparation` as `care.ledger.name_of` writes it."""
    return str(uuid.uuid5(uuid.UUID(person), f"{preparation}/{month}"))


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID in its canonical, lower-case form."""
    return _UUID.fullmatch(text) is not None
