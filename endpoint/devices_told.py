"""What a phone tells of itself with its sessions, kept for whoever looks after the phones."""

import logging
from datetime import datetime

from prometheus_client import Counter
from sqlalchemy import Connection, bindparam, update

from endpoint import standing
from endpoint.schema import devices
from wire.messages import DeviceReport

logger = logging.getLogger("rapp.endpoint")
_read_anew = Counter(
    "rapp_streams_read_anew", "Streams that phones read anew, since what they held was not whole"
)
_UNSENT = (
    update(devices)
    .where(devices.c.id == bindparam("device"), devices.c.unsent.is_distinct_from(bindparam("left")))
    .values(unsent=bindparam("left"))
)
_WORD_MOST = 80
_NUMBER_MOST = 2**53
_SLOTS_MOST = 200


def take(connection: Connection, device: str, report: DeviceReport, now: datetime) -> None:
    """Keep the last report. What is too long is cut: it is the phone's word, not a fact."""
    slots = [one for one in report.slots[:_SLOTS_MOST] if _is_word(one)]
    values = {
        "app": _word(report.app),
        "protocol": _number(report.protocol),
        "unsent": _number(report.unsent),
        "aside": _number(report.aside),
        "drafts": _number(report.drafts),
        "offset_ms": None if report.offset_ms is None else _number(report.offset_ms, -_NUMBER_MOST),
        "error": _word(report.error),
        "slots": " ".join(slots),
        "anchors": None if report.anchors is None else _word(report.anchors),
        "told": now,
        "heard": now,
    }
    connection.execute(update(devices).where(devices.c.id == device).values(values))
    if anew := _number(report.read_anew):
        logger.warning(
            "phone %s has had to read %d streams anew: something of them was not there", device, anew
        )
        _read_anew.inc(anew)
    standing.slots_told(connection, device, slots, now)


def unsent(connection: Connection, device: str, left: int) -> None:
    """How much waits behind a push."""
    connection.execute(_UNSENT, {"device": device, "left": _number(left)})


def _word(text: str) -> str:
    return text.replace("\0", "")[:_WORD_MOST]


def _is_word(text: str) -> bool:
    return (
        bool(text) and len(text) <= _WORD_MOST and text.isascii() and text.isprintable() and " " not in text
    )


def _number(value: int, least: int = 0) -> int:
    return max(least, min(value, _NUMBER_MOST))
