"""What was measured before: the person's last values, to stand beside the new ones."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from care.sbar import SbarDocument
from care.schedule import STOCKHOLM
from views.model import reading
from views.model.shift import Shift


class Last(Struct, frozen=True):
    """A number and when it was recorded, on the clock of the unit."""

    value: int | Decimal
    at: datetime


def last_values(shift: Shift, person: str | None) -> dict[str, Last]:
    """The latest number given to each question about this person, by linkId."""
    if shift.unlocked is None or person is None:
        return {}
    found: dict[str, Last] = {}
    told = [
        (case.recorded, case.answers)
        for case in reading.about(shift, SbarDocument, person)
        if case.recorded and case.answers
    ]
    for at, answers in sorted(told, key=lambda one: one[0]):
        with suppress(msgspec.DecodeError):
            for link_id, value in _numbers(answers.read()):
                found[link_id] = Last(value, at.astimezone(STOCKHOLM))
    return found


def _numbers(holder: dict[str, Any]) -> Iterator[tuple[str, int | Decimal]]:
    for item in holder.get("item", []):
        for answer in item.get("answer", []):
            if "valueInteger" in answer:
                yield item["linkId"], int(answer["valueInteger"])
            elif "valueDecimal" in answer:
                yield item["linkId"], Decimal(str(answer["valueDecimal"]))
        yield from _numbers(item)
