"""What a phone tells of itself with its sessions, kept for whoever looks after the phones."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from prometheus_client import Counter
from sqlalchemy import BigInteger, Connection, and_, bindparam, case, func, or_, update

from endpoint.schema import Moment, devices
from wire.messages import DeviceReport

logger = logging.getLogger("rapp.endpoint")
_read_anew = Counter(
    "rapp_streams_read_anew", "Streams that phones read anew, since what they held was not whole"
)
_TOLD = update(devices).where(devices.c.id == bindparam("of"))
_HEARD_EVERY = timedelta(seconds=30)
_stale = or_(devices.c.heard.is_(None), devices.c.heard < bindparam("stale"))
_left = bindparam("left", type_=BigInteger)
_HEARD = (
    update(devices)
    .where(
        devices.c.id == bindparam("device"),
        or_(_stale, and_(_left.is_not(None), devices.c.unsent.is_distinct_from(_left))),
    )
    .values(
        heard=case((_stale, bindparam("now", type_=Moment)), else_=devices.c.heard),
        unsent=func.coalesce(_left, devices.c.unsent),
    )
)
_WORD_MOST = 80
_NUMBER_MOST = 2**53
_SLOTS_MOST = 200


def take(connection: Connection, device: str, report: DeviceReport, now: datetime) -> list[str]:
    """Keep the last report. What is too long is cut: it is the phone's word, not a fact.

    Returns who has a slot on the phone by that.
    """
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
    connection.execute(_TOLD, {"of": device, **values})
    if anew := _number(report.read_anew):
        logger.warning(
            "phone %s has had to read %d streams anew: something of them was not there", device, anew
        )
        _read_anew.inc(anew)
    return slots


def heard(connection: Connection, left: Mapping[str, int | None], now: datetime) -> None:
    """Phones were in contact, and said how much waits there, where they did. The first is written at most
    twice a minute. In one order by everybody: their rows are locked."""
    connection.execute(
        _HEARD,
        [
            {
                "device": device,
                "left": None if many is None else _number(many),
                "now": now,
                "stale": now - _HEARD_EVERY,
            }
            for device, many in sorted(left.items())
        ],
    )


def _word(text: str) -> str:
    return text.replace("\0", "")[:_WORD_MOST]


def _is_word(text: str) -> bool:
    return (
        bool(text) and len(text) <= _WORD_MOST and text.isascii() and text.isprintable() and " " not in text
    )


def _number(value: int, least: int = 0) -> int:
    return max(least, min(value, _NUMBER_MOST))
