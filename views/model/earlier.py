"""What was measured before: the person's last values, to stand beside the new ones."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from care.forms import Coding
from care.sbar import SbarDocument
from care.schedule import STOCKHOLM
from views.model import reading
from views.model.shift import Shift

BEFORE = 2
"""Three earlier values show which way it goes, and have room beside the new one."""


class Last(Struct, frozen=True):
    """A number or a choice, and when it was recorded, on the clock of the unit."""

    value: int | Decimal | Coding
    at: datetime
    before: tuple[int | Decimal | Coding, ...] = ()
    """Those before it, the oldest first, `BEFORE` at most."""


def last_values(shift: Shift, person: str | None) -> dict[str, Last]:
    """The latest number or choice given to each question about this person and those before it, by linkId."""
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
            for link_id, value in _values(answers.read()):
                old = found.get(link_id)
                before = (*old.before, old.value)[-BEFORE:] if old else ()
                found[link_id] = Last(value, at.astimezone(STOCKHOLM), before)
    return found


def _values(holder: dict[str, Any]) -> Iterator[tuple[str, int | Decimal | Coding]]:
    for item in holder.get("item", []):
        for answer in item.get("answer", []):
            if "valueInteger" in answer:
                yield item["linkId"], int(answer["valueInteger"])
            elif "valueDecimal" in answer:
                yield item["linkId"], Decimal(str(answer["valueDecimal"]))
            elif "valueCoding" in answer:
                yield item["linkId"], Coding(answer["valueCoding"].get("code", ""))
        yield from _values(item)
